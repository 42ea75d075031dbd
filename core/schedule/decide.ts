// What the schedules ask for at a moment: a pure function of plans, history, media, conditions and clock, so that years can be simulated.
// Guarantees: every due time is started, or recorded as missed or skipped, and none is started again once a backup for it has ended well; what
// is started does not disturb what is going on (api/lanes.ts), and at most `together` backups go on at once. What was done is only what history says (the due time in its records), so a second engine or a restart
// decides the same. Starts nothing and keeps nothing: see scheduler.ts.
import { isGood, retryAt } from '../api/alarms.ts'
import { copyPlaceIds, firstOf } from '../api/destination.ts'
import { dayOf, minuteOf, nextDue } from '../api/due.ts'
import type { Problem } from '../api/failure.ts'
import { inTheWay, usesOfBackup } from '../api/lanes.ts'
import type { Medium } from '../api/model.ts'
import type { Plan } from '../api/plan.ts'
import type { PlanSchedule, ScheduleState } from '../api/schedule.ts'
import type { Account } from '../history/ledger.ts'
import { type CopyScene, decideCopies } from './copies.ts'
import { dueAbsent, type MediaView, mediumAges, pickMedium } from './media-rule.ts'
import { holds, type Looked, outstandingDues } from './outstanding.ts'
import { type Action, type Decision, type Ongoing, type Scene, waitsFor } from './scene.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Time in which a medium may still be plugged in after the computer came up late. */
const plugIn = hour

/** No more backups are begun at once: each has threads and memory of its own, and all read the same disks. */
const together = 2

/** What one plan asks for. */
interface Answer {
  readonly state: Omit<ScheduleState, 'planId' | 'nextDue' | 'medium'>
  readonly actions?: readonly Action[]
  readonly wakeAt?: number | undefined
}

/** A plan with its schedule and what is known of it now. */
interface Case {
  readonly plan: Plan
  readonly schedule: PlanSchedule
  readonly account: Account
  readonly scene: Scene
  readonly now: number
  readonly view: MediaView
  readonly before: ScheduleState | undefined
}

/** A due time whose backup is to begin. */
interface Turn {
  readonly dueAt: number
  readonly attempt: number
  /** Of several due times since, the ones before. */
  readonly earlier: readonly number[]
}

export function decide(scene: Scene, now: number): Decision {
  const states: ScheduleState[] = []
  const actions: Action[] = []
  const wakes: number[] = []
  const looked = new Map<string, Looked>()
  let active = scene.active
  for (const plan of byDue(scene)) {
    const answer = answerFor(plan, { ...scene, active }, now)
    states.push(answer.state)
    if (answer.wakeAt !== undefined) wakes.push(answer.wakeAt)
    looked.set(plan.id, { until: now, dues: answer.dues })
    if (!scene.acts) continue
    actions.push(...answer.actions)
    const start = answer.actions.find((action) => action.kind === 'start')
    if (start) active = [...active, begun(plan, start.medium, now)]
  }
  // Backups come first: a copy is made of what there is.
  const plans = states.flatMap(({ planId }) => scene.plans.filter(({ id }) => id === planId))
  const copies = decideCopies(
    plans.map((plan) => copyScene(plan, scene, now)),
    { acts: scene.acts, active },
  )
  actions.push(...copies.starts)
  wakes.push(...copies.wakes)
  const shown = states.map((state) => {
    const own = copies.states.get(state.planId) ?? []
    return own.length === 0 ? state : { ...state, copies: own }
  })
  return { states: shown, actions, wakeAt: wakes.length === 0 ? undefined : Math.min(...wakes), looked }
}

function begun(plan: Plan, medium: Medium, now: number): Ongoing {
  const run = { kind: 'backup', planId: plan.id, subject: plan.name, startedAt: iso(now), medium } as const
  return { run, uses: usesOfBackup(plan.id, medium) }
}

/** This plan's backup that is going on. */
function ownIn({ active }: Scene, { id }: Plan): Ongoing['run'] | undefined {
  return active.find(({ run }) => run.kind === 'backup' && run.planId === id)?.run
}

function copyScene(plan: Plan, scene: Scene, now: number): Omit<CopyScene, 'active'> {
  const account = scene.accountOf(plan.id)
  return {
    plan,
    account,
    view: { media: scene.media, known: scene.known, backups: account.media },
    paused: isPaused(scene, now) ? { until: scene.pausedUntil ?? now } : undefined,
    now,
  }
}

