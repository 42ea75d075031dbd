// The contract between the engine and its clients (window, terminal, later a console): noun.verb, input and output schema.
// Guarantees: one object in, one object out, plain values; no secret and no file content outward. Every method may throw `FAILURE`
// with a Problem (see wire.ts). Which of them the administrator password guards: methods/guard.ts.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { artifactContract } from './contract-artifact.ts'
import { method, none, RunRef } from './contract-base.ts'
import { catalogueContract } from './contract-catalogue.ts'
import { copyContract } from './contract-copy.ts'
import { folderContract } from './contract-folder.ts'
import { placeContract } from './contract-place.ts'
import { runContract } from './contract-run.ts'
import { serviceContract } from './contract-service.ts'
import { MailAddress, MailSettings, PingUrl } from './mail.ts'
import {
  AppState,
  ArchiveEntry,
  ArchiveFormat,
  Artifact,
  Fingerprint,
  ImportedKey,
  KeyChoice,
  KeyInfo,
  Language,
  Medium,
  MediumRef,
  Password,
  Settings,
  StateEvent,
} from './model.ts'
import { Keep, KeepReason, Name, Plan, PlanDraft, RemoveReason, RestoreServer } from './plan.ts'
import { PlanChange } from './plan-change.ts'
import { PlanTrend } from './plan-trend.ts'
import { Finding, Problem } from './problem.ts'
import { Alarm, Schedule, ScheduleDraft } from './schedule.ts'

const KeyFolder = z.string().min(1).max(4096)

/** Exported plans: the text of the file. */
const PlansFile = z.string().max(10_000_000)

/** The caller's own id for what is read meanwhile: by it it knows its progress among the active work, as others may do the like at the same time. */
const Job = z.uuid().optional()

const Existing = z.enum(['replace', 'skip', 'keep-both'])
export type Existing = z.infer<typeof Existing>

/** What was read of a backup before a restore. The engine keeps it, with the key password, for half an hour. */
export const Inspection = z.object({
  id: z.uuid(),
  subject: z.string(),
  format: ArchiveFormat,
  /** Where the archive was made; absent in archives of other programs. */
  host: z.string().optional(),
  createdAt: z.iso.datetime().optional(),
  roots: z.array(z.object({ name: z.string(), origin: z.string().optional() })),
  /** The list of its contents is known. */
  complete: z.boolean(),
  /** From where: its contents index, or the archive itself, which was then decrypted and checked to the last byte. */
  listedFrom: z.enum(['index', 'archive']).optional(),
  /** Absent where the archive does not say it and was not read to its end. */
  files: z.number().int().optional(),
  bytes: z.number().optional(),
})
export type Inspection = z.infer<typeof Inspection>

/** What a restore would do. Executing takes its id and refuses (`changed`) when the world has changed since. */
export const RestorePreview = z.object({
  id: z.uuid(),
  /** Absent while they are not known: the archive does not say them, and nothing stands at the destination for which it had to be read first. */
  files: z.number().int().optional(),
  bytes: z.number().optional(),
  /** Folders that will be written to. */
  destinations: z.array(z.string()),
  /** Existing files concerned: how many, and the first hundred; `folders`: how many of them are folders with all that is in them (absent: none). */
  conflicts: z.object({ count: z.number().int(), first: z.array(z.string()), folders: z.number().int().optional() }),
  free: z.number().optional(),
  /** Restoring a server: what stands in its database now. `tables` counts tables and views; `bytes` as the server keeps account of it. */
  database: z
    .object({
      name: z.string(),
      server: z.string(),
      user: z.string(),
      exists: z.boolean(),
      tables: z.number().int(),
      bytes: z.number(),
    })
    .optional(),
  /** Where the encrypted copy of what is there now will be put; absent when there is nothing to save. `bytes`: before compression. */
  safetyCopy: z.object({ path: z.string(), bytes: z.number() }).optional(),
  findings: z.array(Finding),
})
export type RestorePreview = z.infer<typeof RestorePreview>

export const BackupPreview = z.object({
  medium: Medium.optional(),
  files: z.number().int(),
  bytes: z.number(),
  /** Bytes that the archive will probably have, from earlier runs of the plan. */
  expected: z.number().optional(),
  findings: z.array(Finding),
})
export type BackupPreview = z.infer<typeof BackupPreview>

