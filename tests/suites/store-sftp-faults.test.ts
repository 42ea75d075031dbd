// The store over SFTP on a line that breaks: cut, silent or wrong at any byte, both ways; a server that dies; writers that died. Nothing half under its
// final name, no call that hangs, and the next call connects anew.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bytesOf } from '../../core/lib/bytes.ts'
import { temporaryName } from '../../core/lib/files.ts'
import type { StartTimer } from '../../core/lib/patience.ts'
import { openSftp } from '../../core/stores/sftp.ts'
import type { SftpOptions } from '../../core/stores/sftp-connection.ts'
import type { Store } from '../../core/stores/store.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { type LineFault, type ShakyLine, shakyLine } from './fixtures/shaky-line.ts'
import { all, inChunks, noise, read } from './fixtures/streams.ts'
import { faultSuite } from './store-fault-suite.ts'

const mebi = 1024 * 1024
const size = 300_001
const data = noise(size)

let sshd: Sshd
let bare: Sshd
let line: ShakyLine

beforeAll(async () => {
  sshd = await startSshd()
  bare = await startSshd({ sftp: '-P posix-rename,hardlink,fsync,statvfs,limits' })
  line = await shakyLine(sshd.port)
})
afterAll(async () => {
  await line.close()
  await sshd.stop()
  await bare.stop()
})

/** Timers that ring when the test says so. */
function handTimers(): { startTimer: StartTimer; ring: () => void } {
  const running = new Set<() => void>()
  return {
    startTimer(_milliseconds, ring) {
      const timer = { refresh: () => void running.add(ring), stop: () => void running.delete(ring) }
      timer.refresh()
      return timer
    },
    ring() {
      for (const ring of [...running]) {
        running.delete(ring)
        ring()
      }
    },
  }
}

interface Place {
  readonly path: string
  readonly store: Store
}

async function place(server = sshd, port = line.port, options: Partial<SftpOptions> = {}): Promise<Place> {
  const path = mkdtempSync(join(server.folder, 'place-'))
  const spec = { host: '127.0.0.1', port, user: server.user, path, hostKey: server.fingerprint() }
  const store = await openSftp(spec, { key: server.key, ...options })
  onTestFinished(() => store.close())
  return { path, store }
}

/** What a put sends and gets, in bytes: where faults can lie. */
async function lengths(replace: boolean) {
  const { store } = await place()
  if (replace) await store.put('n', bytesOf('old'))
  line.count()
  await store.put('n', inChunks(data, 65_536), { replace })
  return line.count()
}

/** In bytes, about: what tells that there is room in a window again. */
const windowMessage = 36

/** Some in the middle, and the more the nearer to the end, where the object gets its name. */
function points(length: number): number[] {
  return [0, length * 0.1, length * 0.6, ...[3000, 1500, 1000, 800, 650, 500, 350, 200, 100, 30].map((n) => length - n)]
    .map((at) => Math.floor(at))
    .filter((at) => at >= 0)
}

function expectWholeOrAbsent(path: string, old?: Buffer): void {
  const there = readdirSync(path).filter((name) => !name.startsWith('.arche-'))
  if (old) expect(there).toContain('n')
  if (!there.includes('n')) return
  const found = readFileSync(join(path, 'n'))
  expect(found.equals(data) || (old?.equals(found) ?? false)).toBe(true)
}

faultSuite('sftp', async () => (await place()).store)