/** Who has waited longest comes first. */
function byDue({ plans, before }: Scene): Plan[] {
  const dueAt = new Map(before.map((state) => [state.planId, state.dueAt ?? state.nextDue ?? '9']))
  const of = (plan: Plan) => dueAt.get(plan.id) ?? '9'
  return plans.toSorted((one, other) => (of(one) < of(other) ? -1 : of(one) > of(other) ? 1 : 0))
}

function answerFor(
  plan: Plan,
  scene: Scene,
  now: number,
): { state: ScheduleState; actions: readonly Action[]; wakeAt: number | undefined; dues: number[] } {
  const { schedule } = plan
  const account = scene.accountOf(plan.id)
  const copied = copyPlaceIds(plan)
  const media = scene.media.filter(({ id }) => id === undefined || !copied.includes(id))
  const view = { media, known: scene.known, backups: account.media }
  const medium = mediumAges(firstOf(plan).place, view)
  if (!schedule)
    return { state: { planId: plan.id, state: 'inactive', ...medium }, actions: [], wakeAt: undefined, dues: [] }
  const before = scene.before.find((state) => state.planId === plan.id)
  const one = { plan, schedule, account, scene, now, view, before }
  const dues = outstandingDues(schedule, account, scene.looked.get(plan.id), { now, zone: scene.zone })
  const { state, actions = [], wakeAt } = answerOf(one, dues)
  const next = nextDue(schedule.when, now, scene.zone)
  const shown = scene.acts || ownIn(scene, plan) ? state : idle(state)
  return {
    state: { planId: plan.id, ...(next === undefined ? {} : { nextDue: iso(next) }), ...medium, ...shown },
    actions,
    wakeAt: earliest(wakeAt, next, now),
    dues,
  }
}

/** What a process that only looks says of it: nothing will come of it here. */
function idle({ state, dueAt, reason }: Answer['state']): Answer['state'] {
  const due = dueAt === undefined ? {} : { dueAt }
  if (state === 'paused') return { state, ...due, ...(reason ? { reason } : {}) }
  const waits = dueAt !== undefined && state !== 'reminder'
  return { state: waits ? 'waiting' : 'planned', ...due, reason: problem('nobody-schedules') }
}

function earliest(one: number | undefined, other: number | undefined, now: number): number | undefined {
  const times = [one, other].filter((time) => time !== undefined && time > now) as number[]
  return times.length === 0 ? undefined : Math.min(...times)
}

function answerOf(one: Case, dues: readonly number[]): Answer {
  const { plan, schedule, now } = one
  if (Date.parse(schedule.savedAt) > now + minute)
    return { state: { state: 'planned' }, actions: [{ kind: 'rebase', plan }] }
  const turn = arrived(one) ?? last(dues) ?? again(one)
  return turn ? attend(one, turn) : quiet(one)
}

/** The last due time counts; those before it have come to nothing. */
function last(dues: readonly number[]): Turn | undefined {
  const dueAt = dues.at(-1)
  return dueAt === undefined ? undefined : { dueAt, attempt: 1, earlier: dues.slice(0, -1) }
}

/** A medium is there that has not had its backup today. */
function arrived({ plan, schedule, account, scene, now, view, before }: Case): Turn | undefined {
  if (schedule.when.kind !== 'medium') return undefined
  const today = dayOf(now, scene.zone)
  const isToday = (moment: number) => dayOf(moment, scene.zone) === today
  if (account.dealt.some((deal) => isToday(deal.due) && holds(deal, now))) return undefined
  if (account.lastGood && isToday(Date.parse(account.lastGood.startedAt))) return undefined
  if (pickMedium(firstOf(plan).place, view).absent) return undefined
  const since = before?.state === 'waiting' && before.dueAt !== undefined ? Date.parse(before.dueAt) : now
  return { dueAt: isToday(since) && since <= now ? since : now, attempt: 1, earlier: [] }
}

/** The last due time, if its backup failed in a way that may pass. */
function again({ schedule, account, now }: Case): Turn | undefined {
  const past = account.dealt.filter((deal) => deal.due <= now && holds(deal, now))
  const dueAt = past.length === 0 ? undefined : Math.max(...past.map(({ due }) => due))
  const tries = past.filter(({ due }) => due === dueAt).map(({ run }) => run)
  if (dueAt === undefined || tries.some(isGood) || retryAt(tries, schedule) === undefined) return undefined
  if (account.lastGood && Date.parse(account.lastGood.startedAt) >= dueAt) return undefined
  return { dueAt, attempt: tries.length + 1, earlier: [] }
}

