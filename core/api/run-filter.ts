// Which runs a person asks for: by plan, kind, outcome, time and words. One rule for the engine, which has them all, and for a window, which has the newest.
// Guarantees: pure; an empty filter fits every run.
import { z } from 'zod'
import { Outcome, type Run, RunKind } from './model.ts'
import { folded } from './text/folded.ts'

const Time = z.iso.datetime()

/** What is absent is not asked about. */
export const RunFilter = z.object({
  planId: z.uuid().optional(),
  /** It read from this place, or wrote to it. */
  placeId: z.uuid().optional(),
  kinds: z.array(RunKind).min(1).optional(),
  /** `running`: has not ended. */
  outcomes: z
    .array(z.enum([...Outcome.options, 'running']))
    .min(1)
    .optional(),
  /** Begun at this time or later, and before that one. */
  from: Time.optional(),
  until: Time.optional(),
  /** Words that all stand in its plan, places or backup, whatever their case and accents. */
  words: z.string().max(500).optional(),
})
export type RunFilter = z.infer<typeof RunFilter>

/** What of a run is asked about first, because it is little. `startedAt` in ms since 1970. */
export interface RunKey {
  readonly kind: Run['kind']
  readonly planId: string | undefined
  readonly placeIds: readonly string[]
  readonly outcome: Run['outcome']
  readonly startedAt: number
}

export function keyOf({ kind, planId, outcome, startedAt, medium, from }: Run): RunKey {
  const placeIds = [medium?.id ?? [], from?.id ?? []].flat()
  return { kind, planId, placeIds, outcome, startedAt: Date.parse(startedAt) }
}

/** Whether a run with this key can fit; for `words` the run itself is needed. */
export function fitsKey({ kind, planId, placeIds, outcome, startedAt }: RunKey, filter: RunFilter): boolean {
  return (
    (filter.planId === undefined || filter.planId === planId) &&
    (filter.placeId === undefined || placeIds.includes(filter.placeId)) &&
    (filter.kinds?.includes(kind) ?? true) &&
    (filter.outcomes?.includes(outcome ?? 'running') ?? true) &&
    (filter.from === undefined || startedAt >= Date.parse(filter.from)) &&
    (filter.until === undefined || startedAt < Date.parse(filter.until))
  )
}

export function fits(run: Run, filter: RunFilter): boolean {
  return fitsKey(keyOf(run), filter) && says(run, filter.words ?? '')
}

function says({ subject, medium, from, artifact = '' }: Run, words: string): boolean {
  const wanted = folded(words).split(/\s+/u).filter(Boolean)
  if (wanted.length === 0) return true
  const all = folded([subject, medium?.name ?? '', from?.name ?? '', artifact].join('\n'))
  return wanted.every((word) => all.includes(word))
}
