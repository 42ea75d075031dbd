// The things Arche speaks of, as schemas: the same rule checks a form, a call, a configuration file and a line of the terminal.
// Guarantees: plain values only (JSON), no secrets except where a field says "password" (inward only).
// Units: sizes in bytes, times as ISO 8601 strings in UTC, durations in seconds.
import { z } from 'zod'
import { Problem } from './failure.ts'

const Bytes = z.number().int().nonnegative()
const Time = z.iso.datetime()

export const Language = z.enum(['en', 'fr'])
export type Language = z.infer<typeof Language>

/** A password as typed: any characters, spaces and scripts; never trimmed, never normalised. */
export const Password = z.string().min(1).max(1024)

export const Fingerprint = z.string().regex(/^[0-9A-F]{40}$/)

/** A name that a person gives: one line, shown as text. */
export const Name = z.string().trim().min(1).max(200)

// --- plans ------------------------------------------------------------------------------------------------------------

const FoldersSource = z.object({
  kind: z.literal('folders'),
  /** Absolute paths of folders or single files. */
  paths: z.array(z.string().min(1)).min(1),
  /** Absolute paths, or patterns matched on the base name (`*.tmp`, `node_modules`). */
  exclude: z.array(z.string().min(1)).default([]),
})

/** An absolute path of any system that Arche runs on. */
const AbsolutePath = z
  .string()
  .max(4096)
  .regex(/^(?:\/|[A-Za-z]:[\\/]|\\\\)[^\0]*$/)

/** One line without control characters, kept exactly as typed. */
const Line = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[^\p{Cc}]+$/u)

const DatabaseName = Line(64)

/** How to reach a MySQL or MariaDB server, and as whom. Neither host nor socket: the server of this computer. Never a password. */
const server = {
  user: Line(128),
  host: Line(255).optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  /** A Unix socket instead of host and port. */
  socket: AbsolutePath.optional(),
}
const oneAddress = ({ host, port, socket }: { host?: unknown; port?: unknown; socket?: unknown }) =>
  socket === undefined || (host ?? port) === undefined
const twoAddresses = { message: 'host or socket' }

const DatabaseServer = z.object(server).refine(oneAddress, twoAddresses)
export type DatabaseServer = z.infer<typeof DatabaseServer>

/** Which database of which server. */
export const Database = z.object({ name: DatabaseName, ...server }).refine(oneAddress, twoAddresses)
export type Database = z.infer<typeof Database>

/** A LabBook server: its database, and the folder that holds its `report`, `upload` and `resource`. */
const LabbookSource = z.object({ kind: z.literal('labbook'), storage: AbsolutePath, database: Database })
export type LabbookSource = z.infer<typeof LabbookSource>

/** Databases of a MySQL or MariaDB server: those named, or all but the server's own. */
const MysqlSource = z.object({
  kind: z.literal('mysql'),
  server: DatabaseServer,
  databases: z.union([z.literal('all'), z.array(DatabaseName).min(1).max(10_000)]),
})
export type MysqlSource = z.infer<typeof MysqlSource>

export const PlanSource = z.discriminatedUnion('kind', [FoldersSource, LabbookSource, MysqlSource])
export type PlanSource = z.infer<typeof PlanSource>

/** What makes a running program notice that its data were restored: a line for the system's shell, or Arche itself anew. */
export const Restart = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('command'), command: Line(4000) }),
  z.object({ kind: z.literal('arche') }),
])
export type Restart = z.infer<typeof Restart>

/** The LabBook server that a restore writes to: that of a plan, or one described here. Without a storage folder only its database. */
export const RestoreServer = z.union([z.uuid(), z.object({ storage: AbsolutePath.optional(), database: Database })])
export type RestoreServer = z.infer<typeof RestoreServer>

/** Which initialised medium receives the backups: a known one, or whichever single one is connected. */
const MediumStore = z.object({ kind: z.literal('medium'), id: z.uuid().optional() })

export const Plan = z.object({
  id: z.uuid(),
  name: Name,
  source: PlanSource,
  method: z.object({ kind: z.literal('archive'), format: z.literal('tar.gz.gpg') }),
  store: MediumStore,
  createdAt: Time,
  /** Proposed after a restore of what this plan saves. */
  restart: Restart.optional(),
})
export type Plan = z.infer<typeof Plan>

/** A plan as a person describes it; the engine adds id, method and creation time. With an `id` it replaces that plan. */
export const PlanDraft = Plan.pick({ name: true, source: true, store: true, restart: true }).extend({
  id: z.uuid().optional(),
})
export type PlanDraft = z.infer<typeof PlanDraft>

export const Settings = z.object({
  /** `system` follows the desktop's or terminal's language. */
  language: z.union([Language, z.literal('system')]),
  /** The first-start wizard has been completed or left on purpose. */
  welcomed: z.boolean(),
})
export type Settings = z.infer<typeof Settings>

