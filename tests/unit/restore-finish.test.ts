// Small files that are finished by a pool: contents, modes, owners and times as announced, whoever does it; a failure is thrown, and no file
// stays open.
import { openSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { inlinePool, type Pool, ThreadPool } from '../../core/lib/pool.ts'
import { type Finished, Finisher, type FinishTask, finishFiles } from '../../core/restore/finish.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { noise } from '../suites/fixtures/streams.ts'
import { isRoot, temporary } from '../support/trees.ts'

/** The compiled thread of the program: see build/fresh-build.mjs. */
const script = pathToFileURL(join(import.meta.dirname, '../../out/main/pool-thread.js'))

const pools: [string, () => Pool<FinishTask, Finished>][] = [
  ['here', () => inlinePool(finishFiles)],
  ['in threads', () => new ThreadPool<FinishTask, never>(script, 2)],
]

const owner = isRoot ? { uid: 1234, gid: 4321 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

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

test.each(pools)('files finished %s are what was announced', async (_, pool) => {
  const folder = temporary()
  const taken: Finished[] = []
  const finisher = new Finisher(pool(), (finished) => taken.push(finished))
  const size = (index: number) => (index * 7919) % 60_000
  for (let index = 0; index < 300; index += 1) {
    const where = join(folder, `${index}`)
    const file = openSync(where, 'wx', 0o600)
    const content = Buffer.from(noise(size(index) + 4).subarray(0, size(index)))
    const about = { where, target: where, mode: index % 2 ? 0o640 : 0o755, ...owner, mtime: 1_600_000_000_000 + index }
    await finisher.add(file, content, about)
    content.fill(0)
  }
  await finisher.settled()
  await finisher.ended()
  for (let index = 0; index < 300; index += 1) {
    const path = join(folder, `${index}`)
    expect(readFileSync(path).equals(noise(size(index) + 4).subarray(0, size(index)))).toBe(true)
    const { mode, uid, gid, mtimeMs } = statSync(path)
    expect([mode & 0o7777, uid, gid]).toEqual([index % 2 ? 0o640 : 0o755, owner.uid, owner.gid])
    expect(Math.floor(mtimeMs)).toBe(1_600_000_000_000 + index)
  }
  expect(taken.flatMap(({ marks }) => [...marks])).toHaveLength(300)
  expect(taken.every(({ notSet }) => notSet.failed === 0)).toBe(true)
  expect(openAt(folder)).toEqual([])
})

test.each(pools)('a full disk is told %s, and nothing stays open', async (_, pool) => {
  const finisher = new Finisher(pool(), () => undefined)
  const about = { where: '/dev/full', target: '/dev/full', mode: 0o666, uid: 0, gid: 0, mtime: 0 }
  const all = async () => {
    for (let index = 0; index < 400; index += 1) {
      const file = openSync('/dev/full', 'r+')
      await finisher.add(file, noise(9000), about)
    }
    await finisher.settled()
  }
  const failure = await failureOf(all())
  expect([failure.code, failure.details.path]).toEqual(['no-space', '/dev/full'])
  await finisher.ended()
  expect(openAt('/dev/full')).toEqual([])
})