/** What a plan's rules let go on a medium, and why. Executing takes its id and refuses (`changed`) when something else would go by then. */
export const KeepPreview = z.object({
  id: z.uuid(),
  medium: Medium,
  /** Newest first; only backups that carry this plan's name, or that it has made. */
  keep: z.array(z.object({ artifact: Artifact, reasons: z.array(KeepReason) })),
  remove: z.array(z.object({ artifact: Artifact, reason: RemoveReason })),
  /** Other backups on the medium, which the plan never touches. */
  others: z.number().int(),
  /** Bytes of what would be removed. */
  freed: z.number(),
  /** Why nothing goes, whatever the rules say. */
  heldBack: Problem.optional(),
})
export type KeepPreview = z.infer<typeof KeepPreview>

/** What a restore replaced and keeps aside, by the restore's run. */
export const KeptAside = z.object({
  id: z.uuid(),
  subject: z.string(),
  time: z.iso.datetime(),
  folders: z.array(z.string()),
  /** False for the newest restore, whose files always stay. */
  removable: z.boolean(),
  /** When it is removed by its age; absent: never by itself. */
  due: z.iso.datetime().optional(),
})
export type KeptAside = z.infer<typeof KeptAside>

export const contract = {
  app: {
    state: method.input(none).output(AppState),
    follow: method.input(none).output(eventIterator(StateEvent)),
  },
  operator: {
    /** Opens a session on this connection. Wrong: `operator-wrong`; too soon after wrong tries: `operator-wait` {seconds}. */
    unlock: method.input(z.object({ password: Password })).output(z.object({ until: z.iso.datetime() })),
    lock: method.input(none).output(none),
    /** The first time without `current`; afterwards with it. Opens a session too. */
    set: method.input(z.object({ current: Password.optional(), next: Password })).output(none),
    /** Takes the password away: nothing is asked for any more. None: `operator-unset`; the others as of `unlock`. */
    remove: method.input(z.object({ current: Password })).output(none),
  },
  settings: {
    save: method.input(Settings.partial()).output(Settings),
  },
  key: {
    /**
     * A new pair becomes the active one; older pairs are kept. `remember` puts the password into the keychain. Where the pair in use is lost or
     * damaged that is the failure (`key-lost`, `key-damaged`), unless a person who has seen it wants a new one (`instead`).
     */
    create: method
      .input(
        z.object({
          name: Name.optional(),
          password: Password,
          remember: z.boolean().default(false),
          instead: z.boolean().optional(),
        }),
      )
      .output(KeyInfo),
    /** What another key folder holds (LabBook's, or that of a medium), to be shown; `odd`: what was left aside. */
    look: method
      .input(z.object({ folder: KeyFolder }))
      .output(z.object({ keys: z.array(ImportedKey), odd: z.array(Problem) })),
    /** Ends normally when the password protects this pair of the folder; see keys/import.ts for the failures. */
    prove: method.input(z.object({ folder: KeyFolder, fingerprint: Fingerprint, password: Password })).output(none),
    /** Takes over those that a person chose, all or none; tells which are new here. */
    import: method.input(KeyChoice.extend({ folder: KeyFolder })).output(z.array(KeyInfo)),
    activate: method.input(z.object({ fingerprint: Fingerprint })).output(KeyInfo),
    /** `replaced`: a newer copy of a key that was here already. */
    addRecipient: method
      .input(z.object({ armored: z.string().max(1_000_000) }))
      .output(KeyInfo.extend({ replaced: z.boolean().optional() })),
    removeRecipient: method.input(z.object({ fingerprint: Fingerprint })).output(none),
    /** Keeps the active key's password in the keychain after checking it. */
    remember: method.input(z.object({ password: Password })).output(none),
    forget: method.input(none).output(none),
    /** A self-contained HTML page to print. */
    sheet: method
      .input(z.object({ fingerprint: Fingerprint.optional(), language: Language.optional() }))
      .output(z.object({ fingerprint: Fingerprint, html: z.string() })),
  },
  medium: {
    list: method.input(none).output(z.array(Medium)),
    /** The medium a person means, and what speaks against initialising it. */
    check: method
      .input(z.object({ medium: MediumRef }))
      .output(z.object({ medium: Medium, findings: z.array(Finding) })),
    /**
     * Where another medium was, or a disk is not mounted (`medium-not-here`, `mount-missing`, which `check` tells), it is refused, unless a person
     * who has seen that wants a new medium there (`asNew`).
     */
    init: method
      .input(z.object({ medium: MediumRef, name: Name.optional(), asNew: z.boolean().optional() }))
      .output(Medium),
    eject: method.input(z.object({ medium: MediumRef })).output(none),
  },
  place: placeContract,
  folder: folderContract,
  plan: {
    save: method.input(PlanDraft).output(Plan),
    remove: method.input(RunRef).output(none),
    /** What speaks against reading what the plan describes, and what was found there: the "Test" button. Needs no medium and changes nothing. */
    check: method.input(z.object({ plan: PlanDraft, databasePassword: Password.optional() })).output(z.array(Finding)),
    /** Keeps the password of the plan's database in the keychain, after the server has been asked: wrong is `database-denied`. */
    remember: method.input(z.object({ id: z.uuid(), databasePassword: Password })).output(none),
    forget: method.input(z.object({ id: z.uuid() })).output(none),
    /**
     * A person has looked: what the backup of this run lacks is right to be missing. From here on that is what there is to save, and the rules go
     * on. Not the run that the plan waits with (any more): `changed`.
     */
    accept: method.input(z.object({ planId: z.uuid(), runId: z.uuid() })).output(none),
    /** A person has seen this alarm of the plan, or takes that back. Not one that stands, or one that asks for a decision: `changed`. */
    acknowledge: method
      .input(
        z.object({ planId: z.uuid(), kind: Alarm.shape.kind, since: Alarm.shape.since, acknowledged: z.boolean() }),
      )
      .output(none),
    /** How its backups went in the last year. */
    trend: method.input(RunRef).output(PlanTrend),
    export: method.input(z.object({ ids: z.array(z.uuid()).optional() })).output(z.object({ json: z.string() })),
    /** What reading plans from a file would change here. Changes nothing; `seen` is for `import`. */
    compare: method
      .input(z.object({ json: PlansFile }))
      .output(z.object({ changes: z.array(PlanChange), seen: z.string() })),
    /** Without `seen` no plan that is here is changed (`exists`); with it exactly what was compared is done, else `changed`. */
    import: method.input(z.object({ json: PlansFile, seen: z.string().optional() })).output(z.array(Plan)),
  },
  mail: {
    /** Null: nobody is told anything any more, what waits is dropped. With a password it goes into the keychain. */
    save: method
      .input(z.object({ settings: MailSettings.nullable(), password: Password.optional() }))
      .output(z.object({ settings: MailSettings.nullable() })),
    /** Keeps the account's password in the keychain; null forgets it. Without an account: `mail-unset`. */
    password: method.input(z.object({ password: Password.nullable() })).output(none),
    /** Sends a test to all recipients (or one) at once, and tells of each what the server said. Settings and password: those not saved yet. */
    test: method
      .input(z.object({ settings: MailSettings.optional(), password: Password.optional(), to: MailAddress.optional() }))
      .output(z.array(z.object({ address: MailAddress, problem: Problem.optional() }))),
    /** The address that is told of every start and end of the plan's runs; null: none. */
    ping: method.input(z.object({ planId: z.uuid(), url: PingUrl.nullable() })).output(Plan),
    /** Pings it once, so that a typing mistake shows. */
    testPing: method.input(z.object({ planId: z.uuid() })).output(none),
  },
  backup: {
    /**
     * Counts what would be read and looks for what speaks against it. Long for large trees; cancel through the call's signal. Without a database
     * password the remembered one is taken, else none: the finding `database-denied` says that one is needed.
     */
    preview: method
      .input(
        z.object({
          plan: z.union([z.uuid(), PlanDraft]),
          medium: MediumRef.optional(),
          databasePassword: Password.optional(),
          job: Job,
        }),
      )
      .output(BackupPreview),
    start: method
      .input(z.object({ planId: z.uuid(), medium: MediumRef.optional(), databasePassword: Password.optional() }))
      .output(RunRef),
  },
  copy: copyContract,
  catalogue: catalogueContract,
  schedule: {
    /** Sets a plan's schedule and activates it, or removes it (`null`). Due times count from now on. */
    save: method.input(z.object({ planId: z.uuid(), schedule: ScheduleDraft.nullable() })).output(Plan),
    /** The next due times of a schedule on this computer; none where a medium decides. */
    preview: method
      .input(z.object({ schedule: Schedule, count: z.number().int().min(1).max(50).default(5) }))
      .output(z.object({ times: z.array(z.iso.datetime()) })),
    /** Nothing is started by a schedule until then: at most seven days ahead, a day when absent. Open, like cancelling a run. */
    pause: method.input(z.object({ until: z.iso.datetime().optional() })).output(z.object({ until: z.iso.datetime() })),
    resume: method.input(none).output(none),
  },
  artifact: artifactContract,
  keep: {
    /** The rules of one of a plan's destinations (absent: the first); null: every backup is kept there. */
    save: method
      .input(z.object({ planId: z.uuid(), destination: z.uuid().optional(), keep: Keep.nullable() }))
      .output(Plan),
    /** By the rules of the destination that has this place (else of the first), or by these. Changes nothing. */
    preview: method
      .input(z.object({ planId: z.uuid(), medium: MediumRef, keep: Keep.nullable().optional() }))
      .output(KeepPreview),
    apply: method.input(z.object({ preview: z.uuid() })).output(RunRef),
  },
  safety: {
    /** What restores replaced and still can be undone, newest first. */
    list: method.input(none).output(z.array(KeptAside)),
    /** Removes it for good: exactly these, or nothing (`changed`). They cannot be undone any more. */
    remove: method
      .input(z.object({ ids: z.array(z.uuid()).min(1) }))
      .output(z.object({ removed: z.number().int(), freed: z.number() })),
  },
  restore: {
    /** `full`: all that is in it, so that contents can be chosen: from its contents index, else read to the end. Without a password the remembered one is taken; none: `secret-missing`, but for LabBook 2.5. */
    inspect: method
      .input(
        z.object({
          medium: MediumRef,
          artifact: z.string(),
          keyPassword: Password.optional(),
          full: z.boolean().default(false),
          job: Job,
        }),
      )
      .output(Inspection),
    /** The direct members of a folder of the archive ('' = top). */
    browse: method
      .input(
        z.object({
          inspection: z.uuid(),
          folder: z.string(),
          offset: z.number().int().default(0),
          limit: z.number().int().max(1000).default(200),
        }),
      )
      .output(
        z.object({
          entries: z.array(ArchiveEntry.extend({ name: z.string(), files: z.number().int(), bytes: z.number() })),
          total: z.number().int(),
        }),
      ),
    /**
     * `into` absent = the original place. `only` empty = everything. Reads the contents index, else the archive in full, first where it must.
     * `server`: the database, and the document folders that the backup holds, replace those of that server as a whole (then neither `into` nor
     * `only`, and `existing` is `replace`). Without a database password the remembered one is taken, else none: the finding `database-denied`
     * says that one is needed. `withoutCopy`: what stands there is not copied first (where it cannot be read, say); it stays on the server beside
     * what is restored, and the restore can be undone.
     */
    preview: method
      .input(
        z
          .object({
            inspection: z.uuid(),
            into: z.string().optional(),
            only: z.array(z.string()).default([]),
            existing: Existing,
            server: RestoreServer.optional(),
            databasePassword: Password.optional(),
            withoutCopy: z.boolean().optional(),
            job: Job,
          })
          .refine(({ server, into, only }) => server === undefined || (into === undefined && only.length === 0), {
            message: 'server, or into and only',
          }),
      )
      .output(RestorePreview),
    /** `next`: these follow, one after the other, as long as each ends well; files of several backups are brought back so. */
    start: method.input(z.object({ preview: z.uuid(), next: z.array(z.uuid()).max(50).optional() })).output(RunRef),
    /** Puts back what a restore replaced. */
    undo: method.input(RunRef.extend({ databasePassword: Password.optional() })).output(RunRef),
    /** Tries again to bring an unfinished restore of a server to its end (state `unfinished`). Still not possible: why. */
    recover: method.input(RunRef.extend({ databasePassword: Password.optional() })).output(none),
  },
  restart: {
    /** Runs the restart command of a plan; what it says is in the log of the run. None: `not-found`. */
    start: method.input(z.object({ planId: z.uuid() })).output(RunRef),
  },
  verify: {
    /** Reads everything back and compares; with a key password (given or remembered) it also decrypts and checks to the end. */
    start: method
      .input(
        z.object({ medium: MediumRef, artifacts: z.array(z.string()).default([]), keyPassword: Password.optional() }),
      )
      .output(RunRef),
  },
  service: serviceContract,
  run: runContract,
}
