// Which backups stay: each rule by example, hostile circumstances one by one, and over random histories what must hold whatever the rules say.
import { describe, expect, it } from 'vitest'
import { parseArtifactName } from '../../core/api/backup-name.ts'
import { keepRules } from '../../core/api/keep-rules.ts'
import type { Artifact } from '../../core/api/model.ts'
import type { Keep } from '../../core/api/plan.ts'
import { type Made, type PruneInput, planPrune } from '../../core/keep/keep.ts'
import { artifactName } from '../../core/targets/names.ts'
import { randomNumbers } from '../suites/fixtures/streams.ts'

const day = 24 * 3600 * 1000
const noon = Date.parse('2026-03-31T12:00:00Z')
const zone = 'Europe/Paris'

const hex = (time: number, letter = 'a') => Math.abs(time).toString(16).padStart(64, letter)

/** A backup as it lies on the medium, and as history knows it. */
function backup(time: number, subject = 'Docs'): { artifact: Artifact; made: Made } {
  const name = artifactName(subject, new Date(time))
  const parsed = parseArtifactName(name)
  if (!parsed) throw new Error(`no name: ${name}`)
  const made = { name, sha256: hex(time), size: 1000, time }
  const shown = { name, subject, time: parsed.time.toISOString(), size: 1000, sha256: made.sha256 }
  return { artifact: { ...shown, format: '3.0' }, made }
}

type Backup = ReturnType<typeof backup>

function input(backups: readonly Backup[], keep: Keep | undefined, over: Partial<PruneInput> = {}): PruneInput {
  const artifacts = backups.map(({ artifact }) => artifact)
  const facts = { made: backups.map(({ made }) => made), bad: [] }
  return { artifacts, keep, pins: new Set(), facts, now: noon, zone, ...over }
}

/** One a day at noon, newest first, the newest today. */
const daily = (count: number, first = noon) => Array.from({ length: count }, (_, at) => backup(first - at * day))

const removed = (given: PruneInput) => planPrune(given).remove.map(({ name }) => name)
const names = (backups: readonly Backup[]) => backups.map(({ artifact }) => artifact.name)
const reasonsOf = (given: PruneInput, one: Backup) =>
  planPrune(given).keep.find(({ name }) => name === one.artifact.name)?.reasons

describe('the rules', () => {
  it('none: everything stays', () => {
    const backups = daily(400)
    expect(removed(input(backups, undefined))).toEqual([])
    expect(reasonsOf(input(backups, undefined), backups[399] as Backup)).toEqual(['all'])
  })

  it('the last so many', () => {
    const backups = daily(10)
    expect(planPrune(input(backups, { last: 4 })).remove).toEqual(
      names(backups.slice(4)).map((name) => ({ name, reason: 'too-many' })),
    )
  })

  it('younger than so many days, but never fewer than three', () => {
    const backups = daily(60)
    const plan = planPrune(input(backups, { days: 30 }))
    expect(plan.remove).toEqual(names(backups.slice(31)).map((name) => ({ name, reason: 'too-old' })))
    const old = daily(9, noon - 50 * day)
    expect(removed(input(old, { days: 30 }))).toEqual(names(old.slice(3)))
    expect(reasonsOf(input(old, { days: 30 }), old[2] as Backup)).toEqual(['few'])
  })

  it('grandfather, father, son: the newest of each period, and the oldest until there are enough', () => {
    const backups = daily(1200)
    const given = input(backups, { daily: 7, weekly: 4, monthly: 12, yearly: 3 })
    const kept = planPrune(given).keep.map(({ name }) => name)
    const days = kept.map((name) => /_(\d{4}-\d\d-\d\d)_/.exec(name)?.[1])
    expect(days).toEqual([
      '2026-03-31',
      '2026-03-30',
      '2026-03-29',
      '2026-03-28',
      '2026-03-27',
      '2026-03-26',
      '2026-03-25',
      '2026-03-22',
      '2026-03-15',
      '2026-02-28',
      '2026-01-31',
      '2025-12-31',
      '2025-11-30',
      '2025-10-31',
      '2025-09-30',
      '2025-08-31',
      '2025-07-31',
      '2025-06-30',
      '2025-05-31',
      '2025-04-30',
      '2024-12-31',
    ]) // prettier-ignore
    const young = daily(40)
    expect(reasonsOf(input(young, { yearly: 3 }), young[39] as Backup)).toEqual(['yearly'])
    expect(planPrune(input(young, { yearly: 3 })).keep).toHaveLength(2)
  })

  it('together: what any of them names stays', () => {
    const backups = daily(30)
    const given = input(backups, { last: 2, monthly: 1, weekly: 3 })
    expect(reasonsOf(given, backups[0] as Backup)).toEqual(['last', 'weekly', 'monthly'])
    expect(planPrune(given).keep).toHaveLength(4)
    expect(new Set(planPrune(given).remove.map(({ reason }) => reason))).toEqual(new Set(['no-rule']))
  })

  it('count days as people do there, also when clocks change, and weeks as ISO 8601', () => {
    const at = (iso: string) => backup(Date.parse(iso))
    // 23:30 and 00:30 in Paris on two days, the same day in UTC; then the hour that comes twice.
    const midnight = [at('2026-03-10T23:30:00Z'), at('2026-03-10T22:30:00Z')]
    expect(removed(input(midnight, { daily: 2 }))).toEqual([])
    expect(removed(input(midnight, { daily: 1 }, { zone: 'UTC' }))).toEqual([midnight[1]?.artifact.name])
    const twice = [at('2025-10-26T01:30:00Z'), at('2025-10-26T00:30:00Z'), at('2025-10-25T00:30:00Z')]
    expect(removed(input(twice, { daily: 2 }))).toEqual([twice[1]?.artifact.name])
    const newYear = [at('2026-01-01T12:00:00Z'), at('2025-12-30T12:00:00Z'), at('2025-12-28T12:00:00Z')]
    expect(removed(input(newYear, { weekly: 2 }))).toEqual([newYear[1]?.artifact.name])
    const leap = [at('2024-03-01T12:00:00Z'), at('2024-02-29T12:00:00Z'), at('2024-02-28T12:00:00Z')]
    expect(removed(input(leap, { daily: 2 }))).toEqual([leap[2]?.artifact.name])
    expect(removed(input(leap, { monthly: 2 }))).toEqual([leap[2]?.artifact.name])
  })
})

