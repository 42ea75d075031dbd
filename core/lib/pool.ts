// A pool of threads for work that keeps a processor busy: jobs in, answers out, both plain values that survive a thread border.
// Guarantees: a job that throws rejects with the same Failure, and anything else with an error of its own; a thread that dies rejects its jobs;
// idle threads do not keep the process alive. Keeps no order between threads: see `inOrder` of archive/blocks.ts. Knows nothing of the jobs.
import { availableParallelism } from 'node:os'
import { parentPort, Worker } from 'node:worker_threads'
import { type Details, Failure, type FailureCode } from '../api/failure.ts'

export interface Pool<Job, Answer> {
  /** Jobs that can be worked on at once. */
  readonly width: number
  /**
   * Jobs given to a pool of one are carried out in their order. The memory in `transfer` is gone for the caller; what comes back is the caller's alone.
   */
  run(job: Job, transfer?: readonly ArrayBuffer[]): Promise<Answer>
}

/** A job's answer, with the memory that goes along instead of being copied. */
export interface Done<Answer> {
  readonly answer: Answer
  readonly transfer?: readonly ArrayBuffer[]
}

export type Work<Job, Answer> = (job: Job) => Done<Answer> | Promise<Done<Answer>>

/** More threads than this gain nothing: one thread gives out the work and takes the results. */
const mostThreads = 8

/** Young objects of these threads die at once: little room for them keeps their memory small. */
const limits = { maxYoungGenerationSizeMb: 4 }

type Reply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly failure: { code: FailureCode; details: Details; retryable: boolean } }
  | { readonly id: number; readonly stack: string }

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (error: unknown) => void
}

/** The jobs are carried out where they are given, one after the other: for tests, and where no threads are to be had. */
export function inlinePool<Job, Answer>(work: Work<Job, Answer>): Pool<Job, Answer> {
  let last: Promise<unknown> = Promise.resolve()
  return {
    width: 1,
    run(job) {
      const answer = last.then(async () => (await work(job)).answer)
      last = answer.catch(() => undefined)
      return answer
    },
  }
}

/** Threads that run the script at `url`, which must call `serve`. They are started when there is work for them. */
export class ThreadPool<Job, Answer> implements Pool<Job, Answer> {
  readonly width: number
  readonly #url: URL
  readonly #threads: Thread[] = []

  /** `width`: absent, one for each processor. */
  constructor(url: URL, width = Math.min(availableParallelism(), mostThreads)) {
    this.#url = url
    this.width = width
  }

  /** Starts a first thread now: the first jobs will not have to wait for it. The others come when they are busy, so that small work has few. */
  start(): void {
    if (this.#threads.length === 0) this.#add()
  }

  run(job: Job, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
    return this.#freest().run<Answer>(job, transfer)
  }

  #freest(): Thread {
    const [first] = this.#threads.sort((one, other) => one.load - other.load)
    return first && (first.load === 0 || this.#threads.length === this.width) ? first : this.#add()
  }

  #add(): Thread {
    const thread: Thread = new Thread(this.#url, () => {
      const at = this.#threads.indexOf(thread)
      if (at >= 0) this.#threads.splice(at, 1)
    })
    this.#threads.push(thread)
    return thread
  }
}

class Thread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #next = 0

  constructor(url: URL, gone: () => void) {
    this.#worker = new Worker(url, { resourceLimits: limits })
    this.#worker.unref()
    this.#worker.on('message', (reply: Reply) => this.#take(reply))
    const end = (error: Error) => {
      gone()
      for (const { reject } of this.#waiting.values()) reject(error)
      this.#waiting.clear()
    }
    this.#worker.once('error', (error) => end(new Error('a thread of the pool failed', { cause: error })))
    this.#worker.once('exit', (code) => end(new Error(`a thread of the pool ended with ${code}`)))
  }

  get load(): number {
    return this.#waiting.size
  }

  run<Answer>(job: unknown, transfer: readonly ArrayBuffer[]): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const id = this.#next++
      this.#worker.postMessage({ id, job }, [...transfer])
      if (this.#waiting.size === 0) this.#worker.ref()
      this.#waiting.set(id, { resolve, reject })
    })
  }

  #take(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (this.#waiting.size === 0) this.#worker.unref()
    if ('answer' in reply) waiting?.resolve(reply.answer as never)
    else if ('failure' in reply) {
      const { code, details, retryable } = reply.failure
      waiting?.reject(new Failure(code, details, { retryable }))
    } else waiting?.reject(new Error(reply.stack))
  }
}

/** In a thread of a pool: carries out jobs, one after the other, as long as they come. */
export function serve<Job, Answer>(work: Work<Job, Answer>): void {
  const port = parentPort
  if (!port) throw new Error('only in a thread of a pool')
  let last: Promise<void> = Promise.resolve()
  port.on('message', ({ id, job }: { id: number; job: Job }) => {
    last = last.then(async () => {
      try {
        const { answer, transfer = [] } = await work(job)
        port.postMessage({ id, answer } satisfies Reply, [...transfer])
      } catch (error) {
        port.postMessage(refusal(id, error))
      }
    })
  })
}

function refusal(id: number, error: unknown): Reply {
  if (error instanceof Failure) {
    const { code, details, retryable } = error
    return { id, failure: { code, details, retryable } }
  }
  return { id, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
