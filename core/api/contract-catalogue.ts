// The methods about the search over all backups: a part of the contract (contract.ts). What is searched are the names that this computer keeps of its backups
// (core/catalogue), so that no backup has to be opened for it.
import { z } from 'zod'
import { method } from './contract-base.ts'
import { ArchiveEntry, Medium, MediumRef, Password } from './model.ts'

/** Whose file it is, and which: what `versions` is asked with. */
const FileRef = z.object({
  /** Plan or database, as the names of its backups say it. */
  subject: z.string(),
  /** Where its backups were made; '' where they do not say it. */
  host: z.string(),
  /** In the archives. */
  path: z.string(),
})
export type FileRef = z.infer<typeof FileRef>

/** A place where a backup lies, or lay when this computer last looked. */
const Lies = z.object({
  /** To name it in other calls. */
  medium: MediumRef,
  name: z.string(),
  /** It is connected, or can be asked at least. */
  here: z.boolean(),
})

const InBackup = z.object({
  /** Its file name. */
  artifact: z.string(),
  madeAt: z.iso.datetime(),
  /** Those that are here come first. */
  places: z.array(Lies),
})
export type InBackup = z.infer<typeof InBackup>

export const FoundFile = FileRef.extend({
  /** Where it stood; absent where its backup does not say that. */
  origin: z.string().optional(),
  type: ArchiveEntry.shape.type,
  size: ArchiveEntry.shape.size,
  mtime: ArchiveEntry.shape.mtime,
  versions: z.number().int(),
  /** The newest backup in which this version stands. */
  backup: InBackup,
})
export type FoundFile = z.infer<typeof FoundFile>

export const FileVersion = ArchiveEntry.pick({ type: true, size: true, mtime: true }).extend({
  /** The newest first. */
  backups: z.array(InBackup),
})
export type FileVersion = z.infer<typeof FileVersion>

export const catalogueContract = {
  /**
   * Files in whose path all these words stand, without regard to capitals and accents; the best first. `more`: there are more than `total`. `plan`: only what
   * backups of this name hold. `before`: as it was then.
   */
  search: method
    .input(
      z.object({
        text: z.string().max(1000),
        limit: z.number().int().min(1).max(500).default(100),
        plan: z.string().optional(),
        before: z.iso.datetime().optional(),
      }),
    )
    .output(z.object({ files: z.array(FoundFile), total: z.number().int(), more: z.boolean() })),
  /** All versions of a file, the newest first; none: it is in no backup that is known here. */
  versions: method.input(FileRef).output(z.object({ origin: z.string().optional(), versions: z.array(FileVersion) })),
  /**
   * Names of plans that can be searched, and the backups of each place that is here that are not in the search. `network`: servers are asked too, however long they
   * take.
   */
  missing: method.input(z.object({ network: z.boolean().default(false) })).output(
    z.object({
      subjects: z.array(z.string()),
      missing: z.array(
        z.object({
          medium: Medium,
          artifacts: z.array(z.string()),
          /** Some of them are encrypted: their key's password is needed. */
          closed: z.boolean(),
        }),
      ),
    }),
  ),
  /**
   * Reads the contents indexes of backups (absent: of all that are missing on this place) and adds them to the search. Without a password the remembered one is
   * taken; none: `secret-missing`. `without`: those that have no index; a verification makes one.
   */
  add: method
    .input(
      z.object({
        medium: MediumRef,
        artifacts: z.array(z.string()).max(10_000).optional(),
        keyPassword: Password.optional(),
        /** The caller's own id, by which it knows the progress. */
        job: z.uuid().optional(),
      }),
    )
    .output(z.object({ learned: z.array(z.string()), without: z.array(z.string()) })),
}
