// What people wrote down about single backups, beside them: a file name, a tab, the note; a line for each.
// Guarantees: as of lines.ts; lines of people's own (`# …`) are kept. A note from a medium is somebody else's text: it is cut to the length that a note can
// have, and shown with `visible`.
import { escaped, isRemark, linesOf, listOf, unescaped } from './lines.ts'

/** The file beside the backups; there is none without notes. */
export const noteFile = 'NOTES'

const heading = '# What was written down about backups: file name, tab, note; one backup a line.'

/** As in `Note` (core/api/place.ts). */
const longest = 200

/** Name → note. Failure `damaged` {name}. */
export function parseNotes(content: Uint8Array): Map<string, string> {
  return new Map(
    linesOf(content, noteFile).flatMap((line) => {
      const [name = '', ...words] = line.split('\t')
      const note = words.join(' ').trim().slice(0, longest)
      return isRemark(line) || note === '' ? [] : [[unescaped(name), note] as const]
    }),
  )
}

/** The list (undefined: none yet) with this note, or without one; undefined: no note is left and the file goes. */
export function setNote(content: Uint8Array | undefined, name: string, note: string | null): string | undefined {
  const lines = content === undefined ? [heading] : linesOf(content, noteFile)
  const others = lines.filter((line) => isRemark(line) || nameIn(line) !== name)
  return listOf(note === null ? others : [...others, `${escaped(name)}\t${note}`])
}

/** Without those of backups that are gone. */
export function notesOnly(content: Uint8Array, there: ReadonlySet<string>): string | undefined {
  return listOf(linesOf(content, noteFile).filter((line) => isRemark(line) || there.has(nameIn(line))))
}

function nameIn(line: string): string {
  return unescaped(line.split('\t')[0] ?? '')
}
