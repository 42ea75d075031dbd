// `arche status`: "am I protected?" in one screen: the answer with its reason, the last backup, plans, media, work under way.
// Guarantees: reads only; the exit code is 0 whatever the answer, which is in the JSON line as `protection`.
import type { AppState } from '../../api/model.ts'
import { formatRelative } from '../../api/text/format.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { facts } from '../layout.ts'
import type { Output } from '../output.ts'
import type { Fact } from '../run-report.ts'
import type { Session } from '../session.ts'
import { unfinishedFinding } from './restore-server.ts'

const styles = { protected: 'green', attention: 'yellow', unprotected: 'red', unset: 'bold' } as const

export async function status(session: Session): Promise<number> {
  const { output } = session
  const { t, say } = output
  const state = await session.state()
  const { level, reason } = state.protection
  say(`${output.paint(styles[level], t(`common.level.${level}`))} — ${t(`common.protection.${reason}`)}`)
  for (const line of facts(statusFacts(state, output))) say(line)
  for (const one of state.unfinished ?? []) output.finding(unfinishedFinding(one))
  const next = nextCommand(state)
  if (next) {
    say()
    say(t(`terminal.status.next.${next}`))
  }
  const { protection, plans, media, active, operatorSet, version, dataFolder, keys, unfinished } = state
  return finish(session, 'status', {
    ...{ protection, plans, media, active, operatorSet, keys, version, dataFolder },
    unfinished: unfinished ?? [],
  })
}

function statusFacts(state: AppState, output: Output): Fact[] {
  const { t } = output
  const backups = state.runs.filter((run) => run.kind === 'backup')
  const last = backups[0]
  const good = backups.find((run) => run.outcome === 'success' || run.outcome === 'warning')
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
  for (const active of state.active)
    lines.push([
      t('terminal.status.active'),
      `${t(`common.kind.${active.kind}`)} — ${visible(active.subject)}: ${t(`common.operation.${active.operation}`)}`,
    ])
  lines.push([t('terminal.status.data'), visible(state.dataFolder)])
  return lines
}

function nextCommand(state: AppState): 'init' | 'key' | 'backup' | undefined {
  if (!state.operatorSet) return 'init'
  if (!state.keys.some((key) => key.kind === 'own' && key.active)) return 'key'
  return state.protection.level === 'protected' ? undefined : 'backup'
}
