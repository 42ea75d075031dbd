// Room for what a run is about to write, where the plan keeps its backups until the place is full: the oldest go, only as many as are needed.
// Guarantees: nothing goes before it is known how much is needed and free; each that went is in the history at once, however the run goes on. What is
// wrong with removing is told and keeps nothing from being written.
import { Failure, toProblem } from '../api/failure.ts'
import { makeRoom, type Pruning } from '../keep/prune.ts'
import type { Pinning, Target } from '../targets/target.ts'
import { removals, type Tell } from './after.ts'
import type { RunContext } from './context.ts'
import type { Pruned } from './order.ts'

/** Checksums, keys and what the file system keeps for itself. */
const beside = 1024 * 1024

/** An archive that did not fit needs more than was free, and more than was expected. */
const more = 1.25

export class Room {
  readonly #target: Target & Pinning
  readonly #pruning: Omit<Pruning, 'agreed'> | undefined
  readonly #ctx: RunContext
  readonly #tell: Tell
  readonly #removals: ReturnType<typeof removals>
  /** What was free and what was wanted the last time. */
  #free = 0
  #need = 0
  #exact = false
  #again = false

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
   * already, from a transfer that was broken off.
   */
  async make(bytes: number, { exact = false, later = false } = {}): Promise<void> {
    this.#exact = exact
    this.#need = bytes + beside
    if (!later) await this.#make()
  }

  async #make(): Promise<void> {
    if (!this.#pruning || this.#ctx.heldBack?.()) return
    const { note, removed } = this.#removals
    try {
      const wanted = { pruning: this.#pruning, need: Math.ceil(this.#need), exact: this.#exact }
      this.#free = await makeRoom(this.#target, wanted, this.#ctx, (removal) => {
        note(removal)
        this.#tell({ type: 'found', found: { removed: [...removed().removed] } })
      })
    } catch (error) {
      const problem = toProblem(error)
      if (problem.code === 'cancelled') throw error
      this.#ctx.report.warn(problem)
    }
  }

  /** Writes; once more where the place was full after all and something else can go. */
  async write<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } catch (error) {
      const full = error instanceof Failure && error.code === 'no-space'
      if (!full || !this.#pruning || this.#again || this.#need === 0) throw error
      this.#again = true
      const before = this.removed().removed.length
      if (!this.#exact) this.#need = Math.max(this.#need, this.#free) * more
      await this.#make()
      if (this.removed().removed.length === before) throw error
      this.#ctx.report.note?.(error.toProblem())
      return write()
    }
  }

  /** What is written is written once more. */
  get again(): boolean {
    return this.#again
  }

  removed(): Pruned {
    return this.#removals.removed()
  }
}
