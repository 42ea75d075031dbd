// Runs orders in worker threads and records them: progress for the clients, history and log for later.
// Guarantees: a run is in the history before its work begins and gets an outcome however it ends, which is told even where it cannot be written; recorded runs that would disturb each other (api/lanes.ts)
// never go on together; cancelling is one signal and ends consistently. Does not know what the orders do (run.ts does).

import { randomUUID } from 'node:crypto'
import { Failure, type Problem, toProblem } from '../api/failure.ts'
import { type Held, inTheWay, type Use } from '../api/lanes.ts'
import type { Checked, LogLine, Outcome, Progress, Run, RunKind } from '../api/model.ts'
import type { History } from '../history/history.ts'
import { type About, newRun } from '../history/record.ts'
import { usesOf } from './lanes.ts'
import { Meter } from './meter.ts'
import type { Message, Order, Results } from './order.ts'
import { type ThreadOptions, Threads, type Work } from './threads.ts'

export interface RunnerOptions extends ThreadOptions {
  readonly history: History
  readonly now: () => number
  /** Something in `active()` changed; called at most four times a second but for changes of operation. */
  readonly onChange: () => void
  /** A run has been put into the history, or has got its outcome there. */
  readonly onHistory: () => void
}

type RecordedOrder = Extract<Order, { kind: RunKind }>
type ResultOf<O extends Order> = Results[O['kind']]
/** What the result adds to the record of the run. */
export type Account<O extends Order> = (result: ResultOf<O>) => Partial<Run>

export interface Started {
  readonly run: Run
  /** The run with its outcome; never rejects. */
  readonly ended: Promise<Run>
}

interface Task {
  readonly meter: Meter
  readonly work: Work<unknown>
  readonly uses: readonly Use[]
}

/** Work that somebody waits for, with progress; what the catalogue does nobody sees. */
type SeenOrder = Exclude<Order, { kind: 'catalogue' }>

/** For how long the end of work is waited for that must end, in ms. A program that is asked to end has ten seconds in all. */
const patience = 6_000

/** What is done aside is mostly done at once: it may end, in ms. Cut off, it is done again by the next engine. */
const asidePatience = 2_000

/** Limit of warnings that wait until their pass stands. */
const mostWaiting = 50_000

/** Progress is told this often at the most, in ms. */
const pace = 250

