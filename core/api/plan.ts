// What a plan is: what to back up (source), how it is packed (method), where to (store), when, and for how long. As schemas, like model.ts.
// Guarantees: plain values only; never a password; what was added after the first release is optional, so that older plans stay valid.
import { z } from 'zod'
import { AbsolutePath, Database, Line } from './database.ts'
import { keepRules } from './keep-rules.ts'
import { PingUrl } from './mail.ts'
import { packFormats } from './pack-formats.ts'
import { PlanSchedule } from './schedule.ts'
import { FoldersSource } from './sources/folders.ts'
import { LabbookSource } from './sources/labbook.ts'
import { MysqlSource } from './sources/mysql.ts'

const Time = z.iso.datetime()

/** A name that a person gives: one line, shown as text. */
export const Name = z.string().trim().min(1).max(200)

export const PlanSource = z.discriminatedUnion('kind', [FoldersSource, LabbookSource, MysqlSource])
export type PlanSource = z.infer<typeof PlanSource>

/**
 * Which place receives the backups: a known one (medium, folder, server), several in turn (`rotation`: the one whose last backup is oldest is due), or
 * whichever single medium is connected.
 */
const Where = z.object({
  kind: z.literal('medium'),
  id: z.uuid().optional(),
  rotation: z.array(z.uuid()).min(2).max(50).optional(),
})
export type Where = z.infer<typeof Where>

/** What makes a running program notice that its data were restored: a line for the system's shell, or Arche itself anew. */
export const Restart = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('command'), command: Line(4000) }),
  z.object({ kind: z.literal('arche') }),
])
export type Restart = z.infer<typeof Restart>

/** The LabBook server that a restore writes to: that of a plan, or one described here. Without a storage folder only its database. */
export const RestoreServer = z.union([z.uuid(), z.object({ storage: AbsolutePath.optional(), database: Database })])
export type RestoreServer = z.infer<typeof RestoreServer>

/**
 * How long the backups of a plan are kept on a medium: whatever one of these rules names stays, the others may go. `last`: how many of the newest;
 * `days`: younger than so many days; the others: for so many days, weeks (ISO 8601), months and years that have backups, the newest of each.
 * `untilFull`: where the next backup does not fit, the oldest go, whatever the others say; alone: all stay until then.
 */
const Count = z.number().int().min(1).max(10_000)
export const Keep = z
  .object({
    last: Count.optional(),
    days: Count.optional(),
    daily: Count.optional(),
    weekly: Count.optional(),
    monthly: Count.optional(),
    yearly: Count.optional(),
    untilFull: z.literal(true).optional(),
  })
  .refine((keep) => keep.untilFull || keepRules.some((rule) => keep[rule] !== undefined), { message: 'no rule' })
export type Keep = z.infer<typeof Keep>

/** What a new plan is proposed: shown to a person before it holds. */
export const proposedKeep: Keep = { daily: 7, weekly: 4, monthly: 12 }

/** Why a backup stays: a rule's name; `room`: there is room for it; `all`: the plan has no rules; `few`: one of the newest three, which age alone does not remove; or a safeguard. */
export const KeepReason = z.enum([
  ...keepRules,
  'room',
  'all',
  'few',
  'newest',
  'pinned',
  'foreign',
  'damaged',
  'unverified',
  'clock-gap',
  'clock-back',
  'newest-unverified',
  'loss',
  'lacking',
])
export type KeepReason = z.infer<typeof KeepReason>

/** Why a backup goes: beyond the newest so many, too old, another one stands for its day, week, month or year, none of several rules keeps it, or the next one needs its room. */
export const RemoveReason = z.enum(['too-many', 'too-old', 'thinned', 'no-rule', 'full'])
export type RemoveReason = z.infer<typeof RemoveReason>

/** What kind of file an archive is: the suffix of its name. How each is made: recipe.ts. `zst` needs the program zstd to open without us. */
export const PackFormat = z.enum(packFormats)
export type PackFormat = z.infer<typeof PackFormat>

/** Absent: balanced. */
export const Compression = z.enum(['none', 'fast', 'balanced', 'small'])
export type Compression = z.infer<typeof Compression>

export const Method = z.object({ kind: z.literal('archive'), format: PackFormat, compression: Compression.optional() })
export type Method = z.infer<typeof Method>

/** Of a plan that does not say it: opens everywhere, LabBook included. */
export const usualMethod: Method = { kind: 'archive', format: 'tar.gz.gpg' }

/** Where the backups of a plan go. `via`: written by the plan's runs, or copied there afterwards. */
export const Destination = z.object({
  id: z.uuid(),
  place: Where,
  via: z.enum(['run', 'copy']),
  /** Absent: every backup is kept there. Set by a method of its own. */
  keep: Keep.optional(),
})
export type Destination = z.infer<typeof Destination>

/** What a plan writes to comes first; a copy needs a place that is known, so that it is never the one that it is copied from. */
const Destinations = z
  .array(Destination)
  .min(1)
  .max(10)
  .refine((all) => all.every(({ via }, at) => via === (at === 0 ? 'run' : 'copy')), { message: 'the first by the run' })
  .refine((all) => all.slice(1).every(({ place }) => place.id !== undefined || place.rotation !== undefined), {
    message: 'a copy to any medium',
  })
  .refine((all) => apart(all.map(({ place }) => place)), { message: 'twice the same place' })
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, { message: 'twice the same id' })

/** No place is named by two destinations. */
function apart(places: readonly Where[]): boolean {
  const ids = places.flatMap(({ id, rotation }) => rotation ?? (id === undefined ? [] : [id]))
  return new Set(ids).size === ids.length
}

export const Plan = z.object({
  id: z.uuid(),
  name: Name,
  source: PlanSource,
  method: Method,
  destinations: Destinations,
  createdAt: Time,
  /** Absent: backups are made by hand only. */
  schedule: PlanSchedule.optional(),
  /** Proposed after a restore of what this plan saves. */
  restart: Restart.optional(),
  /** Told of the start and end of every run of the plan. */
  ping: PingUrl.optional(),
})
export type Plan = z.infer<typeof Plan>

/** A destination as a person describes it, in the order that tells `via`. `keep`: the rules of one that is new; one that the plan has already keeps its own. */
const DestinationDraft = z.object({ id: z.uuid().optional(), place: Where, keep: Keep.optional() })

/**
 * A plan as a person describes it; the engine adds id and creation time. With an `id` it replaces that plan. Without a method: that of the plan
 * it replaces, or `tar.gz.gpg`, balanced.
 */
export const PlanDraft = Plan.pick({ name: true, source: true, restart: true }).extend({
  id: z.uuid().optional(),
  destinations: z.array(DestinationDraft).min(1).max(10),
  method: Method.optional(),
})
export type PlanDraft = z.infer<typeof PlanDraft>
