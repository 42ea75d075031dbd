// Room for what a run is about to write, where the plan keeps its backups until the place is full: the oldest go, only as many as are needed.
// Guarantees: nothing goes before it is known how much is needed and free, nor where all that may go would not do: then it is said at once, without
// writing for hours. Each that went is in the history at once, however the run goes on. Written once more at the most, and not where what went before
// has made no room. What is wrong with removing is told and keeps nothing from being written.
import { Failure, toProblem } from '../api/failure.ts'
import { makeRoom, type Pruning } from '../keep/prune.ts'
import { hopelessShare, type Report } from '../lib/work.ts'
import type { Pinning, Target } from '../targets/target.ts'
import { removals, type Tell } from './after.ts'
import type { RunContext } from './context.ts'
import type { Pruned } from './order.ts'

/** Checksums, keys and what the file system keeps for itself. */
const beside = 1024 * 1024

/** An archive that did not fit needs more than was free, and more than was expected. */
const more = 1.25

/** How far it got says what it takes, with a tenth to spare, where this much was written: what is read ahead does not count for much then. Bytes. */
const spare = 1.1
const telling = 16 * 1024 * 1024

/** No archive is so many times as large as what was read for it. */
const muchMore = 1.5

/** Removed backups of which less than this share came free have made no room: links, snapshots, a quota of something else. */
const effective = 0.5

export class Room {
  readonly #target: Target & Pinning
  readonly #pruning: Omit<Pruning, 'agreed'> | undefined
  readonly #ctx: RunContext
  readonly #tell: Tell
  readonly #removals: ReturnType<typeof removals>
  /** Bytes: free before anything was removed, and before it was written (undefined: nobody knows); wanted; what is left that may go. */
  #before: number | undefined
  #free: number | undefined
  #need = 0
  #could = 0
  #exact = false
  #later = false
  #again = false
  #refused = false
  /** What there is to remove, or what came of it, is not known. */
  #unsure = false
  /** Of the source: bytes, and how many were read for the archive. */
  #whole = 0
  #read = 0

  /** `pruning`: the rules and what they go by, before the new one is there. */
  constructor(target: Target & Pinning, pruning: Omit<Pruning, 'agreed'> | undefined, ctx: RunContext, tell: Tell) {
    this.#target = target
    this.#pruning = pruning?.keep.untilFull ? pruning : undefined
    this.#ctx = ctx
    this.#tell = tell
    this.#removals = removals(tell)
  }

  /**
   * For an archive of about this many bytes, `exact`: of exactly as many. `later`: only once it turns out that it does not fit, because some of it may lie there
   * already, from a transfer that was broken off, or because nobody knows. Failure `no-space`: it cannot fit, whatever went.
   */
  async make(bytes: number, { exact = false, later = false } = {}): Promise<void> {
    if (!this.#pruning) return
    this.#exact = exact
    this.#later = later
    this.#need = bytes + beside
    await this.#look()
    this.#before = this.#free
    if (later) return
    await this.#make()
    const least = exact ? bytes : bytes * hopelessShare
    if (this.#unsure || this.#free === undefined || this.#free >= least) return
    this.#refused = true
    throw this.#full()
  }

  async #look(): Promise<void> {
    this.#free = await this.#target.free().catch((error: unknown) => this.#told(error))
  }

  async #make(): Promise<void> {
    const free = this.#free
    if (!this.#pruning || free === undefined || this.#ctx.heldBack?.()) return
    const { note, removed } = this.#removals
    try {
      const wanted = { pruning: this.#pruning, need: Math.ceil(this.#need), exact: this.#exact, free }
      const made = await makeRoom(this.#target, wanted, this.#ctx, (removal) => {
        note(removal)
        this.#tell({ type: 'found', found: { removed: [...removed().removed] } })
      })
      this.#free = made.free
      this.#could = made.could
    } catch (error) {
      this.#told(error)
      this.#unsure = true
      await this.#look()
    }
  }

  #told(error: unknown): undefined {
    const problem = toProblem(error)
    if (problem.code === 'cancelled') throw error
    this.#ctx.report.warn(problem)
  }

