// A run's log as lines of text, for the screen and for the exported file. Pure.
// Guarantees: one line of the log is one line of text (what could break it is made visible); problems are in words.
import type { Language, LogLine, OperationRecord } from '../../core/api/model.ts'
import { formatTimeExact } from '../../core/api/text/format.ts'
import { describe as inWords } from '../../core/api/text/text.ts'
import { visible } from '../../core/api/text/visible.ts'
import { sayIn } from './i18n.ts'

export function lineInWords({ time, level, operation, problem, text }: LogLine, language: Language): string {
  const say = sayIn(language)
  const words = [
    level === 'info' ? '' : say(`window.level.${level}`),
    operation ? say(`common.operation.${operation}`) : '',
    problem ? sentence(inWords(problem, language)) : '',
    text === undefined ? '' : visible(text),
  ]
  return `${formatTimeExact(time, language)} ${words.filter((word) => word !== '').join(' – ')}`
}

function sentence({ text, hint }: { text: string; hint: string }): string {
  return `${text} ${hint}`
}

/** The operations of a run that still works, as its log tells them: each ends where the next begins. */
export function begunIn(lines: readonly LogLine[]): OperationRecord[] {
  const begun = lines.flatMap(({ time, level, operation, problem }) =>
    operation && level === 'info' && !problem ? [{ name: operation, startedAt: time, bytes: 0 }] : [],
  )
  return begun.map((one, index) => {
    const next = begun[index + 1]
    return next ? { ...one, endedAt: next.startedAt } : one
  })
}
