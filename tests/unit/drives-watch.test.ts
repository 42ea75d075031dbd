// News of media: plugged in, pulled, changed, and a listing that does not work for a while. Events are awaited; how soon they come is not measured here.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Problem } from '../../core/api/failure.ts'
import type { Medium } from '../../core/api/model.ts'
import { watchDrives } from '../../core/drives/drives.ts'
import { scriptedLsblk } from '../suites/fixtures/scripted-lsblk.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

/** A queue of what the watch says, each told once. */
function watching(working = () => false) {
  const stop = new AbortController()
  const news: (Medium[] | { problem: Problem | undefined })[] = []
  let wake: () => void = () => undefined
  const tell = (one: (typeof news)[number]) => {
    news.push(one)
    wake()
  }
  const onProblem = (problem: Problem | undefined) => tell({ problem })
  const ended = watchDrives((media) => tell(media), { signal: stop.signal, onProblem, working })
  onTestFinished(async () => {
    stop.abort()
    await ended
  })
  const next = async () => {
    while (news.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return news.shift()
  }
  /** The next list of media, as names. */
  const names = async () => {
    const one = await next()
    return Array.isArray(one) ? one.map(({ name }) => name) : one
  }
  return { next, names, news, stop: () => stop.abort(), ended }
}

test('plug in, plug in another, initialise, pull both', async () => {
  const lsblk = scriptedLsblk()
  const [a, b] = [
    { path: temporaryFolder(), label: 'A' },
    { path: temporaryFolder(), label: 'B 🔑' },
  ] as const
  const watch = watching()
  expect(await watch.names()).toEqual([])
  lsblk.plug(a)
  expect(await watch.names()).toEqual(['A'])
  lsblk.plug(a, b)
  expect(await watch.names()).toEqual(['A', 'B 🔑'])
  mkdirSync(join(a.path, 'SIGL_sauvegardes'))
  expect(await watch.next()).toEqual([
    expect.objectContaining({ initialised: true }),
    expect.objectContaining({ initialised: false }),
  ])
  lsblk.plug(b)
  expect(await watch.names()).toEqual(['B 🔑'])
  lsblk.plug()
  expect(await watch.names()).toEqual([])
})

test('a listing that fails is told once, and when it works again', async () => {
  const lsblk = scriptedLsblk()
  lsblk.plug({ path: temporaryFolder(), label: 'A' })
  const watch = watching()
  expect(await watch.names()).toEqual(['A'])
  lsblk.answer('broken', 1)
  expect(await watch.next()).toEqual({ problem: expect.objectContaining({ code: 'tool-failed' }) })
  lsblk.plug({ path: temporaryFolder(), label: 'B' })
  expect(await watch.next()).toEqual({ problem: undefined })
  expect(await watch.names()).toEqual(['B'])
  expect(watch.news).toEqual([])
})

test('ends when it is told to, at once, also before it began', async () => {
  scriptedLsblk()
  const watch = watching()
  await watch.names()
  watch.stop()
  await watch.ended
  const stopped = AbortSignal.abort()
  let calls = 0
  await watchDrives(
    () => {
      calls += 1
    },
    { signal: stopped },
  ) // prettier-ignore
  expect(calls).toBe(0)
})

test('while there is work, no program is started for news that no table tells', async () => {
  const lsblk = scriptedLsblk()
  let looks = 0
  let told = -1
  const watch = watching(() => {
    looks += 1
    // Five looks take longer than two listings are apart otherwise.
    if (looks === 6) told = watch.news.length
    return looks < 6
  })
  expect(await watch.names()).toEqual([])
  lsblk.plug({ path: temporaryFolder(), label: 'A' })
  expect(await watch.names()).toEqual(['A'])
  expect(told).toBe(0)
})
