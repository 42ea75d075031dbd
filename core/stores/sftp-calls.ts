// The calls of SFTP version 3 that a store needs, with the extensions of OpenSSH (PROTOCOL, section 4) where the server offers them.
// Guarantees: paths are bytes in both directions; what the server refuses is a Refusal with its number and words; an answer that makes no sense ends
// the line. Does not turn refusals into Failures: see sftp-words.ts.
import { type Answer, Fields, field, Garbled, kind, type SftpLine, uint32, uint64 } from './sftp-line.ts'

/** Numbers of the draft, and the two of later versions that servers send all the same. */
export const status = {
  ok: 0,
  end: 1,
  noSuchFile: 2,
  denied: 3,
  failure: 4,
  badMessage: 5,
  noConnection: 6,
  connectionLost: 7,
  unsupported: 8,
  noSuchPath: 10,
  exists: 11,
  writeProtected: 12,
  noSpace: 14,
  quota: 15,
} as const

/** The server said no. `status` is its number, the message its words, which are for people. */
export class Refusal extends Error {
  readonly status: number

  constructor(number: number, words: string) {
    super(words)
    this.name = 'Refusal'
    this.status = number
  }
}

/** What a server tells of a file. `size` in bytes, `mtime` in ms since 1970, `mode` as in stat(2); each may be missing. */
export interface Attributes {
  readonly size?: number
  readonly mode?: number
  readonly mtime?: number
}

export interface Listed {
  readonly name: Buffer
  readonly attributes: Attributes
}

/** How a file is opened: flags of the draft. */
export const openFor = { reading: 0x01, writing: 0x02, creating: 0x02 | 0x08 | 0x20, continuing: 0x02 | 0x08 } as const

/** Bits of `mode`. */
const typeMask = 0o170000
export const isFile = ({ mode }: Attributes) => mode !== undefined && (mode & typeMask) === 0o100000
export const isFolder = ({ mode }: Attributes) => mode !== undefined && (mode & typeMask) === 0o040000

const hardlink = 'hardlink@openssh.com'
const posixRename = 'posix-rename@openssh.com'
const fsync = 'fsync@openssh.com'
const statvfs = 'statvfs@openssh.com'

export class SftpCalls {
  readonly line: SftpLine

  constructor(line: SftpLine) {
    this.line = line
  }

  /** What this server can do beyond version 3. */
  get able(): { link: boolean; replace: boolean; flush: boolean; space: boolean } {
    const has = (name: string) => this.line.extensions.has(name)
    return { link: has(hardlink), replace: has(posixRename), flush: has(fsync), space: has(statvfs) }
  }

  /** Resolves with the handle. */
  async open(path: Buffer, flags: number): Promise<Buffer> {
    const answer = await this.line.request(kind.open, [...field(path), uint32(flags), uint32(0)])
    return fields(answer, kind.handle).bytes()
  }

  async close(handle: Buffer): Promise<void> {
    done(await this.line.request(kind.close, field(handle)))
  }

  /** Fewer bytes than asked for are possible; none is the end. */
  async read(handle: Buffer, position: number, length: number): Promise<Buffer> {
    const answer = await this.line.request(kind.read, [...field(handle), uint64(position), uint32(length)])
    if (refusalOf(answer)?.status === status.end) return Buffer.alloc(0)
    return fields(answer, kind.data).bytes()
  }

  async write(handle: Buffer, position: number, data: Buffer): Promise<void> {
    done(await this.line.request(kind.write, [...field(handle), uint64(position), ...field(data)]))
  }

  /** Makes the server put the file on its disk; only where `able.flush`. */
  async flush(handle: Buffer): Promise<void> {
    done(await this.line.request(kind.extended, [...field(fsync), ...field(handle)], true))
  }

  async attributesOf(handle: Buffer): Promise<Attributes> {
    return attributes(fields(await this.line.request(kind.fstat, field(handle)), kind.attributes))
  }

  /** Of the name itself, or of what it points to; undefined when there is none. */
  async look(path: Buffer, follow = false): Promise<Attributes | undefined> {
    const answer = await this.line.request(follow ? kind.stat : kind.lstat, field(path))
    const refusal = refusalOf(answer)
    if (refusal && [status.noSuchFile, status.noSuchPath].includes(refusal.status as 2)) return undefined
    return attributes(fields(answer, kind.attributes))
  }

