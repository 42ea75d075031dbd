// Sorts more values than memory holds: runs of them in files (spool.ts), merged when they are read.
// Guarantees: values that compare equal keep their order; memory is bounded by one run and one block for each run.
import { join } from 'node:path'
import { Spool } from './spool.ts'

/** What is held in memory at once, in what `weigh` gives. */
const mostAtOnce = 8 * 1024 * 1024

export interface Sorting<T> {
  compare(a: T, b: T): number
  /** About the bytes that it takes in memory. */
  weigh(value: T): number
}

export class Sorted<T> {
  readonly #stem: string
  readonly #how: Sorting<T>
  readonly #runs: Spool<T>[] = []
  #values: T[] = []
  #weight = 0

  /** Names of its files: `<name>.<number>` in a private temporary folder. */
  constructor(folder: string, name: string, how: Sorting<T>) {
    this.#stem = join(folder, name)
    this.#how = how
  }

  add(value: T): void {
    this.#values.push(value)
    this.#weight += this.#how.weigh(value)
    if (this.#weight < mostAtOnce) return
    const run = new Spool<T>(`${this.#stem}.${this.#runs.length}`)
    for (const one of this.#values.sort(this.#how.compare)) run.add(one)
    this.#runs.push(run)
    this.#values = []
    this.#weight = 0
  }

  /** All of them, once. */
  *all(): Generator<T> {
    const last = this.#values.sort(this.#how.compare)
    if (this.#runs.length === 0) yield* last
    else yield* this.#merged([...this.#runs.map((run) => run.forwards()), last.values()])
  }

  close(): void {
    for (const run of this.#runs) run.close()
  }

  *#merged(inputs: readonly Iterator<T, unknown>[]): Generator<T> {
    // The one to take next stands last.
    const waiting: { value: T; from: number }[] = []
    const pull = (from: number) => {
      const next = inputs[from]?.next()
      if (next && !next.done) this.#place(waiting, { value: next.value, from })
    }
    for (const from of inputs.keys()) pull(from)
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      yield next.value
      pull(next.from)
    }
  }

  #place(waiting: { value: T; from: number }[], one: { value: T; from: number }): void {
    let [low, high] = [0, waiting.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const other = waiting[middle] as { value: T; from: number }
      const order = this.#how.compare(one.value, other.value) || one.from - other.from
      if (order < 0) low = middle + 1
      else high = middle
    }
    waiting.splice(low, 0, one)
  }
}
