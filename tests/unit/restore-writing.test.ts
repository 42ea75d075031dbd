// Files that are made and written by a pool: contents, modes, owners and times as announced, whoever does it and however the contents came; a
// taken name is told and not written to; a failure is thrown, and no file stays open.
import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { offering } from '../../core/lib/memory.ts'
import { fsPath } from '../../core/lib/paths.ts'
import { inlinePool, type Pool, ThreadPool } from '../../core/lib/pool.ts'
import {
  type Announced,
  FileWriter,
  type Outcomes,
  type WriteTask,
  type Written,
  writeFiles,
} from '../../core/restore/writing.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { noise } from '../suites/fixtures/streams.ts'
import { isRoot, temporary } from '../support/trees.ts'

/** The compiled thread of the program: see build/fresh-build.mjs. */
const script = pathToFileURL(join(import.meta.dirname, '../../out/main/pool-thread.js'))

const pools: [string, () => Pool<WriteTask, Written>][] = [
  ['here', () => inlinePool(writeFiles)],
  ['in threads', () => new ThreadPool<WriteTask, never>(script, 2)],
]

const owner = isRoot ? { uid: 1234, gid: 4321 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

interface Told {
  marks: bigint[]
  notSet: number
  taken: { path: string; content: string }[]
  refused: string[]
}

function listening(): { told: Told; outcomes: Outcomes } {
  const told: Told = { marks: [], notSet: 0, taken: [], refused: [] }
  const outcomes: Outcomes = {
    made: (marks) => told.marks.push(...marks),
    told: (tallied) => {
      for (const { count } of tallied) told.notSet += count
    },
    taken: ({ path }, content) => told.taken.push({ path, content: Buffer.from(content).toString('latin1') }),
    refused: ({ path }, size, reason) => told.refused.push(`${path} ${size} ${reason}`),
  }
  return { told, outcomes }
}

function about(folder: string, name: string, index = 0): Announced {
  const where = join(folder, name)
  return { path: `archive/${name}`, where, mode: index % 2 ? 0o640 : 0o755, ...owner, mtime: 1_600_000_000_000 + index }
}

/** What this process has open at or below a path. */
function openAt(path: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((file) => {
    try {
      const at = readlinkSync(`/proc/self/fd/${file}`)
      return at.startsWith(path) ? [at] : []
    } catch {
      // The listing itself was open while it was made.
      return []
    }
  })
}

function expectFile({ where, mode, uid, gid, mtime }: Announced, content: Uint8Array): void {
  expect(readFileSync(where).equals(content)).toBe(true)
  const stat = statSync(where)
  expect([stat.mode & 0o7777, stat.uid, stat.gid, Math.floor(stat.mtimeMs)]).toEqual([mode, uid, gid, mtime])
}

test.each(pools)('files made %s are what was announced', async (_, pool) => {
  const folder = temporary()
  const { told, outcomes } = listening()
  const writer = new FileWriter(pool(), outcomes)
  const content = (index: number) => noise(((index * 7919) % 60_000) + 4)
  for (let index = 0; index < 300; index += 1) {
    const bytes = Buffer.from(content(index))
    const going = writer.file(bytes, about(folder, `${index}`, index))
    bytes.fill(0)
    await going
  }
  await writer.settled()
  await writer.ended()
  for (let index = 0; index < 300; index += 1) expectFile(about(folder, `${index}`, index), content(index))
  expect([told.marks.length, told.notSet, told.taken, told.refused]).toEqual([300, 0, [], []])
  expect(openAt(folder)).toEqual([])
})

test.each(pools)(
  'contents in blocks of their own are written from there %s, also when it settles within one',
  async (_, pool) => {
    const folder = temporary()
    const { told, outcomes } = listening()
    const writer = new FileWriter(pool(), outcomes)
    for (let block = 0; block < 20; block += 1) {
      for (const bytes of offering(new Uint8Array(noise(200_000)))) {
        for (let part = 0; part < 10; part += 1) {
          const at = part * 20_000
          await writer.file(bytes.subarray(at, at + 20_000), about(folder, `${block}-${part}`, block))
          if (part === block) await writer.settled()
        }
      }
    }
    await writer.settled()
    await writer.ended()
    for (let block = 0; block < 20; block += 1)
      for (let part = 0; part < 10; part += 1)
        expectFile(
          about(folder, `${block}-${part}`, block),
          noise(200_000).subarray(part * 20_000, (part + 1) * 20_000),
        )
    expect(told.marks).toHaveLength(200)
  },
)

test.each(pools)('a block of more files than go at once is read to its end %s', async (_, pool) => {
  const folder = temporary()
  const { told, outcomes } = listening()
  const writer = new FileWriter(pool(), outcomes)
  for (const bytes of offering(new Uint8Array(noise(40_000))))
    for (let index = 0; index < 2500; index += 1)
      await writer.file(bytes.subarray(index * 16, index * 16 + 16), about(folder, `${index}`))
  await writer.settled()
  await writer.ended()
  for (const index of [0, 999, 1000, 1001, 2000, 2499])
    expectFile(about(folder, `${index}`), noise(40_000).subarray(index * 16, index * 16 + 16))
  expect(told.marks).toHaveLength(2500)
})

test.each(pools)('a large file comes out of its pieces %s, beside small ones', async (_, pool) => {
  const folder = temporary()
  const { told, outcomes } = listening()
  const writer = new FileWriter(pool(), outcomes)
  const large = about(folder, 'large')
  const file = writer.begin(openSync(large.where, 'wx', 0o600), large)
  const pieces = Array.from({ length: 30 }, (_, index) => noise(100_000 + index * 9000))
  for (const [index, piece] of pieces.entries()) {
    for (const bytes of index % 2 ? [Buffer.from(piece)] : offering(new Uint8Array(piece))) {
      await writer.add(file, bytes.subarray(0, 60_000))
      await writer.add(file, bytes.subarray(60_000))
      await writer.file(bytes.subarray(0, index), about(folder, `small ${index}`))
    }
  }
  writer.end(file, true)
  await writer.settled()
  await writer.ended()
  expectFile(large, Buffer.concat(pieces))
  for (const [index, piece] of pieces.entries()) expectFile(about(folder, `small ${index}`), piece.subarray(0, index))
  expect(told.marks).toHaveLength(31)
  expect(openAt(folder)).toEqual([])
})

test.each(pools)(
  'names that are taken or impossible are told %s, and nothing is written to or through them',
  async (_, pool) => {
    const folder = temporary()
    const outside = join(folder, 'outside')
    writeFileSync(outside, 'mine')
    mkdirSync(join(folder, 'in'))
    symlinkSync(outside, join(folder, 'in/link'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'in/dangling'))
    writeFileSync(join(folder, 'in/file'), 'there')
    const { told, outcomes } = listening()
    const writer = new FileWriter(pool(), outcomes)
    const long = 'n'.repeat(300)
    for (const name of ['in/link', 'in/dangling', 'in/file', `in/${long}`, 'in/new'])
      await writer.file(Buffer.from(`new ${name.length}`), about(folder, name))
    await writer.settled()
    await writer.ended()
    expect(told.taken).toEqual([
      { path: 'archive/in/link', content: 'new 7' },
      { path: 'archive/in/dangling', content: 'new 11' },
      { path: 'archive/in/file', content: 'new 7' },
    ])
    expect(told.refused).toEqual([`archive/in/${long} 7 ENAMETOOLONG`])
    expect(told.marks).toHaveLength(1)
    const texts = ['outside', 'in/file', 'in/new'].map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(texts).toEqual(['mine', 'there', 'new 6'])
    expect(readdirSync(folder).sort()).toEqual(['in', 'outside'])
  },
)

test.each(pools)('names that are not UTF-8 are kept %s', async (_, pool) => {
  const folder = temporary()
  const { outcomes } = listening()
  const writer = new FileWriter(pool(), outcomes)
  await writer.file(Buffer.from('latin'), about(folder, 'caf\udce9'))
  await writer.settled()
  await writer.ended()
  expect(readdirSync(folder, { encoding: 'latin1' })).toEqual(['café'])
  expect(readFileSync(fsPath(join(folder, 'caf\udce9')), 'utf8')).toBe('latin')
})

test('a file that is announced is known until it is there, under every name that is the same', async () => {
  const folder = temporary()
  const writer = new FileWriter(inlinePool(writeFiles), listening().outcomes, (where) => where.toLowerCase())
  await writer.file(noise(10), about(folder, 'One'))
  expect(['One', 'ONE', 'Two'].map((name) => writer.making(join(folder, name)))).toEqual([true, true, false])
  await writer.settled()
  expect(writer.making(join(folder, 'One'))).toBe(false)
})

test.each(pools)('a full disk is told %s, and nothing stays open', async (_, pool) => {
  const { outcomes } = listening()
  const writer = new FileWriter(pool(), outcomes)
  const full = { path: 'full', where: '/dev/full', mode: 0o666, uid: 0, gid: 0, mtime: 0 }
  const all = async () => {
    for (let index = 0; index < 20; index += 1) {
      const file = writer.begin(openSync('/dev/full', 'r+'), full)
      for (let count = 0; count < 5; count += 1) await writer.add(file, noise(300_000))
      writer.end(file, true)
    }
    await writer.settled()
  }
  const failure = await failureOf(all())
  expect([failure.code, failure.details.path]).toEqual(['no-space', '/dev/full'])
  await writer.ended()
  expect(openAt('/dev/full')).toEqual([])
})

test.each(pools)('a folder that is missing is the end %s, not a warning', async (_, pool) => {
  const { told, outcomes } = listening()
  const writer = new FileWriter(pool(), outcomes)
  await writer.file(noise(10), about(temporary(), 'missing/file'))
  const failure = await failureOf(writer.settled())
  expect(failure.details.reason ?? failure.code).toMatch(/ENOENT|not-found/)
  await writer.ended()
  expect(told).toMatchObject({ marks: [], taken: [], refused: [] })
})
