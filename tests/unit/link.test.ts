import { once } from 'node:events'
import { link as hardLink, mkdir, readlink, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect as connectSocket, createServer } from 'node:net'
import { join } from 'node:path'
import { implement, ORPCError } from '@orpc/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { contract } from '../../core/api/contract.ts'
import { Failure } from '../../core/api/failure.ts'
import type { StateEvent } from '../../core/api/model.ts'
import { type Connection, connect, type Link, serve, socketPath } from '../../core/engine/link.ts'
import { temporaryFolder } from '../support/folder.ts'

const id = '6f1f4f3e-6a33-4a0e-9d5c-0a2f1f7f0a01'
const time = '2026-05-01T12:00:00.000Z'

/** Things that a test waits for, by name. */
function signals() {
  const told = new EventTarget()
  const known = new Set<string>()
  return {
    tell(name: string): void {
      known.add(name)
      told.dispatchEvent(new Event(name))
    },
    async told(name: string): Promise<void> {
      if (!known.has(name)) await once(told, name)
    },
  }
}

interface Context {
  number: number
}

/** A part of the contract whose methods do what the tests need. */
function testRouter({ tell, told }: ReturnType<typeof signals>) {
  const methods = implement(contract).$context<Context>()
  const untilAborted = (signal: AbortSignal | undefined, name: string) =>
    new Promise<never>((_, reject) => {
      tell(`${name} began`)
      signal?.addEventListener('abort', () => {
        tell(`${name} aborted`)
        reject(new Failure('cancelled'))
      })
    })
  return {
    operator: {
      unlock: methods.operator.unlock.handler(({ input }) => {
        if (input.password === 'bug') throw new TypeError('a bug')
        if (input.password === 'known')
          throw new ORPCError('FAILURE', { data: { code: 'busy', details: {}, retryable: false } })
        if (input.password !== 'right')
          throw new Failure('operator-wait', { seconds: 4 }, { retryable: true, cause: new Error('secret') })
        return { until: time }
      }),
      lock: methods.operator.lock.handler(() => ({})),
    },
    plan: {
      export: methods.plan.export.handler(async ({ input }) => ({ json: `${input.ids?.[0]}` })),
      import: methods.plan.import.handler(({ input }) => [
        {
          id,
          name: input.json,
          source: { kind: 'folders' as const, paths: [input.json], exclude: [] },
          method: { kind: 'archive' as const, format: 'tar.gz.gpg' as const },
          destinations: [
            { id: '00000000-0000-4000-8000-00000000000d', place: { kind: 'medium' as const }, via: 'run' as const },
          ],
          createdAt: time,
        },
      ]),
    },
    backup: { preview: methods.backup.preview.handler(({ signal }) => untilAborted(signal, 'preview')) },
    medium: {
      list: methods.medium.list.handler(() => [{ path: 1 }] as never),
    },
    app: {
      follow: methods.app.follow.handler(async function* ({ signal }) {
        for (let seq = 0; seq < 3; seq += 1) yield { seq, changes: { host: `host ${seq} \udc80` } }
        await Promise.race([told('go on'), untilAborted(signal, 'follow')])
        throw new Failure('medium-gone', { name: 'STICK' })
      }),
    },
  }
}

async function serving(home?: string) {
  const folder = home ?? (await temporaryFolder())
  const path = socketPath(folder)
  const told = signals()
  const connections: Connection[] = []
  const context = (connection: Connection) => ({ number: connections.push(connection) })
  const server = await serve({ path, router: testRouter(told), context })
  onTestFinished(() => server.close())
  return { path, server, connections, ...told }
}

async function connected(path: string): Promise<Link> {
  const link = await connect(path)
  onTestFinished(() => link.close())
  return link
}

async function failure(call: Promise<unknown>): Promise<Failure> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Failure)
  return error as Failure
}

