// What people wrote down about single backups, beside them: a file name, a tab, the note; a line for each.
// Guarantees: as of lines.ts; lines of people's own are kept, whatever they say: somebody may have had a file of this name before. A note from a medium is somebody else's text: it is cut to the length that a note can
// have, without control characters, and shown with `visible`.
import { escaped, isRemark, linesOf, listOf, unescaped } from './lines.ts'

/** The file beside the backups; there is none without notes. */
export const noteFile = 'NOTES'

const heading = '# What was written down about backups: file name, tab, note; one backup a line.'

/** As in `Note` (core/api/place.ts). */
const longest = 200

/** No note of ours has them (`Note`), and none that has could be saved again. */
const unwritable = /\p{Cc}/gu

/** Name → note. Failure `damaged` {name}. */
export function parseNotes(content: Uint8Array): Map<string, string> {
  return new Map(
    linesOf(content, noteFile).flatMap((line) => {
      const [name = '', ...words] = line.split('\t')
      const plain = words.join(' ').replace(unwritable, ' ').trim()
      const note = cut(plain)
      return isRemark(line) || note === '' ? [] : [[unescaped(name), note] as const]
    }),
  )
}

/** The list (undefined: none yet) with this note, or without one; undefined: no note is left and the file goes. */
export function setNote(content: Uint8Array | undefined, name: string, note: string | null): string | undefined {
  const lines = content === undefined ? [heading] : linesOf(content, noteFile)
  const others = lines.filter((line) => !isNote(line) || nameIn(line) !== name)
  return listOf(note === null ? others : [...others, `${escaped(name)}\t${note}`], heading)
}

/** Without those of these backups, which are gone. */
export function withoutNotes(content: Uint8Array, gone: ReadonlySet<string>): string | undefined {
  return listOf(
    linesOf(content, noteFile).filter((line) => !isNote(line) || !gone.has(nameIn(line))),
    heading,
  )
}

function isNote(line: string): boolean {
  return !isRemark(line) && line.includes('\t')
}

function nameIn(line: string): string {
  return unescaped(line.split('\t')[0] ?? '')
}

/** Not within a character that takes two units. */
function cut(text: string): string {
  const end = text.charCodeAt(longest - 1)
  return text.slice(0, end >= 0xd800 && end <= 0xdbff ? longest - 1 : longest)
}
