// Room for the next backup: which ones go, over many histories; and that nothing goes without need, without use, or in silence.
import { describe, expect, it } from 'vitest'
import { Failure, type Problem } from '../../core/api/failure.ts'
import type { Artifact, Run } from '../../core/api/model.ts'
import type { Keep } from '../../core/api/plan.ts'
import { newRun } from '../../core/history/record.ts'
import { type Made, type PruneInput, planPrune } from '../../core/keep/keep.ts'
import { planRoom, withoutVain } from '../../core/keep/room.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import type { Tell } from '../../core/runs/after.ts'
import { Room } from '../../core/runs/room.ts'
import { openStore } from '../../core/stores/open.ts'
import { artifactName } from '../../core/targets/names.ts'
import { Shelf } from '../../core/targets/shelf.ts'
import { randomNumbers } from '../suites/fixtures/streams.ts'

const day = 24 * 3600 * 1000
const noon = Date.parse('2026-03-31T12:00:00Z')
const keep: Keep = { untilFull: true }

/** One a day, newest first; `sizes` in that order. */
function history(sizes: readonly number[], now = noon) {
  return sizes.map((size, at) => {
    const time = now - (at + 1) * day
    const name = artifactName('Docs', new Date(time))
    const sha256 = String(at % 10).repeat(64)
    const artifact: Artifact = {
      name,
      subject: 'Docs',
      time: new Date(time).toISOString(),
      size,
      sha256,
      format: '3.0',
    }
    return { artifact, made: { name, sha256, size, time } as Made }
  })
}

function input(all: ReturnType<typeof history>, over: Partial<PruneInput> = {}): PruneInput {
  const facts = { made: all.map(({ made }) => made), bad: [] }
  return {
    artifacts: all.map(({ artifact }) => artifact),
    keep,
    pins: new Set(),
    facts,
    now: noon,
    zone: 'UTC',
    ...over,
  }
}

const names = (all: ReturnType<typeof history>) => all.map(({ artifact }) => artifact.name)
const going = (given: PruneInput, need: number, free: number) =>
  planRoom(given, { need, free }).remove.map(({ name }) => name)

describe('the oldest make room', () => {
  const all = history([100, 100, 100, 100, 100])
  const [newest = '', , third = '', fourth = '', oldest = ''] = names(all)

  it('as many as are needed, told from the newest on', () => {
    expect(going(input(all), 100, 100)).toEqual([])
    expect(going(input(all), 100, 99)).toEqual([oldest])
    expect(going(input(all), 250, 50)).toEqual([fourth, oldest])
    expect(going(input(all), 300, 0)).toEqual([third, fourth, oldest])
    expect(planRoom(input(all), { need: 100, free: 0 })).toEqual({
      remove: [{ name: oldest, size: 100, reason: 'full' }],
      could: 300,
    })
  })

  it('never in vain, never without the rule, never the two newest', () => {
    expect(planRoom(input(all), { need: 301, free: 0 })).toEqual({ remove: [], could: 300 })
    expect(going(input(all.slice(0, 2)), 100, 0)).toEqual([])
    expect(going(input(all, { keep: { last: 5 } }), 100, 0)).toEqual([])
    expect(going(input(all, { keep: undefined }), 100, 0)).toEqual([])
  })

  it('whatever other rules keep; these go on thinning out by themselves', () => {
    const rules = { daily: 7, untilFull: true } as const
    expect(going(input(all, { keep: rules }), 100, 0)).toEqual([oldest])
    const alone = planPrune(input(all))
    expect(alone.remove).toEqual([])
    expect(new Set(alone.keep.flatMap(({ reasons }) => reasons))).toEqual(new Set(['room']))
    expect(planPrune(input(all, { keep: { last: 2, untilFull: true } })).remove).toEqual(
      [third, fourth, oldest].map((name) => ({ name, reason: 'too-many' })),
    )
  })

  it('but for pinned, damaged and foreign ones', () => {
    expect(going(input(all, { pins: new Set([oldest]) }), 100, 0)).toEqual([fourth])
    const facts = { made: all.map(({ made }) => made), bad: [oldest] }
    expect(going(input(all, { facts }), 100, 0)).toEqual([fourth])
    expect(going(input(all, { facts: { made: all.slice(0, 4).map(({ made }) => made), bad: [] } }), 100, 0)).toEqual([
      fourth,
    ])
  })

  it('not while something may be lacking, the clock stands wrong, or what comes is suspiciously small', () => {
    const facts = { made: all.map(({ made }) => made), bad: [] }
    expect(planRoom(input(all, { facts: { ...facts, held: newest } }), { need: 100, free: 0 })).toEqual({
      remove: [],
      could: 0,
      heldBack: { reason: 'loss', name: newest },
    })
    expect(planRoom(input(all, { now: noon - 3 * day }), { need: 100, free: 0 }).heldBack?.reason).toBe('clock-back')
    expect(planRoom(input(all), { need: 49, free: 0 })).toEqual({
      remove: [],
      could: 0,
      heldBack: { reason: 'shrunk', name: newest },
    })
  })

  it('also for a copy that is small: what that lacks is known', () => {
    expect(planRoom(input(all), { need: 49, free: 0, exact: true }).remove.map(({ name }) => name)).toEqual([oldest])
  })

  it('never what is being read, nor the two newest of the others', () => {
    expect(going(input(all, { inUse: new Set([oldest, fourth]) }), 100, 0)).toEqual([third])
    expect(going(input(all, { inUse: new Set([newest, fourth]) }), 200, 0)).toEqual([])
    expect(going(input(all, { inUse: new Set([newest, fourth]) }), 100, 0)).toEqual([oldest])
  })

  it('never the newest that lacks nothing', () => {
    const lacking = all.map(({ artifact, made }, at) => ({
      artifact,
      made: at < 3 ? { ...made, lacking: true } : made,
    }))
    expect(going(input(lacking), 200, 0)).toEqual([third, oldest])
    expect(going(input(lacking), 300, 0)).toEqual([])
  })
})

