// Permissions, owners, times and attributes of what was restored.
// Guarantees: independent of the umask; setuid and setgid of a file only come back together with its owner, so never on a file of somebody
// else; what the file system or our rights do not allow is counted, not thrown: contents matter more. Who is not root gets the groups that are theirs.
import {
  type BigIntStats,
  chmodSync,
  chownSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  statSync,
  utimesSync,
} from 'node:fs'
import type { Problem } from '../api/failure.ts'
import type { Entry } from '../archive/archive.ts'
import { errnoOf } from '../lib/files.ts'
import { fileTime, instantOf, isPossible } from '../lib/instant.ts'
import { libc, type Where } from '../lib/libc.ts'
import { fsPath } from '../lib/paths.ts'
import { type Tallied, Tally } from '../lib/tally.ts'
import { Attributing, removeOthers } from './attributes.ts'

export type Metadata = Pick<Entry, 'mode' | 'uid' | 'gid' | 'mtime' | 'time' | 'attributes'>

/** Owners can only be given away by root. */
const mayChown = process.getuid?.() === 0
const myself = process.getuid?.()

/** chown(2): what has this number stays as it is. No user or group has it. */
const unchanged = 0xffff_ffff

/** Seconds by which file systems round; what differs by more was not taken. */
const coarsest = 2n

/** Seconds that every file system of today holds. */
const usual = 2n ** 31n

/** How one thing is reached. */
interface Thing {
  readonly where: Where
  /** As people know it. */
  readonly path: string
  /** Bits of the mode that are not given without the owner. */
  readonly guarded: number
  chown(uid: number, gid: number): void
  /** Absent: it has no permissions of its own. */
  readonly chmod?: (mode: number) => void
  utimes(time: string): void
  stat(): BigIntStats
}

export class MetadataKeeper {
  readonly #tally = new Tally()

  /** What did not work, for another keeper. */
  get told(): Tallied[] {
    return this.#tally.all
  }

  /** What did not work for somebody else; `shown`: what their paths are called here. */
  add(told: readonly Tallied[], shown?: (path: string) => string): void {
    this.#tally.add(told, shown)
  }

  /** One warning for each kind of thing that did not work. */
  warnings(): Problem[] {
    return this.#tally.problems().filter(({ code }) => !remarks.has(code))
  }

  /** What is as it should be, and that people may want to know. */
  notes(): Problem[] {
    return this.#tally.problems().filter(({ code }) => remarks.has(code))
  }

  openFile(file: number, path: string, wanted: Metadata): void {
    const privileges = this.#give(wanted, {
      where: { file },
      path,
      guarded: 0o6000,
      chown: (uid, gid) => fchownSync(file, uid, gid),
      chmod: (mode) => fchmodSync(file, mode),
      utimes: (time) => futimesSync(file, time, time),
      stat: () => fstatSync(file, { bigint: true }),
    })
    if (privileges && mayChown) this.#tally.count('privileges-restored', path, {})
  }

  /** `way` names it to the system. */
  symlink(way: string, wanted: Metadata, path = way): void {
    this.#give(wanted, {
      where: { link: way },
      path,
      guarded: 0,
      chown: (uid, gid) => lchownSync(fsPath(way), uid, gid),
      utimes: (time) => lutimesSync(fsPath(way), time, time),
      stat: () => lstatSync(fsPath(way), { bigint: true }),
    })
  }

  /**
   * `way` must name a real folder, whatever is exchanged meanwhile (held.ts); `path`: as people know it. setgid on a folder gives no rights to
   * anybody and stays. `back`: it gets back what it had, so that attributes which it did not have go.
   */
  folder(way: string, wanted: Metadata, path = way, back = false): void {
    if (back && wanted.attributes) removeOthers({ folder: way }, wanted.attributes)
    this.#give(
      { ...wanted, mode: wanted.mode & 0o3777 },
      {
        where: { folder: way },
        path,
        guarded: 0,
        chown: (uid, gid) => chownSync(fsPath(way), uid, gid),
        chmod: (mode) => chmodSync(fsPath(way), mode),
        utimes: (time) => utimesSync(fsPath(way), time, time),
        stat: () => statSync(fsPath(way), { bigint: true }),
      },
    )
  }

  /** True where it now gives its rights to whoever starts it. In this order: a change of owner takes such rights away, one of permissions the right to write. */
  #give(wanted: Metadata, thing: Thing): boolean {
    const { where, path, guarded, chmod } = thing
    const attributes = wanted.attributes && new Attributing(where, wanted.attributes)
    attributes?.set('before')
    const not: string[] = []
    const owned = owner(wanted, thing, not)
    const mode = wanted.mode & (owned ? 0o7777 : 0o7777 & ~guarded)
    if (chmod) attempt(not, () => chmod(mode))
    if (mode !== wanted.mode && not.length === 0) not.push('EPERM')
    attributes?.set('after')
    attributes?.tell(path, this.#tally)
    time(wanted, thing, not)
    if (not.length > 0) this.#tally.count('metadata-failed', path, { reason: not[0] as string })
    return (attributes?.capable ?? false) || (mode & guarded) !== 0
  }
}

const remarks = new Set<Problem['code']>(['privileges-restored', 'attributes-skipped'])

/** True where it belongs to whom it belonged. */
function owner({ uid, gid }: Metadata, { chown }: Thing, not: string[]): boolean {
  if (myself === undefined) return false
  const possible = isNumber(uid) && isNumber(gid)
  const [user, group] = [isNumber(uid) ? uid : unchanged, isNumber(gid) ? gid : unchanged]
  if (!possible) not.push('EINVAL')
  if (mayChown) return attempt(not, () => chown(user, group)) && possible
  if (user !== myself) not.push('EPERM')
  return attempt(not, () => chown(unchanged, group)) && possible && user === myself
}

/** An archive may say anything. */
function isNumber(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < unchanged
}

function time(wanted: Metadata, { where, utimes, stat }: Thing, not: string[]): void {
  const instant = instantOf(wanted)
  const { seconds, nanos } = instant
  if (!isPossible(instant)) {
    not.push('ERANGE')
    return
  }
  const system = libc()
  // Node takes a negative number for "now", a string as it is, and cuts after the microsecond; a double may lie just below it.
  const set = attempt(not, () =>
    system ? system.setTime(where, seconds, nanos) : utimes(String((Math.round(wanted.mtime * 1000) + 0.5) / 1e6)),
  )
  if (!set || (seconds >= 0n && seconds < usual)) return
  // A file system takes the nearest that it knows, without a word.
  const kept = instantOf(fileTime(stat().mtimeNs)).seconds
  if (kept > seconds + coarsest || kept < seconds - coarsest) not.push('ERANGE')
}

function attempt(not: string[], call: () => void): boolean {
  try {
    call()
    return true
  } catch (error) {
    const reason = errnoOf(error)
    if (reason === undefined) throw error
    not.push(reason)
    return false
  }
}

export function metadataOf(stat: BigIntStats): Metadata {
  return {
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    ...fileTime(stat.mtimeNs),
  }
}
