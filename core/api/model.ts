// The things Arche speaks of, as schemas: the same rule checks a form, a call, a configuration file and a line of the terminal.
// Guarantees: plain values only (JSON), no secrets except where a field says "password" (inward only).
// Units: sizes in bytes, times as ISO 8601 strings in UTC, durations in seconds.
import { z } from 'zod'
import { Language } from './language.ts'
import { MailState } from './mail.ts'
import { Note, Place } from './place.ts'
import { PackFormat, Plan } from './plan.ts'
import { Problem } from './problem.ts'
import { PlanRow, Protection } from './protection-model.ts'
import { Alarm, ScheduleState, SpaceState } from './schedule.ts'

export { Language }

const Bytes = z.number().int().nonnegative()
const Time = z.iso.datetime()

/** A password as typed: any characters, spaces and scripts; never trimmed, never normalised. */
export const Password = z.string().min(1).max(1024)

export const Fingerprint = z.string().regex(/^[0-9A-F]{40}$/)

export const Settings = z.object({
  /** `system` follows the desktop's or terminal's language. */
  language: z.union([Language, z.literal('system')]),
  /** The first-start wizard has been completed or left on purpose. */
  welcomed: z.boolean(),
  /** Days for which what a restore replaced is kept aside; 0: until it is removed by hand. Absent: 30. */
  safetyDays: z.number().int().min(0).max(3650).optional(),
  /** Of the window; absent: as the system. */
  theme: z.enum(['system', 'light', 'dark']).optional(),
})
export type Settings = z.infer<typeof Settings>

// --- folders ----------------------------------------------------------------------------------------------------------

/** What a folder of a person is for. In the order in which they are shown. */
export const FolderKind = z.enum(['documents', 'pictures', 'desktop', 'music', 'videos', 'downloads', 'home'])
export type FolderKind = z.infer<typeof FolderKind>

// --- media ------------------------------------------------------------------------------------------------------------

/** A place that can receive backups: a mounted drive, a folder made ready on purpose, or an account in the network. */
export const Medium = z.object({
  /** Absent: a drive or a folder. Else `path` is no path of this computer; it counts as present, whether it answers or not. */
  kind: z.literal('sftp').optional(),
  /** Where it is mounted now, or its address (`sftp://user@host/path`). The identity is `id`, never this. */
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
  /** When the newest backup on it was made: see `Artifact.time`. */
  lastBackup: Time.optional(),
  /** A folder on a fixed disk, given by path: works, but does not protect against theft or fire of this machine. */
  fixed: z.boolean(),
})
export type Medium = z.infer<typeof Medium>

/** How a person names a medium: mount point, label, name of a known medium, id, or a folder. */
export const MediumRef = z.string().min(1).max(4096)

/** A medium seen before, so that it can be named while it is away. */
export const KnownMedium = z.object({
  id: z.uuid(),
  name: z.string(),
  path: z.string(),
  seenAt: Time,
  /** Where it was before, the latest first. */
  earlier: z.array(z.string()).optional(),
})
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

/** A key of another folder. `newer`: it is here, and its owner has signed this copy later (it was prolonged, for instance). */
export const ImportedKey = KeyInfo.extend({ state: z.enum(['new', 'newer', 'known']) })
export type ImportedKey = z.infer<typeof ImportedKey>

const PairChoice = z.object({ fingerprint: Fingerprint, password: Password })
export type PairChoice = z.infer<typeof PairChoice>

/** Which keys of a folder a person wants, each by its fingerprint: a pair with its password. */
export const KeyChoice = z.object({
  pairs: z.array(PairChoice).max(100),
  recipients: z.array(Fingerprint).max(500),
})
export type KeyChoice = z.infer<typeof KeyChoice>

// --- artifacts --------------------------------------------------------------------------------------------------------

export const Artifact = z.object({
  /** File name on the medium. */
  name: z.string(),
  /** Plan (Arche) or database (LabBook), from the file name. */
  subject: z.string(),
  /** When it was made: as noted on the medium or in the history; else the local time in its name, as a time here. */
  time: Time,
  size: Bytes,
  format: z.enum(['3.0', '2.x']),
  /** How it was made, as its name says; absent of LabBook 2.x. */
  pack: PackFormat.optional(),
  /** As noted on the medium when it was written. */
  sha256: z.string().optional(),
  /** When this machine last read it in full and found it good. */
  verifiedAt: Time.optional(),
  /** Noted on the medium: no rule removes it. */
  pinned: z.boolean().optional(),
  /** Written down on the medium by a person, on this computer or another: shown with `visible`. */
  note: z.string().optional(),
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
  /** Bytes that it takes on a disk, where it has holes. */
  taken: Bytes.optional(),
})
export type ArchiveEntry = z.infer<typeof ArchiveEntry>

// --- runs -------------------------------------------------------------------------------------------------------------

export const RunKind = z.enum(['backup', 'copy', 'restore', 'verify', 'undo', 'restart', 'prune'])
export type RunKind = z.infer<typeof RunKind>

export const Outcome = z.enum(['success', 'warning', 'error', 'cancelled', 'skipped', 'missed', 'abandoned'])
export type Outcome = z.infer<typeof Outcome>

/** Operations in the order in which a run goes through them; names for people are in the catalogue (`operation.*`). */
export const Operation = z.enum([
  'prepare',
  'estimate',
  'dump',
  'archive',
  'copy',
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
  'prune',
  'finish',
])
export type Operation = z.infer<typeof Operation>

export const OperationRecord = z.object({ name: Operation, startedAt: Time, endedAt: Time.optional(), bytes: Bytes })
export type OperationRecord = z.infer<typeof OperationRecord>

