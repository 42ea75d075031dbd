// SHA256SUMS as GNU coreutils writes and checks it: `sha256sum -c SHA256SUMS` in the folder tells whether every file is as it was written.
// Guarantees: any file name, also with newlines and backslashes; lines of other tools and comments are kept. A file that is about to be removed
// has its line set aside as a comment, which `sha256sum` skips: however the removal ends, the check never misses a file.
// Does not compute anything.

/** One line: a file and its SHA-256 in lower-case hex, or a line of unknown meaning as it stands. */
type Line = { readonly name: string; readonly sha256: string; readonly aside?: true } | { readonly text: string }

/** In front of a line that is set aside. */
const asideMark = '# removing: '

/** Blank lines are dropped. Never throws. */
function parse(content: string): Line[] {
  const lines = content.split('\n')
  return lines.filter((line) => line.trim() !== '').map(parseAny)
}

/** `[\]HEX  NAME`, or `HEX *NAME`; a backslash in front says that the name is escaped (coreutils, "md5sum invocation"). */
const gnu = /^(\\?)([0-9a-f]{64}) [ *](.+)$/is

function parseAny(line: string): Line {
  const inner = line.startsWith(asideMark) ? parseLine(line.slice(asideMark.length)) : undefined
  return inner && 'name' in inner ? { ...inner, aside: true } : parseLine(line)
}

function parseLine(line: string): Line {
  const found = gnu.exec(line.replace(/\r$/, ''))
  if (!found) return { text: line }
  const [, escaped, hex, written] = found as unknown as [string, string, string, string]
  const name = escaped ? unescapeName(written) : written
  return name === undefined ? { text: line } : { name, sha256: hex.toLowerCase() }
}

function unescapeName(written: string): string | undefined {
  if (/\\(?![\\nr])|\\$/.test(written.replace(/\\\\/g, ''))) return undefined
  return written.replace(/\\([\\nr])/g, (_, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? '\\')
}

function format(lines: readonly Line[]): string {
  return lines.map((line) => `${'text' in line ? line.text : formatLine(line)}\n`).join('')
}

function formatLine({ name, sha256, aside }: Exclude<Line, { text: string }>): string {
  const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' }
  const escaped = name.replace(/[\\\n\r]/g, (character) => escapes[character] as string)
  return `${aside ? asideMark : ''}${escaped === name ? '' : '\\'}${sha256}  ${escaped}`
}

/** SHA-256 in lower-case hex by file name, also of files whose line is set aside; of several lines for a name the last holds. */
export function parseChecksums(content: string): Map<string, string> {
  return new Map(parse(content).flatMap((line) => ('name' in line ? [[line.name, line.sha256]] : [])))
}

/** The content with this file's checksum in place of an older one, or at the end. */
export function setChecksum(content: string, name: string, sha256: string): string {
  const lines = parse(content)
  const at = lines.findIndex((line) => isFor(line, name))
  const others = lines.filter((line) => !isFor(line, name))
  return format(others.toSpliced(at < 0 ? others.length : at, 0, { name, sha256: sha256.toLowerCase() }))
}

/** The content without this file. */
export function removeChecksum(content: string, name: string): string {
  return format(parse(content).filter((line) => !isFor(line, name)))
}

/** The content with the lines of these files set aside. */
export function setAside(content: string, names: ReadonlySet<string>): string {
  const lines = parse(content)
  return format(lines.map((line) => ('name' in line && names.has(line.name) ? { ...line, aside: true } : line)))
}

/** The content after a removal, however far it came: lines set aside count again where their file is still there, and go where it is not. */
export function settleAside(content: string, isThere: (name: string) => boolean): string {
  const lines = parse(content)
  return format(
    lines.flatMap((line) => {
      if (!('name' in line && line.aside)) return [line]
      return isThere(line.name) ? [{ name: line.name, sha256: line.sha256 }] : []
    }),
  )
}

function isFor(line: Line, name: string): boolean {
  return 'name' in line && line.name === name
}
