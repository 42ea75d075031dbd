// The rules of a plan in words, the same in window and terminal. Pure.
import { keepRules } from '../keep-rules.ts'
import type { Keep } from '../plan.ts'
import type { SpaceState } from '../schedule.ts'
import type { Translate } from './text.ts'

/** "the 5 newest, one a day for 7 days". */
export function rulesInWords(keep: Keep | undefined, t: Translate): string {
  const rules = keepRules.flatMap((rule) => {
    const count = keep?.[rule]
    return count === undefined ? [] : [t(`keep.rule.${rule}`, { count })]
  })
  if (keep?.untilFull) rules.push(t(rules.length > 0 ? 'keep.rule.untilFullToo' : 'keep.rule.untilFull'))
  return rules.join(', ') || t('keep.rule.all')
}

/** Of more than so many the number says nothing: an estimate from the last backups is not good for years. */
const countedRoom = 500

/** "room for about 12 more backups of 3 GB each". `bytes`: a size in words. */
export function spaceInWords(
  space: Pick<SpaceState, 'room' | 'next' | 'untilFull'>,
  bytes: (size: number) => string,
  t: Translate,
): string {
  const { room, next, untilFull } = space
  if (room > countedRoom) return t('keep.space.plenty', { size: bytes(next) })
  return t(untilFull ? 'keep.space.roomThenOldest' : 'keep.space.room', { count: room, size: bytes(next) })
}
