// Turns the messages of a worker into progress (percent, rate, remaining time) and into the account that history keeps.
// Pure but for the clock it is given. Guarantees: `remaining` is only given once it means something.
import type { Message } from './order.ts'
import type { Operation, OperationRecord, Progress } from '../api/model.ts'

/** Rate is measured over this long, in ms; remaining time is given after that much of an operation. */
const window = 5000

export interface Meter {
  /** Takes a message; true when followers should hear of it at once. */
  take(message: Message): boolean
  progress(): Progress
  cancelling(): void
  /** Operations so far, the last one closed at `now`. */
  records(): OperationRecord[]
  readonly warnings: number
}

export function createMeter(about: Pick<Progress, 'id' | 'kind' | 'subject'> & { now: () => number }): Meter {
  const startedAt = about.now()
  const finished: OperationRecord[] = []
  let operation: { name: Operation; startedAt: number; total?: number } = { name: 'prepare', startedAt }
  let done = 0
  let warnings = 0
  let path: string | undefined
  let cancelling = false
  let samples: { time: number; done: number }[] = [{ time: startedAt, done: 0 }]

  const iso = (time: number) => new Date(time).toISOString()
  const record = (end?: number): OperationRecord => ({
    name: operation.name,
    startedAt: iso(operation.startedAt),
    ...(end === undefined ? {} : { endedAt: iso(end) }),
    bytes: done,
  })

  function rate(now: number): number {
    samples = samples.filter((sample, index) => index === samples.length - 1 || now - sample.time <= window)
    const first = samples[0]
    if (!first || now - first.time < 200) return 0
    return Math.max(0, ((done - first.done) * 1000) / (now - first.time))
  }

  return {
    get warnings() { return warnings },
    take(message) {
      const now = about.now()
      if (message.type === 'operation') {
        if (message.name !== operation.name) {
          if (now > startedAt || operation.name !== 'prepare') finished.push(record(now))
          path = undefined
        }
        operation = { name: message.name, startedAt: now, ...(message.total === undefined ? {} : { total: message.total }) }
        done = 0
        samples = [{ time: now, done: 0 }]
        return true
      }
      if (message.type === 'advance') {
        done += message.bytes
        path = message.path ?? path
        samples.push({ time: now, done })
      }
      if (message.type === 'warn') warnings += 1
      return false
    },
    progress() {
      const now = about.now()
      const speed = rate(now)
      const meaningful = operation.total !== undefined && speed > 0 && now - operation.startedAt >= window
      return {
        id: about.id, kind: about.kind, subject: about.subject, startedAt: iso(startedAt),
        operation: operation.name, operationStartedAt: iso(operation.startedAt),
        done, rate: speed, warnings, cancelling,
        ...(operation.total === undefined ? {} : { total: Math.max(operation.total, done) }),
        ...(meaningful ? { remaining: Math.max(0, ((operation.total ?? 0) - done) / speed) } : {}),
        ...(path === undefined ? {} : { path }),
      }
    },
    cancelling() { cancelling = true },
    records: () => [...finished, record(about.now())],
  }
}
