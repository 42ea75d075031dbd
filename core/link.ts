// The contract over a local socket: the engine that owns a data folder answers whoever else this user runs (terminal, second window).
// WebSocket frames over a Unix socket, so that a headless console can later be served the same way over HTTPS.
// Guarantees: only this user can connect (0600 in a 0700 folder), and no web page (a request with an Origin is refused); every error of a call
// or stream is a Failure; when the other side goes, calls and streams that were under way end with `engine-gone`, and at the engine their
// signals are aborted. Does not decide who may do what (grants), nor who owns the folder (ownership.ts).
import { createHash } from 'node:crypto'
import { chmod, lstat, readlink, symlink, unlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { AsyncIteratorClass, type ContractRouterClient, ORPCError } from '@orpc/contract'
import type { Context } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocket, WebSocketServer } from 'ws'
import type { contract } from './api/contract.ts'
import { Failure } from './api/failure.ts'
import { fromWire, toWire } from './api/wire.ts'
import { errnoOf, fromErrno } from './lib/files.ts'
import { privateFolder } from './lib/private-folder.ts'

/** A message may have this many bytes; the largest are imported plans (10 MB). */
const maxPayload = 64 * 1024 * 1024

/** A socket's path has at most 107 bytes on Linux and 103 on macOS (sun_path, unix(7)). */
const longestPath = 100

/** How long a new connection may take, and a closing one, in ms. */
const patience = { open: 10_000, close: 1_000 }

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

/** Answers calls until closed. Only for the owner of the data folder: a socket that an earlier one left is removed. */
export async function serve<T extends Context>(options: ServeOptions<T>): Promise<{ close(): Promise<void> }> {
  const { path, router, context } = options
  const place = isShort(path) ? path : await shortPlace(path)
  const handler = new RPCHandler(router, {
    clientInterceptors: [({ next }) => translated(next, toWire)],
  }) as unknown as Handler<T>
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false })
  const server = createServer((_request, response) => void response.writeHead(426).end())
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    // Browsers always send it, other programs never: a page must not reach the engine through some forwarded port.
    if (request.headers.origin !== undefined)
      return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (accepted) => answer(accepted, handler, context))
  })
  await listen(server, place)
  if (place !== path) await leadTo(place, path)
  return { close: () => close(server, sockets, place === path ? undefined : path) }
}

/** `RPCHandler` with the context that here is never left out (for an open T its own type cannot tell). */
interface Handler<T extends Context> {
  upgrade(socket: Pick<WebSocket, 'addEventListener' | 'send'>, options: { context: T }): Promise<void>
}

function answer<T extends Context>(socket: WebSocket, handler: Handler<T>, context: ServeOptions<T>['context']): void {
  const ended = new AbortController()
  socket.on('close', () => ended.abort())
  socket.on('error', () => socket.terminate())
  const peer = {
    addEventListener: socket.addEventListener.bind(socket),
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

async function close(server: Server, sockets: WebSocketServer, leading: string | undefined): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
  for (const socket of sockets.clients) {
    socket.close(1001)
    setTimeout(() => socket.terminate(), patience.close).unref()
  }
  server.closeAllConnections()
  if (leading !== undefined) await removeStale(leading)
  await closed
}

async function removeStale(path: string): Promise<void> {
  try {
    const found = await lstat(path)
    if (!found.isSocket() && !found.isSymbolicLink()) throw new Failure('exists', { name: path })
    await unlink(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw fromErrno(error, { path })
  }
}

function isShort(path: string): boolean {
  return Buffer.byteLength(path) <= longestPath
}

/** A socket path for a data folder whose own path is too long, in a folder that only this user can enter. */
async function shortPlace(path: string): Promise<string> {
  const name = `${createHash('sha256').update(path).digest('hex').slice(0, 16)}.sock`
  const uid = process.getuid?.() ?? 0
  const runtime = process.env.XDG_RUNTIME_DIR
  const folders = [join(tmpdir(), `arche-${uid}`), join('/tmp', `arche-${uid}`)]
  if (runtime && isAbsolute(runtime)) folders.unshift(join(runtime, 'arche'))
  const folder = folders.find((each) => isShort(join(each, name)))
  if (folder === undefined) throw new Failure('bad-input', { reason: path })
  await privateFolder(folder)
  await demandPrivate(folder)
  return join(folder, name)
}

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
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Connects to the engine behind `socketPath`. Nobody there: Failure `engine-gone`. */
export async function connect(path: string): Promise<Link> {
  const place = isShort(path) ? path : await followed(path)
  const socket = new WebSocket('ws://arche/', {
    createConnection: () => createConnection(place),
    handshakeTimeout: patience.open,
    maxPayload,
    perMessageDeflate: false,
  })
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.on('error', (error) => reject(nobodyThere(error)))
  })
  const isOpen = () => socket.readyState === WebSocket.OPEN
  const convert = (error: unknown, signal: AbortSignal | undefined) => {
    if (error instanceof ORPCError) return fromWire(error)
    if (signal?.aborted) return new Failure('cancelled', {}, { cause: error })
    return isOpen() ? fromWire(error) : new Failure('engine-gone', {}, { cause: error })
  }
  const link = new RPCLink({
    // The library is typed for the browser's WebSocket; of it, it uses what this one has too.
    websocket: socket as unknown as ConstructorParameters<typeof RPCLink>[0]['websocket'],
    interceptors: [
      ({ next, signal, ...options }) =>
        translated(
          () => next({ ...options, ...(signal ? { signal: heard(signal, isOpen) } : {}) }),
          (error) => convert(error, signal),
          isOpen,
        ),
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