describe('a call over the local socket', () => {
  it('gives the result', async () => {
    const { path } = await serving()
    const { client } = await connected(path)
    expect(await client.operator.unlock({ password: 'right' })).toEqual({ until: time })
  })

  it('gives the Failure, without cause and stack of the engine', async () => {
    const { path } = await serving()
    const { client } = await connected(path)
    const error = await failure(client.operator.unlock({ password: 'wrong' }))
    expect(error).toMatchObject({ code: 'operator-wait', details: { seconds: 4 }, retryable: true })
    expect(JSON.stringify(error) + String(error.cause)).not.toContain('secret')
    expect(await failure(client.operator.unlock({ password: 'known' }))).toMatchObject({
      code: 'busy',
      retryable: false,
    })
  })

  it('gives a bug as "internal"', async () => {
    const { path } = await serving()
    const { client } = await connected(path)
    const error = await failure(client.operator.unlock({ password: 'bug' }))
    expect(error).toMatchObject({ code: 'internal', details: { message: 'a bug' } })
  })

  it('refuses what the schema refuses, with the place', async () => {
    const { path } = await serving()
    const { client } = await connected(path)
    const error = await failure(client.operator.unlock({ password: '' }))
    expect(error.code).toBe('bad-input')
    expect(error.details).toMatchObject({ field: 'password' })
    const other = await failure(client.backup.preview({ plan: 7 } as never))
    expect(other.code).toBe('bad-input')
  })

  it('does not pass on a result that breaks the contract, nor methods that are missing', async () => {
    const { path } = await serving()
    const { client } = await connected(path)
    expect(await failure(client.medium.list({}))).toMatchObject({ code: 'internal' })
    expect(await failure(client.app.state({}))).toMatchObject({ code: 'internal' })
  })

  it('carries names that are not UTF-8, and long texts', async () => {
    const { path } = await serving()
    const { client } = await connected(path)
    const odd = `caf\udce9 \ud83d ${'é\u0000\u2028"\\'.repeat(10)}`
    expect(await client.plan.import({ json: odd })).toMatchObject([{ name: odd, source: { paths: [odd] } }])
    const long = 'x\udc80'.repeat(4_000_000)
    const answer = await client.plan.import({ json: long.slice(0, 9_999_999) }).catch((error) => error.code)
    // The name has at most 200 characters: the long text arrived, and its echo was refused.
    expect(answer).toBe('internal')
  })

  it('is one of a thousand at once, each with its own answer', async () => {
    const { path } = await serving()
    const { client } = await connected(path)
    const ids = Array.from({ length: 1000 }, (_, at) => `6f1f4f3e-6a33-4a0e-9d5c-${String(at).padStart(12, '0')}`)
    const answers = await Promise.all(ids.map((each) => client.plan.export({ ids: [each] })))
    expect(answers.map(({ json }) => json)).toEqual(ids)
  })

  it('is cancelled through its signal, at both ends', async () => {
    const { path, told } = await serving()
    const { client } = await connected(path)
    const controller = new AbortController()
    const call = failure(client.backup.preview({ plan: id }, { signal: controller.signal }))
    await told('preview began')
    controller.abort()
    expect(await call).toMatchObject({ code: 'cancelled' })
    await told('preview aborted')
    expect(await failure(client.backup.preview({ plan: id }, { signal: controller.signal }))).toMatchObject({
      code: 'cancelled',
    })
    expect(await client.operator.unlock({ password: 'right' })).toEqual({ until: time })
  })

  it('has a context of its own connection, told when that ends', async () => {
    const { path, connections } = await serving()
    const one = await connected(path)
    const two = await connected(path)
    await Promise.all([one.client.operator.lock({}), one.client.operator.lock({}), two.client.operator.lock({})])
    expect(connections).toHaveLength(2)
    const [first, second] = connections as [Connection, Connection]
    const ended = once(first.signal, 'abort')
    await one.close()
    await ended
    expect(second.signal.aborted).toBe(false)
  })
})

describe('a stream over the local socket', () => {
  it('arrives in order, and its Failure too', async () => {
    const { path, tell } = await serving()
    const { client } = await connected(path)
    const seen: StateEvent[] = []
    const reading = (async () => {
      for await (const event of await client.app.follow({})) {
        seen.push(event)
        if (event.seq === 2) tell('go on')
      }
    })()
    expect(await failure(reading)).toMatchObject({ code: 'medium-gone', details: { name: 'STICK' } })
    expect(seen).toEqual([0, 1, 2].map((seq) => ({ seq, changes: { host: `host ${seq} \udc80` } })))
  })

  it('that is left early ends at the engine', async () => {
    const { path, told } = await serving()
    const { client } = await connected(path)
    const stream = await client.app.follow({})
    await stream.next()
    await told('follow began')
    await stream.return?.(undefined)
    await expect(told('follow aborted')).resolves.toBeUndefined()
  })

  it('is cancelled through its signal', async () => {
    const { path, told } = await serving()
    const { client } = await connected(path)
    const controller = new AbortController()
    const reading = (async () => {
      for await (const { seq } of await client.app.follow({}, { signal: controller.signal }))
        if (seq === 2) controller.abort()
    })()
    expect(await failure(reading)).toMatchObject({ code: 'cancelled' })
    await told('follow aborted')
  })
})

describe('when the other side goes', () => {
  it('the engine: calls, streams and later calls end with "engine-gone"', async () => {
    const { path, server, told } = await serving()
    const link = await connected(path)
    const stream = await link.client.app.follow({})
    const reading = failure(
      (async () => {
        for await (const _ of stream);
      })(),
    )
    const call = failure(link.client.backup.preview({ plan: id }))
    await Promise.all([told('preview began'), told('follow began')])
    await server.close()
    await link.closed
    expect((await call).code).toBe('engine-gone')
    expect((await reading).code).toBe('engine-gone')
    expect((await failure(link.client.operator.lock({}))).code).toBe('engine-gone')
    expect((await failure(link.client.app.follow({}))).code).toBe('engine-gone')
    await Promise.all([told('preview aborted'), told('follow aborted')])
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
    expect((await failure(connect(path))).code).toBe('engine-gone')
  })

  it('the client: its calls are aborted at the engine, its own pending ones end', async () => {
    const { path, told } = await serving()
    const link = await connected(path)
    const call = failure(link.client.backup.preview({ plan: id }))
    await told('preview began')
    await link.close()
    expect((await call).code).toBe('engine-gone')
    await told('preview aborted')
  })
})

