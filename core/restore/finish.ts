// The contents, owners, modes and times of small files that have been made and are open: the work that needs no names, done in a pool of threads.
// Guarantees: after `settled` every byte and all that could be set of the rest is in its file; the files are closed in the thread that opened them;
// the first failure is thrown by the next call, and nothing is under way after `ended`. Opens nothing, so no name can lead it anywhere.
import { closeSync, fstatSync, writeSync } from 'node:fs'
import type { Done, Pool } from '../lib/pool.ts'
import { onDisk } from './disk.ts'
import { markOf } from './marks.ts'
import { type Metadata, MetadataKeeper, type NotSet } from './metadata.ts'

/** Bytes and files of one task, and tasks under way: what is open at once stays below the limits of every system. */
const blockSize = 1024 * 1024
const filesAtOnce = 48
const underWay = 4

/** A file of at most so many bytes is finished by the pool. */
export const finishSize = 256 * 1024

interface Unfinished extends Metadata {
  readonly file: number
  /** Where the content is in the block. */
  readonly from: number
  readonly to: number
  /** Where it is written, and where it will be in the end: for what a failure says. */
  readonly where: string
  readonly target: string
}

export interface FinishTask {
  readonly do: 'finish'
  readonly block: Uint8Array
  readonly files: readonly Unfinished[]
}

export interface Finished {
  /** The block of the task, to be filled again. */
  readonly back: Uint8Array
  readonly marks: BigUint64Array
  readonly notSet: NotSet
}

/** Carries out a task, in whatever thread. Throws Failure `no-space`, `io`… for what cannot be written. */
export function finishFiles({ block, files }: FinishTask): Done<Finished> {
  const metadata = new MetadataKeeper()
  const marks = new BigUint64Array(files.length)
  for (const [index, { file, from, to, where, target, ...wanted }] of files.entries()) {
    onDisk(where, () => {
      for (let at = from; at < to; ) at += writeSync(file, block, at, to - at)
    })
    metadata.openFile(file, target, wanted)
    marks[index] = markOf(onDisk(where, () => fstatSync(file, { bigint: true })))
  }
  const answer = { back: block, marks, notSet: metadata.notSet }
  return { answer, transfer: [block.buffer as ArrayBuffer, marks.buffer] }
}

/** What comes of the files is told to `take`. */
export class Finisher {
  readonly #pool: Pool<FinishTask, Finished>
  readonly #take: (finished: Finished) => void
  readonly #going = new Set<Promise<void>>()
  readonly #free: Buffer[] = []
  #files: Unfinished[] = []
  #block: Buffer | undefined
  #used = 0
  #failure: { readonly reason: unknown } | undefined

  constructor(pool: Pool<FinishTask, Finished>, take: (finished: Finished) => void) {
    this.#pool = pool
    this.#take = take
  }

  /** Takes the open file over; copies the content. A promise only where others have to be done with first. */
  add(file: number, content: Uint8Array, about: Omit<Unfinished, 'file' | 'from' | 'to'>): void | Promise<void> {
    if (this.#used + content.length > blockSize || this.#files.length === filesAtOnce) this.#send()
    this.#block ??= this.#free.pop() ?? Buffer.allocUnsafeSlow(blockSize)
    this.#block.set(content, this.#used)
    const from = this.#used
    this.#used += content.length
    this.#files.push({ ...about, file, from, to: this.#used })
    if (this.#going.size >= underWay || this.#failure) return this.#room()
  }

  /** All files so far are finished. */
  async settled(): Promise<void> {
    this.#send()
    await Promise.all(this.#going)
    this.#check()
  }

  /** Nothing is under way, and no file is open any more, however it went. */
  async ended(): Promise<void> {
    await Promise.all(this.#going)
    for (const { file } of this.#files) closeSync(file)
    this.#files = []
  }

  async #room(): Promise<void> {
    if (this.#going.size >= underWay) await Promise.race(this.#going)
    this.#check()
  }

  #check(): void {
    if (this.#failure) throw this.#failure.reason
  }

  #send(): void {
    const [files, block] = [this.#files, this.#block]
    if (files.length === 0 || !block) return
    this.#files = []
    this.#block = undefined
    this.#used = 0
    const going = this.#finish(files, block).finally(() => this.#going.delete(going))
    this.#going.add(going)
  }

  /** Never rejects: the failure is thrown by whoever comes next. */
  async #finish(files: readonly Unfinished[], block: Buffer): Promise<void> {
    try {
      const task: FinishTask = { do: 'finish', block, files }
      const finished = await this.#pool.run(task, [block.buffer as ArrayBuffer])
      this.#free.push(Buffer.from(finished.back.buffer))
      this.#take(finished)
    } catch (reason) {
      this.#failure ??= { reason }
    } finally {
      for (const { file } of files) closeSync(file)
    }
  }
}