it('over random histories: a place never overflows while it can be helped, and never loses more than it must', () => {
  const next = randomNumbers(11)
  for (let trial = 0; trial < 300; trial += 1) {
    const sizes = Array.from({ length: next() % 12 }, () => 1 + (next() % 1000))
    const all = history(sizes)
    const pins = new Set(names(all).filter(() => next() % 5 === 0))
    const [need, free] = [1 + (next() % 2000), next() % 1000]
    const { remove, heldBack } = planRoom(input(all, { pins }), { need, free })
    const gone = new Set(remove.map(({ name }) => name))
    for (const name of names(all).slice(0, 2)) expect(gone.has(name)).toBe(false)
    expect([...gone].some((name) => pins.has(name))).toBe(false)
    if (gone.size === 0) continue
    expect(heldBack).toBeUndefined()
    const freed = remove.reduce((sum, { size }) => sum + size, 0)
    expect(free).toBeLessThan(need)
    expect(free + freed).toBeGreaterThanOrEqual(need)
    // Without the last one it would not have been enough, and no older one was passed over.
    expect(free + freed - (remove[0]?.size ?? 0)).toBeLessThan(need)
    const youngest = names(all).indexOf(remove[0]?.name ?? '')
    for (const name of names(all).slice(youngest)) expect(gone.has(name) || pins.has(name)).toBe(true)
  }
})