// --- media ------------------------------------------------------------------------------------------------------------

/** A connected place that can receive backups: a mounted drive, or a folder made ready on purpose. */
export const Medium = z.object({
  /** Where it is mounted now. The identity is `id`, never this. */
  path: z.string(),
  /** For people: the name given at initialisation, else the label, else the last part of the path. */
  name: z.string(),
  label: z.string().optional(),
  device: z.string().optional(),
  fsType: z.string().optional(),
  size: Bytes.optional(),
  free: Bytes.optional(),
  removable: z.boolean(),
  system: z.boolean(),
  readOnly: z.boolean(),
  initialised: z.boolean(),
  /** From the marker; absent on a folder that LabBook made and Arche has not written to yet. */
  id: z.uuid().optional(),
  /** Time in the name of the newest backup on it. */
  lastBackup: Time.optional(),
  /** A folder on a fixed disk, given by path: works, but does not protect against theft or fire of this machine. */
  fixed: z.boolean(),
})
export type Medium = z.infer<typeof Medium>

/** How a person names a medium: mount point, label, name of a known medium, id, or a folder. */
export const MediumRef = z.string().min(1).max(4096)

/** A medium seen before, so that it can be named while it is away. */
export const KnownMedium = z.object({ id: z.uuid(), name: z.string(), path: z.string(), seenAt: Time })
export type KnownMedium = z.infer<typeof KnownMedium>

// --- keys -------------------------------------------------------------------------------------------------------------

export const KeyInfo = z.object({
  fingerprint: Fingerprint,
  name: z.string(),
  createdAt: Time,
  expiresAt: Time.optional(),
  /** `own`: pair with a private key here. `recipient`: public key of somebody who may open the backups too (escrow). */
  kind: z.enum(['own', 'recipient']),
  /** New backups are made for it. Recipients are always active; of the own pairs, one is. */
  active: z.boolean(),
  /** Why it cannot be used, if so. */
  problem: Problem.optional(),
})
export type KeyInfo = z.infer<typeof KeyInfo>

// --- artifacts --------------------------------------------------------------------------------------------------------

export const Artifact = z.object({
  /** File name on the medium. */
  name: z.string(),
  /** Plan (Arche) or database (LabBook), from the file name. */
  subject: z.string(),
  /** Local time in the file name. */
  time: Time,
  size: Bytes,
  format: z.enum(['3.0', '2.x']),
  /** As noted on the medium when it was written. */
  sha256: z.string().optional(),
  /** When this machine last read it in full and found it good. */
  verifiedAt: Time.optional(),
  /** A copy of what a restore has replaced: the backup that was restored then. */
  beforeRestoreOf: z.string().optional(),
})
export type Artifact = z.infer<typeof Artifact>

/** Which program's layout an archive has, as found by opening it. 2.5 and 2.9 are LabBook's older ones, read only. */
export const ArchiveFormat = z.enum(['3.0', '2.9', '2.5'])
export type ArchiveFormat = z.infer<typeof ArchiveFormat>

/** One member of an archive as a list shows it. */
export const ArchiveEntry = z.object({
  path: z.string(),
  type: z.enum(['file', 'folder', 'symlink', 'link', 'other']),
  size: Bytes,
  /** Milliseconds since 1970. */
  mtime: z.number(),
})
export type ArchiveEntry = z.infer<typeof ArchiveEntry>

// --- runs -------------------------------------------------------------------------------------------------------------

export const RunKind = z.enum(['backup', 'restore', 'verify', 'undo', 'restart'])
export type RunKind = z.infer<typeof RunKind>

export const Outcome = z.enum(['success', 'warning', 'error', 'cancelled', 'skipped', 'missed', 'abandoned'])
export type Outcome = z.infer<typeof Outcome>

/** Operations in the order in which a run goes through them; names for people are in the catalogue (`operation.*`). */
export const Operation = z.enum([
  'prepare',
  'estimate',
  'dump',
  'archive',
  'copy-keys',
  'verify',
  'read',
  'check',
  'extract',
  'load',
  'safety',
  'switch',
  'place',
  'roll-back',
  'restart',
  'finish',
])
export type Operation = z.infer<typeof Operation>

export const OperationRecord = z.object({ name: Operation, startedAt: Time, endedAt: Time.optional(), bytes: Bytes })
export type OperationRecord = z.infer<typeof OperationRecord>

