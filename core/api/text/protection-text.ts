// Why something is, or is not, protected, in a sentence: the same in window and terminal. Pure.
import type { Language } from '../model.ts'
import type { Protection } from '../protection-model.ts'
import { formatDay } from './format.ts'
import { translator } from './text.ts'

/** "The last backup failed. The one of 28 Nov remains valid." `lastGood`: its ISO time, as far as it is known; `now` in ms. */
export function reasonInWords(
  { reason }: Pick<Protection, 'reason'>,
  lastGood: string | undefined,
  language: Language,
  now: number,
): string {
  const t = translator(language)
  if (reason === 'last-failed' && lastGood !== undefined)
    return t('common.protection.last-failed-of', { good: formatDay(lastGood, language, now) })
  return t(`common.protection.${reason}`)
}
