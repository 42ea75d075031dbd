// Requests and answers of SFTP version 3 (draft-ietf-secsh-filexfer-02) over one open channel, any number of them under way at once.
// Guarantees: every request ends: with its answer, or with the Failure that took the line away; one whose answer does not come within the limit
// takes the line away itself. What the other side sends is not trusted: a packet that is too long or makes no sense ends the line.
// Not the client of ssh2: that one turns names into UTF-8, so that a name of other bytes is lost, and has no limit for an answer.
// Does not know what the requests mean: see sftp-calls.ts.
import type { Duplex } from 'node:stream'
import type { Failure } from '../api/failure.ts'
import type { StartTimer, Timer } from '../lib/patience.ts'

/** Kinds of packets, numbers of the draft. */
export const kind = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  realpath: 16,
  stat: 17,
  rename: 18,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extended: 200,
  extendedReply: 201,
} as const

/** Longest packet that is taken, in bytes: what OpenSSH allows. */
const longestPacket = 256 * 1024 + 1024

/** A slow request (a flush of gigabytes) may take this many times the limit of an ordinary one. */
const slowness = 10

export interface Answer {
  readonly kind: number
  /** What follows the number of the request. */
  readonly body: Buffer
}

export interface LineOptions {
  /** Longest silence in ms while an answer is due. */
  readonly patience: number
  readonly startTimer: StartTimer
  /** Makes the Failure of a line that is gone, with what is known of the reason. */
  readonly gone: (reason: string) => Failure
  /** Makes the Failure of a server that does not speak SFTP as it should. */
  readonly nonsense: (reason: string) => Failure
}

interface Pending {
  readonly resolve: (answer: Answer) => void
  readonly reject: (failure: Failure) => void
  readonly slow: boolean
}

/** Opens the conversation: versions and extensions are exchanged. */
export async function openLine(channel: Duplex, options: LineOptions): Promise<SftpLine> {
  const line = new SftpLine(channel, options)
  await line.begin()
  return line
}

export class SftpLine {
  /** Extensions that the server offers, each with its version. */
  readonly extensions = new Map<string, string>()
  readonly #channel: Duplex
  readonly #options: LineOptions
  readonly #pending = new Map<number, Pending>()
  readonly #limit: Timer
  #slow = 0
  #silences = 0
  #last = 0
  #chunks: Buffer[] = []
  #have = 0
  /** Length of the packet that comes, once it is known. */
  #length: number | undefined
  #lost: Failure | undefined
  #onGreeting: Pending | undefined

