// What the tray icon says: image, tooltip and menu as plain values, from the engine's state. Pure.
// Guarantees: the level is the engine's, so icon and main screen never differ; every pause has an end, which is shown.

import { activeRuns } from '../core/api/active-runs.ts'
import type { AppState, Language } from '../core/api/model.ts'
import { type Pause, pauses } from '../core/api/pause.ts'
import type { Protection } from '../core/api/protection-model.ts'
import type { ScheduleState } from '../core/api/schedule.ts'
import { formatMoment } from '../core/api/text/format.ts'
import { describe as inWords, type Translate, translator } from '../core/api/text/text.ts'

export type TrayCommand = 'open' | 'backup' | 'resume' | 'quit' | `pause-${Pause}`

/** A line without a command only tells. */
export type TrayItem =
  | { kind: 'line' }
  | { kind: 'text'; text: string }
  | { kind: 'command'; text: string; command: TrayCommand }
  | { kind: 'menu'; text: string; items: { text: string; command: TrayCommand }[] }

export interface TrayView {
  level: Protection['level']
  tooltip: string
  menu: TrayItem[]
}

/** `now` in ms; times are shown in the local zone. */
export function trayView(state: Partial<AppState>, language: Language, now: number): TrayView {
  const t = translator(language)
  const level = state.protection?.level ?? 'unset'
  const { plans } = state.protection ?? {}
  const many =
    plans && level !== 'unset' ? t('common.protectedPlans', { count: plans.protected, of: plans.of }) : undefined
  const name = t('desktop.tray.state', { level: many ?? t(`common.level.${level}`) })
  const said = state.protection ? [lastLine(state, language, now), nextLine(state, language, now)] : []
  const command = (word: 'open' | 'backup' | 'resume' | 'quit') =>
    ({ kind: 'command', command: word, text: t(`desktop.tray.${word}`) }) as const
  return {
    level,
    tooltip: [name, ...said].join('\n'),
    menu: [
      ...[name, ...said].map((text) => ({ kind: 'text', text }) as const),
      { kind: 'line' },
      command('open'),
      command('backup'),
      ...(isScheduled(state) ? [state.paused ? command('resume') : pauseMenu(t)] : []),
      { kind: 'line' },
      command('quit'),
    ],
  }
}

/** Backups begin by themselves here. */
export function isScheduled(state: Partial<AppState>): boolean {
  return state.plans?.some((plan) => plan.schedule !== undefined) ?? false
}

function pauseMenu(t: Translate): TrayItem {
  const items = pauses.map(
    (pause) => ({ command: `pause-${pause}`, text: t(`desktop.tray.pauseFor.${pause}`) }) as const,
  )
  return { kind: 'menu', text: t('desktop.tray.pause'), items }
}

function lastLine({ runs = [] }: Partial<AppState>, language: Language, now: number): string {
  const t = translator(language)
  const none = [undefined, 'cancelled', 'skipped']
  const last = runs.find((run) => run.kind === 'backup' && !none.includes(run.outcome))
  if (!last) return t('desktop.tray.noLast')
  const when = formatMoment(last.endedAt ?? last.startedAt, language, now)
  return t('desktop.tray.last', { when, outcome: t(`common.outcome.${last.outcome}`) })
}

function nextLine(state: Partial<AppState>, language: Language, now: number): string {
  const t = translator(language)
  const [work, ...more] = activeRuns(state)
  const kind = work && t(`common.kind.${work.kind}`)
  if (kind !== undefined && more.length > 0) return t('desktop.tray.runningMore', { kind, count: more.length })
  if (kind !== undefined) return t('desktop.tray.running', { kind })
  if (!isScheduled(state)) return t('desktop.tray.inactive')
  const when = (iso: string) => formatMoment(iso, language, now)
  if (state.paused) return t('desktop.tray.paused', { when: when(state.paused.until) })
  const schedules = state.schedules ?? []
  const waiting = schedules.find((one) => ['waiting', 'retrying', 'reminder'].includes(one.state))
  if (waiting?.reason) return inWords(waiting.reason, language).text
  const next = earliest(schedules)
  return next === undefined ? t('desktop.tray.onArrival') : t('desktop.tray.next', { when: when(next) })
}

function earliest(schedules: readonly ScheduleState[]): string | undefined {
  const times = schedules.flatMap((one) => (one.state === 'inactive' ? [] : (one.nextDue ?? [])))
  return times.sort((a, b) => Date.parse(a) - Date.parse(b))[0]
}
