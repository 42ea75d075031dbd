// The thread in which one order is carried out, then it ends. Talks to the engine by messages only (order.ts).
// Guarantees: reports are thinned out; a cancel is noticed even by code that never returns to the event loop, because every report looks for it;
// the temporary folder is removed however the work ends.
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Failure, toProblem } from '../api/failure.ts'
import type { Context } from '../sources/source.ts'
import type { Message, Order } from './order.ts'
import { execute, type Tell } from './run.ts'

const { order, temp } = workerData as { order: Order; temp: string }
const port = parentPort
if (!port) throw new Error('worker.ts only runs as a worker thread')

/** Sums of `advance` are sent this often, in ms. */
const pace = 100

const controller = new AbortController()
const cancel = () => controller.abort(new Failure('cancelled'))
port.on('message', cancel)

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
  if (port && receiveMessageOnPort(port)) cancel()
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
}

const tell: Tell = (message) => {
  flush()
  send(message)
}

async function main(): Promise<void> {
  let folder: string | undefined
  try {
    folder = await mkdtemp(join(temp, `${order.kind}-`))
    const say = (text: string) => send({ type: 'say', text })
    const result = await execute(order, { signal: controller.signal, report, now: Date.now, temp: folder, say }, tell)
    flush()
    send({ type: 'done', result })
  } catch (error) {
    flush()
    const cancelled = controller.signal.aborted && !(error instanceof Failure)
    const failed = cancelled ? new Failure('cancelled') : error
    send({ type: 'failed', problem: toProblem(failed), ...stackOf(failed) })
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true })
    port?.close()
  }
}

/** A stack only for bugs: an expected Failure explains itself. */
function stackOf(error: unknown): { stack?: string } {
  return error instanceof Error && !(error instanceof Failure) && error.stack ? { stack: error.stack } : {}
}

await main()