/** What a verification found of one backup, and of which bytes that is true. */
export const Checked = z.object({
  name: z.string(),
  good: z.boolean(),
  size: Bytes,
  /** Last change of the contents, and of the file itself, in ms since 1970. */
  mtime: z.number().optional(),
  changed: z.number().optional(),
  /** Of the stored bytes, where they were compared with a noted checksum. */
  sha256: z.string().optional(),
  /** Decrypted and read to the end. */
  opened: z.boolean(),
})
export type Checked = z.infer<typeof Checked>

export const Run = z.object({
  id: z.uuid(),
  kind: RunKind,
  trigger: z.enum(['manual', 'scheduled']),
  /** Scheduled: the due time that it stands for, and which try it is (1 = first). */
  dueAt: Time.optional(),
  attempt: z.number().int().positive().optional(),
  /** `missed` or `skipped` for several due times at once: the first of them (`dueAt` is the last), and how many. */
  dueFrom: Time.optional(),
  dues: z.number().int().positive().optional(),
  planId: z.uuid().optional(),
  /** Plan or database that was saved, restored or verified. */
  subject: z.string(),
  medium: z.object({ id: z.uuid().optional(), name: z.string(), path: z.string() }).optional(),
  /** A copy: where it was read from, and when the backup was made. */
  from: z.object({ id: z.uuid().optional(), name: z.string(), path: z.string() }).optional(),
  madeAt: Time.optional(),
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
  /** A backup: what its archive was expected to have, by what was counted (see `Estimate.stored`), before it was made. */
  expected: Bytes.optional(),
  /** A backup for which the place was too full: what its archive would take, by how far it got, with something to spare. */
  needed: Bytes.optional(),
  operations: z.array(OperationRecord),
  /** A verification: the backups found good. */
  verified: z.array(z.string()).optional(),
  /** A verification, however it ended: what it found of each backup that it came to. */
  checked: z.array(Checked).optional(),
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
      /** Since then the replaced files are gone, or going: it can no longer be undone. */
      removedAt: Time.optional(),
      database: z
        .object({ name: z.string(), server: z.string(), user: z.string().optional(), kept: z.string().optional() })
        .optional(),
    })
    .optional(),
  /** An undo, or a restore that was rolled back: folders with files that were changed since and so were not thrown away. */
  kept: z.array(z.string()).optional(),
  /** The same for a server: the database that holds what was taken out again. */
  keptDatabase: z.string().optional(),
  /** Backups that this run removed from the medium: by the plan's rules, or because a person wanted it. */
  removed: z.array(z.string()).optional(),
  /** What this backup lacks of what the plan's earlier ones had: nothing older is removed until a later one is whole or a person has looked. */
  losses: z.array(Problem).max(50).optional(),
  /** A person has looked at that, or at `sources-empty`, and said that it is right. */
  lossesAccepted: Time.optional(),
  /** A backup that ended `warning` although it left nothing out: its warnings tell of older ones that could not be removed. */
  complete: z.boolean().optional(),
  /** A restore, or its undo: the id of its journal, and in `unfinished` as long as it is there. */
  restoreId: z.uuid().optional(),
})
export type Run = z.infer<typeof Run>

/** Work in progress, at most four times a second. `inspect`, `estimate`, `tidy` and `learn` are work that history does not keep. */
export const Progress = z.object({
  id: z.uuid(),
  kind: z.enum([...RunKind.options, 'inspect', 'estimate', 'tidy', 'learn']),
  subject: z.string(),
  startedAt: Time,
  operation: Operation,
  operationStartedAt: Time,
  /** When the work last said anything. A file system that does not answer holds it up for as long as it likes. */
  movedAt: Time.optional(),
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

export const AppState = z.object({
  version: z.string(),
  host: z.string(),
  dataFolder: z.string(),
  home: z.string(),
  settings: Settings,
  /** The language in force. */
  language: Language,
  /** There is an administrator password. */
  operatorSet: z.boolean(),
  /** More than one person has a login on this computer. */
  severalPeople: z.boolean().optional(),
  /** Where this computer keeps secrets; `problem` when there is no keychain. `remembered`: the key password is in it. */
  keychain: z.object({ problem: Problem.optional(), remembered: z.boolean() }),
  keys: z.array(KeyInfo),
  /** The pair that was in use is lost or damaged: no backup is made until it is back or another one is chosen. */
  keyTrouble: Problem.nullable(),
  plans: z.array(Plan),
  media: z.array(Medium),
  known: z.array(KnownMedium),
  /** Places that were configured; those in the network are among the media too. */
  places: z.array(Place).optional(),
  /** What was written down about a place or a drive, by its id. */
  placeNotes: z.record(z.uuid(), Note).optional(),
  /** Newest first, at most 100. */
  runs: z.array(Run),
  active: z.array(Progress),
  protection: Protection,
  /** One for each plan; `protection` follows from these. */
  rows: z.array(PlanRow).optional(),
  /** One for each plan. */
  schedules: z.array(ScheduleState),
  /** Nothing is started by a schedule before `until`. */
  paused: z.object({ until: Time }).nullable(),
  alarms: z.array(Alarm),
  /** Of each plan, on each of its places that is there and has a backup of it. */
  space: z.array(SpaceState).optional(),
  /** Restores of servers that are neither done nor taken back: to be told, with `restore.recover` as the action. */
  unfinished: z.array(UnfinishedRestore).optional(),
  mail: MailState,
})
export type AppState = z.infer<typeof AppState>

/** Whole parts of the state that changed, with a rising number; the first one of a stream carries all parts. */
export const StateEvent = z.object({ seq: z.number().int(), changes: AppState.partial() })
export type StateEvent = z.infer<typeof StateEvent>
