// Text in columns of a terminal: how wide it shows, cut to fit, aligned tables, indented paragraphs.
// Guarantees: wide characters (CJK, emoji) count two columns, combining ones none, colour codes none; a cut never splits a character.
// Does not know streams or colours.
import { stripVTControlCharacters } from 'node:util'

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Blocks of the Unicode property East_Asian_Width = W or F (UAX #11), beside emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u
const picture = /\p{Emoji_Presentation}|\ufe0f/u
const combining = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

function graphemeWidth(grapheme: string): number {
  if (combining.test(grapheme)) return 0
  return wide.test(grapheme) || picture.test(grapheme) ? 2 : 1
}

/** One column each, whatever stands beside: what nearly all cells of a table consist of. Finding graphemes takes a hundred times as long. */
const plain = /^[\x20-\x7e\xa0-\xac\xae-\xff\u2014\u202f]*$/

/** Columns that a line of text takes. */
export function width(text: string): number {
  if (plain.test(text)) return text.length
  let columns = 0
  for (const { segment } of segmenter.segment(stripVTControlCharacters(text))) columns += graphemeWidth(segment)
  return columns
}

/** Text filled up with spaces to a number of columns. */
export function pad(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, columns - width(text)))
  return side === 'left' ? text + fill : fill + text
}

/** Shortens text to this many columns with "…" in its middle, because the end of a path says most. */
export function shorten(text: string, columns: number): string {
  if (width(text) <= columns) return text
  if (columns < 1) return ''
  const graphemes = [...segmenter.segment(text)].map((part) => part.segment)
  const head = take(graphemes, Math.floor((columns - 1) / 3))
  const tail = take([...graphemes].reverse(), columns - 1 - width(head.join(''))).reverse()
  return `${head.join('')}…${tail.join('')}`
}

function take(graphemes: readonly string[], columns: number): string[] {
  const taken: string[] = []
  let used = 0
  for (const grapheme of graphemes) {
    used += graphemeWidth(grapheme)
    if (used > columns) break
    taken.push(grapheme)
  }
  return taken
}

export interface Column {
  title: string
  align?: 'left' | 'right'
}

/** Lines of a table with a line of titles, two spaces between columns, none at the end. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map((column) => column.title), ...rows]
  const widths = columns.map((_, at) => Math.max(...all.map((row) => width(row[at] ?? ''))))
  return all.map((row) =>
    columns
      .map((column, at) => pad(row[at] ?? '', widths[at] ?? 0, column.align === 'right' ? 'right' : 'left'))
      .join('  ')
      .trimEnd(),
  )
}

/** "Label   value" lines; a value of several lines goes on under itself. */
export function facts(pairs: readonly (readonly [label: string, value: string])[], indent = '  '): string[] {
  const columns = Math.max(...pairs.map(([label]) => width(label)))
  return pairs.flatMap(([label, value]) =>
    value.split('\n').map((line, at) => `${indent}${pad(at === 0 ? label : '', columns)}  ${line}`),
  )
}

/** A paragraph broken at ordinary spaces: `first` before the first line, `indent` before the others. A word longer than a line stays whole. */
export function wrap(text: string, columns: number, indent = '', first = indent): string {
  const [begin = '', ...words] = text.split(' ')
  const lines: string[] = []
  let line = first + begin
  for (const word of words) {
    if (width(`${line} ${word}`) > columns) {
      lines.push(line)
      line = indent + word
    } else line = `${line} ${word}`
  }
  return [...lines, line].join('\n')
}