  /** The names in a folder, in parts, without `.` and `..`. */
  async *names(folder: Buffer): AsyncIterable<readonly Listed[]> {
    const opened = await this.line.request(kind.opendir, field(folder))
    const handle = Buffer.from(fields(opened, kind.handle).bytes())
    try {
      for (;;) {
        const answer = await this.line.request(kind.readdir, field(handle))
        if (refusalOf(answer)?.status === status.end) return
        yield listed(fields(answer, kind.name))
      }
    } finally {
      // The server forgets the handle with the connection at the latest.
      await this.close(handle).catch(() => undefined)
    }
  }

  async makeFolder(path: Buffer): Promise<void> {
    done(await this.line.request(kind.mkdir, [...field(path), uint32(0)]))
  }

  async remove(path: Buffer): Promise<void> {
    done(await this.line.request(kind.remove, field(path)))
  }

  /** By the draft, refused when `to` exists. */
  async rename(from: Buffer, to: Buffer): Promise<void> {
    done(await this.line.request(kind.rename, [...field(from), ...field(to)]))
  }

  /** Gives `from` a second name, which must be free; only where `able.link`. */
  async link(from: Buffer, to: Buffer): Promise<void> {
    done(await this.line.request(kind.extended, [...field(hardlink), ...field(from), ...field(to)]))
  }

  /** Renames over whatever is there, in one step; only where `able.replace`. */
  async replace(from: Buffer, to: Buffer): Promise<void> {
    done(await this.line.request(kind.extended, [...field(posixRename), ...field(from), ...field(to)]))
  }

  /** Free bytes for this user, and whether the file system is read-only; only where `able.space`. */
  async space(path: Buffer): Promise<{ free: number; readOnly: boolean }> {
    const reader = fields(
      await this.line.request(kind.extended, [...field(statvfs), ...field(path)]),
      kind.extendedReply,
    )
    // f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, f_fsid, f_flag, f_namemax
    const values = Array.from({ length: 11 }, () => reader.uint64())
    const [, unit = 0, , , available = 0, , , , , flags = 0] = values
    return { free: unit * available, readOnly: flags % 2 === 1 }
  }

  /** A sign of life. */
  async ping(): Promise<void> {
    await this.line.request(kind.realpath, field('.'))
  }
}

function refusalOf({ kind: type, body }: Answer): Refusal | undefined {
  if (type !== kind.status) return undefined
  const reader = new Fields(body)
  const number = reader.uint32()
  // Servers of old send no words.
  return new Refusal(number, reader.atEnd ? '' : reader.text())
}

function done(answer: Answer): void {
  const refusal = refusalOf(answer)
  if (!refusal) throw new Garbled(`answer ${answer.kind}`)
  if (refusal.status !== status.ok) throw refusal
}

function fields(answer: Answer, expected: number): Fields {
  if (answer.kind === expected) return new Fields(answer.body)
  throw refusalOf(answer) ?? new Garbled(`answer ${answer.kind}`)
}

/** ATTRS of the draft, section 5: flags say which values follow. */
function attributes(reader: Fields): Attributes {
  const flags = reader.uint32()
  const size = flags & 0x1 ? reader.uint64() : undefined
  if (flags & 0x2) {
    reader.uint32()
    reader.uint32()
  }
  const mode = flags & 0x4 ? reader.uint32() : undefined
  if (flags & 0x8) reader.uint32()
  const seconds = flags & 0x8 ? reader.uint32() : undefined
  const extensions = flags & 0x80000000 ? reader.uint32() : 0
  for (let n = 0; n < extensions; n += 1) {
    reader.bytes()
    reader.bytes()
  }
  return {
    ...(size === undefined ? {} : { size }),
    ...(mode === undefined ? {} : { mode }),
    ...(seconds === undefined ? {} : { mtime: seconds * 1000 }),
  }
}

function listed(reader: Fields): Listed[] {
  const count = reader.uint32()
  const list: Listed[] = []
  for (let n = 0; n < count; n += 1) {
    const name = reader.bytes()
    // The long form, for people.
    reader.bytes()
    const found = { name, attributes: attributes(reader) }
    if (!['.', '..'].includes(name.toString('latin1'))) list.push(found)
  }
  return list
}
