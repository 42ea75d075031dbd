// `arche status`: "am I protected?" in one screen: the answer with its reason, the last backup, plans, media, work under way.
// Guarantees: reads only; the exit code is 0, or 3 while there is an alarm (a medium that is asked for is none), the answer is "not protected", a scheduled
// backup is hours late, or a key is lost, unusable, or expires within 30 days: a script that watches need not know the words. All of it is in the JSON line.
import { isAcknowledged } from '../../api/acknowledge.ts'
import { keyProblems } from '../../api/key-expiry.ts'
import { isAcceptable, isLacking, removedSince } from '../../api/loss.ts'
import type { AppState, Run } from '../../api/model.ts'
import type { Plan } from '../../api/plan.ts'
import { keyNeeded } from '../../api/recipe.ts'
import type { Alarm } from '../../api/schedule.ts'
import { formatRelative } from '../../api/text/format.ts'
import { reasonInWords } from '../../api/text/protection-text.ts'
import { alarmInWords } from '../../api/text/schedule-text.ts'
import { describe, type Translate } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import { exitCodes } from '../exit-codes.ts'
import { facts } from '../layout.ts'
import type { Output } from '../output.ts'
import { quoted } from '../quoted.ts'
import type { Fact } from '../run-report.ts'
import type { Session } from '../session.ts'
import { copyInWords } from './copy.ts'
import { roomFacts } from './keep.ts'
import { unfinishedFinding } from './restore-server.ts'
import { stateInWords } from './schedule.ts'

const styles = { protected: 'green', attention: 'yellow', unprotected: 'red', unset: 'bold' } as const

export async function status(session: Session): Promise<number> {
  const { output } = session
  const { t, say } = output
  const state = await session.state()
  const { level, reason } = state.protection
  say(`${output.paint(styles[level], t(`common.level.${level}`))} — ${answerInWords(state, output)}`)
  for (const line of facts(statusFacts(state, output))) say(line)
  for (const one of state.unfinished ?? []) output.finding(unfinishedFinding(one))
  const ofKeys = keyProblems(state, Date.now())
  for (const finding of ofKeys) output.finding(finding)
  const next = nextCommand(state, t)
  if (next !== undefined) {
    say()
    say(next)
  }
  const {
    protection: answer,
    plans,
    media,
    active,
    operatorSet,
    version,
    dataFolder,
    keys,
    schedules,
    paused,
    alarms,
    unfinished,
  } = state
  const alarmed = alarms.some((alarm) => alarm.kind !== 'medium-needed' && !isAcknowledged(alarm))
  const wrong = alarmed || ofKeys.length > 0 || level === 'unprotected' || reason === 'due'
  const exitCode = wrong ? exitCodes.warning : exitCodes.success
  const all = {
    protection: answer,
    alarms,
    space: state.space ?? [],
    schedules,
    paused,
    plans,
    media,
    active,
    operatorSet,
    keys,
    keyTrouble: state.keyTrouble,
    keyFindings: ofKeys,
    version,
    dataFolder,
    unfinished,
  }
  output.emit('result', { command: 'status', outcome: 'success', exitCode, ...all })
  return exitCode
}

function statusFacts(state: AppState, output: Output): Fact[] {
  const { t } = output
  const backups = state.runs.filter((run) => run.kind === 'backup')
  const last = backups[0]
  const removed = removedSince(state.runs)
  const isGood = (run: Run) => (run.outcome === 'success' || run.outcome === 'warning') && !isLacking(run)
  const good = backups.find((run) => isGood(run) && !removed.has(run))
  const when = (iso: string) => `${output.time(iso)} (${formatRelative(iso, output.language, Date.now())})`
  const lines: Fact[] = []
  if (last)
    lines.push([
      t('terminal.status.last'),
      `${t(`common.outcome.${last.outcome ?? 'running'}`)}, ${when(last.startedAt)}`,
    ])
  if (good) lines.push([t('terminal.status.last-good'), when(good.startedAt)])
  lines.push([t('terminal.status.plans'), state.plans.map((plan) => visible(plan.name)).join(', ') || '—'])
  lines.push([
    t('terminal.status.media'),
    state.media
      .filter((medium) => medium.initialised)
      .map((medium) => `${visible(medium.name)} (${visible(medium.path)})`)
      .join('\n') || '—',
  ])
  lines.push(...scheduleFacts(state, output))
  for (const active of state.active)
    lines.push([
      t('terminal.status.active'),
      `${t(`common.kind.${active.kind}`)} — ${visible(active.subject)}: ${t(`common.operation.${active.operation}`)}${still(active.movedAt, output)}`,
    ])
  lines.push([t('terminal.status.data'), visible(state.dataFolder)])
  return lines
}