describe('what is being read', () => {
  it('stays, and stands for nothing: it may turn out to be damaged', () => {
    const backups = daily(5)
    const given = input(backups, { last: 1 }, { inUse: new Set([names(backups)[0] as string]) })
    const { keep, remove } = planPrune(given)
    expect(keep.map(({ name }) => name)).toEqual(names(backups).slice(0, 2))
    expect(remove).toHaveLength(backups.length - 2)
  })
})

describe('whatever the rules say, it', () => {
  const backups = daily(20)
  const keep = { last: 1 }

  it('never removes a pinned one', () => {
    const pinned = backups[15] as Backup
    const given = input(backups, keep, { pins: new Set([pinned.artifact.name]) })
    expect(removed(given)).not.toContain(pinned.artifact.name)
    expect(reasonsOf(given, pinned)).toEqual(['pinned'])
  })

  it('never touches what this plan has not made: other plans, computers and programs', () => {
    const made = backups.slice(0, 10).map((one) => one.made)
    const given = input(backups, keep, { facts: { made, bad: [] } })
    expect(removed(given)).toEqual(names(backups.slice(1, 10)))
    const old: Artifact = {
      name: 'backup_Docs_2018-04-13_15h58m51s.tar.gz',
      subject: 'Docs',
      time: '2018-04-13T13:58:51.000Z',
      size: 5,
      format: '2.x',
    } // prettier-ignore
    const { remove } = planPrune({ ...given, artifacts: [...given.artifacts, old] })
    expect(remove.map(({ name }) => name)).toEqual(names(backups.slice(1, 10)))
  })

  it('leaves damaged and unverified ones alone, and does not count them', () => {
    const [newest, second, third] = backups as [Backup, Backup, Backup]
    const { sha256: _, ...unverified } = third.artifact
    const artifacts = backups.map(({ artifact }) => (artifact === third.artifact ? unverified : artifact))
    const facts = { made: backups.map(({ made }) => made), bad: [second.artifact.name] }
    const given = input(backups, { last: 2 }, { artifacts, facts })
    expect(planPrune(given).keep).toEqual([
      { name: newest.artifact.name, reasons: ['last'] },
      { name: second.artifact.name, reasons: ['damaged'] },
      { name: third.artifact.name, reasons: ['unverified'] },
      { name: backups[3]?.artifact.name, reasons: ['last'] },
    ])
    const cut = { ...third.artifact, size: 999 }
    const other = { ...second.artifact, sha256: hex(1, 'b') }
    const changed = input(backups, keep, { artifacts: [newest.artifact, other, cut] })
    expect(removed(changed)).toEqual([])
  })

  it('removes nothing while the newest one is not verified, whoever made it', () => {
    const [newest, second] = backups as [Backup, Backup]
    const { sha256: _, ...orphan } = newest.artifact
    const artifacts = [orphan, ...backups.slice(1).map(({ artifact }) => artifact)]
    const made = backups.slice(1).map((one) => one.made)
    const given = input(backups, keep, { artifacts, facts: { made, bad: [] } })
    expect(planPrune(given).remove).toEqual([])
    expect(planPrune(given).heldBack).toEqual({ reason: 'newest-unverified', name: newest.artifact.name })
    expect(reasonsOf(given, second)).toEqual(['newest-unverified'])
    // Another computer's that was read back there, and another plan's, are no reason.
    expect(removed(input(backups, keep, { facts: { made, bad: [] } }))).toHaveLength(18)
    const elsewhere = { ...orphan, subject: 'Photos' }
    expect(removed({ ...given, artifacts: [elsewhere, ...artifacts.slice(1)] })).toHaveLength(18)
  })

  it('removes nothing while the clock stands before a backup', () => {
    const given = input(backups, keep, { now: noon - 3600_000 })
    expect(planPrune(given)).toMatchObject({ remove: [], heldBack: { reason: 'clock-back', name: names(backups)[0] } })
    const future = backup(Date.parse('2038-01-19T03:14:08Z'), 'Photos')
    const artifacts = [future.artifact, ...backups.map(({ artifact }) => artifact)]
    expect(planPrune(input(backups, keep, { artifacts })).heldBack?.reason).toBe('clock-back')
    // Another time zone is not the future.
    const traveller = backup(noon + 12 * 3600_000, 'Photos')
    expect(removed({ ...given, now: noon, artifacts: [traveller.artifact, ...given.artifacts] })).toHaveLength(19)
  })

  it('does not believe an age across a clock that jumped', () => {
    const jumped = backup(Date.parse('2038-01-19T03:14:08Z'))
    const later = backup(Date.parse('2038-01-20T03:14:08Z'))
    const given = input([later, jumped, ...backups], { days: 30 }, { now: Date.parse('2038-01-21T00:00:00Z') })
    expect(removed(given)).toEqual([])
    expect(reasonsOf(given, backups[10] as Backup)).toEqual(['clock-gap'])
    // A count needs no clock.
    expect(removed({ ...given, keep: { last: 5 } })).toEqual(names(backups.slice(3)))
  })

  it('removes nothing while the newest may lack what older ones have, and never counts such a one in the place of another', () => {
    const made = (lacking: number) =>
      backups.map((one, at) => (at < lacking ? { ...one.made, lacking: true } : one.made))
    const held = input(backups, { last: 2 }, { facts: { made: made(3), bad: [], held: names(backups)[0] as string } })
    expect(planPrune(held)).toMatchObject({ remove: [], heldBack: { reason: 'loss', name: names(backups)[0] } })
    // Three of them, and the newest one is whole again, or was accepted.
    const facts = { made: made(4).with(0, (backups[0] as Backup).made), bad: [] }
    const given = input(backups, { last: 2 }, { facts })
    expect(planPrune(given).keep).toEqual([
      { name: names(backups)[0], reasons: ['last'] },
      { name: names(backups)[1], reasons: ['last', 'lacking'] },
      { name: names(backups)[4], reasons: ['last'] },
    ])
    expect(removed(given)).toEqual(names([...backups.slice(2, 4), ...backups.slice(5)]))
  })

  it('keeps the newest good one even where no rule does', () => {
    const old = daily(5, noon - 90 * day)
    expect(removed(input(old, { days: 7 }))).not.toContain(names(old)[0])
    // No form or file can say zero; a mistake of our own must not cost the last backup.
    expect(removed(input(old, { last: 0 }))).toEqual(names(old.slice(1)))
    expect(reasonsOf(input(old, { last: 0 }), old[0] as Backup)).toEqual(['newest'])
  })
})

