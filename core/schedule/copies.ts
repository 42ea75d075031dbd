// Which copies of a plan's backups are due: a pure function of history, places and clock, like decide.ts.
// Guarantees: a destination that is away or full holds up no other one and no backup; a copy that failed is tried again with growing pauses, for as
// long as it is the newest; what is copied is the newest good backup, from any place that has it. Starts nothing.
import { isGood, retryPause } from '../api/alarms.ts'
import { placeIdsOf } from '../api/destination.ts'
import type { FailureCode, Problem } from '../api/failure.ts'
import { inTheWay, usesOfCopy } from '../api/lanes.ts'
import type { Medium, Run } from '../api/model.ts'
import type { Destination, Plan } from '../api/plan.ts'
import type { CopyState } from '../api/schedule.ts'
import type { Account } from '../history/ledger.ts'
import { type MediaView, nameOf, pickMedium } from './media-rule.ts'
import { type CopyStart, type Ongoing, waitsFor } from './scene.ts'

const day = 24 * 3600_000

/** Failures that come again for as long as the backup and the place are what they are. */
const lasting: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'damaged',
  'exists',
  'unsupported-format',
  'copy-same-place',
])

/** Everything that a decision rests on. Times in ms since 1970. */
export interface CopyScene {
  readonly plan: Plan
  readonly account: Account
  readonly view: MediaView
  /** Runs that are going on. */
  readonly active: readonly Ongoing[]
  readonly paused: { readonly until: number } | undefined
  readonly now: number
}

interface CopyAnswer {
  readonly state: CopyState
  readonly start?: CopyStart
  /** It would begin, were it not for what goes on. */
  readonly blocked?: true
  readonly wakeAt?: number
}

export interface CopyDecision {
  /** By plan id, of those that have such destinations. */
  readonly states: ReadonlyMap<string, CopyState[]>
  /** They do not disturb each other. */
  readonly starts: readonly CopyStart[]
  /** Decide again then. */
  readonly wakes: readonly number[]
}

/** `acts` false: this process looks only. `active`: runs that are going on, those included that are about to begin. */
export function decideCopies(
  scenes: readonly Omit<CopyScene, 'active'>[],
  { acts, active: before }: { readonly acts: boolean; readonly active: readonly Ongoing[] },
): CopyDecision {
  const states = new Map<string, CopyState[]>()
  const wakes: number[] = []
  const starts: CopyStart[] = []
  let active = before
  for (const scene of scenes) {
    const own: CopyState[] = []
    // One after the other: the first that begins may be in the way of the next.
    for (const destination of scene.plan.destinations.filter(({ via }) => via === 'copy')) {
      const answer = answerFor(destination, { ...scene, active })
      const { start, wakeAt } = answer
      own.push(acts ? attended(answer) : idle(answer))
      if (start && acts) {
        starts.push(start)
        active = [...active, begun(start, scene.now)]
      }
      if (wakeAt !== undefined && wakeAt > scene.now) wakes.push(wakeAt)
    }
    if (own.length > 0) states.set(scene.plan.id, own)
  }
  return { states, starts, wakes }
}

const open: ReadonlySet<CopyState['state']> = new Set<CopyState['state']>(['waiting', 'retrying'])

/** What is absent says what it is for, and what follows once it is there (`why`). */
const ofCopies: ReadonlySet<string> = new Set<FailureCode>(['medium-absent', 'copy-source-absent'])

function because(reason: Problem, why: 'copy' | 'copy-by-hand'): Problem {
  return ofCopies.has(reason.code) ? { ...reason, details: { ...reason.details, why } } : reason
}

function attended({ state }: CopyAnswer): CopyState {
  return state.reason ? { ...state, reason: because(state.reason, 'copy') } : state
}

/** Who only looks promises nothing: neither a time nor that anything begins. */
function idle({ state, start, blocked }: CopyAnswer): CopyState {
  const { until: _, reason, ...about } = state
  const soon = start !== undefined || blocked || reason?.code === 'schedule-paused'
  if (!soon && !open.has(state.state)) return state
  const nobody: Problem = { code: 'nobody-schedules', details: { why: 'copy' } }
  return { ...about, state: 'waiting', reason: soon || !reason ? nobody : because(reason, 'copy-by-hand'), idle: true }
}

function begun({ plan, backup, from, to }: CopyStart, now: number): Ongoing {
  const run = { kind: 'copy', planId: plan.id, subject: plan.name, startedAt: iso(now), medium: to } as const
  return { run, uses: usesOfCopy(from, backup.artifact, to) }
}

