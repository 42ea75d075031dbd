// The contract over a local socket: the engine that owns a data folder answers this user's other programs (terminal, second window).
// WebSocket frames over a Unix socket, so that a headless console can later be served the same way over HTTPS.
// Guarantees: only this user can connect (0600 in a 0700 folder), and no web page (a request with an Origin is refused); every error of a call
// or stream is a Failure; when the other side goes, calls and streams that were under way end with `engine-gone`, and at the engine their
// signals are aborted. A call that was never taken up, because the engine was leaving, ends with an `engine-gone` that is `retryable`: it had no
// effect. Does not decide who may do what (grants), nor who owns the folder (ownership.ts).
import { AsyncLocalStorage } from 'node:async_hooks'
import { chmod, lstat, mkdtemp, readlink, rmdir, symlink, unlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { AsyncIteratorClass, type ContractRouterClient, ORPCError } from '@orpc/contract'
import type { Context } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocket, WebSocketServer } from 'ws'
import type { contract } from '../api/contract.ts'
import { Failure } from '../api/failure.ts'
import { fromWire, toWire } from '../api/wire.ts'
import { errnoOf, fromErrno } from '../lib/files.ts'

/** A message may have this many bytes; the largest are imported plans (10 MB). */
const maxPayload = 64 * 1024 * 1024

/** A socket's path has at most 107 bytes on Linux and 103 on macOS (sun_path, unix(7)). */
const longestPath = 100

/**
 * In ms, how long a new connection may take, and a closing one; how long an engine that would like to leave waits for the next call of a client that
 * has been silent (`pause`), and for how long in all it does so (`stay`).
 */
const patience = { open: 10_000, close: 1_000, pause: 2_000, stay: 10_000 }

/** How a connection is closed by an engine that takes no more calls: whatever it has not answered had no effect (RFC 6455, section 7.4.2). */
const leaving = 4001

export type EngineClient = ContractRouterClient<typeof contract>

/** The place of the socket of a data folder. */
export function socketPath(home: string): string {
  return join(home, 'engine.sock')
}

/** One client's connection as the engine sees it; `signal` is aborted when it has ended. */
export interface Connection {
  readonly signal: AbortSignal
}

export interface ServeOptions<T extends Context> {
  /** From `socketPath`. Where that is too long for a socket, a symbolic link there leads to a short private place. */
  readonly path: string
  readonly router: ConstructorParameters<typeof RPCHandler<T>>[0]
  /** Called once for each connection. */
  readonly context: (connection: Connection) => T
}

export interface Serving {
  /**
   * Waits until no client needs this engine any more, and from then on takes no call: clients that are between two calls are waited for a little,
   * because what they have asked so far (a preview) is known here only. True: nothing is under way here by `busy` either; false: aborted.
   */
  leave(busy: () => boolean, signal: AbortSignal): Promise<boolean>
  /** Takes no more calls; those under way are answered if that takes less than a second. */
  close(): Promise<void>
}

/**
 * Answers calls until closed. Only for the owner of the data folder: a socket that an earlier one left is removed. Failure `socket-taken`: something
 * else stands there.
 */
export async function serve<T extends Context>(options: ServeOptions<T>): Promise<Serving> {
  const { path, router, context } = options
  const place = isShort(path) ? path : await shortPlace()
  const desk = new Desk()
  const handler = new RPCHandler(router, {
    clientInterceptors: [({ next }) => desk.heard(() => translated(next, toWire))],
  }) as unknown as Handler<T>
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false })
  const server = createServer((_request, response) => void response.writeHead(426).end())
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    // Browsers always send it, other programs never: a page must not reach the engine through some forwarded port.
    if (request.headers.origin !== undefined)
      return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    if (desk.closed) return void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (accepted) => answer(accepted, handler, context, desk))
  })
  try {
    await listen(server, place)
    if (place !== path) await leadTo(place, path)
  } catch (error) {
    server.close()
    if (place !== path) await removePlace(place)
    throw error
  }
  return {
    leave: (busy, signal) => desk.leave(busy, signal),
    async close() {
      desk.closed = true
      const end = Date.now() + patience.close
      while (desk.calls > 0 && Date.now() < end) await wait(20)
      await close(server, sockets, desk.calls > 0 ? 1001 : leaving)
      if (place === path) return
      await removeStale(path)
      await removePlace(place)
    },
  }
}

/** What clients have under way. */
class Desk {
  /** No call is taken any more. */
  closed = false
  /** Calls that are not answered yet; streams are none. */
  calls = 0
  /** When each connection was last used, in ms since 1970. */
  readonly seen = new Map<object, number>()
  readonly #call = new AsyncLocalStorage<{ over(): void }>()

