// The contents index of a backup: what is in it, so that files can be looked for and chosen without reading it. A file of JSON lines, compressed and
// encrypted as the backup is: `gpg -d FILE | zcat` (or `zstd -d`). First a line about the backup, then one an entry, in the order of the archive; the last
// says how many there were, and of which stored bytes.
// Guarantees: pure; what is read is checked, whoever wrote it. An index is an aid and proves nothing: whoever could write to the medium could write
// one. A restore reads the archive itself.
import { parseArtifactName } from '../api/backup-name.ts'
import { Failure } from '../api/failure.ts'
import type { ArchiveEntry } from '../api/model.ts'
import type { PackFormat } from '../api/plan.ts'
import { formatOf, recipes } from '../api/recipe.ts'
import { type Entry, type Head, parseHead } from '../archive/archive.ts'
import type { Bytes } from '../lib/bytes.ts'

/** In a folder of their own: whoever looks for backups by their names, LabBook's tool say, meets backups only. */
export const contentsFolder = 'contents/'

/** What an index knows of an entry. `target` as in the archive. */
export type Listed = ArchiveEntry & { readonly target?: string }

/** Which stored bytes an index is about, and what they hold. */
export interface Account {
  /** All entries, and those that are no folders. */
  readonly entries: number
  readonly files: number
  readonly bytes: number
  /** Of the archive file. */
  readonly size: number
  readonly sha256: string
}

/** How the index of a backup is made; undefined: such a backup gets none (LabBook 2.x, whose documents lie in another file). */
export function contentsFormat(artifact: string): PackFormat | undefined {
  const pack = parseArtifactName(artifact)?.pack
  if (pack === undefined) return undefined
  const { codec, cipher } = recipes[pack]
  return formatOf({ codec: codec === 'none' ? 'gz' : codec, cipher })
}

/** Where the index of a backup lies; undefined: it has none. */
export function contentsName(artifact: string): string | undefined {
  const format = contentsFormat(artifact)
  return format && `${contentsFolder}${artifact}.${format.replace('tar', 'jsonl')}`
}

const named = new RegExp(`^${contentsFolder}(.+)\\.jsonl(?:\\.[a-z]+)+$`, 's')

/** The backup whose index has this name; undefined: it is no index. */
export function artifactOf(name: string): string | undefined {
  const artifact = named.exec(name)?.[1]
  return artifact !== undefined && contentsName(artifact) === name ? artifact : undefined
}

/** Version of the format: a higher one is not believed. */
const version = 1

/** `head` absent: the archive says nothing of itself. */
export function headLine(artifact: string, head: Head | undefined): string {
  return `${JSON.stringify({ contents: version, artifact, ...(head && { head }) })}\n`
}

export function accountLine(account: Account): string {
  return `${JSON.stringify(account)}\n`
}

type Described = Pick<Entry, 'path' | 'type' | 'size' | 'mtime' | 'mode' | 'target' | 'sparse'>

/** Joined by hand: there may be millions. Names that are not UTF-8 keep their bytes: JSON escapes a lone surrogate (lib/paths.ts). */
export function entryLine({ path, type, size, mtime, mode, target, sparse }: Described): string {
  const taken = sparse ? `,"taken":${takenBy(sparse)}` : ''
  const to = target === undefined ? '' : `,"target":${JSON.stringify(target)}`
  return `{"path":${JSON.stringify(path)},"type":"${type}","size":${size},"mtime":${mtime},"mode":"${mode.toString(8)}"${taken}${to}}\n`
}

function takenBy(sparse: NonNullable<Entry['sparse']>): number {
  return sparse.reduce((sum, { length }) => sum + length, 0)
}

/** An entry as an index would tell it. */
export function listed({ path, type, size, mtime, target, sparse }: Described): Listed {
  return {
    path,
    type,
    size,
    mtime,
    ...(sparse && { taken: takenBy(sparse) }),
    ...(target !== undefined && { target }),
  }
}

/** An index on its way: `entries` once, then `account`. */
export interface Contents {
  readonly head: Head | undefined
  /** In the order of the archive. Ends normally only when the account came, said how many there were, and nothing followed. */
  readonly entries: AsyncIterable<Listed>
  /** Known once `entries` has ended. */
  account(): Account
  /** Closes the input where the entries will not be read to their end. */
  close(): Promise<void>
}

/** The index of this backup; anything else is Failure `damaged` {reason}, now or while it is read. */
export async function parseContents(text: Bytes, artifact: string): Promise<Contents> {
  const lines = linesOf(text)
  let account: Account | undefined
  async function* entries(): AsyncGenerator<Listed> {
    let count = 0
    for await (const line of lines) {
      if (account) throw unlike('index-end')
      const found = parse(line)
      if (isListed(found)) {
        count += 1
        yield found
      } else if (isAccount(found) && found.entries === count) account = found
      else throw unlike('index-line')
    }
    if (!account) throw unlike('index-end')
  }
  try {
    const first = await lines.next()
    const about = first.done ? {} : (parse(first.value) as Record<string, unknown>)
    if (about.contents !== version || about.artifact !== artifact) throw unlike('index-foreign')
    const head = parseHead(about.head === undefined ? undefined : JSON.stringify(about.head))
    return {
      head,
      entries: entries(),
      account() {
        if (!account) throw new Error('the index has not been read to its end')
        return account
      },
      close: async () => void (await lines.return(undefined)),
    }
  } catch (error) {
    await lines.return(undefined)
    throw error
  }
}

function unlike(reason: string): Failure {
  return new Failure('damaged', { reason })
}

/** In bytes: nothing writes longer ones, and reading must stay within bounds. */
const longestLine = 1024 * 1024

const newline = 10

async function* linesOf(text: Bytes): AsyncGenerator<string, void, void> {
  let rest: Buffer[] = []
  let length = 0
  for await (const chunk of text) {
    let from = 0
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      const end = Buffer.from(chunk.buffer, chunk.byteOffset + from, at - from)
      yield rest.length === 0 ? end.toString('utf8') : Buffer.concat([...rest, end]).toString('utf8')
      rest = []
      length = 0
      from = at + 1
    }
    length += chunk.length - from
    if (length > longestLine) throw unlike('index-line')
    if (from < chunk.length) rest.push(Buffer.from(chunk.subarray(from)))
  }
  if (length > 0) throw unlike('index-end')
}

/** An object, empty where the line is none. */
function parse(line: string): object {
  try {
    const found: unknown = JSON.parse(line)
    return typeof found === 'object' && found !== null ? found : {}
  } catch {
    return {}
  }
}

const types: ReadonlySet<unknown> = new Set<Entry['type']>(['file', 'folder', 'symlink', 'link', 'other'])

function isListed(found: Partial<Record<keyof Listed, unknown>>): found is Listed {
  const { path, type, size, mtime, taken, target } = found
  return (
    typeof path === 'string' &&
    types.has(type) &&
    isCount(size) &&
    typeof mtime === 'number' &&
    (taken === undefined || isCount(taken)) &&
    (target === undefined || typeof target === 'string')
  )
}

function isAccount(found: Partial<Record<keyof Account, unknown>>): found is Account {
  const { entries, files, bytes, size, sha256 } = found
  return [entries, files, bytes, size].every(isCount) && typeof sha256 === 'string'
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