describe.each([false, true])('a put on a line that breaks (replacing: %s)', (replace) => {
  test.each(['up', 'down'] as const)(
    'cut at any byte %s: whole or absent, and the next put works and cleans up',
    async (way) => {
      const total = (await lengths(replace))[way]
      const old = Buffer.from('old')
      const waiting = points(total)
      for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
        const { path, store } = await place()
        if (replace) await store.put('n', bytesOf(old))
        void line.set({ way, at, how: 'cut' })
        const outcome = await store.put('n', inChunks(data, 65_536), { replace }).catch((error: Error) => error)
        // A server tells how much it has read whenever it gets to it: it may say less this time, and be done before that byte.
        if (line.takeBack()) {
          expect(outcome).toMatchObject({ size })
          waiting.unshift(at - windowMessage)
        }
        // Once it has its name only the temporary one is left to be removed: that this fails is no failure of the put.
        const expected = 'size' in outcome ? { size } : { code: 'place-unreachable', retryable: true }
        expect(outcome, `${at} of ${total}`).toMatchObject(expected)
        if ('size' in outcome) expect(readFileSync(join(path, 'n')).equals(data)).toBe(true)
        expectWholeOrAbsent(path, replace ? old : undefined)
        await store.put('next', bytesOf('works'))
        expect(String(await read(store.get('next')))).toBe('works')
        expect(
          readdirSync(path).filter((name) => name.startsWith('.arche-')),
          `${at} of ${total}`,
        ).toEqual([])
        await store.close()
      }
    },
  )
})

test.each(['up', 'down'] as const)('a wrong bit %s is noticed by the line itself', async (way) => {
  const total = (await lengths(false))[way]
  for (const at of [0, total >> 1, total - 300]) {
    const { path, store } = await place()
    const hit = line.set({ way, at, how: 'corrupt' })
    // A bit in the length of a packet makes an end wait for more: the limit is what ends that.
    const putting = store.put('n', inChunks(data, 65_536)).catch((error: unknown) => error)
    await hit
    void store.close()
    expect(await putting).toMatchObject({ code: 'place-unreachable' })
    expectWholeOrAbsent(path)
  }
})

const calls: Record<string, (store: Store) => Promise<unknown>> = {
  put: (store) => store.put('new', bytesOf(data)),
  replace: (store) => store.put('there', bytesOf(data), { replace: true }),
  get: (store) => read(store.get('there')),
  stat: (store) => store.stat('there'),
  list: (store) => all(store.list()),
  blocked: (store) => store.blocked('there'),
  remove: (store) => store.remove('there'),
  free: (store) => store.free(),
}

test.each(Object.keys(calls))(
  '%s on a line that falls silent ends at its limit, and the next call works',
  async (name) => {
    const timers = handTimers()
    const { store } = await place(sshd, line.port, timers)
    await store.put('there', bytesOf(data))
    for (const fault of [
      { way: 'up', at: 0 },
      { way: 'down', at: 0 },
    ] as const) {
      const hit = line.set({ ...fault, how: 'stall' })
      const outcome = failureOf(calls[name]?.(store) ?? Promise.resolve())
      await hit
      timers.ring()
      expect(await outcome).toMatchObject({
        code: 'place-unreachable',
        retryable: true,
        details: { reason: 'ETIMEDOUT' },
      })
      expect(
        await store.stat('there').then(
          (found) => found?.size,
          () => 'gone',
        ),
      ).toBe(size)
    }
  },
)

test.each(['up', 'down'] as const)(
  'a put that waits in the middle of a silent line (%s) can be cancelled, and ends at its limit otherwise',
  async (way) => {
    const total = (await lengths(false))[way]
    for (const how of ['cancel', 'limit']) {
      const timers = handTimers()
      const { path, store } = await place(sshd, line.port, timers)
      const stop = new AbortController()
      const hit = line.set({ way, at: total >> 1, how: 'stall' })
      const outcome = failureOf(store.put('n', inChunks(data, 65_536), { signal: stop.signal }))
      await hit
      if (how === 'cancel') stop.abort()
      // Whichever wait is the last: that for the answer, or that of cleaning up.
      const ringing = setInterval(() => timers.ring(), 20)
      const { code } = await outcome
      clearInterval(ringing)
      expect(code).toBe(how === 'cancel' ? 'cancelled' : 'place-unreachable')
      expect(await store.stat('n')).toBeUndefined()
      expect(readdirSync(path)).toEqual([])
    }
  },
)

test('a server that dies: its calls fail clearly, also the next ones', async () => {
  const mortal = await startSshd()
  const { store } = await place(mortal, mortal.port)
  await store.put('there', bytesOf('x'))
  const body = (async function* () {
    yield noise(mebi)
    await mortal.stop()
    yield noise(mebi)
  })()
  expect((await failureOf(store.put('n', body))).code).toBe('place-unreachable')
  for (const call of Object.values(calls))
    expect(await failureOf(call(store))).toMatchObject({ code: 'place-unreachable', retryable: true })
})