  /** Hands a message of a connection to who answers it. A call counts until its answer is written. */
  async take(connection: object, work: () => Promise<void>): Promise<void> {
    if (this.closed) return
    let counts = true
    const over = () => {
      if (counts) this.calls -= 1
      counts = false
      if (this.seen.has(connection)) this.seen.set(connection, Date.now())
    }
    this.calls += 1
    this.seen.set(connection, Date.now())
    try {
      await this.#call.run({ over }, work)
    } finally {
      over()
    }
  }

  /** A stream is answered once it begins: it goes on for as long as its reader likes. */
  async heard<T>(call: () => Promise<T>): Promise<T> {
    const answer = await call()
    if (isIterator(answer)) this.#call.getStore()?.over()
    return answer
  }

  async leave(busy: () => boolean, signal: AbortSignal): Promise<boolean> {
    let since = Date.now()
    while (!signal.aborted) {
      if (busy()) since = Date.now()
      const last = Date.now() - since < patience.stay ? Math.max(0, ...this.seen.values()) : 0
      if (!busy() && this.calls === 0 && Date.now() - last >= patience.pause) {
        this.closed = true
        return true
      }
      await wait(50)
    }
    return false
  }
}

/** `RPCHandler` with the context that here is never left out (for an open T its own type cannot tell). */
interface Handler<T extends Context> {
  upgrade(socket: Pick<WebSocket, 'addEventListener' | 'send'>, options: { context: T }): Promise<void>
}

function answer<T extends Context>(
  socket: WebSocket,
  handler: Handler<T>,
  context: ServeOptions<T>['context'],
  desk: Desk,
): void {
  const ended = new AbortController()
  desk.seen.set(socket, Date.now())
  socket.on('close', () => {
    desk.seen.delete(socket)
    ended.abort()
  })
  socket.on('error', () => socket.terminate())
  // The library's listener resolves once the answer is written, or the stream is over.
  const listen = (type: string, listener: (event: unknown) => unknown) =>
    socket.addEventListener(type as 'message', (event) => {
      if (type !== 'message') return void listener(event)
      void desk.take(socket, async () => void (await listener(event)))
    })
  const peer = {
    addEventListener: listen as WebSocket['addEventListener'],
    // Waits until the frame is written, so that a stream goes no faster than its reader; to one who has gone nothing needs to be said.
    send: (data: string | Uint8Array) => new Promise<void>((resolve) => socket.send(data, () => resolve())),
  }
  void handler.upgrade(peer, { context: context({ signal: ended.signal }) })
}

async function listen(server: Server, path: string): Promise<void> {
  await removeStale(path)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(fromErrno(error, { path })))
    server.listen(path, resolve)
  })
  await chmod(path, 0o600)
}

async function close(server: Server, sockets: WebSocketServer, code: number): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
  for (const socket of sockets.clients) {
    socket.close(code)
    setTimeout(() => socket.terminate(), patience.close).unref()
  }
  server.closeAllConnections()
  await closed
}