// --- random histories -------------------------------------------------------------------------------------------------

const zones = ['Europe/Paris', 'UTC', 'America/St_Johns', 'Pacific/Apia', 'Asia/Kathmandu', 'Antarctica/Troll']

function randomCase(seed: number) {
  const next = randomNumbers(seed)
  const below = (limit: number) => next() % limit
  const rhythm = [3600_000, 6 * 3600_000, day, 7 * day][below(4)] as number
  const count = 1 + below(120)
  const start = Date.parse('2023-01-01T00:00:00Z') + below(1200) * day
  const backups = Array.from({ length: count }, (_, at) => backup(start - at * rhythm - below(rhythm / 2)))
  const own = backups.filter(() => below(10) > 0)
  const bad = names(backups).filter(() => below(15) === 0)
  const pins = new Set(names(backups).filter(() => below(12) === 0))
  const rules = keepRules.filter(() => below(3) === 0)
  const keep: Keep = Object.fromEntries((rules.length > 0 ? rules : ['last']).map((rule) => [rule, 1 + below(12)]))
  const artifacts = backups.map(({ artifact }) => {
    const { sha256: _, ...unverified } = artifact
    return below(25) === 0 ? unverified : artifact
  })
  const now = start + below(20) * day - (below(12) === 0 ? 3 * day : 0)
  const facts = { made: own.map(({ made }) => made), bad }
  return { artifacts, keep, pins, facts, now, zone: zones[below(zones.length)] as string } satisfies PruneInput
}

