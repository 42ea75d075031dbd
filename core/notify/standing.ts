// What is told of alarms that are no end of a run, as notices: a copy that is late, a place that fills up. The others are told as the runs that raise them.
// Guarantees: the same matter has the same id for as long as it lasts, whatever is backed up meanwhile; one that has passed is told of when it comes
// back. Pure: asked again and again, because nobody raises alarms (api/alarms.ts), and told once by the notifier.
import { createHash } from 'node:crypto'
import { isAcknowledged } from '../api/acknowledge.ts'
import { fillsUpBy } from '../api/alarms.ts'
import type { Language } from '../api/model.ts'
import type { Alarm, SpaceState } from '../api/schedule.ts'
import { alarmInWords } from '../api/text/schedule-text.ts'
import { describe, translator } from '../api/text/text.ts'
import { visible } from '../api/text/visible.ts'
import type { Letter } from './letter.ts'
import type { Notice } from './notice.ts'

type Told = Alarm & { readonly kind: 'copy-late' | 'filling' }

const isTold = (alarm: Alarm): alarm is Told =>
  (alarm.kind === 'copy-late' || alarm.kind === 'filling') && !isAcknowledged(alarm)

/** Days: a forecast moves a little with each backup, and what moves about the limit is no news. */
const settled = 7

/** Of all alarms and of the room on the places that are there; `now` in ms. */
export function standing(alarms: readonly Alarm[], space: readonly SpaceState[], now: number): Notice[] {
  const told = alarms.filter(isTold).map((alarm): Notice => {
    const letter = (language: Language, host: string) => alarmLetter(alarm, language, host)
    return { mail: { id: idOf(alarm), event: 'missed', letter } }
  })
  // Of a place that is away nobody knows.
  const over = space
    .filter((one) => !fillsUpBy(one, now, settled))
    .map(({ planId, place }): Notice => ({ over: idOf({ kind: 'filling', planId, placeId: place }) }))
  return [...told, ...over]
}

/** A copy is late since the last one that was made: once there is a newer one, it is late anew. Names of places may be there twice. */
function idOf({ kind, planId, placeId = '', lastCopy = '' }: Partial<Alarm>): string {
  const what = [kind, planId, placeId, lastCopy]
  return `alarm-${createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32)}`
}

function alarmLetter(alarm: Told, language: Language, host: string): Letter {
  const t = translator(language)
  const { kind, subject, place = '', problem } = alarm
  const names = { subject: visible(subject), place: visible(place), host: visible(host) }
  const why = problem && describe(problem, language)
  return {
    language,
    subject: t(`mail.alarm.subject.${kind}`, names),
    tone: 'warn',
    headline: t(`mail.alarm.headline.${kind}`, names),
    sentences: [
      alarmInWords(alarm, language),
      ...(why ? [why.text, why.hint] : []),
      t(`mail.alarm.meaning.${kind}`, names),
    ],
    facts: [
      [t('mail.fact.computer'), host],
      [t('mail.fact.plan'), subject],
      [t('mail.fact.medium'), place],
    ],
    remarks: [],
    footer: t('mail.footer', names),
  }
}