/** Nothing is to be done: the next due time, or that its medium is missing. */
function quiet({ plan, schedule, account, scene, now, view }: Case): Answer {
  if (ownIn(scene, plan)) {
    const due = account.dealt.find(({ run }) => run.outcome === undefined)?.run.dueAt
    return { state: { state: 'running', ...(due === undefined ? {} : { dueAt: due }) } }
  }
  if (isPaused(scene, now)) return { state: pausedState(scene), wakeAt: scene.pausedUntil }
  const next = nextDue(schedule.when, now, scene.zone)
  if (next === undefined || schedule.reminderMinutes === 0) return { state: { state: 'planned' } }
  const remindAt = next - schedule.reminderMinutes * minute
  if (now < remindAt) return { state: { state: 'planned' }, wakeAt: remindAt }
  const missing = pickMedium(firstOf(plan).place, view).absent ?? dueAbsent(firstOf(plan).place, view)
  if (!missing) return { state: { state: 'planned' } }
  return { state: { state: 'reminder', dueAt: iso(next), reason: missing.toProblem() } }
}

/** A due time that is to be dealt with: starts, waits, or is given up. */
function attend(one: Case, turn: Turn): Answer {
  const { plan, account, scene, now } = one
  const { dueAt } = turn
  const active = ownIn(scene, plan)
  if (active && Date.parse(active.startedAt) <= dueAt)
    return {
      state: { state: 'running' },
      actions: [record(one, turn, 'skipped', problem('still-running', timed(dueAt)))],
    }
  // Begun by hand while this one was waiting: its end tells whether it counts.
  if (active) return { state: { state: 'running', dueAt: iso(dueAt) } }
  const byHand = account.lastGood
  if (turn.attempt === 1 && byHand && Date.parse(byHand.startedAt) >= dueAt && Date.parse(byHand.startedAt) <= now)
    return {
      state: { state: 'planned' },
      actions: [record(one, turn, 'skipped', problem('done-by-hand', timed(dueAt)))],
    }
  if (isPaused(scene, now)) return { state: { ...pausedState(scene), dueAt: iso(dueAt) }, wakeAt: scene.pausedUntil }
  const before = recordEarlier(one, turn)
  const answer = begin(one, turn)
  return { ...answer, actions: [...before, ...(answer.actions ?? [])] }
}

/** Starts it, or says what it waits for. */
function begin(one: Case, turn: Turn): Answer {
  const { plan, scene, now, view } = one
  const { dueAt, attempt } = turn
  const soon = startingAt(one, turn)
  if (now < soon.at) return { state: { ...soon.state, dueAt: iso(dueAt), until: iso(soon.at) }, wakeAt: soon.at }
  const waiting = (reason: Problem, until?: number): Answer => ({
    state: { state: 'waiting', dueAt: iso(dueAt), reason, ...(until === undefined ? {} : { until: iso(until) }) },
    wakeAt: until,
  })
  const chosen = pickMedium(firstOf(plan).place, view)
  if (chosen.absent) return withoutMedium(one, turn, chosen.absent.toProblem())
  const condition = unmet(one)
  if (condition) return waiting(condition.reason, condition.until)
  if (chosen.several) {
    const action = {
      kind: 'record',
      plan,
      outcome: 'error',
      dueAt,
      attempt,
      problem: chosen.several.toProblem(),
    } as const
    return { state: { state: 'planned' }, actions: [action] }
  }
  // Its rules spare what is being read there.
  const obstacle = inTheWay(usesOfBackup(plan.id, chosen.medium), scene.active)
  if (obstacle) return waiting(waitsFor(obstacle))
  const backups = scene.active.filter(({ run }) => run.kind === 'backup')
  const [other] = backups
  if (other && backups.length >= together) return waiting(problem('another-running', { subject: other.run.subject }))
  return {
    state: { state: 'running', dueAt: iso(dueAt) },
    actions: [{ kind: 'start', plan, dueAt, attempt, medium: chosen.medium }],
  }
}

/** A late one is not started in the very moment in which the computer comes up. */
function startingAt(
  { schedule, account, scene }: Case,
  { dueAt, attempt }: Turn,
): { at: number; state: Pick<ScheduleState, 'state' | 'reason'> } {
  const settled = scene.awakeSince + scene.settle
  if (attempt > 1) {
    const tries = account.dealt.filter(({ due }) => due === dueAt).map(({ run }) => run)
    const last = tries[0]?.failure
    const ended = Date.parse(tries[0]?.endedAt ?? '')
    const planned = retryAt(tries, schedule) ?? settled
    // An end that lies in the future of a clock that was set back says nothing.
    const at = ended > scene.awakeSince + day ? settled : planned
    return {
      at: Math.max(at, ended < scene.awakeSince ? settled : 0),
      state: { state: 'retrying', ...(last ? { reason: last } : {}) },
    }
  }
  if (schedule.when.kind === 'medium') return { at: settled, state: { state: 'planned' } }
  const late = dueAt <= scene.awakeSince
  return { at: late ? settled : dueAt, state: { state: 'waiting', reason: problem('made-up-soon', timed(dueAt)) } }
}

