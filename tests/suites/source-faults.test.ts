// What those who read sources do when one goes wrong at a chosen point: a bundle of several, and the one line that saves. Whatever it is passes to
// the caller as it is, everything that was begun is closed, and nothing is saved.
import { describe, expect, test } from 'vitest'
import { blocking, Failure } from '../../core/api/failure.ts'
import { mustBeReadable, saveAll } from '../../core/runs/save.ts'
import { bundleSource } from '../../core/sources/bundle.ts'
import type { Source } from '../../core/sources/source.ts'
import { Shelf } from '../../core/targets/shelf.ts'
import { context, opened } from '../support/trees.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { type FaultySource, faultySource, type SourceFault } from './fixtures/faulty-source.ts'
import { memoryStore } from './fixtures/local-stores.ts'
import { all } from './fixtures/streams.ts'
import { temporaryFolder } from './fixtures/temp-folder.ts'

/** Where reading goes wrong, and with what it ends. */
const faults: readonly (SourceFault & { readonly ends: string })[] = [
  { at: 'items', how: 'fail', ends: 'source-missing' },
  { at: 'entry', nth: 0, how: 'fail', ends: 'source-missing' },
  { at: 'entry', nth: 2, how: 'fail', ends: 'source-missing' },
  { at: 'body', nth: 1, how: 'fail', ends: 'source-missing' },
  { at: 'items', how: 'break', ends: 'a bug' },
  { at: 'entry', nth: 1, how: 'break', ends: 'a bug' },
  { at: 'body', nth: 1, how: 'break', ends: 'a bug' },
  { at: 'body', nth: 0, how: 'short', ends: 'short' },
  { at: 'body', nth: 2, how: 'long', ends: 'longer' },
]

const stalls: readonly SourceFault[] = [
  { at: 'items', how: 'stall' },
  { at: 'entry', nth: 1, how: 'stall' },
  { at: 'body', nth: 1, how: 'stall' },
]

/** The code of a Failure, the words of a bug. */
async function endOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    return error instanceof Failure ? error.code : (error as Error).message
  }
  return 'ended well'
}

interface Scene {
  readonly parts: readonly FaultySource[]
  readonly source: Source
  readonly stop: AbortController
  /** Reads and saves everything. */
  save(): Promise<unknown>
  saved(): Promise<string[]>
}

async function scene(...parts: readonly FaultySource[]): Promise<Scene> {
  const store = await memoryStore()
  const stop = new AbortController()
  const source = bundleSource(parts)
  const about = { plan: 'p', host: 'h', recipients: [], keyFiles: [], pack: { format: 'tar' as const } }
  return {
    parts,
    source,
    stop,
    save: () =>
      saveAll({ source, target: new Shelf(store), about }, context(temporaryFolder(), { signal: stop.signal })),
    saved: async () => (await all(store.list())).map(({ name }) => name),
  }
}

/** Nothing was saved, and whatever was begun has ended. */
async function nothingLeft({ parts, saved }: Scene): Promise<void> {
  expect(await saved()).toEqual([])
  expect(parts.flatMap((part) => part.open())).toEqual([])
}

describe.each([0, 1])('part %i of a bundle that is saved', (position) => {
  const made = (fault: SourceFault) =>
    scene(...[0, 1].map((nth) => faultySource(`part${nth}`, nth === position ? fault : undefined)))

  test.each(faults)('$how at $at $nth ends it', async ({ ends, ...fault }) => {
    const at = await made(fault)
    expect(await endOf(at.save())).toContain(ends)
    await nothingLeft(at)
  })

  test.each(stalls)('that stalls at $at $nth is cancelled at once', async (fault) => {
    const at = await made(fault)
    const saving = at.save()
    await at.parts[position]?.stalled
    at.stop.abort()
    expect((await failureOf(saving)).code).toBe('cancelled')
    await nothingLeft(at)
  })

  test('is never left out: to yield no item, or a second one that nobody would read, is a bug', async () => {
    for (const how of ['none', 'twice'] as const) {
      const at = await made({ at: 'items', how })
      expect(await endOf(at.save()), how).toContain('one item')
      expect(at.parts.flatMap((part) => part.open())).toEqual([])
    }
  })

  test('that cannot be counted ends it; one that cannot be read is found before', async () => {
    const uncounted = await made({ at: 'estimate', how: 'fail' })
    expect(await endOf(uncounted.save())).toBe('source-missing')
    await nothingLeft(uncounted)
    const unreadable = await made({ at: 'check', how: 'fail' })
    expect(blocking(await unreadable.source.check())?.code).toBe('source-missing')
    const { signal } = new AbortController()
    expect((await failureOf(mustBeReadable(unreadable.source, signal))).code).toBe('source-missing')
  })
})

test('without a fault all parts come, in their order, and are closed', async () => {
  const at = await scene(faultySource('one'), faultySource('two'))
  const paths: string[] = []
  for await (const item of at.source.items(context(temporaryFolder()) as never)) {
    expect(item.estimate).toEqual(await at.source.estimate(context(temporaryFolder())))
    for await (const { path, body } of opened(item.entries)) {
      paths.push(path)
      for await (const _ of body ?? []);
    }
  }
  expect(paths).toEqual(['one', 'one/0', 'one/1', 'one/2', 'two', 'two/0', 'two/1', 'two/2'])
  await at.save()
  // Archive and contents index, checksums and times.
  expect(await at.saved()).toHaveLength(2 + 2)
  expect(at.parts.flatMap((part) => part.open())).toEqual([])
})