/** Work that says nothing for longer (ms) than any disk needs may be held up by one that does not answer. */
const silence = 60_000

function still(movedAt: string | undefined, { t, time }: Output): string {
  if (movedAt === undefined || Date.now() - Date.parse(movedAt) < silence) return ''
  return ` (${t('terminal.status.still', { time: time(movedAt) })})`
}

/** What the schedules are up to, and the alarms. */
function scheduleFacts(state: AppState, output: Output): Fact[] {
  const { plans, schedules, alarms, paused } = state
  const { t, time } = output
  const lines: Fact[] = []
  for (const schedule of schedules.filter(({ state }) => state !== 'inactive')) {
    const name = plans.find(({ id }) => id === schedule.planId)?.name ?? ''
    const next = schedule.nextDue === undefined ? [] : [`${t('terminal.schedule.next')}: ${time(schedule.nextDue)}`]
    lines.push([t('terminal.status.schedule'), [visible(name), stateInWords(schedule, output), ...next].join('\n')])
  }
  for (const { planId, copies = [] } of schedules) {
    const name = visible(plans.find(({ id }) => id === planId)?.name ?? '')
    const words = copies.map((copy) => copyInWords(copy, output))
    if (words.length > 0) lines.push([t('copy.terminal.copies'), [name, ...words].join('\n')])
  }
  lines.push(...roomFacts(state, state.space ?? [], output))
  if (paused) lines.push([t('terminal.status.paused'), t('terminal.schedule.until', { time: time(paused.until) })])
  if (alarms.length > 0)
    lines.push([t('terminal.status.alarms'), alarms.flatMap((alarm) => alarmLines(alarm, output)).join('\n')])
  return lines
}

/** An alarm, what is missing, and how a person says that this is right. */
function alarmLines(alarm: Alarm, { t, language, time }: Output): string[] {
  if (alarm.acknowledgedAt !== undefined)
    return [`${alarmInWords(alarm, language)} (${t('schedule.acknowledge.at', { time: time(alarm.acknowledgedAt) })})`]
  const why = alarm.losses ?? (isAcceptable(alarm) && alarm.problem ? [alarm.problem] : [])
  const accept = isAcceptable(alarm) ? [t('keep.loss.how', { name: quoted(alarm.subject) })] : []
  return [alarmInWords(alarm, language), ...why.map((one) => describe(one, language).text), ...accept]
}

function nextCommand(state: AppState, t: Translate): string | undefined {
  // What to do stands beside it.
  if (state.keyTrouble) return undefined
  if (state.keys.length === 0 && state.plans.length === 0) return t('terminal.status.next.init')
  if (keyNeeded(state.plans) && !state.keys.some((key) => key.kind === 'own' && key.active))
    return t('terminal.status.next.key')
  if (state.protection.level === 'protected') return undefined
  const plan = planConcerned(state) ?? state.plans[0]
  if (!plan) return t('terminal.status.next.backup')
  // Backing up again would not bring back what is missing: what to do stands beside the alarm.
  if (state.alarms.some((alarm) => alarm.planId === plan.id && isAcceptable(alarm))) return undefined
  return t('terminal.status.next.plan', { plan: quoted(plan.name) })
}

/** Of several plans the one whose answer is that of all. */
function planConcerned({ protection: { planId }, plans }: AppState): Plan | undefined {
  return plans.find(({ id }) => id === planId)
}

/** Of several plans: how many are protected, and which of them decides. */
function answerInWords(state: AppState, { t, language }: Output): string {
  const { level, planId, plans } = state.protection
  const row = (state.rows ?? []).find((one) => one.planId === (planId ?? state.plans[0]?.id))
  const why = reasonInWords(state.protection, row?.lastGood, language, Date.now())
  if (!plans || level === 'unset') return why
  const many = t('common.protectedPlans', { count: plans.protected, of: plans.of })
  const plan = level === 'protected' ? undefined : planConcerned(state)
  return plan ? `${many}. ${t('keep.space.ofPlan', { name: quoted(plan.name), words: why })}` : many
}
