// How long backups are kept, as a form holds it, and the rules that it becomes. Pure.
// Guarantees: rules that were saved come back as the same choice; a field that is empty or no whole number makes no rule.
import { Keep, keepRules, proposedKeep } from '../../core/api/plan.ts'

export type Rule = (typeof keepRules)[number]
type Field = number | string

export const presets = ['sensible', 'all', 'last', 'days', 'own'] as const
export type Preset = (typeof presets)[number]

export interface KeepAnswers {
  preset: Preset
  last: Field
  days: Field
  own: Record<Rule, Field>
}

const nothing: Record<Rule, Field> = { last: '', days: '', daily: '', weekly: '', monthly: '', yearly: '' }

export function answersOf(keep: Keep | undefined): KeepAnswers {
  const rules = keep ?? proposedKeep
  const own = Object.fromEntries(keepRules.map((rule) => [rule, rules[rule] ?? '']))
  return { preset: presetOf(keep), last: keep?.last ?? 5, days: keep?.days ?? 30, own: { ...nothing, ...own } }
}

/** Of what is new. */
export const proposedAnswers: KeepAnswers = answersOf(proposedKeep)

function presetOf(keep: Keep | undefined): Preset {
  if (!keep) return 'all'
  if (sameRules(keep, proposedKeep)) return 'sensible'
  if (keep.last !== undefined && sameRules(keep, { last: keep.last })) return 'last'
  return keep.days !== undefined && sameRules(keep, { days: keep.days }) ? 'days' : 'own'
}

/** Null: every backup is kept; undefined: something is missing or impossible. */
export function keepOf({ preset, last, days, own }: KeepAnswers): Keep | null | undefined {
  const rules = { all: {}, sensible: proposedKeep, last: { last }, days: { days }, own }[preset]
  if (preset === 'all') return null
  const given = Object.entries(rules).filter(([, value]) => value !== '')
  const checked = Keep.safeParse(Object.fromEntries(given))
  return checked.success ? checked.data : undefined
}

export function sameRules(one: Keep | null | undefined, other: Keep | null | undefined): boolean {
  return keepRules.every((rule) => one?.[rule] === other?.[rule])
}
