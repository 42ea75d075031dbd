// The list of pinned backups beside them: one file name a line, so that every computer (and person) sees what must not be removed.
// Guarantees: as of lines.ts; lines of people's own (`# …`) are kept.
import { escaped, isRemark, linesOf, listOf, unescaped } from './lines.ts'

/** The file beside the backups; there is none without pins. */
export const pinFile = 'PINNED'

const heading = '# Backups that Arche never removes by itself: one file name a line.'

/** Failure `damaged` {name}. */
export function parsePins(content: Uint8Array): Set<string> {
  return new Set(linesOf(content, pinFile).flatMap((line) => (isRemark(line) ? [] : [unescaped(line)])))
}

/** The list (undefined: none yet) with or without this name; undefined: no name is left and the file goes. */
export function setPin(content: Uint8Array | undefined, name: string, pinned: boolean): string | undefined {
  const lines = content === undefined ? [heading] : linesOf(content, pinFile)
  const others = lines.filter((line) => isRemark(line) || unescaped(line) !== name)
  return listOf(pinned ? [...others, escaped(name)] : others, heading)
}
