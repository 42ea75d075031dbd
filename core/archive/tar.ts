// A stream of entries to the bytes of a tar archive and back, whatever the chunks are.
// Guarantees: nothing is held but one chunk and one header; each body is passed through without copying; reading ends normally only when
// the end-of-archive block was there and the input ended well after it. Does not know compression, encryption or the file system.
import { Failure } from '../api/failure.ts'
import type { Bytes } from '../lib/bytes.ts'
import { ByteReader } from './byte-reader.ts'
import { type Entry, type LateFile, type LateOutcome, type Member, PassedOn, type Piece, settle } from './entry.ts'
import { type Head, type Incomplete, incompleteComment, parseHead, parseIncomplete } from './head.ts'
import { decodePax, isAttribute } from './pax.ts'
import {
  BLOCK,
  type Block,
  decodeBlock,
  decodeMember,
  encodeComment,
  encodeMember,
  type Member as Headed,
  META_LIMIT,
  padding,
} from './tar-header.ts'
import { ordinary, readOrdinary } from './tar-ordinary.ts'
import { checkedMap, dataOf, readMap, readOldHead, type SparseHead } from './tar-sparse.ts'

/** GNU tar's record: 20 blocks. Archives are padded to it. */
const RECORD = 20 * BLOCK

/**
 * Members as a POSIX PAX archive. The head becomes the comment of a global header at the very start, which other tools skip. A body that is not
 * exactly `size` bytes long is an ordinary Error: the source must pad or cut. Pieces are as small as they come. A late file comes as such where
 * it has at most `lateSize` bytes (absent: never); one that turns out to be larger comes as bytes after the others.
 */
export function packTar(head: Head | undefined, members: AsyncIterable<Member>): Bytes
export function packTar(head: Head | undefined, members: AsyncIterable<Member>, lateSize: number): AsyncIterable<Piece>
export function packTar(head: Head | undefined, members: AsyncIterable<Member>, lateSize = -1): AsyncIterable<never> {
  return pieces(head, members, lateSize) as AsyncIterable<never>
}

async function* pieces(
  head: Head | undefined,
  members: AsyncIterable<Member>,
  lateSize: number,
): AsyncGenerator<Piece> {
  const account: Account = { written: 0, again: [], late: false, incomplete: [] }
  if (head) yield counted(account, encodeComment(JSON.stringify(head)))
  for await (const member of members) {
    if (member.type !== 'late') yield* entryPieces(account, member)
    else if (member.size <= lateSize) {
      account.late = true
      yield new Accounted(member, account)
    } else for await (const entry of member.open()) yield* entryPieces(account, entry)
  }
  if (account.late) yield settle
  for (const file of account.again) for await (const entry of file.open()) yield* entryPieces(account, entry)
  yield* closing(account)
  const { written } = account
  yield Buffer.alloc(2 * BLOCK + ((RECORD - ((written + 2 * BLOCK) % RECORD)) % RECORD))
}

interface Account {
  written: number
  /** Some files were read elsewhere. */
  late: boolean
  /** Files that were not read there. */
  readonly again: LateFile[]
  readonly incomplete: Incomplete[]
  /** The first one, which may be given once more at the end. */
  folder?: Entry
}

/**
 * Which members are not whole, where some are: a comment of a global header, which other programs skip. Python's tarfile wants a member after each
 * header, and that is the first folder once more, which changes nothing. After single files without any folder there is nothing that could be said
 * twice without harm: such an archive, which is not whole anyway, opens with tar and not with Python.
 */
function* closing(account: Account): Generator<Uint8Array> {
  const { incomplete, folder } = account
  if (incomplete.length === 0) return
  yield counted(account, encodeComment(incompleteComment(incomplete)))
  if (folder) yield counted(account, encodeMember(folder))
}

function counted(account: Account, bytes: Uint8Array): Uint8Array {
  account.written += bytes.length
  return bytes
}

async function* entryPieces(account: Account, entry: Entry): Bytes {
  yield counted(account, encodeMember(entry))
  if (entry.type === 'folder') account.folder ??= entry
  if (entry.type !== 'file') return
  yield* exactBody(entry)
  const read = entry.fault?.()
  if (read !== undefined) account.incomplete.push({ path: entry.path, read })
  const size = dataOf(entry)
  const zeros = padding(size)
  account.written += size + zeros
  if (zeros > 0) yield Buffer.alloc(zeros)
}

/** What becomes of a late file is written down. */
class Accounted extends PassedOn {
  readonly #account: Account

  constructor(file: LateFile, account: Account) {
    super(file)
    this.#account = account
  }

