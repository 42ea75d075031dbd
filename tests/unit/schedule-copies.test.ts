// Which copies are due: from history, places and clock alone.
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { usesOfBackup } from '../../core/api/lanes.ts'
import type { Medium, Run } from '../../core/api/model.ts'
import type { Plan } from '../../core/api/plan.ts'
import { createLedger } from '../../core/history/ledger.ts'
import { newRun } from '../../core/history/record.ts'
import { decideCopies } from '../../core/schedule/copies.ts'
import type { Ongoing } from '../../core/schedule/scene.ts'
import { medium as folder, minute } from '../support/schedule-world.ts'

const begin = Date.parse('2026-06-01T12:00:00Z')
const [stick, nas, red, blue] = ['STICK', 'NAS', 'RED', 'BLUE'].map((name) => folder(name)) as [
  Medium,
  Medium,
  Medium,
  Medium,
]
const idOf = ({ id = '' }: Medium) => id
const at = (time: number) => new Date(time).toISOString()

function planTo(...places: (Medium | Medium[])[]): Plan {
  const destinations = places.map((one, index) => ({
    id: randomUUID(),
    place: Array.isArray(one)
      ? { kind: 'medium' as const, rotation: one.map(idOf) }
      : { kind: 'medium' as const, id: idOf(one) },
    via: index === 0 ? ('run' as const) : ('copy' as const),
  }))
  return {
    id: randomUUID(),
    name: 'Docs',
    source: { kind: 'folders', paths: ['/a'], exclude: [] },
    method: { kind: 'archive', format: 'tar.gz.gpg' },
    destinations,
    createdAt: at(begin),
  }
}

/** A backup of another plan that goes on there. `spares`: see Use. */
function photosOn(place: Medium, spares?: string[]): Ongoing {
  return {
    run: { kind: 'backup', planId: 'photos', subject: 'Photos', startedAt: at(begin), medium: place },
    uses: usesOfBackup('photos', place, spares),
  }
}

/** A plan, its history, and what is decided for it. */
function life(plan: Plan) {
  const ledger = createLedger()
  const known = [stick, nas, red, blue].map(({ id = '', name, path }) => ({ id, name, path, seenAt: at(begin) }))
  let media = [stick, nas, red, blue]
  let now = begin
  const note = (kind: 'backup' | 'copy', on: Medium, more: Partial<Run>) => {
    const run = {
      ...newRun(
        kind,
        { subject: 'Docs', planId: plan.id, medium: { id: idOf(on), name: on.name, path: on.path } },
        now,
      ),
      endedAt: at(now + 1),
      ...more,
    }
    ledger.note(run)
    return run
  }
  return {
    pass(time: number) {
      now += time
    },
    away(...gone: Medium[]) {
      media = media.filter((one) => !gone.includes(one))
    },
    back(...come: Medium[]) {
      media = [...media, ...come]
    },
    backUp: (name: string, on = stick, more: Partial<Run> = {}) =>
      note('backup', on, { artifact: name, sha256: name, outcome: 'success', ...more }),
    copied: (name: string, on: Medium, more: Partial<Run> = {}) =>
      note('copy', on, { artifact: name, sha256: name, outcome: 'success', madeAt: at(now), ...more }),
    /** Of the newest backup. */
    failed: (on: Medium, more: Partial<Run> = {}) => {
      const { artifact = '' } = ledger.of(plan.id).lastGood ?? {}
      const failure = { code: 'place-unreachable' as const, details: { name: 'NAS' } }
      return note('copy', on, { artifact, outcome: 'error', failure, ...more })
    },
    look: (more: { acts?: boolean; active?: Ongoing[]; paused?: { until: number } } = {}) => {
      const { acts = true, active = [], ...rest } = more
      const account = ledger.of(plan.id)
      const view = { media, known, backups: account.media }
      const scene = { plan, account, view, paused: undefined, now, ...rest }
      const { states, starts, wakes } = decideCopies([scene], { acts, active })
      return { copies: states.get(plan.id) ?? [], start: starts[0], starts, wakes, now }
    },
  }
}

