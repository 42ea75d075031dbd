// The threads in which orders are carried out. One whose order ended well is kept for a while: looking into a backup is followed by restoring it,
// and starting a thread with all it needs takes longer than a small restore.
// Guarantees: one order a thread at a time; a thread in which anything failed or was cancelled is never used again; an idle one does not keep
// the process alive, and is gone after `patience` or when this is closed; one that was abandoned does not keep it alive either, but may stay until the
// system lets it go.
import { Worker } from 'node:worker_threads'
import { Failure } from '../api/failure.ts'
import type { Message, Order } from './order.ts'

/** How long a thread waits for another order, in ms. */
const patience = 20_000

/** Most of what a run makes is gone at once: little room for it keeps the program small. */
const limits = { maxYoungGenerationSizeMb: 4 }

export interface Work<T> {
  /** Rejects with a Failure, or with `internal` when the thread dies without a word. */
  readonly result: Promise<T>
  cancel(): void
  /** No rule is to remove anything from here on. */
  holdBack(): void
  /** Ends the wait for a thread that does not end, with this: reading a file can take for ever. Whatever it does later, nobody hears of it. */
  abandon(why: Failure): void
}

export interface ThreadOptions {
  readonly workerUrl: URL
  /** Private folder in which each order gets one of its own. */
  readonly temp: string
  /** A bug in a thread, for the program's log. */
  readonly onBug: (error: unknown) => void
}

/** Listener of a thread. */
interface Listener {
  readonly message: (message: Message) => void
  readonly gone: (error: Error) => void
}

class Thread {
  listener: Listener | undefined
  readonly #worker: Worker

  constructor(url: URL, first: unknown) {
    this.#worker = new Worker(url, { workerData: first, resourceLimits: limits })
    this.#worker.on('message', (message: Message) => this.listener?.message(message))
    this.#worker.on('error', (error) => this.listener?.gone(error))
    this.#worker.on('exit', (code) => this.listener?.gone(new Error(`worker ended with ${code}`)))
  }

  begin(order: unknown): void {
    this.#worker.ref()
    this.#worker.postMessage(order)
  }

  tell(what: 'cancel' | 'hold-back'): void {
    this.#worker.postMessage(what)
  }

  rest(): void {
    this.#worker.unref()
  }

  async end(): Promise<void> {
    this.listener = undefined
    this.#worker.unref()
    await this.#worker.terminate()
  }
}

export class Threads {
  readonly #options: ThreadOptions
  #idle: { readonly thread: Thread; readonly timer: NodeJS.Timeout } | undefined
  #closed = false
  #ending = 0

  constructor(options: ThreadOptions) {
    this.#options = options
  }

  /** Begins an order; `see` gets what the thread says but for its end. */
  carryOut<T>(order: Order, see: (message: Message) => void): Work<T> {
    const { onBug, temp } = this.#options
    const thread = this.#take({ order, temp })
    let working = true
    let fail: (why: Failure) => void = () => undefined
    const result = new Promise<T>((resolve, reject) => {
      const message = (said: Message) => {
        if (said.type !== 'done' && said.type !== 'failed') return see(said)
        working = false
        if (said.type === 'done') {
          this.#keep(thread)
          return resolve(said.result as T)
        }
        this.#end(thread)
        if (said.stack) onBug(new Error(said.stack))
        reject(new Failure(said.problem.code, said.problem.details))
      }
      const gone = (error: Error) => {
        if (!working) return
        working = false
        onBug(error)
        reject(new Failure('internal', { message: error.message }, { cause: error }))
      }
      thread.listener = { message, gone }
      fail = reject
    })
    result.catch(() => undefined)
    const abandon = (why: Failure) => {
      if (!working) return
      working = false
      this.#end(thread)
      fail(why)
    }
    const say = (what: 'cancel' | 'hold-back') => working && thread.tell(what)
    return { result, cancel: () => say('cancel'), holdBack: () => say('hold-back'), abandon }
  }

  /** Some thread was told to end and has not yet: while one is held up by the system, the process cannot end by itself. */
  stuck(): boolean {
    return this.#ending > 0
  }

  #end(thread: Thread): void {
    this.#ending += 1
    thread.end().then(() => {
      this.#ending -= 1
    }, this.#options.onBug)
  }

  /** Ends the idle thread and keeps none from here on; those that work are for their callers to cancel. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#dismiss()
  }

  #take(order: unknown): Thread {
    const idle = this.#idle
    if (!idle) return new Thread(this.#options.workerUrl, order)
    clearTimeout(idle.timer)
    this.#idle = undefined
    idle.thread.begin(order)
    return idle.thread
  }

  #keep(thread: Thread): void {
    if (this.#idle || this.#closed) {
      this.#end(thread)
      return
    }
    thread.rest()
    const timer = setTimeout(() => this.#dismiss().catch(this.#options.onBug), patience).unref()
    const gone = () => {
      if (this.#idle?.thread === thread) this.#idle = undefined
    }
    thread.listener = { message: () => undefined, gone }
    this.#idle = { thread, timer }
  }

  async #dismiss(): Promise<void> {
    const idle = this.#idle
    this.#idle = undefined
    if (!idle) return
    clearTimeout(idle.timer)
    await idle.thread.end()
  }
}