  override told(outcome: LateOutcome): void {
    this.#account.written += outcome.framed
    if (outcome.again) this.#account.again.push(this.file)
    this.file.told(outcome)
    if (outcome.read !== undefined) this.#account.incomplete.push({ path: this.file.path, read: outcome.read })
  }
}

async function* exactBody(entry: Entry): Bytes {
  const size = dataOf(entry)
  let left = size
  for await (const chunk of entry.body ?? []) {
    left -= chunk.length
    if (left < 0) throw new Error(`the body of ${entry.path} is longer than ${size} bytes`)
    yield chunk
  }
  if (left > 0) throw new Error(`the body of ${entry.path} is ${left} bytes short`)
}

/** The entries of an archive, in order and once; leaving early closes the input. */
export interface TarEntries extends AsyncIterable<Entry> {
  /** What the archive says of itself: read before the first entry; undefined when absent or not sound. Untrusted. */
  head(): Promise<Head | undefined>
  /** Members whose content ends in zeros, by what the archive says at its end: empty before. Untrusted. */
  incomplete(): readonly Incomplete[]
  /** Ends the input when the entries will not be read, or not to their end. */
  close(): Promise<void>
}

/**
 * Reads ustar, PAX, GNU and v7 archives. Failures: `truncated` (no end-of-archive block), `damaged` (checksum, numbers, records),
 * `unsupported-format` (GNU volumes: what would be read would not be the file). Devices, pipes and unknown types come
 * as `other`. Paths come as they stand but for `./` in front: nothing here makes them safe.
 */
export function readTar(input: Bytes): TarEntries {
  const archive = new TarReader(new ByteReader(input))
  return {
    head: () => archive.head(),
    incomplete: () => archive.incomplete,
    close: () => archive.close(),
    [Symbol.asyncIterator]: () => archive.entries(),
  }
}

interface Found {
  readonly entry: Described
  readonly stored: number
}

/** An entry without its content. */
type Described = Omit<Entry, 'body' | 'content'>

class TarReader {
  incomplete: readonly Incomplete[] = []
  readonly #bytes: ByteReader
  readonly #globals = new Map<string, Buffer>()
  #comment: Buffer | undefined
  #first: Promise<Found | undefined> | undefined
  #taken = false
  readonly #file = { entry: ordinary(), stored: 0 }

  constructor(bytes: ByteReader) {
    this.#bytes = bytes
  }