  constructor(channel: Duplex, options: LineOptions) {
    this.#channel = channel
    this.#options = options
    this.#limit = options.startTimer(options.patience, () => this.#silence())
    channel.on('data', (chunk: Buffer) => this.#hear(chunk))
    channel.on('error', (error: Error) => this.end(options.gone(error.message)))
    for (const event of ['end', 'close']) channel.on(event, () => this.end(options.gone('closed')))
  }

  /** The Failure that took the line away, if it is gone. */
  get lost(): Failure | undefined {
    return this.#lost
  }

  /** True when nothing is under way. */
  get idle(): boolean {
    return this.#pending.size === 0
  }

  async begin(): Promise<void> {
    const greeting = new Promise<Answer>((resolve, reject) => {
      this.#onGreeting = { resolve, reject, slow: false }
    })
    this.#limit.refresh()
    this.#channel.write(packet(kind.init, [uint32(3)]))
    const { body } = await greeting
    if (body.length < 4 || body.readUInt32BE(0) < 3) throw this.#refuse('version')
    const reader = new Fields(body.subarray(4))
    try {
      while (!reader.atEnd) this.extensions.set(reader.text(), reader.text())
    } catch (error) {
      if (!(error instanceof Garbled)) throw error
      throw this.#refuse('version')
    }
  }

  /** Sends a request and resolves with its answer. `slow`: the server may need long for it. */
  request(type: number, parts: readonly Buffer[], slow = false): Promise<Answer> {
    if (this.#lost) return Promise.reject(this.#lost)
    this.#last = (this.#last + 1) >>> 0
    const id = this.#last
    const answer = new Promise<Answer>((resolve, reject) => {
      if (this.#pending.size === 0) this.#restart()
      this.#pending.set(id, { resolve, reject, slow })
      if (slow) this.#slow += 1
    })
    // Whoever awaits it gets the failure; many requests of a transfer are awaited only in their turn.
    answer.catch(() => undefined)
    this.#channel.write(packet(type, [uint32(id), ...parts]))
    return answer
  }

  /** Takes the line away: everything under way and all that comes later fails with this. */
  end(failure: Failure): void {
    if (this.#lost) return
    this.#lost = failure
    this.#limit.stop()
    this.#chunks = []
    const waiting = [...this.#pending.values(), ...(this.#onGreeting ? [this.#onGreeting] : [])]
    this.#pending.clear()
    this.#onGreeting = undefined
    for (const { reject } of waiting) reject(failure)
    this.#channel.destroy()
  }

  #restart(): void {
    this.#silences = 0
    this.#limit.refresh()
  }

  #silence(): void {
    if (this.#pending.size === 0 && !this.#onGreeting) return
    this.#silences += 1
    if (this.#slow > 0 && this.#silences < slowness) this.#limit.refresh()
    else this.end(this.#options.gone('ETIMEDOUT'))
  }

  #refuse(reason: string): Failure {
    const failure = this.#options.nonsense(reason)
    this.end(failure)
    return failure
  }

  #hear(chunk: Buffer): void {
    this.#restart()
    this.#chunks.push(chunk)
    this.#have += chunk.length
    while (!this.#lost && this.#have >= (this.#length ?? 4)) this.#advance()
  }

  #advance(): void {
    if (this.#length === undefined) {
      this.#length = this.#cut(4).readUInt32BE(0)
      if (this.#length < 5 || this.#length > longestPacket) this.#refuse('packet length')
      return
    }
    const whole = this.#cut(this.#length)
    this.#length = undefined
    const type = whole[0] ?? 0
    if (this.#onGreeting) this.#greeted(type, whole.subarray(1))
    else this.#answered(whole.readUInt32BE(1), { kind: type, body: whole.subarray(5) })
  }

  #greeted(type: number, body: Buffer): void {
    const greeting = this.#onGreeting
    if (type !== kind.version) return void this.#refuse(`packet ${type}`)
    this.#onGreeting = undefined
    greeting?.resolve({ kind: type, body })
  }

  #answered(id: number, answer: Answer): void {
    const pending = this.#pending.get(id)
    if (!pending) return void this.#refuse('answer to nothing')
    this.#pending.delete(id)
    if (pending.slow) this.#slow -= 1
    pending.resolve(answer)
  }

  /** The next `length` bytes of what has come; copied only where they lie in several chunks. */
  #cut(length: number): Buffer {
    this.#have -= length
    const first = this.#chunks[0] as Buffer
    if (first.length > length) {
      this.#chunks[0] = first.subarray(length)
      return first.subarray(0, length)
    }
    if (first.length === length) return this.#chunks.shift() as Buffer
    const whole = Buffer.allocUnsafeSlow(length)
    let done = 0
    while (done < length) {
      const chunk = this.#chunks.shift() as Buffer
      const part = chunk.subarray(0, length - done)
      whole.set(part, done)
      done += part.length
      if (part.length < chunk.length) this.#chunks.unshift(chunk.subarray(part.length))
    }
    return whole
  }
}

/** An answer that ends before its fields do, or is of another kind than its request. */
export class Garbled extends Error {}

/** Reads the fields of an answer one after the other, or throws Garbled. */
export class Fields {
  readonly #data: Buffer
  #at = 0

  constructor(data: Buffer) {
    this.#data = data
  }

  get atEnd(): boolean {
    return this.#at >= this.#data.length
  }

  uint32(): number {
    return this.#next(4).readUInt32BE()
  }

  /** As a number: sizes beyond 2^53 are nobody's. */
  uint64(): number {
    return Number(this.#next(8).readBigUInt64BE())
  }

  bytes(): Buffer {
    return this.#next(this.uint32())
  }

  text(): string {
    return this.bytes().toString('utf8')
  }

  #next(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#data.length) throw new Garbled('a field ends beyond its packet')
    const part = this.#data.subarray(this.#at, end)
    this.#at = end
    return part
  }
}

export function uint32(value: number): Buffer {
  const data = Buffer.allocUnsafe(4)
  data.writeUInt32BE(value)
  return data
}

export function uint64(value: number): Buffer {
  const data = Buffer.allocUnsafe(8)
  data.writeBigUInt64BE(BigInt(value))
  return data
}

/** A length and the bytes. */
export function field(data: Buffer | string): Buffer[] {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  return [uint32(bytes.length), bytes]
}

function packet(type: number, parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 1)
  const head = Buffer.allocUnsafe(5)
  head.writeUInt32BE(length)
  head[4] = type
  return Buffer.concat([head, ...parts], length + 4)
}