describe('a copy', () => {
  it('is none while there is no backup, and none of a plan without other destinations', () => {
    expect(life(planTo(stick, nas)).look()).toMatchObject({
      copies: [{ state: 'none', name: 'NAS' }],
      start: undefined,
    })
    expect(life(planTo(stick)).look().copies).toEqual([])
  })

  it('begins as soon as there is a good backup, from where that was made', () => {
    const one = life(planTo(stick, nas))
    one.backUp('a')
    expect(one.look()).toMatchObject({
      copies: [{ state: 'running' }],
      start: { from: stick, to: nas, backup: { artifact: 'a' } },
    })
    one.copied('a', nas)
    expect(one.look()).toMatchObject({ copies: [{ state: 'done', newest: at(begin) }], start: undefined })
    one.pass(minute)
    one.backUp('b')
    expect(one.look().start).toMatchObject({ backup: { artifact: 'b' } })
  })

  it('is not made of what failed', () => {
    const one = life(planTo(stick, nas))
    one.backUp('a')
    one.copied('a', nas)
    one.pass(minute)
    one.backUp('b', stick, { outcome: 'error' })
    expect(one.look().copies).toMatchObject([{ state: 'done' }])
  })

  it('takes what is there from any place that has it; a backup that went straight to the place needs none', () => {
    const one = life(planTo(stick, nas, red))
    one.backUp('a')
    one.copied('a', nas)
    one.away(stick)
    expect(one.look().start).toMatchObject({ from: nas, to: red })
    one.pass(minute)
    one.backUp('b', red)
    expect(one.look()).toMatchObject({ copies: [{ state: 'running', name: 'NAS' }, { state: 'done' }] })
    expect(one.look().start).toMatchObject({ from: red, to: nas })
  })

  it('waits visibly for its place and for what it is made of', () => {
    const one = life(planTo(stick, nas))
    one.backUp('a')
    one.away(nas)
    expect(one.look().copies).toMatchObject([
      { state: 'waiting', reason: { code: 'medium-absent', details: { name: 'NAS', why: 'copy' } } },
    ])
    // Who only looks does not say that it begins by itself.
    expect(one.look({ acts: false }).copies).toMatchObject([
      {
        state: 'waiting',
        reason: { code: 'medium-absent', details: { name: 'NAS', why: 'copy-by-hand' } },
        idle: true,
      },
    ])
    one.back(nas)
    one.away(stick)
    expect(one.look().copies).toMatchObject([{ reason: { code: 'copy-source-absent', details: { name: 'STICK' } } }])
    expect(one.look({ acts: false }).copies).toMatchObject([
      { reason: { code: 'copy-source-absent', details: { why: 'copy-by-hand' } }, idle: true },
    ])
  })

  it('is tried again with growing pauses, for as long as it is the newest', () => {
    const one = life(planTo(stick, nas))
    one.backUp('a')
    const pauses: number[] = []
    for (let count = 0; count < 8; count += 1) {
      one.failed(nas)
      const { copies, wakes, start, now } = one.look()
      expect(start).toBeUndefined()
      expect(copies).toMatchObject([{ state: 'retrying', reason: { code: 'place-unreachable' } }])
      expect(copies[0]).not.toHaveProperty('idle')
      // Who only looks tries nothing again.
      expect(one.look({ acts: false }).copies).toEqual([
        {
          destination: expect.any(String),
          name: 'NAS',
          state: 'waiting',
          reason: { code: 'place-unreachable', details: { name: 'NAS' } },
          idle: true,
        },
      ])
      const [wakeAt = 0] = wakes
      pauses.push(Math.round((wakeAt - now) / minute))
      one.pass(wakeAt - now)
      expect(one.look().start).toMatchObject({ to: nas })
    }
    expect(pauses).toEqual([5, 15, 45, 120, 360, 360, 360, 360])
    one.failed(nas)
    one.pass(1)
    // A newer one is another matter.
    one.backUp('b')
    expect(one.look().start).toMatchObject({ backup: { artifact: 'b' } })
  })

  it('that a person cancelled waits for the next backup; one that was interrupted goes on', () => {
    const one = life(planTo(stick, nas))
    one.backUp('a')
    one.failed(nas, { outcome: 'cancelled', failure: { code: 'interrupted', details: {} } })
    expect(one.look().start).toBeDefined()
    one.failed(nas, { outcome: 'cancelled', failure: { code: 'cancelled', details: {} } })
    expect(one.look()).toMatchObject({
      start: undefined,
      copies: [{ state: 'waiting', reason: { code: 'copy-cancelled' } }],
    })
    one.pass(minute)
    one.backUp('b')
    expect(one.look().start).toBeDefined()
  })

  it('is not tried again where trying changes nothing, until there is another backup', () => {
    const one = life(planTo(stick, nas))
    one.backUp('a')
    one.failed(nas, { failure: { code: 'exists', details: { name: 'a' } } })
    one.pass(1000 * minute)
    expect(one.look()).toMatchObject({ start: undefined, copies: [{ state: 'waiting', reason: { code: 'exists' } }] })
    one.backUp('b')
    expect(one.look().start).toBeDefined()
  })

  it('believes no time that a wrong clock has written', () => {
    const one = life(planTo(stick, nas))
    const year = 365 * 24 * 60 * minute
    one.pass(year)
    one.backUp('a')
    one.failed(nas)
    one.pass(-year)
    // What failed in the future is tried now, and then with pauses of today.
    expect(one.look().start).toBeDefined()
    one.failed(nas)
    expect(one.look()).toMatchObject({ start: undefined, copies: [{ state: 'retrying' }] })
    one.failed(nas, { outcome: 'cancelled', failure: { code: 'cancelled', details: {} } })
    expect(one.look().copies).toMatchObject([{ reason: { code: 'copy-cancelled' } }])
  })

  it('is taken from another place that has it where the first does not answer', () => {
    const one = life(planTo(stick, nas, red))
    one.backUp('a')
    one.copied('a', nas)
    expect(one.look().start).toMatchObject({ from: stick, to: red })
    one.failed(red)
    one.pass(6 * minute)
    expect(one.look().start).toMatchObject({ from: nas, to: red })
  })

  it('goes to the place of a rotation whose turn it is; one of them is enough', () => {
    const one = life(planTo(stick, [red, blue]))
    one.backUp('a')
    expect(one.look().start).toMatchObject({ to: red })
    one.copied('a', red)
    expect(one.look().copies).toMatchObject([{ state: 'done', name: 'RED, BLUE' }])
    one.pass(minute)
    one.backUp('b')
    expect(one.look().start).toMatchObject({ to: blue })
    one.away(blue)
    expect(one.look().start).toMatchObject({ to: red })
  })

  it('lets those go first that use its place, and begins nothing in a process that only looks', () => {
    const one = life(planTo(stick, nas, red))
    one.backUp('a')
    expect(one.look({ active: [photosOn(nas)] })).toMatchObject({
      starts: [{ to: red }],
      copies: [
        { state: 'waiting', reason: { code: 'place-busy', details: { name: 'NAS', subject: 'Photos' } } },
        { state: 'running' },
      ],
    })
    // What is being written elsewhere on the place that has it is no obstacle; what may remove it is.
    expect(one.look({ active: [photosOn(stick)] }).starts).toHaveLength(2)
    expect(one.look({ active: [photosOn(stick, [])] })).toMatchObject({
      starts: [],
      copies: [{ reason: { code: 'place-busy', details: { name: 'STICK' } } }, { state: 'waiting' }],
    })
    expect(one.look({ active: [photosOn(stick, ['a'])] }).starts).toHaveLength(2)
    expect(one.look({ paused: { until: begin + minute } })).toMatchObject({
      start: undefined,
      copies: [{ reason: { code: 'schedule-paused' }, until: at(begin + minute) }, { state: 'waiting' }],
      wakes: [begin + minute, begin + minute],
    })
    const seen = one.look({ acts: false })
    expect(seen.start).toBeUndefined()
    expect(seen.copies).toMatchObject([
      { reason: { code: 'nobody-schedules', details: { why: 'copy' } }, idle: true },
      { reason: { code: 'nobody-schedules' }, idle: true },
    ])
    // Also what would wait for a moment only.
    expect(one.look({ acts: false, active: [photosOn(nas)] }).copies[0]).toMatchObject({
      state: 'waiting',
      reason: { code: 'nobody-schedules' },
    })
    // What nobody does by itself is promised neither for after a pause nor for when the place is there.
    expect(one.look({ acts: false, paused: { until: begin + minute } }).copies[0]).toEqual({
      destination: expect.any(String),
      name: 'NAS',
      state: 'waiting',
      reason: { code: 'nobody-schedules', details: { why: 'copy' } },
      idle: true,
    })
    // Each place has its own.
    expect(one.look()).toMatchObject({
      starts: [{ to: nas }, { to: red }],
      copies: [{ state: 'running' }, { state: 'running' }],
    })
  })

  it('of an older backup by hand changes nothing about the newest', () => {
    const one = life(planTo(stick, nas))
    one.backUp('a')
    const made = at(begin)
    one.pass(minute)
    one.backUp('b')
    one.copied('b', nas)
    one.pass(minute)
    one.copied('a', nas, { madeAt: made })
    expect(one.look()).toMatchObject({ copies: [{ state: 'done', newest: at(begin + minute) }], start: undefined })
  })

  it('that was removed again is made anew', () => {
    const one = life(planTo(stick, nas))
    one.backUp('a')
    const copy = one.copied('a', nas)
    one.pass(minute)
    expect(one.look().copies).toMatchObject([{ state: 'done' }])
    one.copied('', nas, { kind: 'prune', removed: ['a'], medium: copy.medium })
    expect(one.look().start).toMatchObject({ to: nas })
  })
})
