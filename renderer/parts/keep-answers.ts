// How long backups are kept, as a form holds it, and the rules that it becomes. Pure.
// Guarantees: rules that were saved come back as the same choice; a field that is empty or no whole number makes no rule.
import { keepRules } from '../../core/api/keep-rules.ts'
import { Keep, proposedKeep } from '../../core/api/plan.ts'

export type Rule = (typeof keepRules)[number]
type Field = number | string

export const presets = ['sensible', 'full', 'all', 'last', 'days', 'own'] as const
export type Preset = (typeof presets)[number]

export interface KeepAnswers {
  preset: Preset
  last: Field
  days: Field
  own: Record<Rule, Field>
  /** Where the place is full, the oldest go, whatever the other rules say. */
  untilFull: boolean
}

const nothing: Record<Rule, Field> = { last: '', days: '', daily: '', weekly: '', monthly: '', yearly: '' }

export function answersOf(keep: Keep | undefined): KeepAnswers {
  const rules = keep ?? proposedKeep
  const own = Object.fromEntries(keepRules.map((rule) => [rule, rules[rule] ?? '']))
  return {
    preset: presetOf(keep),
    last: keep?.last ?? 5,
    days: keep?.days ?? 30,
    own: { ...nothing, ...own },
    untilFull: keep?.untilFull ?? false,
  }
}

/** Of what is new. */
export const proposedAnswers: KeepAnswers = answersOf(proposedKeep)

function presetOf(whole: Keep | undefined): Preset {
  if (!whole) return 'all'
  const { untilFull, ...keep } = whole
  if (untilFull && keepRules.every((rule) => keep[rule] === undefined)) return 'full'
  if (sameRules(keep, proposedKeep)) return 'sensible'
  if (keep.last !== undefined && sameRules(keep, { last: keep.last })) return 'last'
  return keep.days !== undefined && sameRules(keep, { days: keep.days }) ? 'days' : 'own'
}

/** Null: every backup is kept; undefined: something is missing or impossible. */
export function keepOf({ preset, last, days, own, untilFull }: KeepAnswers): Keep | null | undefined {
  const rules = { all: {}, full: {}, sensible: proposedKeep, last: { last }, days: { days }, own }[preset]
  if (preset === 'all') return null
  if (preset === 'full') return { untilFull: true }
  const given = Object.entries(rules).filter(([, value]) => value !== '')
  const checked = Keep.safeParse(Object.fromEntries(given))
  if (!checked.success) return undefined
  return untilFull ? { ...checked.data, untilFull: true } : checked.data
}

export function sameRules(one: Keep | null | undefined, other: Keep | null | undefined): boolean {
  return [...keepRules, 'untilFull' as const].every((rule) => one?.[rule] === other?.[rule])
}
