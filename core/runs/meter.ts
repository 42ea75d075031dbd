// Turns the messages of a worker into progress (percent, rate, remaining time) and into the account that history keeps.
// Pure but for the clock it is given. Guarantees: `remaining` is only given once it means something.
import type { Operation, OperationRecord, Progress } from '../api/model.ts'
import type { Message } from './order.ts'

/** Rate is measured over this long, in ms; remaining time is given after that much of an operation. */
const window = 5000

/** More operations than this would be unreadable, and history keeps them for good. */
const manyRecords = 60

export type Measured = Pick<Progress, 'id' | 'kind' | 'subject'>

const iso = (time: number) => new Date(time).toISOString()

export class Meter {
  warnings = 0
  readonly #about: Measured
  readonly #now: () => number
  readonly #startedAt: number
  readonly #finished: OperationRecord[] = []
  #operation: { name: Operation; startedAt: number; total?: number }
  #done = 0
  #movedAt: number
  #path: string | undefined
  #cancelling = false
  /** A pass goes on that may be done again, and its warnings. */
  #passing = false
  #inPass = 0
  #samples: { time: number; done: number }[]

  /** `now` in ms since 1970. */
  constructor(about: Measured, now: () => number) {
    this.#about = about
    this.#now = now
    this.#startedAt = now()
    this.#movedAt = this.#startedAt
    this.#operation = { name: 'prepare', startedAt: this.#startedAt }
    this.#samples = [{ time: this.#startedAt, done: 0 }]
  }

  /** Takes a message; true when followers should hear of it at once. */
  take(message: Message): boolean {
    const now = this.#now()
    this.#movedAt = now
    if (message.type === 'operation') this.#begin(message.name, message.total, now)
    if (message.type === 'advance') {
      this.#done += message.bytes
      this.#path = message.path ?? this.#path
      this.#samples.push({ time: now, done: this.#done })
    }
    if (message.type === 'say') this.#path = message.text
    if (message.type === 'warn') this.#warn()
    if (message.type === 'pass') this.#pass(message.state)
    return message.type === 'operation'
  }

  /** Somebody has asked for the end. */
  cancelling(): void {
    this.#cancelling = true
  }

  progress(): Progress {
    const now = this.#now()
    const { name, startedAt, total } = this.#operation
    const rate = this.#rate(now)
    const meaningful = total !== undefined && rate > 0 && now - startedAt >= window
    return {
      ...this.#about,
      startedAt: iso(this.#startedAt),
      operation: name,
      operationStartedAt: iso(startedAt),
      movedAt: iso(this.#movedAt),
      done: this.#done,
      rate,
      warnings: this.warnings,
      cancelling: this.#cancelling,
      ...(total === undefined ? {} : { total: Math.max(total, this.#done) }),
      ...(meaningful ? { remaining: Math.max(0, (total - this.#done) / rate) } : {}),
      ...(this.#path === undefined ? {} : { path: this.#path }),
    }
  }

  /** Operations so far, the last one closed now; very many (a server full of databases) are put together by their names. */
  records(): OperationRecord[] {
    const all = [...this.#finished, this.#record(this.#now())]
    return all.length > manyRecords ? together(all) : all
  }

  #warn(): void {
    this.warnings += 1
    if (this.#passing) this.#inPass += 1
  }

  #pass(state: Extract<Message, { type: 'pass' }>['state']): void {
    this.#passing = state === 'begun'
    if (state === 'again') this.warnings -= this.#inPass
    if (state !== 'failed') this.#inPass = 0
  }

  #begin(name: Operation, total: number | undefined, now: number): void {
    const { name: last } = this.#operation
    if (name !== last) {
      if (now > this.#startedAt || last !== 'prepare') this.#finished.push(this.#record(now))
      this.#path = undefined
    }
    this.#operation = { name, startedAt: now, ...(total === undefined ? {} : { total }) }
    this.#done = 0
    this.#samples = [{ time: now, done: 0 }]
  }

  #record(end: number): OperationRecord {
    const { name, startedAt } = this.#operation
    return { name, startedAt: iso(startedAt), endedAt: iso(end), bytes: this.#done }
  }

  #rate(now: number): number {
    const last = this.#samples.length - 1
    this.#samples = this.#samples.filter((sample, index) => index === last || now - sample.time <= window)
    const [first] = this.#samples
    if (!first || now - first.time < 200) return 0
    return Math.max(0, ((this.#done - first.done) * 1000) / (now - first.time))
  }
}

/** One record a name: from its first start to its last end, with all its bytes. */
function together(records: readonly OperationRecord[]): OperationRecord[] {
  const byName = new Map<Operation, OperationRecord>()
  for (const record of records) {
    const known = byName.get(record.name)
    byName.set(
      record.name,
      known ? { ...record, startedAt: known.startedAt, bytes: known.bytes + record.bytes } : record,
    )
  }
  return [...byName.values()]
}
