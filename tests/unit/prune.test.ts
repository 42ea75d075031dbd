// Removing old backups, seen from close by: what happens between two removals counts, and what was agreed is what goes.
import { describe, expect, it } from 'vitest'
import { Failure, type Problem } from '../../core/api/failure.ts'
import { type Chosen, type Pruning, prune } from '../../core/keep/prune.ts'
import { bytesOf, collect } from '../../core/lib/bytes.ts'
import { openStore } from '../../core/stores/open.ts'
import type { Store } from '../../core/stores/store.ts'
import { artifactName } from '../../core/targets/names.ts'
import { Shelf } from '../../core/targets/shelf.ts'

const day = 24 * 3600 * 1000

interface Scene {
  readonly store: Store
  /** Newest first. */
  readonly names: readonly string[]
  readonly pruning: Pruning
  list(): Promise<string>
}

async function scene(count: number): Promise<Scene> {
  const store = await openStore({ kind: 'memory' })
  const made = Array.from({ length: count }, (_, at) => {
    const time = Date.now() - (at + 1) * day
    return { name: artifactName('Docs', new Date(time)), sha256: String(at).repeat(64), size: 3, time }
  })
  for (const { name } of made) await store.put(name, bytesOf('abc'))
  await store.put('SHA256SUMS', bytesOf(made.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('')))
  return {
    store,
    names: made.map(({ name }) => name),
    pruning: { keep: { last: 1 }, facts: { made, bad: [] } },
    list: async () => Buffer.from(await collect(store.get('SHA256SUMS'))).toString(),
  }
}

/** The same store, but something happens after the first backup has been removed. */
function meanwhile(store: Store, deed: () => Promise<void>): Store {
  let happened = false
  return {
    traits: store.traits,
    put: (...args) => store.put(...args),
    get: (...args) => store.get(...args),
    stat: (name) => store.stat(name),
    list: (prefix, fits) => store.list(prefix, fits),
    blocked: (name) => store.blocked(name),
    free: () => store.free(),
    close: () => store.close(),
    async remove(name) {
      await store.remove(name)
      if (!happened && name.startsWith('backup_')) {
        happened = true
        await deed()
      }
    },
  }
}

function context(signal = new AbortController().signal) {
  const warnings: Problem[] = []
  const report = {
    operation: () => undefined,
    advance: () => undefined,
    warn: (problem: Problem) => void warnings.push(problem),
  }
  return { signal, now: Date.now, temp: '', report, warnings }
}

async function removals(at: { store: Store; pruning: Pruning | Chosen }, ctx = context()): Promise<string[]> {
  const removed: string[] = []
  await prune(new Shelf(at.store), at.pruning, ctx, ({ name, size }) => void removed.push(`${name} ${size}`))
  return removed.map((line) => line.replace(/ 3$/, ''))
}

describe('removing', () => {
  it('goes from the oldest to the newest, and keeps what is pinned while it goes on', async () => {
    const at = await scene(5)
    const pinned = at.names[2] ?? ''
    const store = meanwhile(at.store, () => new Shelf(at.store).pin(pinned, true))
    expect(await removals({ ...at, store })).toEqual([at.names[4], at.names[3], at.names[1]])
    expect(
      (await at.list())
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(66)),
    ).toEqual([at.names[0], pinned]) // prettier-ignore
  })

  it('stops when it is cancelled, with everything in order', async () => {
    const at = await scene(4)
    const asked = new AbortController()
    const store = meanwhile(at.store, async () => asked.abort())
    await expect(removals({ ...at, store }, context(asked.signal))).rejects.toMatchObject({ code: 'cancelled' })
    expect(
      (await at.list())
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(66)),
    ).toEqual(at.names.slice(0, 3)) // prettier-ignore
    expect(await removals(at)).toEqual([at.names[2], at.names[1]])
  })

  it('does exactly what was agreed, or nothing', async () => {
    const at = await scene(4)
    const all = at.names.slice(1)
    for (const agreed of [[], all.slice(1), [...all, 'another']])
      await expect(removals({ ...at, pruning: { ...at.pruning, agreed } })).rejects.toMatchObject({ code: 'changed' })
    expect(await removals({ ...at, pruning: { ...at.pruning, agreed: all.toReversed() } })).toHaveLength(3)
  })

  it('tells why nothing may go', async () => {
    const at = await scene(3)
    const future = { ...at.pruning.facts.made[0], time: Date.now() + day }
    const made = [future, ...at.pruning.facts.made.slice(1)] as Pruning['facts']['made']
    const ctx = context()
    expect(await removals({ ...at, pruning: { ...at.pruning, facts: { made, bad: [] } } }, ctx)).toEqual([])
    expect(ctx.warnings).toEqual([{ code: 'keep-held-back', details: { reason: 'clock-back', name: at.names[0] } }])
  })
})

describe('removing what a person has chosen', () => {
  const chosen = (names: readonly (string | undefined)[], size = 3) => ({
    chosen: names.map((name = '') => ({ name, size })),
  })

  it('takes exactly that, the newest too, and keeps the list of checksums right', async () => {
    const { store, names, list } = await scene(4)
    const reasons: unknown[] = []
    await prune(
      new Shelf(store),
      chosen([names[0], names[2]]),
      context(),
      ({ name, reason }) => void reasons.push([name, reason]),
    )
    expect(reasons).toEqual([
      [names[2], undefined],
      [names[0], undefined],
    ])
    const left = (await list()).trimEnd().split('\n')
    expect(left.map((line) => line.slice(66))).toEqual([names[1], names[3]])
  })

  it('takes all of it or nothing: one that is pinned, gone or another file by now is refused before', async () => {
    const { store, names, list } = await scene(4)
    const before = await list()
    const [first = '', second = ''] = names
    const refused = (pruning: Chosen) => expect(removals({ store, pruning })).rejects
    await refused(chosen([first, 'backup_v30_Docs_2020-01-01_00h00m00s.tar.gz.gpg'])).toMatchObject({
      code: 'not-found',
    })
    await refused(chosen([first, second], 4)).toMatchObject({ code: 'changed' })
    await new Shelf(store).pin(second, true)
    await refused(chosen([first, second])).toMatchObject({ code: 'backup-pinned', details: { name: second } })
    // Neither do other files go that are no backups.
    await refused(chosen(['SHA256SUMS'], before.length)).toMatchObject({ code: 'not-found' })
    expect(await list()).toBe(before)
    for (const name of names) expect(await store.stat(name)).toBeDefined()
  })

  it('tells of one that was pinned meanwhile, which stays', async () => {
    const at = await scene(3)
    const [first = ''] = at.names
    const ctx = context()
    const store = meanwhile(at.store, () => new Shelf(at.store).pin(first, true))
    expect(await removals({ store, pruning: chosen([first, at.names[2]]) }, ctx)).toEqual([at.names[2]])
    expect(ctx.warnings).toEqual([{ code: 'backup-not-deleted', details: { name: first, reason: 'meanwhile' } }])
  })

  it('fails when the medium goes', async () => {
    const at = await scene(3)
    const store = meanwhile(at.store, async () => {
      throw new Failure('medium-gone')
    })
    await expect(removals({ store, pruning: chosen(at.names.slice(1)) })).rejects.toMatchObject({ code: 'medium-gone' })
  })
})