  /**
   * Writes; once more where the place was full after all and something else can go. What the first pass told of its source does not count then: the second one
   * tells it. `write` works with the context that it is given.
   */
  async write<T>(write: (ctx: RunContext) => Promise<T>): Promise<T> {
    if (!this.#pruning || this.#again) return write(this.#ctx)
    this.#tell({ type: 'pass', state: 'begun' })
    try {
      const written = await write(this.#counting())
      this.#tell({ type: 'pass', state: 'stands' })
      return written
    } catch (error) {
      const full = error instanceof Failure && error.code === 'no-space' && !this.#refused
      if (!full || this.#need === 0) throw error
      this.#tell({ type: 'pass', state: 'failed' })
      await this.#more(error)
    }
    this.#tell({ type: 'pass', state: 'again' })
    this.#again = true
    try {
      return await write(this.#counting())
    } catch (error) {
      if (error instanceof Failure && error.code === 'no-space' && !this.#exact) this.#wants()
      throw error
    }
  }

  /** More room, after it did not fit. Failure `no-space`: there is no more. */
  async #more(error: Failure): Promise<void> {
    const { freed, removed } = this.removed()
    const then = this.#free
    // A quota that the free bytes do not tell of: what goes would make no room, and says nothing of what it takes.
    const seen = this.#exact ? this.#need : this.#read >= telling ? this.#read * muchMore : undefined
    if (then !== undefined && seen !== undefined && then >= seen) throw error
    if (!this.#exact) this.#wants()
    await this.#look()
    const { name: _, ...details } = error.details
    if (this.#unsure || this.#free === undefined || then === undefined) throw error
    if (freed > 0 && this.#free - (this.#before ?? 0) < freed * effective)
      throw new Failure('no-space', { ...details, name: this.#target.label, count: removed.length, why: 'not-freed' })
    await this.#make()
    if (this.#unsure) throw error
    if (this.removed().removed.length === removed.length) throw this.#full(details)
    this.#ctx.report.note?.(error.toProblem())
  }

  /** What it takes, by how far it got in what was free. For the next run too, which is to remove nothing in vain. */
  #wants(): void {
    const free = this.#free ?? 0
    const told = free >= telling && this.#read > 0
    // Never much larger than what is read.
    const seen = told ? Math.min((free / this.#read) * spare, more) * this.#whole : 0
    // What nobody had expected is no more than what is read: only the most that it can be.
    const expected = this.#later && told ? 0 : this.#need
    this.#need = Math.max(expected, free * more, seen)
    this.#tell({ type: 'found', found: { needed: Math.ceil(this.#need) } })
  }

  #full(details: Failure['details'] = {}): Failure {
    const { label: name } = this.#target
    const numbers = { free: this.#free ?? 0, need: Math.ceil(this.#need), could: this.#could }
    return new Failure('no-space', { ...details, name, ...numbers, why: 'until-full' })
  }

  /** Counts what is read for the archive. */
  #counting(): RunContext {
    const { report } = this.#ctx
    let reading = false
    this.#read = 0
    this.#whole = 0
    const counting: Report = {
      ...report,
      operation: (name, total) => {
        // The largest is that of the archive as a whole: a server's databases are counted by themselves too.
        if (name === 'archive') this.#whole = Math.max(this.#whole, total ?? 0)
        reading = name === 'archive'
        report.operation(name, total)
      },
      advance: (bytes, path) => {
        if (reading) this.#read += bytes
        report.advance(bytes, path)
      },
    }
    return { ...this.#ctx, report: counting }
  }

  /** What is written is written once more. */
  get again(): boolean {
    return this.#again
  }

  removed(): Pruned {
    return this.#removals.removed()
  }
}