/** Until its window is over, a medium may still come. */
function withoutMedium(one: Case, turn: Turn, reason: Problem): Answer {
  const { schedule, scene, now } = one
  const window = turn.dueAt + schedule.mediumWindowHours * hour
  const until = turn.dueAt < scene.awakeSince ? Math.max(window, scene.awakeSince + plugIn) : window
  if (now < until)
    return { state: { state: 'waiting', dueAt: iso(turn.dueAt), reason, until: iso(until) }, wakeAt: until }
  const state = { state: 'planned' } as const
  return turn.attempt > 1 ? { state } : { state, actions: [record(one, { ...turn, earlier: [] }, 'missed', reason)] }
}

/** The first condition that is not met, unless the backup is so late that none counts any more. */
function unmet({ schedule, account, scene, now }: Case): { reason: Problem; until?: number } | undefined {
  const served = Math.min(now, Date.parse(account.lastGood?.startedAt ?? schedule.savedAt))
  const anywayAt = (nextDue(schedule.when, served, scene.zone) ?? served + day) + schedule.anywayAfterDays * day
  if (now >= anywayAt) return undefined
  if (schedule.mainsPower && scene.onBattery === true) return { reason: problem('on-battery'), until: anywayAt }
  if (schedule.unmetered && scene.metered === true) return { reason: problem('metered'), until: anywayAt }
  const { window } = schedule
  if (!window || isWithin(minuteOf(now, scene.zone), window)) return undefined
  const opens = nextDue({ kind: 'daily', at: window.from }, now, scene.zone) ?? anywayAt
  return { reason: problem('outside-window', { from: window.from, to: window.to }), until: Math.min(opens, anywayAt) }
}

function isWithin(at: number, { from, to }: { from: string; to: string }): boolean {
  const [first, last] = [from, to].map((time) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number)
    return hours * 60 + minutes
  }) as [number, number]
  if (first === last) return true
  return first < last ? first <= at && at < last : first <= at || at < last
}

/** Due times before the one that counts were not met: once, with the reason that is known. */
function recordEarlier(one: Case, { earlier }: Turn): Action[] {
  const [from] = earlier
  const dueAt = earlier.at(-1)
  if (from === undefined || dueAt === undefined) return []
  const reason = reasonOf(one, earlier, dueAt)
  const outcome = reason.code === 'another-running' || reason.code === 'place-busy' ? 'skipped' : 'missed'
  return [record(one, { dueAt, attempt: 1, earlier: earlier.slice(0, -1) }, outcome, reason)]
}

function reasonOf({ before, scene }: Case, earlier: readonly number[], last: number): Problem {
  const waited = before?.dueAt !== undefined && earlier.includes(Date.parse(before.dueAt)) ? before.reason : undefined
  if (waited && waited.code !== 'made-up-soon' && waited.code !== 'nobody-schedules') return waited
  if (scene.pausedUntil !== undefined && last < scene.pausedUntil && last >= scene.pausedUntil - 7 * day)
    return problem('schedule-paused', { until: iso(scene.pausedUntil) })
  return problem('not-running', timed(last))
}

function record(one: Case, turn: Turn, outcome: 'missed' | 'skipped', why: Problem): Action {
  const { dueAt, earlier } = turn
  const several = earlier[0] === undefined ? {} : { from: earlier[0], count: earlier.length + 1 }
  return { kind: 'record', plan: one.plan, outcome, dueAt, ...several, problem: why }
}

function isPaused({ pausedUntil }: Scene, now: number): boolean {
  return pausedUntil !== undefined && now < pausedUntil && pausedUntil <= now + 7 * day + hour
}

function pausedState({ pausedUntil = 0 }: Scene): Pick<ScheduleState, 'state' | 'reason' | 'until'> {
  const until = iso(pausedUntil)
  return { state: 'paused', reason: problem('schedule-paused', { until }), until }
}

function problem(code: Problem['code'], details: Problem['details'] = {}): Problem {
  return { code, details }
}

function timed(due: number): Problem['details'] {
  return { time: iso(due) }
}

function iso(moment: number): string {
  return new Date(moment).toISOString()
}