const cases = Array.from({ length: 600 }, (_, seed) => randomCase(seed + 1))

/** Good ones of the plan, newest first. */
function goodOf({ artifacts, facts }: PruneInput): Made[] {
  const listed = new Map(artifacts.map((artifact) => [artifact.name, artifact.sha256]))
  return facts.made
    .filter(({ name, sha256 }) => listed.get(name) === sha256 && !facts.bad.includes(name))
    .toSorted((a, b) => b.time - a.time)
}

/** The first name of each period. */
function newestOfEach(good: readonly Made[], local: Intl.DateTimeFormat): string[] {
  const first = new Map<string, string>()
  for (const { time, name } of good.toReversed()) first.set(local.format(time), name)
  return [...first.values()].toReversed()
}

describe('over random histories', () => {
  it('every backup is either kept or removed, and only own, good, unpinned ones that are not the newest go', () => {
    let went = 0
    for (const given of cases) {
      const { keep, remove } = planPrune(given)
      expect([...keep, ...remove].map(({ name }) => name).sort()).toEqual(
        given.artifacts.map(({ name }) => name).sort(),
      )
      const mayGo = new Set(
        goodOf(given)
          .slice(1)
          .map(({ name }) => name),
      )
      expect(remove.filter(({ name }) => given.pins.has(name) || !mayGo.has(name))).toEqual([])
      expect(keep.filter(({ reasons }) => reasons.length === 0)).toEqual([])
      went += remove.length
    }
    expect(went).toBeGreaterThan(5000)
  })

  it('nothing more goes the second time', () => {
    for (const given of cases) {
      const gone = new Set(removed(given))
      const artifacts = given.artifacts.filter(({ name }) => !gone.has(name))
      expect(removed({ ...given, artifacts })).toEqual([])
    }
  })

  it('counts are honoured: as many periods as the rule says keep one, if there are so many', () => {
    const form = {
      daily: { year: 'numeric', month: 'numeric', day: 'numeric' },
      monthly: { year: 'numeric', month: 'numeric' },
      yearly: { year: 'numeric' },
    } as const
    for (const given of cases) {
      const { keep, heldBack } = planPrune(given)
      if (heldBack) continue
      const kept = new Set(keep.map(({ name }) => name))
      const good = goodOf(given)
      for (const rule of ['daily', 'monthly', 'yearly'] as const) {
        const count = given.keep[rule]
        if (count === undefined) continue
        const local = new Intl.DateTimeFormat('en', { ...form[rule], timeZone: given.zone })
        const newest = newestOfEach(good, local).slice(0, count)
        expect(newest.filter((name) => !kept.has(name))).toEqual([])
        const by = keep.filter(({ reasons }) => reasons.includes(rule))
        expect(by.length).toBeLessThanOrEqual(count)
        expect(by.length).toBeGreaterThanOrEqual(newest.length)
      }
      const last = keep.filter(({ reasons }) => reasons.includes('last'))
      expect(last).toHaveLength(Math.min(given.keep.last ?? 0, good.length))
    }
  })
})
