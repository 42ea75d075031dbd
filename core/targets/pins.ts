// The list of pinned backups beside them: plain text, one file name a line, so that every computer (and person) sees what must not be removed.
// Guarantees: any name reads back as it was; lines of people's own (`# …`) are kept. A list that is empty or not text is `damaged`, never "no pins":
// a file system that lost its contents must not cost a backup. Knows no store.
import { Failure } from '../api/failure.ts'

/** The file beside the backups; there is none without pins. */
export const pinFile = 'PINNED'

const heading = '# Backups that Arche never removes by itself: one file name a line.'

/** Failure `damaged` {name}. */
export function parsePins(content: Uint8Array): Set<string> {
  return new Set(linesOf(content).flatMap((line) => (line.startsWith('#') ? [] : [unescaped(line)])))
}

/** The list (undefined: none yet) with or without this name; undefined: no name is left and the file goes. */
export function setPin(content: Uint8Array | undefined, name: string, pinned: boolean): string | undefined {
  const lines = content === undefined ? [heading] : linesOf(content)
  const others = lines.filter((line) => line.startsWith('#') || unescaped(line) !== name)
  const next = pinned ? [...others, escaped(name)] : others
  return next.every((line) => line.startsWith('#')) ? undefined : `${next.join('\n')}\n`
}

function linesOf(content: Uint8Array): string[] {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch (error) {
    throw new Failure('damaged', { name: pinFile, reason: 'UTF-8' }, { cause: error })
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines.length === 0 || text.includes('\0')) throw new Failure('damaged', { name: pinFile, reason: 'lost' })
  return lines
}

/** As GNU coreutils escapes names in a list of checksums; a leading `#` would make it a remark. */
function escaped(name: string): string {
  const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' }
  return name.replace(/[\\\n\r]/g, (character) => escapes[character] as string).replace(/^#/, '\\#')
}

function unescaped(line: string): string {
  return line.replace(/\\([\\nr#])/g, (_, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? letter)
}
