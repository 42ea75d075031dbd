// The thread in which orders are carried out, one after the other. Talks to the engine by messages only (order.ts); who gives orders ends it.
// Guarantees: reports are thinned out; a cancel is noticed even by code that never returns to the event loop, because every report looks for it;
// the temporary folder is removed however the work ends.

import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Failure, type Problem, toProblem } from '../api/failure.ts'
import { loginOf } from '../api/plan-source.ts'
import type { Task } from '../archive/archive.ts'
import { fromErrno } from '../lib/files.ts'
import { ThreadPool } from '../lib/pool.ts'
import type { Context } from '../lib/work.ts'
import type { WriteTask } from '../restore/writing.ts'
import type { CountTask } from '../sources/count.ts'
import type { Tell } from './after.ts'
import type { Message, Order } from './order.ts'
import { execute } from './run.ts'

interface Given {
  readonly order: Order
  /** Where it may make a folder for temporary files. */
  readonly temp: string
}

const port = parentPort
if (!port) throw new Error('worker.ts only runs as a worker thread')

/** Sums of `advance` are sent this often, in ms. */
const pace = 100

/** Of the order at hand. */
let controller = new AbortController()
let heldBack = false

let pending = 0
let pendingPath: string | undefined
let sentAt = 0

function send(message: Message): void {
  port?.postMessage(message)
}

function flush(): void {
  if (pending > 0 || pendingPath !== undefined)
    send({ type: 'advance', bytes: pending, ...(pendingPath === undefined ? {} : { path: pendingPath }) })
  pending = 0
  pendingPath = undefined
  sentAt = Date.now()
}

/** Also called by code that keeps this thread busy: then nobody else would see the message. */
function look(): void {
  const found = port && receiveMessageOnPort(port)
  if (found) take(found.message)
}

/** Each message is delivered once: the handler that takes it must act on it. */
function take(message: Given | 'cancel' | 'hold-back'): void {
  if (message === 'cancel') controller.abort(new Failure('cancelled'))
  else if (message === 'hold-back') heldBack = true
  else void carryOut(message)
}

/** Of the order at hand. What was sent meanwhile counts. */
function isHeldBack(): boolean {
  look()
  return heldBack
}

const report: Context['report'] = {
  operation(name, total) {
    flush()
    look()
    send({ type: 'operation', name, time: Date.now(), ...(total === undefined ? {} : { total }) })
  },
  advance(bytes, path) {
    pending += bytes
    if (path !== undefined) pendingPath = path
    if (Date.now() - sentAt < pace) return
    flush()
    look()
  },
  warn(problem) {
    flush()
    send({ type: 'warn', problem })
  },
  note: (problem) => send({ type: 'note', problem }),
}

const tell: Tell = (message) => {
  flush()
  send(message)
}

/** Files of more bytes are read in this thread, block by block. */
const lateSize = 256 * 1024

/** They end with this thread. Each task gets the answer of its kind; threads are started when there is work for them. */
const script = new URL('./pool-thread.js', import.meta.url)
type AnyTask = Task | CountTask | WriteTask
const every = new ThreadPool<AnyTask, never>(script)
const two = new ThreadPool<AnyTask, never>(script, Math.min(2, every.width))
const one = new ThreadPool<AnyTask, never>(script, 1)

interface Crew {
  readonly packing: ThreadPool<AnyTask, never>
  readonly opening: ThreadPool<AnyTask, never>
  /** Absent: the cipher works in this thread. */
  readonly cipher?: ThreadPool<AnyTask, never>
}

/**
 * Each thread takes some thirteen megabytes. A server's own work goes on beside, and it gives and takes rows more slowly than one thread opens an
 * archive and two make it; the head of an archive is read by one at once.
 */
function crewFor(order: Order): Crew {
  if (order.kind === 'inspect' && order.listing === undefined) return { packing: one, opening: one, cipher: one }
  if (order.kind === 'restore' && order.to.kind === 'server') return { packing: two, opening: one }
  if (order.kind === 'backup' && loginOf(order.plan.source)) return { packing: two, opening: two }
  return { packing: every, opening: every, cipher: one }
}

/** Orders that are certain to need threads. */
const heavy = new Set<Order['kind']>(['backup', 'inspect', 'restore'])

async function carryOut({ order, temp }: Given): Promise<void> {
  controller = new AbortController()
  heldBack = false
  const { signal } = controller
  const { packing, opening, ...cipher } = crewFor(order)
  if (packing === every && heavy.has(order.kind)) for (const pool of [every, one]) pool.start()
  const pools = { pack: packing, inflate: opening, count: packing, ...cipher, lateSize }
  let folder: string | undefined
  let end: Message
  try {
    folder = await mkdtemp(join(temp, `${order.kind}-`)).catch((error: unknown) => {
      throw fromErrno(error, { path: temp })
    })
    const say = (text: string) => send({ type: 'say', text })
    const result = await execute(
      order,
      { signal, report, now: Date.now, temp: folder, pools, write: opening, say, heldBack: isHeldBack },
      tell,
    )
    end = { type: 'done', result }
  } catch (error) {
    const failed = signal.aborted && !(error instanceof Failure) ? new Failure('cancelled') : fromErrno(error)
    end = { type: 'failed', problem: toProblem(failed), ...stackOf(failed) }
  } finally {
    // What was done stands, whatever becomes of the temporary files; the next start empties their place.
    if (folder) await rm(folder, { recursive: true, force: true }).catch((error: unknown) => report.warn(left(error)))
  }
  flush()
  // The last word: from here on the thread may be ended, or be given another order.
  send(end)
}

function left(error: unknown): Problem {
  const { path = '', reason = '' } = toProblem(fromErrno(error)).details
  return { code: 'temp-not-removed', details: { path, reason } }
}

/** A stack only for bugs: an expected Failure explains itself. */
function stackOf(error: unknown): { stack?: string } {
  return error instanceof Error && !(error instanceof Failure) && error.stack ? { stack: error.stack } : {}
}

port.on('message', take)
await carryOut(workerData as Given)
