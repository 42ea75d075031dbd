// What happens to many files in the same way is told once: how many, the first few of them by name, and why.
// Guarantees: memory does not grow with the files; what was gathered in one thread can be added to that of another.
import type { FailureCode, Problem } from '../api/failure.ts'

/** Things of one kind: plain values. */
export interface Tallied {
  readonly code: FailureCode
  readonly count: number
  /** The first ones. */
  readonly paths: readonly string[]
  /** What about them: names of attributes, say. */
  readonly names: readonly string[]
  /** Of the first one: a short code that has words (`common.reason`), or ''. */
  readonly reason: string
}

const most = { paths: 5, names: 12 }

export class Tally {
  readonly #found = new Map<FailureCode, Tallied>()

  count(
    code: FailureCode,
    path: string,
    { reason = '', names = [] }: { reason?: string; names?: readonly string[] },
  ): void {
    this.#add({ code, count: 1, paths: [path], names, reason })
  }

  /** `shown`: what to call the paths here. */
  add(others: readonly Tallied[], shown: (path: string) => string = (path) => path): void {
    for (const other of others) this.#add({ ...other, paths: other.paths.map(shown) })
  }

  get empty(): boolean {
    return this.#found.size === 0
  }

  get all(): Tallied[] {
    return [...this.#found.values()]
  }

  /** One for each kind, with the details `path` and `names` (lists), `count` and `reason`. */
  problems(): Problem[] {
    return this.all.map(({ code, count, paths, names, reason }) => ({
      code,
      details: { path: [...paths], names: [...names], count, reason },
    }))
  }

  #add(other: Tallied): void {
    const known = this.#found.get(other.code)
    if (!known) this.#found.set(other.code, other)
    else {
      this.#found.set(other.code, {
        code: other.code,
        count: known.count + other.count,
        paths: [...known.paths, ...other.paths].slice(0, most.paths),
        names: [...new Set([...known.names, ...other.names])].slice(0, most.names),
        reason: known.reason || other.reason,
      })
    }
  }
}