function answerFor(destination: Destination, scene: CopyScene): CopyAnswer {
  const { account, view, active, plan } = scene
  const ids = placeIdsOf(destination.place)
  const newest = newestOn(ids, account)
  const about = {
    destination: destination.id,
    name: ids.map((id) => nameOf(id, view)).join(', '),
    ...(newest === undefined ? {} : { newest }),
  }
  const backup = account.lastGood
  if (!hasArtifact(backup)) return { state: { ...about, state: 'none' } }
  if (ids.some((id) => holders(backup, account).includes(id))) return { state: { ...about, state: 'done' } }
  const running = active.some(({ run: { kind, planId, medium } }) => {
    const id = medium?.id
    return kind === 'copy' && planId === plan.id && id !== undefined && ids.includes(id)
  })
  if (running) return { state: { ...about, state: 'running' } }
  return attend(destination, backup, scene, about)
}

type About = Pick<CopyState, 'destination' | 'name' | 'newest'>

/** It is to be made: now, later, or when something has come. */
function attend(
  destination: Destination,
  backup: Run & { artifact: string },
  scene: CopyScene,
  about: About,
): CopyAnswer {
  const { account, view, now, plan, active, paused } = scene
  const waiting = (reason: Problem, until?: number): CopyAnswer => ({
    state: { ...about, state: 'waiting', reason, ...(until === undefined ? {} : { until: iso(until) }) },
    ...(until === undefined ? {} : { wakeAt: until }),
  })
  const chosen = pickMedium(destination.place, { ...view, backups: copiedAt(account) })
  if (!chosen.medium) return waiting((chosen.absent ?? chosen.several).toProblem())
  const to = chosen.medium
  const again = nextTry(account.copies.get(to.id ?? '')?.tries ?? [], backup, to, now)
  if (again.never) return waiting(again.never)
  if (again.at > now)
    return {
      state: { ...about, state: 'retrying', until: iso(again.at), ...(again.reason ? { reason: again.reason } : {}) },
      wakeAt: again.at,
    }
  const having = holders(backup, account)
  // What made it is preferred. One in the network counts as there and may not answer: then it is another one's turn.
  const sources = having.flatMap((id) => view.media.filter((medium) => medium.initialised && medium.id === id))
  const from = sources[again.failures % Math.max(sources.length, 1)]
  if (!from) {
    const name = having.map((id) => nameOf(id, view)).join(', ')
    return waiting({ code: 'copy-source-absent', details: { name } })
  }
  if (paused) return waiting({ code: 'schedule-paused', details: { until: iso(paused.until) } }, paused.until)
  const obstacle = inTheWay(usesOfCopy(from, backup.artifact, to), active)
  if (obstacle) return { ...waiting(waitsFor(obstacle)), blocked: true }
  return {
    state: { ...about, state: 'running' },
    start: { kind: 'copy', plan, destination, backup, from, to },
  }
}

/** Places that have it, as far as history knows: where it was made first. */
export function holders(backup: Run & { artifact: string }, { copies }: Account): string[] {
  const copied = [...copies].flatMap(([id, { good }]) => (good?.artifact === backup.artifact ? [id] : []))
  return backup.medium?.id === undefined ? copied : [backup.medium.id, ...copied]
}

type NextTry =
  | { readonly never: Problem; readonly at?: undefined }
  | {
      readonly at: number
      readonly failures: number
      readonly reason?: Problem | undefined
      readonly never?: undefined
    }

/** When it may be tried; a person who cancelled it does not want it. Tries of another backup say nothing of it. */
function nextTry(tries: readonly Run[], { artifact }: Run, to: Medium, now: number): NextTry {
  const own = tries.filter((run) => run.artifact === artifact)
  const [last] = own
  const failures = own.filter(({ outcome }) => outcome === 'error' || outcome === 'abandoned').length
  if (!last) return { at: 0, failures }
  if (last.outcome === 'cancelled' && last.failure?.code !== 'interrupted')
    return { never: { code: 'copy-cancelled', details: { name: to.name } } }
  // Neither the backup nor what lies there changes by waiting.
  if (last.failure && lasting.has(last.failure.code)) return { never: last.failure }
  const ended = Date.parse(last.endedAt ?? last.startedAt)
  // An end that lies in the future of a clock that was set back says nothing.
  if (failures === 0 || ended > now + day) return { at: 0, failures }
  return { at: ended + retryPause(failures), failures, reason: last.failure }
}

function hasArtifact(run: Run | undefined): run is Run & { artifact: string } {
  return run?.artifact !== undefined && isGood(run)
}

/** When the newest backup that is on one of the places was made. */
function newestOn(ids: readonly string[], { copies, lastGood }: Account): string | undefined {
  const times = ids.flatMap((id) => copies.get(id)?.good?.madeAt ?? [])
  if (lastGood?.medium?.id !== undefined && ids.includes(lastGood.medium.id)) times.push(lastGood.startedAt)
  return times.sort().at(-1)
}

/** Place id → end of the last copy to it: whose turn it is in a rotation. */
function copiedAt({ copies }: Account): Map<string, string> {
  return new Map([...copies].flatMap(([id, { good }]) => (good ? [[id, good.endedAt ?? good.startedAt] as const] : [])))
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
