// Lists for people beside the backups: plain text, a line for each backup, `#` before remarks.
// Guarantees: any file name reads back as it was. A list that is empty or not text is `damaged`, never "nothing in it": a file system that lost its
// contents must not cost anything. Knows no store.
import { Failure } from '../api/failure.ts'

/** Without empty ones. Failure `damaged` {name, reason}. */
export function linesOf(content: Uint8Array, name: string): string[] {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch (error) {
    throw new Failure('damaged', { name, reason: 'UTF-8' }, { cause: error })
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines.length === 0 || text.includes('\0')) throw new Failure('damaged', { name, reason: 'lost' })
  return lines
}

export const isRemark = (line: string) => line.startsWith('#')

/** The file's text; undefined: nothing but our own heading is left, and the file goes. What people wrote there stays. */
export function listOf(lines: readonly string[], heading: string): string | undefined {
  return lines.every((line) => line === heading) ? undefined : `${lines.join('\n')}\n`
}

/** As GNU coreutils escapes names in a list of checksums, and tabs, which end a name; a leading `#` would make it a remark. */
export function escaped(name: string): string {
  const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
  return name.replace(/[\\\n\r\t]/g, (character) => escapes[character] as string).replace(/^#/, '\\#')
}

export function unescaped(line: string): string {
  return line.replace(/\\([\\nrt#])/g, (_, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? letter)
}