describe('a run on a place that is nearly full', () => {
  const mib = 1024 * 1024

  /** A place of so many bytes with five backups of a mebibyte; what is put there is taken as it is said to be. */
  async function scene(capacity: number, each = mib) {
    const all = history([each, each, each, each, each], Date.now())
    let elsewhere = 0
    const memory = await openStore({ kind: 'memory' })
    for (const { artifact } of all) await memory.put(artifact.name, bytesOf(Buffer.alloc(each)))
    await memory.put('SHA256SUMS', bytesOf(all.map(({ made }) => `${made.sha256}  ${made.name}\n`).join('')))
    const free = async () => {
      let used = 0
      for await (const { name, size } of memory.list()) if (name.startsWith('backup_')) used += size
      return capacity - elsewhere - used
    }
    const store = new Proxy(memory, {
      get: (target, name) => {
        if (name === 'free') return free
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const told: Parameters<Tell>[0][] = []
    const warnings: Problem[] = []
    const report = {
      operation: () => undefined,
      advance: () => undefined,
      warn: (one: Problem) => void warnings.push(one),
    }
    const ctx = { signal: new AbortController().signal, now: Date.now, temp: '', report }
    const pruning = { keep, facts: { made: all.map(({ made }) => made), bad: [] } }
    const shelf = new Shelf(store)
    const room = new Room(shelf, pruning, ctx as never, (message) => void told.push(message))
    const lying = async () => (await shelf.artifacts()).map(({ name }) => name)
    /** Something else takes so many bytes. */
    const taken = (bytes: number) => {
      elsewhere += bytes
    }
    return { room, told, warnings, names: names(all), lying, ctx, shelf, pruning, taken }
  }

  it('removes what is needed before it writes, and the record knows at once', async () => {
    const { room, told, names: all, lying } = await scene(5.5 * mib)
    await room.make(1.5 * mib)
    expect(await lying()).toEqual(all.slice(0, 3))
    expect(room.removed()).toEqual({ removed: [all[4], all[3]], freed: 2 * mib })
    expect(told.filter(({ type }) => type === 'found')).toEqual([
      { type: 'found', found: { removed: [all[4]] } },
      { type: 'found', found: { removed: [all[4], all[3]] } },
    ])
  })

  it('removes nothing once the rules are held back', async () => {
    const { lying, ctx, shelf, pruning } = await scene(5.5 * mib)
    const room = new Room(shelf, pruning, { ...ctx, heldBack: () => true } as never, () => undefined)
    await expect(room.make(1.5 * mib)).rejects.toMatchObject({ code: 'no-space' })
    await room.make(0.6 * mib)
    expect(await lying()).toHaveLength(5)
  })

  it('writes once more where the place was full after all; a second time is a failure', async () => {
    const { room, names: all, lying } = await scene(8 * mib)
    await room.make(1.5 * mib)
    expect(await lying()).toHaveLength(5)
    let tries = 0
    const written = await room.write(async () => {
      tries += 1
      if (tries === 1) throw new Failure('no-space')
      return 'written'
    })
    expect([written, tries, await lying()]).toEqual(['written', 2, all.slice(0, 4)])
    await expect(room.write(() => Promise.reject(new Failure('no-space')))).rejects.toMatchObject({ code: 'no-space' })
    expect(await lying()).toEqual(all.slice(0, 4))
  })

  it('removes nothing in vain, and tries once where nothing can go', async () => {
    const { shelf, ctx, pruning, told, names: all } = await scene(5 * mib)
    for (const name of all) await shelf.pin(name, true)
    const room = new Room(shelf, pruning, ctx as never, (message) => void told.push(message))
    await room.make(1 * mib, { later: true })
    let tries = 0
    const full = () => {
      tries += 1
      return Promise.reject(new Failure('no-space', { path: '/x' }))
    }
    await expect(room.write(full)).rejects.toMatchObject({
      code: 'no-space',
      details: { path: '/x', free: 0, need: 2 * mib, could: 0, why: 'until-full' },
    })
    expect([tries, await shelf.artifacts(), room.removed().removed]).toMatchObject([1, { length: 5 }, []])
  })

  it('what cannot fit whatever goes is refused at once, and nothing goes', async () => {
    const { room, lying, names: all } = await scene(5 * mib)
    await expect(room.make(10 * mib)).rejects.toMatchObject({
      code: 'no-space',
      details: { free: 0, need: 11 * mib, could: 3 * mib, why: 'until-full' },
    })
    // An estimate may be too high: what nearly fits is tried, and nothing goes for it.
    const tight = await scene(13 * mib)
    await tight.room.make(10.5 * mib)
    expect([await lying(), await tight.lying()]).toEqual([all, tight.names])
    const exact = (await scene(8 * mib)).room
    await expect(exact.make(6 * mib + 1, { exact: true })).rejects.toMatchObject({ code: 'no-space' })
  })

  it('a refusal within the writing is not written again', async () => {
    const { room } = await scene(5 * mib)
    let tries = 0
    const write = () => {
      tries += 1
      return room.make(10 * mib)
    }
    await expect(room.write(write)).rejects.toMatchObject({ details: { why: 'until-full' } })
    expect(tries).toBe(1)
  })

  it('how far it got says what it takes: nothing goes where that will never fit', async () => {
    const part = 8 * mib
    /** Five backups of a part each, and three parts free; reads so much of ten. */
    const tried = async (read: number, about: number, later: boolean) => {
      const { room, lying, told } = await scene(8 * part, part)
      await room.make(about, { later })
      let tries = 0
      const end = await room
        .write(async ({ report }) => {
          tries += 1
          report.operation('archive', 10 * part)
          report.advance(read * part)
          report.operation('archive', part)
          if (tries === 1) throw new Failure('no-space')
        })
        .catch((error: Failure) => error.details.why)
      const needed = told.flatMap((one) => (one.type === 'found' && one.found.needed) || [])
      return { end, gone: 5 - (await lying()).length, needed }
    }
    const within = (share: number) => Math.ceil(Math.max(3 * 1.25, (3 / share) * 1.1) * part)
    expect(await tried(4, 2 * part, false)).toEqual({ end: 'until-full', gone: 0, needed: [within(0.4)] })
    expect(await tried(6, 2 * part, false)).toEqual({ end: undefined, gone: 3, needed: [within(0.6)] })
    expect(await tried(9, 2 * part, false)).toEqual({ end: undefined, gone: 1, needed: [within(0.9)] })
    // All that is read is only the most that it could have been.
    expect(await tried(9, 10 * part, true)).toEqual({ end: undefined, gone: 1, needed: [within(0.9)] })
  })

  it('removes nothing for a quota that the free bytes do not tell of, and reckons nothing from it', async () => {
    for (const exact of [true, false]) {
      const { room, lying, told } = await scene(200 * mib, 10 * mib)
      await room.make(60 * mib, { exact })
      const refused = new Failure('no-space', { reason: 'EDQUOT' })
      const write = room.write(async ({ report }) => {
        report.operation('archive', 100 * mib)
        report.advance(20 * mib)
        throw refused
      })
      await expect(write).rejects.toBe(refused)
      expect(await lying()).toHaveLength(5)
      expect(told.flatMap((one) => (one.type === 'found' && one.found.needed) || [])).toEqual([])
    }
  })

  it('removes no more where what went has made no room', async () => {
    const { room, lying, taken } = await scene(5.5 * mib)
    await room.make(0.6 * mib)
    expect(await lying()).toHaveLength(3)
    // As if a snapshot held what was removed.
    taken(2 * mib)
    const full = () => Promise.reject(new Failure('no-space'))
    await expect(room.write(full)).rejects.toMatchObject({ code: 'no-space', details: { count: 2, why: 'not-freed' } })
    expect(await lying()).toHaveLength(3)
  })

  it('says which warnings are those of a pass that is done again', async () => {
    const { room, told } = await scene(8 * mib)
    await room.make(2 * mib)
    let tries = 0
    await room.write(async () => {
      tries += 1
      if (tries === 1) throw new Failure('no-space')
    })
    const states = told.flatMap((one) => (one.type === 'pass' ? [one.state] : []))
    expect(states).toEqual(['begun', 'failed', 'again'])
    const second = await scene(8 * mib)
    await second.room.make(2 * mib)
    await second.room.write(async () => undefined)
    expect(second.told).toEqual([
      { type: 'pass', state: 'begun' },
      { type: 'pass', state: 'stands' },
    ])
  })

  it('is not written twice for another failure', async () => {
    const { room, lying } = await scene(8 * mib)
    await room.make(1.5 * mib)
    await expect(room.write(() => Promise.reject(new Failure('io')))).rejects.toMatchObject({ code: 'io' })
    expect(await lying()).toHaveLength(5)
  })

  it('a copy of known size that may lie there in part removes nothing before it is refused', async () => {
    const { room, names: all, lying } = await scene(5.5 * mib)
    await room.make(1 * mib, { exact: true, later: true })
    expect(await lying()).toHaveLength(5)
    let tries = 0
    await room.write(async () => {
      tries += 1
      if (tries === 1) throw new Failure('no-space')
    })
    expect(await lying()).toEqual(all.slice(0, 3))
  })
})

describe('a place where what went has made no room', () => {
  const ended = (outcome: Run['outcome'], why?: string): Run => ({
    ...newRun('backup', { subject: 'a' }, 0),
    outcome,
    ...(why === undefined ? {} : { failure: { code: 'no-space', details: { why } } }),
  })
  const keep: Keep = { daily: 7, untilFull: true }

  it('loses nothing more to the next backups, until one is good there again', () => {
    const [vain, full, good] = [ended('error', 'not-freed'), ended('error', 'until-full'), ended('success')]
    expect(withoutVain(keep, [vain, good])).toEqual({ daily: 7 })
    expect(withoutVain(keep, [full, ended('cancelled'), vain, good])).toEqual({ daily: 7 })
    expect(withoutVain({ untilFull: true }, [vain])).toBeUndefined()
    expect(withoutVain(keep, [good, vain])).toEqual(keep)
    expect(withoutVain(keep, [full])).toEqual(keep)
    expect(withoutVain({ daily: 7 }, [vain])).toEqual({ daily: 7 })
  })
})
