// Where backups are kept, whatever the kind: the interface that every target fulfils. The same suite (tests/suites/target-suite.ts) runs on all of
// them. Which kinds there are, and how they are opened: open.ts.
import type { Failure, Problem } from '../api/failure.ts'
import type { ArchiveEntry, ArchiveFormat, Artifact } from '../api/model.ts'
import type { OpenArchive, Pack, Pools, Unlock } from '../archive/archive.ts'
import type { Gathering } from '../guard/summary.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { Context } from '../lib/work.ts'
import type { Item } from '../sources/source.ts'
import type { StoreRef } from '../stores/open.ts'
import type { Stat } from '../stores/store.ts'
import type { Contents } from './contents.ts'

/** Which target, as plain data: what the engine resolves a medium or a place to, and what a worker is told. */
export interface TargetAt {
  readonly store: StoreRef
  /** Of the marker that lies there. */
  readonly id?: string
  /** For people. */
  readonly name: string
  /** Where it is, as people know it: a path, or an address. */
  readonly path: string
}

/** Told of what was left aside. */
export type Tell = (problem: Problem) => void

/** Result of saving an item. */
export interface Saved {
  readonly artifact: string
  readonly sha256: string
  /** ISO 8601, UTC; the same as in the archive's head. */
  readonly madeAt: string
  readonly files: number
  readonly bytes: number
  readonly stored: number
  /** What it lacks of what the plan's earlier backups had. */
  readonly losses?: readonly Problem[]
}

/** Metadata of an item that is saved, and its recipients. */
export interface About {
  readonly plan: string
  readonly host: string
  /** Armored public keys; none are needed where nothing is encrypted. */
  readonly recipients: readonly string[]
  /** What a restore on another machine needs: put beside. */
  readonly keyFiles: readonly KeyFile[]
  /** Absent: `tar.gz.gpg`, balanced. */
  readonly pack?: Pack | undefined
  /** Gets every member of the archive. */
  readonly gathering?: Gathering
  /** Gets what the contents index tells of each, in that order. */
  readonly names?: (entry: ArchiveEntry) => void
}

export interface KeyFile {
  readonly name: string
  readonly text: string
}

/** A backup as it lies there. */
export type Found = Artifact &
  Pick<Stat, 'mtime' | 'changed'> & {
    /** Its time is noted beside it. */
    readonly timeNoted?: true
  }

/** A backup and the layout that it turned out to have. */
export type Opened = OpenArchive & {
  readonly format: ArchiveFormat
  /** LabBook 2.9: whether its documents are beside it. */
  readonly documents?: boolean
}

export interface OpenOptions {
  readonly unlock?: Unlock | undefined
  /** False: the documents beside a backup of LabBook 2.9 are not read. */
  readonly documents?: boolean
  /** Gets the stored bytes as they are read. */
  readonly seen?: (chunk: Uint8Array) => void
}

/** A backup to be removed, as it was when that was decided. */
export interface Going {
  readonly name: string
  /** In bytes. */
  readonly size: number
}

/** Told of each backup of a removal. */
export interface RemovalReport<T extends Going> {
  /** It is gone for good. */
  gone(removal: T): void
  /** It is still there: pinned or changed since (no failure), or the store refuses. */
  stays(removal: T, failure?: Failure): void
}

/** An open target. All calls throw Failure only; those of the store (see Store) come through unchanged. */
export interface Target {
  /** For people: "STICK (/media/me/STICK)". */
  readonly label: string
  /**
   * Reads, packs, encrypts and stores an item in one pass, and reads it back: whole, compared and noted, or absent. Different when read back: Failure
   * `damaged`. Throws what any stage throws. What has a contents index gets it in the same pass; where that cannot be, a note says so.
   */
  save(item: Item, about: About, ctx: Context<Pools>): Promise<Saved>
  /** Newest first, with what is noted beside them. */
  artifacts(tell?: Tell): Promise<Found[]>
  stat(name: string): Promise<Stat | undefined>
  /**
   * For reading; see openArchive and openOlder for what is checked when. No unlock where one is needed: `secret-missing`; not there: `not-found`.
   */
  open(name: string, options: OpenOptions, ctx: Context<Pools>): Promise<Opened>
  /** Reads the stored bytes back and compares them with their SHA-256 (hex): Failure `damaged`. */
  compare(name: string, sha256: string, ctx: Context<Pools>): Promise<void>
  /**
   * Removes backups, the last named first, each durably; pins count up to the last moment. Throws before anything is touched (nothing can be written
   * there), and when it is cancelled; resolves with the Failure after which nothing more can be done. What has been told as gone is gone in any case.
   */
  remove<T extends Going>(going: readonly T[], ctx: Context, report: RemovalReport<T>): Promise<Failure | undefined>
  /** Free bytes for this user, where it can be known. */
  free(): Promise<number | undefined>
  /** Puts in order what an interrupted removal left. */
  settle(ctx: Pick<Context, 'report'>): Promise<void>
  close(): Promise<void>
}

/** A target on which a person can note that no rule removes a backup, and what else is to be known of it. */
export interface Pinning {
  /** Names of the backups that no rule may remove. A list that cannot be read: Failure `damaged` {name}. */
  pins(): Promise<Set<string>>
  /** Pins a backup, or takes the pin away; durable. No such backup: Failure `not-found`. */
  pin(name: string, pinned: boolean): Promise<void>
  /** Writes a note down (one line), in place of a former one, or takes it away; durable. It goes with its backup. Failures: as of `pin`, `damaged`. */
  note(name: string, note: string | null): Promise<void>
}

/** A target beside whose backups lie the keys that open them. */
export interface KeysBeside {
  /** The private keys, by their names; what is odd is told and left aside. */
  keys(tell: Tell): Promise<KeyFile[]>
}

/** A target beside whose backups lie indexes of what is in them: see contents.ts. None of it stands in the way of anything else. */
export interface Indexing {
  /** The index of a backup; undefined: it has none. What is wrong with it: Failures as of `open`, now or while it is read. */
  contents(name: string, unlock: Unlock | undefined, ctx: Context<Pools>): Promise<Contents | undefined>
  hasContents(name: string): Promise<boolean>
  /** The stored bytes of an index; undefined: there is none. */
  storedContents(name: string, ctx: Context): Promise<Bytes | undefined>
  /** Puts an index beside a backup, in place of an older one: whole and read back, or absent; what goes wrong is noted. */
  putContents(name: string, contents: () => Promise<Bytes>, ctx: Context): Promise<void>
}

/** A backup of another target, as it lies there. */
export interface Incoming {
  readonly name: string
  /** As noted there (hex): other bytes are refused. Absent: nothing is noted. */
  readonly sha256?: string | undefined
  /** In ms since 1970. */
  readonly made: number
  /** In bytes. */
  readonly size: number
  readonly bytes: Bytes
  readonly keyFiles: readonly KeyFile[]
}

/** Backups go from one such target to another as they are. */
export interface Copying {
  /** The stored bytes of a backup. */
  read(name: string, ctx: Context<Pools>): Bytes
  /**
   * Takes a backup of another target: whole, read back and noted, or absent. One that lies here already with the same bytes is read back and noted only;
   * with other bytes: Failure `exists`. Bytes that are not what is noted of them: `damaged`, and nothing of them stays. A transfer that was broken off is continued
   * where the store can.
   */
  receive(incoming: Incoming, ctx: Context<Pools>): Promise<{ readonly sha256: string; readonly stored: number }>
  /** The checksums (hex) that are noted of its backups, by name. */
  checksums(tell: Tell): Promise<ReadonlyMap<string, string>>
}
