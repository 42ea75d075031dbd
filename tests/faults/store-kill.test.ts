// A store on a disk when the process dies or the system refuses a call, at every step of a put: whole or absent, and nothing else is touched.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeMarker } from '../../core/drives/marker.ts'
import { openStore, type StoreRef } from '../../core/stores/open.ts'
import { bundle } from '../suites/fixtures/bundle.ts'
import type { Order } from '../suites/fixtures/put-program.ts'
import { noise, randomNumbers, read, sha256 } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { figure, rounds } from '../support/campaign.ts'

interface Outcome {
  readonly killed: boolean
  readonly size?: number
  readonly code?: string
  readonly bug?: string
  readonly calls: readonly string[]
}

const size = 2 * 1024 * 1024 + 5
const whole = sha256(noise(size))
const earlier = noise(50_000, 77)
let programs: string
let program: string

beforeAll(async () => {
  programs = mkdtempSync(join(realpathSync(tmpdir()), 'arche-programs-'))
  program = await bundle('put-program', programs)
})
afterAll(() => rmSync(programs, { recursive: true, force: true }))

function put(order: Order): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    child.once('error', reject)
    child.once('close', (status, signal) => {
      if (signal === 'SIGKILL') resolve({ killed: true, calls: [] })
      else if (status === 0) resolve({ killed: false, ...(JSON.parse(out) as Omit<Outcome, 'killed'>) })
      else reject(new Error(`status ${status}: ${err}`))
    })
  })
}

interface Place {
  readonly ref: StoreRef
  /** Where the files are. */
  readonly folder: string
}

async function place(kind: 'local' | 'medium'): Promise<Place> {
  const path = temporaryFolder()
  if (kind === 'local') {
    writeFileSync(join(path, 'earlier'), earlier)
    return { ref: { kind, folder: path }, folder: path }
  }
  const { id } = await writeMarker(path, {
    arche: 1,
    id: randomUUID(),
    name: 'STICK',
    createdAt: new Date().toISOString(),
  })
  const folder = join(path, 'SIGL_sauvegardes')
  writeFileSync(join(folder, 'earlier'), earlier)
  return { ref: { kind, path, id }, folder }
}

const none = { at: 0, how: 'before', errno: '' } as const
const objects = (folder: string) => readdirSync(folder).filter((name) => !name.startsWith('.arche-'))
const temporaries = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('.arche-part-'))