test('a reader whose line breaks fails, and reads the rest from where it was', async () => {
  const { store } = await place()
  const large = noise(9 * mebi)
  await store.put('n', bytesOf(large))
  const hit = line.set({ way: 'down', at: 5 * mebi, how: 'cut' })
  const got: Buffer[] = []
  const reading = async () => {
    for await (const chunk of store.get('n')) got.push(Buffer.from(chunk))
  }
  expect((await failureOf(reading())).code).toBe('place-unreachable')
  await hit
  const start = Buffer.concat(got).length
  expect(start).toBeGreaterThan(0)
  got.push(await read(store.get('n', { range: { start } })))
  expect(Buffer.compare(Buffer.concat(got), large)).toBe(0)
})

test('a put that is resumed sends only what is missing', async () => {
  const { path, store } = await place()
  const large = noise(30 * mebi + 5)
  const resume = 'a1b2c3'
  const put = () => store.put('n', inChunks(large, 300_000), { resume })
  const fault: LineFault = { way: 'up', at: 25 * mebi, how: 'cut' }
  const hit = line.set(fault)
  expect((await failureOf(put())).code).toBe('place-unreachable')
  await hit
  expect(await store.stat('n')).toBeUndefined()
  expect(await all(store.list())).toEqual([])
  line.count()
  expect(await put()).toMatchObject({ size: large.length })
  expect(line.count().up).toBeLessThan(20 * mebi)
  expect(readFileSync(join(path, 'n')).equals(large)).toBe(true)
  expect(readdirSync(path)).toEqual(['n'])
})

test('temporary files: those of the dead go with the next put into their folder, those of the living stay', async () => {
  const { path } = await place()
  mkdirSync(join(path, 'sub'))
  const [mine = ''] = [temporaryName()]
  const [, host = '', boot = ''] = /^\.arche-part-(\w+)-(\w+)-/.exec(mine) ?? []
  const aged = (name: string, days: number) => {
    const when = new Date(Date.now() - days * 86_400_000)
    for (const folder of [path, join(path, 'sub')]) {
      writeFileSync(join(folder, name), 'x')
      utimesSync(join(folder, name), when, when)
    }
    return name
  }
  const living = ['.arche-part-otherhos-otherboo-5-00', '.arche-part-resumed-abc', '.arche-medium.json'].map((name) =>
    aged(name, 6),
  )
  aged(`.arche-part-${host}-${boot}-4194999-00`, 0)
  living.push(aged(mine, 0.9))
  aged(temporaryName(), 1.1)
  aged('.arche-part-otherhos-otherboo-5-01', 8)
  aged('.arche-part-resumed-def', 8)
  const spec = { host: '127.0.0.1', port: sshd.port, user: sshd.user, path, hostKey: sshd.fingerprint() }
  const store = await openSftp(spec, { key: sshd.key })
  onTestFinished(() => store.close())
  await store.put('n', bytesOf('x'))
  expect(readdirSync(path).sort()).toEqual([...living, 'n', 'sub'].sort())
  await store.put('sub/n', bytesOf('x'))
  expect(readdirSync(join(path, 'sub')).sort()).toEqual([...living, 'n'].sort())
})

test('what a writer set aside when it died comes back, where a server cannot rename over a name', async () => {
  const { path, store } = await place(bare, bare.port)
  writeFileSync(join(path, '.arche-aside-lost'), 'old')
  writeFileSync(join(path, '.arche-aside-done'), 'old')
  writeFileSync(join(path, 'done'), 'new')
  await store.put('n', bytesOf('x'))
  expect(readdirSync(path).sort()).toEqual(['done', 'lost', 'n'])
  expect(readFileSync(join(path, 'lost'), 'utf8')).toBe('old')
  expect(readFileSync(join(path, 'done'), 'utf8')).toBe('new')
})