describe('an engine that leaves', () => {
  it('waits for calls under way and takes none afterwards; those it did not take had no effect', async () => {
    const { path, server, told } = await serving()
    const { client } = await connected(path)
    const cancelling = new AbortController()
    const preview = failure(client.backup.preview({ plan: id }, { signal: cancelling.signal }))
    await told('preview began')
    const leaving = server.leave(() => false, new AbortController().signal)
    // Still at work for whoever asks.
    expect(await client.operator.unlock({ password: 'right' })).toEqual({ until: time })
    cancelling.abort()
    expect(await preview).toMatchObject({ code: 'cancelled' })
    expect(await leaving).toBe(true)
    const late = failure(client.operator.unlock({ password: 'right' }))
    await server.close()
    expect(await late).toMatchObject({ code: 'engine-gone', retryable: true })
    expect(await failure(client.operator.lock({}))).toMatchObject({ code: 'engine-gone', retryable: true })
  })

  it('that is closed with a call under way leaves open what became of it', async () => {
    const { path, server, told } = await serving()
    const { client } = await connected(path)
    const preview = failure(client.backup.preview({ plan: id }))
    await told('preview began')
    await server.close()
    expect(await preview).toMatchObject({ code: 'engine-gone', retryable: false })
  })
})

describe('the socket', () => {
  it('is for this user only', async () => {
    const { path } = await serving()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('refuses web pages and whatever is no WebSocket', async () => {
    const { path, connections } = await serving()
    const page = new WebSocket('ws://arche/', {
      createConnection: () => connectSocket(path),
      origin: 'http://evil.example',
    })
    const [error] = await once(page, 'error')
    expect(error.message).toContain('403')
    const plain = request({ socketPath: path, path: '/operator/unlock', method: 'POST' }).end('{}')
    const [response] = await once(plain, 'response')
    expect(response.statusCode).toBe(426)
    response.resume()
    expect(connections).toEqual([])
  })

  it('ends a connection whose message is too long, and goes on with others', async () => {
    const { path } = await serving()
    const [greedy, other] = [await connected(path), await connected(path)]
    const long = failure(greedy.client.plan.import({ json: 'x'.repeat(65 * 1024 * 1024) }))
    expect((await long).code).toBe('engine-gone')
    expect(await other.client.operator.unlock({ password: 'right' })).toEqual({ until: time })
  })

  it('is not harmed by garbage', async () => {
    const { path } = await serving()
    const raw = connectSocket(path).resume()
    raw.write('\0\0\0garbage\r\n\r\n')
    await once(raw, 'close')
    const { client } = await connected(path)
    expect(await client.operator.unlock({ password: 'right' })).toEqual({ until: time })
  })

  it('that a crash left is replaced', async () => {
    const home = await temporaryFolder()
    const dead = createServer().listen(socketPath(home))
    await once(dead, 'listening')
    // Stays in the folder without anybody behind it, as after a crash.
    const aside = join(home, 'aside')
    await hardLink(socketPath(home), aside)
    dead.close()
    await once(dead, 'close')
    await rename(aside, socketPath(home))
    expect((await failure(connect(socketPath(home)))).code).toBe('engine-gone')
    const { path } = await serving(home)
    const { client } = await connected(path)
    expect(await client.operator.unlock({ password: 'right' })).toEqual({ until: time })
  })

  it('never replaces a file that is none', async () => {
    const home = await temporaryFolder()
    await writeFile(socketPath(home), 'precious')
    await expect(serving(home)).rejects.toMatchObject({ code: 'socket-taken' })
  })

  it('works in a data folder with a long path and odd characters', async () => {
    const home = join(await temporaryFolder(), `a:b %20 ?#é ${'long '.repeat(30)}`)
    await mkdir(home, { recursive: true })
    const { path, server } = await serving(home)
    const place = await readlink(path)
    expect(Buffer.byteLength(place)).toBeLessThanOrEqual(100)
    expect((await stat(join(place, '..'))).mode & 0o777).toBe(0o700)
    const { client } = await connected(path)
    expect(await client.operator.unlock({ password: 'right' })).toEqual({ until: time })
    await server.close()
    await expect(readlink(path)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(stat(place)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('works in a data folder with a short path and odd characters', async () => {
    const home = join(await temporaryFolder(), 'a:b %20?#é')
    await mkdir(home)
    const { path } = await serving(home)
    const { client } = await connected(path)
    expect(await client.operator.unlock({ password: 'right' })).toEqual({ until: time })
  })

  it('is not followed to a place that others can enter', async () => {
    const home = join(await temporaryFolder(), 'long '.repeat(30))
    const shared = join(await temporaryFolder(), 'shared')
    await mkdir(home)
    await mkdir(shared, { mode: 0o755 })
    await symlink(join(shared, 'x.sock'), socketPath(home))
    await expect(connect(socketPath(home))).rejects.toMatchObject({ code: 'denied' })
  })
})
