// The rules of a plan in words, the same in window and terminal. Pure.
import { type Keep, keepRules } from '../plan.ts'
import type { Translate } from './text.ts'

/** "the 5 newest, one a day for 7 days". */
export function rulesInWords(keep: Keep | undefined, t: Translate): string {
  const rules = keepRules.flatMap((rule) => {
    const count = keep?.[rule]
    return count === undefined ? [] : [t(`keep.rule.${rule}`, { count })]
  })
  return rules.join(', ') || t('keep.rule.all')
}