async function removeStale(path: string): Promise<void> {
  try {
    const found = await lstat(path)
    if (!found.isSocket() && !found.isSymbolicLink()) throw new Failure('socket-taken', { path })
    if (found.isSymbolicLink()) await removePlace(await readlink(path))
    await unlink(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw fromErrno(error, { path })
  }
}

function isShort(path: string): boolean {
  return Buffer.byteLength(path) <= longestPath
}

/** Of folders for a socket, and the socket in them. */
const shortNames = { folder: 'arche-', socket: 'engine.sock' }

/**
 * A socket path for a data folder whose own path is too long, in a new folder that only this user can enter: a name that can be known before could be
 * taken by somebody else.
 */
async function shortPlace(): Promise<string> {
  const runtime = process.env.XDG_RUNTIME_DIR
  const parents = [...(runtime && isAbsolute(runtime) ? [runtime] : []), tmpdir(), '/tmp']
  let problem: unknown
  for (const parent of parents) {
    const prefix = join(parent, shortNames.folder)
    if (!isShort(join(`${prefix}XXXXXX`, shortNames.socket))) continue
    try {
      return join(await mkdtemp(prefix), shortNames.socket)
    } catch (error) {
      problem ??= fromErrno(error, { path: parent })
    }
  }
  throw problem ?? new Failure('denied', { path: tmpdir(), reason: 'ENAMETOOLONG' })
}

/** The socket of an engine that has ended, and its folder; nothing of anybody else, and nothing that holds more. */
async function removePlace(place: string): Promise<void> {
  const folder = dirname(place)
  const ours = basename(place) === shortNames.socket && basename(folder).startsWith(shortNames.folder)
  if (!ours || !(await demandPrivate(folder).then(isFine, () => false))) return
  await unlink(place).catch(() => undefined)
  await rmdir(folder).catch(() => undefined)
}

const isFine = () => true

async function leadTo(place: string, path: string): Promise<void> {
  await removeStale(path)
  await symlink(place, path).catch((error) => {
    throw fromErrno(error, { path })
  })
}

/** In a shared place such as /tmp, somebody else may have been there first: the folder itself must be ours and shut. */
async function demandPrivate(folder: string): Promise<void> {
  const found = await lstat(folder)
  const ours = process.getuid === undefined || found.uid === process.getuid()
  if (!found.isDirectory() || !ours || (found.mode & 0o077) !== 0)
    throw new Failure('denied', { path: folder, reason: 'not private' })
}

export interface Link {
  readonly client: EngineClient
  /** Resolves when either side has ended the connection. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Connects to the engine behind `socketPath`. Nobody there, or no answer within `limit` ms: Failure `engine-gone`. */
export async function connect(path: string, limit = patience.open): Promise<Link> {
  const place = isShort(path) ? path : await followed(path)
  const socket = new WebSocket('ws://arche/', {
    createConnection: () => createConnection(place),
    maxPayload,
    perMessageDeflate: false,
  })
  let unheard = false
  const closed = new Promise<void>((resolve) => {
    socket.once('close', (code) => {
      unheard = code === leaving
      resolve()
    })
  })
  // A process that is stopped takes connections and never answers.
  const silent = setTimeout(() => socket.terminate(), limit)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.on('error', (error) => reject(nobodyThere(error)))
  }).finally(() => clearTimeout(silent))
  const isOpen = () => socket.readyState === WebSocket.OPEN
  const convert = (error: unknown, signal: AbortSignal | undefined, sent: boolean) => {
    if (error instanceof ORPCError) return fromWire(error)
    if (signal?.aborted) return new Failure('cancelled', {}, { cause: error })
    return isOpen() ? fromWire(error) : new Failure('engine-gone', {}, { retryable: unheard || !sent, cause: error })
  }
  const link = new RPCLink({
    // The library is typed for the browser's WebSocket; of it, it uses what this one has too.
    websocket: socket as unknown as ConstructorParameters<typeof RPCLink>[0]['websocket'],
    interceptors: [
      ({ next, signal, ...options }) => {
        const sent = isOpen()
        return translated(
          () => next({ ...options, ...(signal ? { signal: heard(signal, isOpen) } : {}) }),
          (error) => convert(error, signal, sent),
          isOpen,
        )
      },
    ],
  })
  return {
    client: createORPCClient<EngineClient>(link),
    closed,
    close() {
      socket.close(1000)
      setTimeout(() => socket.terminate(), patience.close).unref()
      return closed
    },
  }
}

async function followed(path: string): Promise<string> {
  try {
    const place = await readlink(path)
    await demandPrivate(dirname(place))
    return place
  } catch (error) {
    throw error instanceof Failure ? error : nobodyThere(error)
  }
}

function nobodyThere(error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error)
  return new Failure('engine-gone', { reason }, { retryable: true, cause: error })
}

/**
 * The caller's signal, as long as somebody is there to be told: the library tells the other side of an abort by itself, and on a connection
 * that is just ending this would fail as an error that nobody awaits. The call itself then ends with the connection.
 */
function heard(signal: AbortSignal, isOpen: () => boolean): AbortSignal {
  const told = new AbortController()
  const tell = () => void (isOpen() && told.abort(signal.reason))
  if (signal.aborted) tell()
  else signal.addEventListener('abort', tell, { once: true })
  return told.signal
}

/** Converts what a call throws, and what a stream that it gives throws later. */
async function translated<T>(
  call: () => Promise<T>,
  convert: (error: unknown) => Error,
  isOpen = () => true,
): Promise<T> {
  const converting = async <R>(work: () => Promise<R>): Promise<R> => {
    try {
      return await work()
    } catch (error) {
      throw convert(error)
    }
  }
  const output = await converting(call)
  if (!isIterator(output)) return output
  const wrapped = new AsyncIteratorClass(
    () => converting(() => output.next()),
    async () => {
      try {
        await output.return?.()
      } catch (error) {
        if (isOpen()) throw convert(error)
      }
    },
  )
  return wrapped as T
}

function isIterator(value: unknown): value is AsyncIterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value
}
