// Writes a contents index while its archive is written, or read: what passes is put down, compressed and encrypted at once.
// Guarantees: the same members in the same order; the index has them in the order of the archive, also those that a pool reads in its own time; memory does
// not grow with the entries. A disk that is full, or whatever else goes wrong here, costs the index and nothing else: `finish` tells.
// What the lines mean: contents.ts. Where they go in the end: contents-beside.ts.
import type { PackFormat } from '../api/plan.ts'
import {
  type Entry,
  type Head,
  type LateFile,
  type LateOutcome,
  type Member,
  PassedOn,
  type Pools,
  seal,
} from '../archive/archive.ts'
import type { Bytes } from '../lib/bytes.ts'
import { Overflow } from '../lib/overflow.ts'
import { type Account, accountLine, entryLine, headLine, type Listed, listed } from './contents.ts'

export interface RecordingOptions {
  readonly artifact: string
  readonly format: PackFormat
  readonly recipients: readonly string[]
  /** A private folder; used when there is much. */
  readonly temp: string
  readonly pools?: Pools | undefined
  /** Gets what each line tells. */
  readonly names?: ((entry: Listed) => void) | undefined
}

/** The place of a member whose facts come later; undefined: not yet, '': it is not in the archive, or comes again at its end. */
interface Slot {
  line: string | undefined
}

export class Recording {
  readonly #feed = new Feed()
  readonly #made: Overflow
  readonly #written: Promise<unknown>
  #slots: Slot[] = []
  readonly #counts = { entries: 0, files: 0, bytes: 0 }
  readonly #names: RecordingOptions['names']

  constructor({ artifact, format, recipients, temp, pools, names }: RecordingOptions, head?: Head) {
    this.#made = new Overflow(temp)
    this.#names = names
    this.#feed.add(headLine(artifact, head))
    // Never rejects: whoever waits for it may come late, or not at all.
    this.#written = this.#write(seal(this.#feed.bytes(), recipients, format, pools)).then(
      () => undefined,
      (error: unknown) => {
        this.#feed.end()
        return error
      },
    )
  }

  async #write(sealed: Bytes): Promise<void> {
    for await (const chunk of sealed) {
      try {
        await this.#made.add(chunk)
      } catch (error) {
        // Before the stages are left: one of them may be waiting for more.
        this.#feed.end()
        throw error
      }
    }
  }

  /** Passes on what goes into an archive. */
  async *members(members: AsyncIterable<Member>): AsyncGenerator<Member> {
    for await (const member of members) {
      if (member.type === 'late') {
        const slot: Slot = { line: undefined }
        this.#slots.push(slot)
        yield new RecordedLate(member, this, slot)
      } else {
        this.add(member)
        yield member
      }
      if (this.#feed.full) await this.#feed.room()
    }
  }

  /** Passes on what comes out of one. */
  async *entries(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
    for await (const entry of entries) {
      this.add(entry)
      yield entry
      if (this.#feed.full) await this.#feed.room()
    }
  }

  add(entry: Entry): void {
    this.#tell(entry)
    const line = entryLine(entry)
    if (this.#slots.length === 0) this.#feed.add(line)
    else this.#slots.push({ line })
  }

  /** Undefined: it is not there. */
  fill(slot: Slot, entry: Omit<Entry, 'uid' | 'gid'> | undefined): void {
    if (entry) this.#tell(entry)
    slot.line = entry ? entryLine(entry) : ''
    if (this.#slots[0] !== slot) return
    const waiting = this.#slots.findIndex(({ line }) => line === undefined)
    for (const { line } of this.#slots.splice(0, waiting < 0 ? this.#slots.length : waiting)) this.#feed.add(line ?? '')
  }

  #tell(entry: Omit<Entry, 'uid' | 'gid'>): void {
    const { type, size } = entry
    this.#names?.(listed(entry))
    this.#counts.entries += 1
    if (type !== 'folder') this.#counts.files += 1
    this.#counts.bytes += size
  }

  /** The whole index, once the archive is whole; throws what has gone wrong with it. `stored`: of the archive file. */
  async finish(stored: Pick<Account, 'size' | 'sha256'>): Promise<Bytes> {
    if (this.#slots.length > 0) throw new Error('a member of the archive was never told of')
    this.#feed.add(accountLine({ ...this.#counts, ...stored }))
    this.#feed.end()
    const failure = await this.#written
    if (failure !== undefined) throw failure
    return this.#made.bytes()
  }

  /** Whether it is wanted or not. */
  async close(): Promise<void> {
    this.#feed.end()
    await this.#written
    await this.#made.close()
  }
}

class RecordedLate extends PassedOn {
  readonly #recording: Recording
  readonly #slot: Slot

  constructor(file: LateFile, recording: Recording, slot: Slot) {
    super(file)
    this.#recording = recording
    this.#slot = slot
  }

  override async *open(): AsyncGenerator<Entry> {
    const { line } = this.#slot
    for await (const entry of this.file.open()) {
      if (line === undefined) this.#recording.fill(this.#slot, entry)
      else this.#recording.add(entry)
      yield entry
    }
    if (this.#slot.line === undefined) this.#recording.fill(this.#slot, undefined)
  }

  override told(outcome: LateOutcome): void {
    const { size, mtime = 0, mode = 0 } = outcome
    const read = size === undefined ? undefined : { path: this.path, type: 'file' as const, size, mtime, mode }
    this.#recording.fill(this.#slot, read)
    this.file.told(outcome)
  }
}

/** Lines are put together into pieces of this many characters; this many pieces may wait. */
const limits = { piece: 64 * 1024, waiting: 16 }

/** Lines from somebody who cannot wait to somebody who takes their time. */
class Feed {
  #text = ''
  #pieces: Buffer[] = []
  #ended = false
  #more: () => void = () => undefined
  #taken: () => void = () => undefined

  add(line: string): void {
    if (this.#ended) return
    this.#text += line
    if (this.#text.length > limits.piece) this.#cut()
  }

  end(): void {
    if (this.#ended) return
    this.#cut()
    this.#ended = true
    this.#more()
    this.#taken()
  }

  get full(): boolean {
    return this.#pieces.length > limits.waiting && !this.#ended
  }

  /** Resolves when something was taken, or nothing will be any more. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#taken = resolve
    })
  }

  async *bytes(): Bytes {
    for (;;) {
      const piece = this.#pieces.shift()
      this.#taken()
      if (piece) yield piece
      else if (this.#ended) return
      else
        await new Promise<void>((resolve) => {
          this.#more = resolve
        })
    }
  }

  #cut(): void {
    if (this.#text !== '') this.#pieces.push(Buffer.from(this.#text))
    this.#text = ''
    this.#more()
  }
}