  async head(): Promise<Head | undefined> {
    this.#first ??= this.#next()
    await this.#first
    return parseHead(this.#comment?.toString('utf8'))
  }

  close(): Promise<void> {
    return this.#bytes.close()
  }

  async *entries(): AsyncGenerator<Entry> {
    if (this.#taken) throw new Error('the entries of an archive can be read only once')
    this.#taken = true
    try {
      this.#first ??= this.#next()
      let member: Found | undefined = await this.#first
      while (member) {
        const body = new Body(this.#bytes, member.stored)
        yield member.entry.type === 'file' ? body.of(member.entry) : member.entry
        if (!body.skip()) await body.finish()
        // Nothing is waited for where nothing has to be: there may be millions of small members.
        member = this.#ordinary() ?? this.#decode() ?? (await this.#next())
      }
      await this.#bytes.drain()
    } finally {
      await this.#bytes.close()
    }
  }

  /** The next member where it is a file like most, with its headers in the chunk at hand; valid until the next call. */
  #ordinary(): Found | undefined {
    if (this.#globals.size > 0) return undefined
    const length = readOrdinary(this.#bytes.chunk, this.#bytes.at, this.#file.entry)
    if (length === 0) return undefined
    this.#bytes.pass(length)
    this.#file.stored = this.#file.entry.size
    return this.#file
  }

  /** The next member where it lies in the chunk at hand with at most one header of its own, as ours do; undefined for all others. */
  #decode(): Found | undefined {
    const first = this.#bytes.peek(BLOCK)
    const block = first && decodeBlock(first)
    if (!block) return undefined
    if (block.flag !== 'x') {
      if (!plainFlags.has(block.flag)) return undefined
      this.#bytes.take(BLOCK)
      return decodeMember(block, { pax: this.#merged(undefined) })
    }
    const described = BLOCK + block.size + padding(block.size)
    const all = block.size > META_LIMIT ? undefined : this.#bytes.peek(described + BLOCK)
    const member = all && decodeBlock(all.subarray(described))
    if (!member || !plainFlags.has(member.flag)) return undefined
    const found = decodeMember(member, { pax: this.#merged(decodePax(all.subarray(BLOCK, BLOCK + block.size))) })
    if (found.sparse) return undefined
    this.#bytes.take(described + BLOCK)
    return found
  }

  /** The next member, with all headers that describe it; undefined at the end of the archive. */
  async #next(): Promise<Found | undefined> {
    let own: Map<string, Buffer> | undefined
    let longName: Buffer | undefined
    let longLink: Buffer | undefined
    for (;;) {
      const header = await this.#bytes.exactly(BLOCK)
      const block = decodeBlock(header)
      if (!block) return undefined
      if (block.flag === 'x' || block.flag === 'X') own = decodePax(await this.#meta(block))
      else if (block.flag === 'g') this.#remember(decodePax(await this.#meta(block)))
      else if (block.flag === 'L') longName = upToNul(await this.#meta(block))
      else if (block.flag === 'K') longLink = upToNul(await this.#meta(block))
      else if (this.incomplete.length > 0 && block.flag === '5') own = undefined
      else {
        const sparse = block.flag === 'S' ? await readOldHead(new Uint8Array(header), this.#bytes) : undefined
        return this.#mapped(decodeMember(block, { pax: this.#merged(own), longName, longLink, sparse }))
      }
    }
  }

  /** A file with holes, with its map. */
  async #mapped({ entry, stored, sparse }: Headed): Promise<Found> {
    if (!sparse) return { entry, stored }
    const { map, taken } = await this.#mapOf(sparse, stored)
    return { entry: { ...entry, sparse: checkedMap(map, entry.size, stored - taken) }, stored: stored - taken }
  }

  async #mapOf({ map }: SparseHead, stored: number) {
    return map ? { map, taken: 0 } : readMap(this.#bytes, stored)
  }

  async #meta(block: Block): Promise<Uint8Array> {
    if (block.size > META_LIMIT) throw new Failure('damaged', { reason: 'tar extended header is too long' })
    const body = new Uint8Array(await this.#bytes.exactly(block.size))
    await this.#bytes.skip(padding(block.size))
    return body
  }

  /** Global records that have a meaning for every member; the first comment is the head. */
  #remember(records: Map<string, Buffer>): void {
    for (const [key, value] of records) {
      if (key === 'comment') this.#remark(value)
      else if (/^(?:uid|gid|uname|gname|mtime|GNU\.sparse\..{1,40})$/.test(key)) this.#globals.set(key, value)
    }
  }

  #remark(comment: Buffer): void {
    this.#comment ??= comment
    if (this.incomplete.length === 0) this.incomplete = parseIncomplete(comment.toString('utf8'))
  }

  /** A member's own records over the global ones; an empty value takes a record away (POSIX), but for attributes, which may be empty. */
  #merged(own: Map<string, Buffer> | undefined): Map<string, Buffer> {
    if (this.#globals.size === 0 && !own) return none
    const merged = this.#globals.size === 0 && own ? own : new Map([...this.#globals, ...(own ?? [])])
    for (const [key, value] of merged) if (value.length === 0 && !isAttribute(key)) merged.delete(key)
    return merged
  }
}

const none = new Map<string, Buffer>()

/** Members that no further header describes: files, links, devices, folders. */
const plainFlags = new Set(['0', '1', '2', '3', '4', '5', '6', '7'])

function upToNul(body: Uint8Array): Buffer {
  const end = body.indexOf(0)
  return Buffer.from(end < 0 ? body : body.subarray(0, end))
}

/** The body of the member at hand: read by its owner as far as it likes, then skipped. */
class Body implements AsyncIterable<Uint8Array> {
  readonly #bytes: ByteReader
  readonly #zeros: number
  #left: number
  #open = true

  constructor(bytes: ByteReader, size: number) {
    this.#bytes = bytes
    this.#left = size
    this.#zeros = padding(size)
  }

  /** The file with its content. All of these objects are alike, which is what makes them quick. */
  of({ path, type, mode, uid, gid, uname, gname, mtime, time, size, attributes, sparse }: Described): Entry {
    const content = this.#bytes.peek(this.#left)
    return { path, type, mode, uid, gid, uname, gname, mtime, time, size, attributes, sparse, body: this, content }
  }

  /** Passes over what was not read where it lies in the chunk at hand; false where it does not. */
  skip(): boolean {
    const length = this.#left + this.#zeros
    const here = this.#bytes.has(length)
    if (here) this.#bytes.pass(length)
    this.#open = !here
    return here
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      if (!this.#open) throw new Error('a body was read after the next entry was asked for')
      const piece = await this.#bytes.some(this.#left)
      this.#left -= piece.length
      yield piece
    }
  }

  async finish(): Promise<void> {
    this.#open = false
    await this.#bytes.skip(this.#left + this.#zeros)
  }
}