/** What must hold whatever happened: `name` is absent, or whole; with `old`, it is the old one or the new one. */
function expectWholeOrAbsent(folder: string, name: string, old?: Buffer): void {
  expect(readFileSync(join(folder, 'earlier')).equals(earlier)).toBe(true)
  const path = join(folder, name)
  const found = objects(folder).includes(name.split('/')[0] as string) && readIfThere(path)
  if (old) expect(found).toBeTruthy()
  if (found) expect([whole, ...(old ? [sha256(old)] : [])]).toContain(sha256(found))
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

// A medium does all that a local folder does, and asks its guard in between: it gets the 50 points.
describe.each([
  { kind: 'local', points: rounds(15, 500) },
  { kind: 'medium', points: rounds(50, 2000) },
] as const)('$kind', ({ kind, points }) => {
  test(`killed at ${points} random points, the store holds nothing incomplete and the next run cleans up`, async () => {
    const { ref, folder } = await place(kind)
    const { calls } = await put({ ref, name: 'count', size, replace: false, fault: none })
    expect(calls).toEqual(expect.arrayContaining(['open', 'handle.write', 'handle.sync', 'link', 'unlink']))
    // The bytes are on the disk before they have a name, and the name before it is reported.
    expect(calls.indexOf('handle.sync')).toBeGreaterThan(calls.lastIndexOf('handle.write'))
    expect(calls.indexOf('handle.sync')).toBeLessThan(calls.indexOf('link'))
    expect(calls.lastIndexOf('handle.sync')).toBeGreaterThan(calls.indexOf('link'))
    // 64 KiB at a time come in, whole mebibytes go out.
    expect(calls.filter((call) => call === 'handle.write')).toHaveLength(3)
    const random = randomNumbers(kind === 'local' ? 20_26 : 20_27)
    let [killed, absent] = [0, 0]
    for (let run = 0; run < points; run += 1) {
      const at = 1 + (random() % calls.length)
      const how = (['before', 'during', 'after'] as const)[random() % 3] ?? 'during'
      const replace = random() % 3 === 0
      const name = `object-${run}`
      const old = replace && run % 2 === 0 ? earlier : undefined
      if (old) writeFileSync(join(folder, name), old)
      const outcome = await put({ ref, name, size, replace, fault: { at, how, errno: '' } })
      expectWholeOrAbsent(folder, name, old)
      killed += Number(outcome.killed)
      absent += Number(!objects(folder).includes(name))
      rmSync(join(folder, name), { force: true })
    }
    figure('kills', killed)
    // Most orders must have hit something, or this test proves nothing.
    expect(killed).toBeGreaterThan(points * 0.8)
    expect(absent).toBeGreaterThan(points * 0.2)
    const store = await openStore(ref)
    expect(temporaries(folder)).toEqual([])
    expect(await read(store.get('earlier'))).toEqual(earlier)
    await store.close()
  })

  test('whichever call the system refuses, the put fails or is whole, and leaves no temporary file', async () => {
    const { ref, folder } = await place(kind)
    const { calls } = await put({ ref, name: 'count', size, replace: false, fault: none })
    for (const [index, call] of calls.entries()) {
      const name = `object-${index}`
      const outcome = await put({
        ref,
        name,
        size,
        replace: false,
        fault: { at: index + 1, how: 'fail', errno: 'EIO' },
      })
      const there = objects(folder).includes(name)
      expect(outcome.bug, `${call} (${index})`).toBeUndefined()
      expect(there, `${call} (${index}) ended ${outcome.code ?? 'well'}`).toBe(outcome.size === size)
      expectWholeOrAbsent(folder, name)
      // The call that removes the temporary file may itself be refused: then the next opening of the store removes it.
      if (call !== 'unlink') expect(temporaries(folder), `${call} (${index})`).toEqual([])
      for (const left of temporaries(folder)) rmSync(join(folder, left))
    }
  })
})

test('whichever call the system refuses while replacing, the old object or the new one is there, whole', async () => {
  const { ref, folder } = await place('local')
  writeFileSync(join(folder, 'n'), earlier)
  const { calls } = await put({ ref, name: 'n', size, replace: true, fault: none })
  for (const [index, call] of calls.entries()) {
    writeFileSync(join(folder, 'n'), earlier)
    const outcome = await put({
      ref,
      name: 'n',
      size,
      replace: true,
      fault: { at: index + 1, how: 'fail', errno: 'EIO' },
    })
    expect(outcome.bug, call).toBeUndefined()
    expectWholeOrAbsent(folder, 'n', earlier)
    expect(temporaries(folder), call).toEqual([])
  }
})

test.each([
  ['write', 'handle.write', 'ENOSPC', 'no-space'],
  ['write', 'handle.write', 'EDQUOT', 'no-space'],
  ['write', 'handle.write', 'EFBIG', 'file-too-large'],
  ['flush', 'handle.sync', 'EIO', 'io'],
  ['create', 'open', 'EROFS', 'medium-read-only'],
  ['create', 'open', 'EACCES', 'denied'],
  ['create', 'open', 'ENODEV', 'medium-gone'],
  ['name', 'link', 'EIO', 'io'],
])('a refused %s (%s %s) is reported as %s', async (_step, call, errno, code) => {
  const { ref } = await place('local')
  const { calls } = await put({ ref, name: 'count', size, replace: false, fault: none })
  const at = calls.indexOf(call) + 1
  expect(at).toBeGreaterThan(0)
  expect(await put({ ref, name: 'n', size, replace: false, fault: { at, how: 'fail', errno } })).toMatchObject({ code })
})

test('without hard links (FAT, exFAT) an object is renamed into place, and still not over another', async () => {
  const { ref, folder } = await place('local')
  const { calls } = await put({ ref, name: 'count', size, replace: false, fault: none })
  const fault = { at: calls.indexOf('link') + 1, how: 'fail', errno: 'EPERM' } as const
  expect(await put({ ref, name: 'n', size, replace: false, fault })).toMatchObject({ size })
  expect(sha256(readFileSync(join(folder, 'n')))).toBe(whole)
  expect(temporaries(folder)).toEqual([])
})

test('temporary files: those of the dead go, those of the living stay', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'sub'))
  const { ref } = { ref: { kind: 'local', folder } as const }
  const child = await put({ ref, name: 'n', size: 10, replace: false, fault: none })
  expect(child.size).toBe(10)
  const store = await openStore(ref)
  let seen: string[] = []
  await store.put(
    'mine',
    (async function* () {
      yield new Uint8Array(5)
      seen = temporaries(folder)
      // A second writer opens the same folder meanwhile.
      await (await openStore(ref)).close()
      expect(temporaries(folder)).toEqual(seen)
    })(),
  )
  const [mine = ''] = seen
  const [, host = '', boot = ''] = /^\.arche-part-(\w+)-(\w+)-/.exec(mine) ?? []
  const aged = (name: string, days: number) => {
    const when = new Date(Date.now() - days * 86_400_000)
    for (const place of [folder, join(folder, 'sub')]) {
      writeFileSync(join(place, name), 'x')
      utimesSync(join(place, name), when, when)
    }
    return name
  }
  const living = [
    aged(`.arche-part-${host}-${boot}-${process.pid}-00`, 300),
    aged(`.arche-part-${host}-${boot}-1-00`, 300),
    aged('.arche-part-otherhos-otherboo-5-00', 6),
    aged('.arche-part-otherhos-otherboo-6-00', -2),
    aged(`.arche-part-${host}-${boot}-nonsense`, 300),
  ]
  const dead = [
    aged(`.arche-part-${host}-${boot}-4194999-00`, 0),
    aged(`.arche-part-${host}-oldboot0-${process.pid}-00`, 0),
    aged('.arche-part-otherhos-otherboo-5-01', 8),
  ]
  await store.close()
  const again = await openStore(ref)
  expect(temporaries(folder).sort()).toEqual([...living].sort())
  // Other folders are cleaned when they are written to, since opening a store must not walk all of it.
  expect(temporaries(join(folder, 'sub'))).toHaveLength(living.length + dead.length)
  await again.put(
    'sub/n',
    (async function* () {
      yield new Uint8Array(1)
    })(),
  )
  expect(temporaries(join(folder, 'sub')).sort()).toEqual([...living].sort())
  await again.close()
})