export class Runner {
  readonly #options: RunnerOptions
  readonly #threads: Threads
  readonly #tasks = new Map<string, Task>()
  readonly #ends = new Set<Promise<unknown>>()
  readonly #asides = new Set<Work<unknown>>()
  readonly #held = new Map<string, { readonly run: Run; readonly uses: readonly Use[] }>()
  #toldAt = 0
  #closing = false
  #soon: NodeJS.Timeout | undefined

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#threads = new Threads(options)
  }

  /** Begins work that history keeps. While one is going on that is in the way: Failure `busy` {subject}, `place-busy` {name, subject}. */
  async start<O extends RecordedOrder>(order: O, about: About, account: Account<O>): Promise<Started> {
    const uses = usesOf(order)
    const obstacle = inTheWay(uses, this.held())
    if (obstacle) throw new Failure(obstacle.code, { ...obstacle.details })
    const run = newRun(order.kind, about, this.#options.now())
    this.#held.set(run.id, { run, uses })
    try {
      await this.#options.history.start(run)
    } catch (error) {
      this.#held.delete(run.id)
      throw error
    }
    const ended = this.#record(run, order, about, account)
      .catch((error) => {
        this.#options.onBug(error)
        const endedAt = new Date(this.#options.now()).toISOString()
        return this.#end({ ...run, outcome: 'error', endedAt, failure: toProblem(error) })
      })
      .finally(() => {
        this.#held.delete(run.id)
        this.#ends.delete(ended)
        this.#forget(run.id)
        this.#options.onHistory()
      })
    this.#ends.add(ended)
    this.#options.onHistory()
    return { run, ended }
  }

  /**
   * Work that only a caller waits for (counting, looking into a backup). Given up when it does not end soon after it was cancelled. `id`: by which the caller knows
   * its progress; one that is in use is not taken.
   */
  async job<O extends SeenOrder>(
    order: O,
    { id: wanted, ...about }: About & { readonly id?: string | undefined },
    signal?: AbortSignal,
  ): Promise<ResultOf<O>> {
    const id = wanted === undefined || this.#tasks.has(wanted) || this.#held.has(wanted) ? randomUUID() : wanted
    const { work } = this.#carryOut(order, about, id, () => undefined)
    const cancel = () => {
      work.cancel()
      this.#giveUpSoon(id)
    }
    signal?.addEventListener('abort', cancel)
    if (signal?.aborted) cancel()
    try {
      return await work.result
    } finally {
      signal?.removeEventListener('abort', cancel)
      this.#forget(id)
    }
  }

  /** Work that nobody is told of and that disturbs nothing: the catalogue's. Ends with `close`, whole or not at all. */
  async aside(order: Extract<Order, { kind: 'catalogue' }>): Promise<void> {
    if (this.#closing) throw new Failure('cancelled')
    const work = this.#threads.carryOut<unknown>(order, () => undefined)
    this.#asides.add(work)
    try {
      await work.result
    } finally {
      this.#asides.delete(work)
    }
  }

  /** A run or job that is not there: Failure `not-found`. */
  cancel(id: string, giveUp = false): void {
    const task = this.#tasks.get(id)
    if (!task) throw new Failure('not-found', { name: id })
    task.meter.cancelling()
    task.work.cancel()
    if (giveUp) this.#giveUpSoon(id)
    this.#options.onChange()
  }

  /** A thread was given up and has not ended yet. */
  stuck(): boolean {
    return this.#threads.stuck()
  }

  /** The runs that history keeps and that are going on, from the moment that they were accepted, and what they occupy; oldest first. */
  runs(): readonly { readonly run: Run; readonly uses: readonly Use[] }[] {
    return [...this.#held.values()]
  }

  /** These, and what is being looked at for a caller, which holds up nothing but the removal of what it reads. */
  held(): readonly Held[] {
    const jobs = [...this.#tasks].flatMap(([id, { meter, uses }]) => {
      if (this.#held.has(id) || uses.length === 0) return []
      return [{ run: { subject: meter.progress().subject }, uses }]
    })
    return [...this.runs(), ...jobs]
  }

  active(): Progress[] {
    return [...this.#tasks.values()].map((task) => task.meter.progress())
  }

  /** Cancels everything and waits until it has ended, some seconds at most; what nobody had cancelled before is `interrupted`. */
  async close(): Promise<void> {
    this.#closing = true
    const working = [...this.#tasks.values()]
    for (const task of working) task.work.cancel()
    for (const id of this.#tasks.keys()) this.#giveUpSoon(id)
    const asides = [...this.#asides]
    const soon = setTimeout(() => {
      for (const work of asides) work.cancel()
    }, asidePatience)
    await Promise.allSettled([...working.map((task) => task.work), ...asides].map(({ result }) => result))
    clearTimeout(soon)
    await Promise.allSettled(this.#ends)
    clearTimeout(this.#soon)
    await this.#threads.close()
  }

  #giveUpSoon(id: string): void {
    const task = this.#tasks.get(id)
    if (!task) return
    const timer = setTimeout(() => {
      const { subject, path, movedAt = '' } = task.meter.progress()
      task.work.abandon(new Failure('given-up', { name: path ?? subject, time: movedAt }))
    }, patience)
    const over = () => clearTimeout(timer)
    task.work.result.then(over, over)
  }

  #carryOut<O extends SeenOrder>(order: O, about: About, id: string, see: (message: Message) => void) {
    const meter = new Meter({ id, kind: order.kind, subject: about.subject }, this.#options.now)
    const work = this.#threads.carryOut<ResultOf<O>>(order, (message) => {
      const important = meter.take(message)
      see(message)
      if (important || Date.now() - this.#toldAt >= pace) this.#tell()
      // Nothing may follow for a long time: what was said last is told a little later.
      else if (message.type === 'say') this.#soon ??= setTimeout(() => this.#tell(), pace).unref()
    })
    this.#tasks.set(id, { meter, work, uses: usesOf(order) })
    this.#options.onChange()
    return { meter, work }
  }

  #tell(): void {
    clearTimeout(this.#soon)
    this.#soon = undefined
    this.#toldAt = Date.now()
    this.#options.onChange()
  }

  /** What the rules of this plan's copies were to let go may be all there is of what its newest backup lacks. */
  #holdBack({ planId }: Run): void {
    for (const [id, { run }] of this.#held)
      if (run.kind === 'copy' && run.planId === planId) this.#tasks.get(id)?.work.holdBack()
  }

  #forget(id: string): void {
    this.#tasks.delete(id)
    this.#options.onChange()
  }

  #problemOf(error: unknown, meter: Meter, kind: RunKind): Problem {
    // A copy that did not end in time goes on at the next start, like one that did.
    const ends = kind === 'copy' ? ['cancelled', 'given-up'] : ['cancelled']
    const cancelled = error instanceof Failure && ends.includes(error.code)
    const interrupted = this.#closing && cancelled && !meter.progress().cancelling
    return interrupted ? { code: 'interrupted', details: {} } : toProblem(error)
  }

  async #record<O extends RecordedOrder>(run: Run, order: O, about: About, account: Account<O>): Promise<Run> {
    const { history, now } = this.#options
    const log = history.log(run.id)
    const lines = new PassLines((line) => log.append(line))
    let saved: Partial<Run> = {}
    let complete = false
    const checked: Checked[] = []
    const { meter, work } = this.#carryOut(order, about, run.id, (message) => {
      if (message.type === 'saved') {
        saved = { ...saved, ...account(message.result as ResultOf<O>) }
        complete = order.kind === 'backup' && meter.warnings === 0
        if (saved.losses?.length) this.#holdBack(run)
        // From here on the backup counts, or does not any more, even if this process is killed while the run goes on.
        history.update({ ...run, ...saved }).catch(this.#options.onBug)
      }
      if (message.type === 'found') {
        saved = { ...saved, ...message.found }
        history.update({ ...run, ...saved }).catch(this.#options.onBug)
      }
      if (message.type === 'checked') checked.push(message.checked)
      const line = lineOf(message, meter)
      if (line) lines.add({ time: new Date(now()).toISOString(), ...line })
      if (message.type === 'pass') lines.pass(message.state)
    })
    const end = await work.result.then(
      (value): Partial<Run> => ({ outcome: meter.warnings > 0 ? 'warning' : 'success', ...account(value) }),
      (error): Partial<Run> => ({ outcome: outcomeOf(error), failure: this.#problemOf(error, meter, order.kind) }),
    )
    lines.pass('stands')
    const endedAt = new Date(now()).toISOString()
    const level = end.outcome === 'cancelled' ? 'info' : 'error'
    if (end.failure) log.append({ time: endedAt, level, problem: end.failure })
    const done: Run = { ...run, ...saved, warnings: meter.warnings, operations: meter.records(), endedAt, ...end }
    if (checked.length > 0) done.checked = checked
    if (complete && done.outcome === 'warning') done.complete = true
    await log.close()
    return this.#end(done)
  }

  /** Ends the record. The result does not wait for the disk: clients wait for this end. */
  async #end(done: Run): Promise<Run> {
    const { history, onBug } = this.#options
    try {
      await history.end(done)
      return done
    } catch (error) {
      onBug(error)
      return history.hold(done, error)
    }
  }
}

/** Warnings of a pass that may be done again wait until it is known whether it stands. Other lines do not. */
class PassLines {
  readonly #append: (line: LogLine) => void
  #waiting: LogLine[] = []
  #passing = false

  constructor(append: (line: LogLine) => void) {
    this.#append = append
  }

  add(line: LogLine): void {
    // A log holds no more lines in memory either (history/run-log.ts).
    if (this.#passing && line.level === 'warning' && this.#waiting.length < mostWaiting) this.#waiting.push(line)
    else this.#append(line)
  }

  pass(state: Extract<Message, { type: 'pass' }>['state']): void {
    this.#passing = state === 'begun'
    if (state === 'stands') for (const line of this.#waiting) this.#append(line)
    if (state !== 'failed') this.#waiting = []
  }
}

function outcomeOf(error: unknown): Outcome {
  return error instanceof Failure && ['cancelled', 'given-up'].includes(error.code) ? 'cancelled' : 'error'
}

function lineOf(message: Message, meter: Meter): Omit<LogLine, 'time'> | undefined {
  if (message.type === 'operation') return { level: 'info', operation: message.name }
  if (message.type === 'warn')
    return { level: 'warning', operation: meter.progress().operation, problem: message.problem }
  if (message.type === 'say') return { level: 'info', text: message.text }
  if (message.type === 'note') return { level: 'info', operation: meter.progress().operation, problem: message.problem }
  return undefined
}
