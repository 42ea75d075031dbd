// `arche backup copy`, and the copies that follow `arche backup` for the other destinations of its plan.
// Guarantees: a place that is away, locked, or busy is told and holds up no other one; a copy that is not there makes the exit code `warning`.
import { Failure } from '../../api/failure.ts'
import type { AppState, Medium, Run } from '../../api/model.ts'
import type { Plan } from '../../api/plan.ts'
import type { CopyState } from '../../api/schedule.ts'
import { describe } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import { exitCodes } from '../exit-codes.ts'
import { followRun } from '../follow.ts'
import { mediumRef } from '../names.ts'
import type { Output } from '../output.ts'
import { readyPlace } from '../place-secrets.ts'
import { type Fact, reportRun } from '../run-report.ts'
import type { Session } from '../session.ts'
import { artifactNamed, artifactsOn } from './list.ts'
import { fromMedium, makeReady } from './medium.ts'

export interface CopyOptions {
  readonly from?: string
  readonly to: string
}

/** Each of them, one after the other; the worst exit code. */
export async function backupCopy(session: Session, typed: readonly string[], options: CopyOptions): Promise<number> {
  const from = await fromMedium(session, options.from)
  const { artifacts } = await artifactsOn(session, from)
  const names = [...new Set(typed.map((one) => artifactNamed(one, artifacts).name))]
  const to = await placeReady(session, options.to)
  let exitCode = 0
  for (const artifact of names) {
    const { id } = await session.guarded((client) => client.copy.start({ from, artifact, to: to.id ?? to.path }))
    exitCode = Math.max(exitCode, await reported(session, await followRun(session, id)))
  }
  return exitCode
}

/** A place as typed, made ready for backups where it is not yet. */
export async function placeReady(session: Session, typed: string): Promise<Medium> {
  const ref = mediumRef(typed, await session.state())
  await readyPlace(session, ref)
  const client = await session.client()
  const { medium } = await client.medium.check({ medium: ref }, { signal: session.interrupts.signal })
  if (medium.initialised && medium.id !== undefined) return medium
  session.output.note(session.output.t('terminal.backup.not-ready', { name: visible(medium.name) }))
  return makeReady(session, ref)
}

/** What a plan's newest backup still needs. Another Arche that makes copies by itself goes first. */
export async function copyOn(session: Session, planId: string): Promise<number> {
  const { output } = session
  let exitCode = 0
  for (const { id } of copyDestinations(await session.state(), planId)) {
    const copy = copyIn(await session.state(), planId, id)
    if (!copy || copy.state === 'done' || copy.state === 'none') continue
    const to = await reachable(session, planId, id)
    const absent = { code: 'medium-absent' as const, details: { name: copy.name, why: copyFollows(copy) } }
    const left = to === undefined ? (copy.reason ?? absent) : undefined
    if (left) output.warning(left)
    exitCode = Math.max(exitCode, to === undefined ? exitCodes.warning : await copyTo(session, planId, to, copy))
  }
  return exitCode
}

async function copyTo(session: Session, planId: string, to: string, copy: CopyState): Promise<number> {
  try {
    await readyPlace(session, to)
    const { id } = await session.guarded((client) => client.copy.start({ planId, to }))
    return await reported(session, await followRun(session, id))
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'cancelled') throw error
    const isBusy = error.code === 'busy' || error.code === 'place-busy'
    if (isBusy && isScheduled(copy) && isScheduled(copyIn(await session.state(), planId, copy.destination))) {
      session.output.note(session.output.t('copy.terminal.elsewhere', { name: visible(copy.name) }))
      return 0
    }
    session.output.warning(error.toProblem())
    return exitCodes.warning
  }
}

function copyFollows({ idle }: CopyState): string {
  return idle ? 'copy-by-hand' : 'copy'
}

/** Somebody makes it by themselves, as far as its state shows. */
function isScheduled(copy: CopyState | undefined): boolean {
  return copy !== undefined && !copy.idle
}

function copyDestinations({ plans }: AppState, planId: string): Plan['destinations'] {
  return (plans.find(({ id }) => id === planId)?.destinations ?? []).filter(({ via }) => via === 'copy')
}

function copyIn({ schedules }: AppState, planId: string, id: string): CopyState | undefined {
  const { copies = [] } = schedules.find((schedule) => schedule.planId === planId) ?? {}
  return copies.find(({ destination }) => destination === id)
}

/** Of the destination's places the first that is there. */
async function reachable(session: Session, planId: string, destination: string): Promise<string | undefined> {
  const state = await session.state()
  const found = copyDestinations(state, planId).find(({ id }) => id === destination)
  const ids = found ? (found.place.rotation ?? [found.place.id]) : []
  return ids.find((id) => state.media.some((medium) => medium.initialised && medium.id === id))
}

function reported(session: Session, run: Run): Promise<number> {
  const { t, bytes } = session.output
  const facts: Fact[] = []
  if (run.artifact) facts.push([t('terminal.fact.archive'), visible(run.artifact)])
  if (run.from) facts.push([t('copy.from'), `${visible(run.from.name)} (${visible(run.from.path)})`])
  if (run.medium) facts.push([t('copy.to'), `${visible(run.medium.name)} (${visible(run.medium.path)})`])
  facts.push([t('terminal.column.size'), bytes(run.stored)])
  if (run.removed?.length) facts.push([t('keep.terminal.removed'), run.removed.map(visible).join('\n')])
  return reportRun(session, 'backup copy', run, facts)
}

/** "NAS: waiting: The place … (until …)". */
export function copyInWords({ name, state, reason, until, newest, idle }: CopyState, output: Output): string {
  const { t, time, language } = output
  const parts = [t(`copy.state.${state}`)]
  if (newest !== undefined) parts.push(t('copy.terminal.newest', { time: time(newest) }))
  if (reason) parts.push(describe(reason, language).text)
  if (idle && reason?.code !== 'nobody-schedules') parts.push(t('copy.terminal.idle'))
  if (until !== undefined) parts.push(t('terminal.schedule.until', { time: time(until) }))
  return `${visible(name)}: ${parts.join(' · ')}`
}