export const Run = z.object({
  id: z.uuid(),
  kind: RunKind,
  trigger: z.enum(['manual', 'scheduled']),
  planId: z.uuid().optional(),
  /** Plan or database that was saved, restored or verified. */
  subject: z.string(),
  medium: z.object({ id: z.uuid().optional(), name: z.string(), path: z.string() }).optional(),
  /** File name of the backup concerned. */
  artifact: z.string().optional(),
  sha256: z.string().optional(),
  startedAt: Time,
  endedAt: Time.optional(),
  outcome: Outcome.optional(),
  failure: Problem.optional(),
  /** How many warnings; the list is in the run's log. */
  warnings: z.number().int().nonnegative(),
  files: z.number().int().nonnegative(),
  /** Bytes read from the source or written to the destination. */
  bytes: Bytes,
  /** Bytes of the archive. */
  stored: Bytes,
  operations: z.array(OperationRecord),
  /** A verification: the backups found good. */
  verified: z.array(z.string()).optional(),
  /** A restore: the folders where the replaced files were put, and whether it can be undone. */
  safety: z
    .object({
      folders: z.array(z.string()),
      journals: z.array(z.string()),
      undone: z.boolean(),
      /** The encrypted copy of what was replaced: a folder that can be named as medium, and the backup's name in it. */
      copy: z.object({ path: z.string(), artifact: z.string() }).optional(),
      /** A later restore of the same server has taken the place of what was kept for this one: it cannot be undone any more. */
      superseded: z.boolean().optional(),
      /** A restored server; `kept`: the database of the same server that holds what was there before. */
      database: z
        .object({ name: z.string(), server: z.string(), user: z.string().optional(), kept: z.string().optional() })
        .optional(),
    })
    .optional(),
  /** An undo, or a restore that was rolled back: folders with files that were changed since and so were not thrown away. */
  kept: z.array(z.string()).optional(),
  /** The same for a server: the database that holds what was taken out again. */
  keptDatabase: z.string().optional(),
  /** The restore of a server, or its undo: its id in `unfinished`, as long as it is there. */
  restoreId: z.uuid().optional(),
})
export type Run = z.infer<typeof Run>

/** Work in progress, at most four times a second. `inspect` and `estimate` are work that history does not keep. */
export const Progress = z.object({
  id: z.uuid(),
  kind: z.enum([...RunKind.options, 'inspect', 'estimate']),
  subject: z.string(),
  startedAt: Time,
  operation: Operation,
  operationStartedAt: Time,
  done: Bytes,
  total: Bytes.optional(),
  /** Bytes a second over the last seconds. */
  rate: z.number().nonnegative(),
  /** Seconds; present once it is meaningful. */
  remaining: z.number().nonnegative().optional(),
  path: z.string().optional(),
  warnings: z.number().int().nonnegative(),
  cancelling: z.boolean(),
})
export type Progress = z.infer<typeof Progress>

export const LogLine = z.object({
  time: Time,
  level: z.enum(['info', 'warning', 'error']),
  operation: Operation.optional(),
  problem: Problem.optional(),
  text: z.string().optional(),
})
export type LogLine = z.infer<typeof LogLine>

/** A restore of a server that was ended in the middle and could not be taken back yet, because the server cannot be reached. */
export const UnfinishedRestore = z.object({
  /** Of the journal; for `restore.recover`. */
  id: z.uuid(),
  database: z.string(),
  server: z.string(),
  user: z.string(),
  startedAt: Time,
  problem: Problem,
})
export type UnfinishedRestore = z.infer<typeof UnfinishedRestore>

// --- state ------------------------------------------------------------------------------------------------------------

/** "Am I protected?": the level, why, and the one action that improves it. */
export const Protection = z.object({
  level: z.enum(['protected', 'attention', 'unprotected', 'unset']),
  reason: z.enum([
    'recent-success',
    'omissions',
    'last-failed',
    'old',
    'very-old',
    'never',
    'no-operator',
    'no-key',
    'no-plan',
    'running-first',
  ]),
  since: Time.optional(),
  action: z.enum(['setup', 'backup', 'key', 'show-run']).optional(),
})
export type Protection = z.infer<typeof Protection>

export const AppState = z.object({
  version: z.string(),
  host: z.string(),
  dataFolder: z.string(),
  home: z.string(),
  settings: Settings,
  /** The language in force. */
  language: Language,
  operatorSet: z.boolean(),
  /** Where this computer keeps secrets; `problem` when there is no keychain. `remembered`: the key password is in it. */
  keychain: z.object({ problem: Problem.optional(), remembered: z.boolean() }),
  keys: z.array(KeyInfo),
  plans: z.array(Plan),
  media: z.array(Medium),
  known: z.array(KnownMedium),
  /** Newest first, at most 100. */
  runs: z.array(Run),
  active: z.array(Progress),
  protection: Protection,
  /** Restores of servers that are neither done nor taken back: to be told, with `restore.recover` as the action. */
  unfinished: z.array(UnfinishedRestore).optional(),
})
export type AppState = z.infer<typeof AppState>

/** Whole parts of the state that changed, with a rising number; the first one of a stream carries all parts. */
export const StateEvent = z.object({ seq: z.number().int(), changes: AppState.partial() })
export type StateEvent = z.infer<typeof StateEvent>
