// The window's side of the contract: a typed client over the MessagePort that the preload script hands over.
// Guarantees: every error of a call is a Failure; a new port (the engine changed its owner) replaces the client;
// calls that were under way on a lost port end with `engine-gone`, never silently.
// Does not retry: a call may have had its effect. The state stream (store.ts) is what tells.
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import type { windowContract } from '../core/api/desktop.ts'
import { Failure } from '../core/api/failure.ts'
import { fromWire } from '../core/api/wire.ts'

export type Client = ContractRouterClient<typeof windowContract>

/** One port's life. `lost` aborts when the port closes or is replaced. */
export interface Connection {
  client: Client
  lost: AbortSignal
}

type Listener = (connection: Connection) => void

let current: (Connection & { end: () => void }) | undefined
const listeners = new Set<Listener>()

/** Takes the ports that the preload script posts to this page; messages of anybody else are ignored. */
export function listenForPorts(page: Window): void {
  page.addEventListener('message', (event: MessageEvent<unknown>) => {
    const [port] = event.ports
    if (event.data !== 'arche:port' || event.source !== page || event.origin !== page.location.origin || !port) return
    connect(port)
  })
}

/** Replaces the connection. Listeners are told at once. */
function connect(port: MessagePort): void {
  current?.end()
  const lost = new AbortController()
  const client: Client = createORPCClient(new RPCLink({ port }))
  const connection = { client, lost: lost.signal, end: () => lost.abort() }
  port.addEventListener('close', connection.end)
  lost.signal.addEventListener('abort', () => {
    if (current === connection) current = undefined
    port.close()
  })
  current = connection
  port.start()
  for (const listener of listeners) listener(connection)
}

/** Called for every connection, starting with the present one. */
export function onConnection(listener: Listener): void {
  listeners.add(listener)
  if (current) listener(current)
}

/** One call (or several in a row) on the present connection. Errors are Failures. */
export async function call<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const connection = current
  if (!connection) throw gone()
  try {
    return await untilLost(work(connection.client), connection.lost)
  } catch (error) {
    throw connection.lost.aborted ? gone(error) : fromWire(error)
  }
}

function gone(cause?: unknown): Failure {
  return new Failure('engine-gone', {}, { cause })
}

function untilLost<T>(work: Promise<T>, lost: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const end = () => reject(gone())
    if (lost.aborted) end()
    lost.addEventListener('abort', end, { once: true })
    work.then(resolve, reject).finally(() => lost.removeEventListener('abort', end))
  })
}
