// Work in progress and at its end, as the desktop shows it outside the page: task bar, title of the window, notification.
// Guarantees: pure functions of the engine's state, except `announce`.
import type { Language, Progress, Run } from '../core/api/model.ts'
import { translator } from '../core/api/text/text.ts'
import { visible } from '../core/api/text/visible.ts'
import { showNotification } from './notification.ts'

/** For `setProgressBar`: 0..1, 2 = going on without a known end, -1 = nothing. */
export function barOf(work: Progress | undefined): number {
  if (!work) return -1
  return work.total ? Math.min(work.done / work.total, 1) : 2
}

export function titleOf(work: Progress | undefined, language: Language): string {
  const t = translator(language)
  if (!work) return t('desktop.title.idle')
  const kind = t(`common.kind.${work.kind}`)
  const percent = Math.floor(barOf(work) * 100)
  return work.total ? t('desktop.title.percent', { percent, kind }) : t('desktop.title.running', { kind })
}

/** Tells how a run ended while nobody was looking. `done` is called once, when the notification is gone or `patience` (ms) is over. */
export function announce(run: Run, language: Language, act: { open(): void; done(): void; patience: number }): void {
  const t = translator(language)
  const how = run.outcome === 'success' || run.outcome === 'warning' || run.outcome === 'error' ? run.outcome : 'other'
  // What has ended is of a gender in French: `context` finds the sentence of such a kind.
  const gaps = {
    kind: t(`common.kind.${run.kind}`),
    context: run.kind,
    subject: visible(run.subject),
    count: run.warnings,
  }
  let over = false
  const once = (then: () => void) => {
    if (over) return
    over = true
    clearTimeout(timer)
    then()
  }
  const timer = setTimeout(() => once(act.done), act.patience)
  const told = {
    title: t(`desktop.ended.${how}.title`, gaps),
    body: t(`desktop.ended.${how}.body`, gaps),
    button: t('desktop.notification.open'),
  }
  showNotification(told, { clicked: () => once(act.open), closed: () => once(act.done), failed: () => once(act.done) })
}
