// Media: the mounts that can receive backups, what is known of each, and which one a person means.
// Guarantees: looking changes nothing; a mount that does not answer in time is listed with what was known of it before.
// Does not decide whether a medium is good enough: see fitness.ts.
import { lstat, readdir, realpath, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { madeAt, parseArtifactName, parseTimes, timesFile } from '../api/backup-name.ts'
import { Failure } from '../api/failure.ts'
import type { KnownMedium, Medium } from '../api/model.ts'
import { fromErrno, readSmall } from '../lib/files.ts'
import { type Drive, type DriveMount, isSystemPath, listDrives } from './list.ts'
import { hasMediumFolder, mediumFolder, readMarker } from './marker.ts'
import { mountOf, readMounts } from './mounts.ts'
import { patient } from './patience.ts'

/** What only the file system itself can tell. */
interface Facts {
  readonly size?: number
  readonly free?: number
  readonly initialised: boolean
  readonly id?: string
  readonly name?: string
  readonly lastBackup?: string
}

export interface ListOptions {
  readonly signal?: AbortSignal
  /** Milliseconds to wait for a mount that does not answer (a disk that spins up takes up to ten seconds). Default 15,000. */
  readonly patience?: number
}

const defaultPatience = 15_000

const ask = patient<Facts>()

/** Last answers by device and path, for mounts that are too busy to answer now. */
const remembered = new Map<string, Facts>()

/**
 * Every mount of every drive that does not carry the running system, as medium; and the folders on fixed disks that are known as media, while
 * they are there. Failures: see listDrives.
 */
export async function listMedia(known: readonly KnownMedium[] = [], options: ListOptions = {}): Promise<Medium[]> {
  const { signal, patience = defaultPatience } = options
  const drives = await listDrives(signal)
  const places = drives.flatMap((drive) => (drive.system ? [] : drive.mounts.map((mount) => ({ drive, mount }))))
  forgetAllBut([
    ...places.map(({ drive, mount }) => keyOf(drive.device, mount.path)),
    ...known.flatMap(placesOf).map(({ path }) => keyOf('', path)),
  ])
  const mounted = await Promise.all(
    places.map(async ({ drive, mount }) =>
      described(drive, mount, await facts(keyOf(drive.device, mount.path), mount.path, patience)),
    ),
  )
  const away = known.flatMap(placesOf).filter(({ path }) => !mounted.some((medium) => medium.path === path))
  const folders = await Promise.all(
    away.map(async ({ id, path }) => ({ id, medium: await knownFolder(path, drives, patience) })),
  )
  return eachOnce([...mounted, ...folders.flatMap(({ id, medium }) => (medium?.id === id ? [medium] : []))])
}

/** Also where it was before: a copy that was left there is a second medium of one id, which must not be taken for the first. */
function placesOf({ id, path, earlier = [] }: KnownMedium): { id: string; path: string }[] {
  return [path, ...earlier].map((place) => ({ id, path: place }))
}

/** One folder that several ways lead to (a bind mount, a link) is one medium. */
async function eachOnce(media: readonly Medium[]): Promise<Medium[]> {
  const count = new Map<string, number>()
  for (const { id } of media) if (id !== undefined) count.set(id, (count.get(id) ?? 0) + 1)
  const seen = new Set<string>()
  const once: Medium[] = []
  for (const medium of media) {
    const several = medium.id !== undefined && (count.get(medium.id) ?? 0) > 1
    const folder = several ? await folderOf(medium.path) : undefined
    if (folder === undefined || !seen.has(folder)) once.push(medium)
    if (folder !== undefined) seen.add(folder)
  }
  return once
}

async function folderOf(path: string): Promise<string | undefined> {
  const found = await stat(join(path, mediumFolder), { bigint: true }).catch(() => undefined)
  return found && `${found.dev}:${found.ino}`
}

/** Other media that are connected and have the same id: a copy of a medium. A backup must not take one for the other: Failure `several-media`. */
export async function refuseTwins(medium: Medium, media: readonly Medium[]): Promise<void> {
  if (medium.id === undefined) return
  const alike = media.filter(
    (other) => other.id === medium.id && other.path !== medium.path && !sameShare(medium, other),
  )
  const all = await eachOnce([medium, ...alike])
  if (all.length > 1) throw new Failure('several-media', { found: titles(all), wanted: medium.name })
}

/** One is the folder of a server, the other a folder here: two ways to one place. A disk that is plugged in is a copy. */
function sameShare(one: Medium, other: Medium): boolean {
  return one.kind !== other.kind && !one.removable && !other.removable
}

/** A folder that was a medium before, without waiting for it for long; undefined when it is not there. */
async function knownFolder(path: string, drives: readonly Drive[], patience: number): Promise<Medium | undefined> {
  const there = await facts(keyOf('', path), path, patience)
  return there.initialised ? folderMedium(path, drives, there) : undefined
}

function keyOf(device: string, path: string): string {
  return `${device}\0${path}`
}

function forgetAllBut(keys: readonly string[]): void {
  const kept = new Set(keys)
  for (const key of remembered.keys()) if (!kept.has(key)) remembered.delete(key)
}

async function facts(key: string, path: string, patience: number): Promise<Facts> {
  const found = await ask(key, () => look(path), patience)
  if (found) remembered.set(key, found)
  return found ?? remembered.get(key) ?? { initialised: false }
}

function described(drive: Pick<Drive, 'device' | 'removable' | 'system'>, mount: DriveMount, known: Facts): Medium {
  const { name, ...rest } = known
  return {
    path: mount.path,
    name: name ?? mount.label ?? (basename(mount.path) || mount.path),
    ...(mount.label === undefined ? {} : { label: mount.label }),
    device: drive.device,
    ...(mount.fsType === undefined ? {} : { fsType: mount.fsType }),
    removable: drive.removable,
    system: drive.system,
    readOnly: mount.readOnly,
    fixed: !drive.removable,
    ...rest,
  }
}

async function look(path: string): Promise<Facts> {
  const space = await statfs(path).catch(() => undefined)
  const sizes = space ? { size: space.blocks * space.bsize, free: space.bavail * space.bsize } : {}
  if (!(await hasMediumFolder(path).catch(() => false))) return { ...sizes, initialised: false }
  const folder = join(path, mediumFolder)
  // A damaged marker says nothing; whoever wants to write to the medium is told (openMedium, initialise).
  const marker = await readMarker(folder).catch(() => undefined)
  const lastBackup = await newestIn(folder)
  return {
    ...sizes,
    initialised: true,
    ...(marker ? { id: marker.id, name: marker.name } : {}),
    ...(lastBackup === undefined ? {} : { lastBackup }),
  }
}

/** Longest list of times that is read; what is longer says nothing. */
const listLimit = 32 * 1024 * 1024

/** The times noted on a medium, as its list was when last read: it is looked at every second or two. */
const notes = new Map<string, { readonly state: string; readonly made: ReadonlyMap<string, number> }>()

async function notedTimes(folder: string): Promise<ReadonlyMap<string, number>> {
  const path = join(folder, timesFile)
  const found = await lstat(path).catch(() => undefined)
  const state = found?.isFile() ? `${found.dev}:${found.ino}:${found.size}:${found.mtimeMs}` : ''
  const known = notes.get(folder)
  if (known?.state === state) return known.made
  const limit = Math.min(found?.size ?? 0, listLimit)
  const text = state === '' ? '' : await readSmall(path, { limit }).catch(() => '')
  const made = parseTimes(text ?? '')
  notes.set(folder, { state, made })
  return made
}

/** When the newest backup was made, ISO 8601 in UTC. */
export async function newestIn(folder: string): Promise<string | undefined> {
  const named = (await readdir(folder).catch(() => [])).flatMap((file) => {
    const name = parseArtifactName(file)
    return name ? [{ file, name }] : []
  })
  if (named.length === 0) return undefined
  const made = await notedTimes(folder)
  let newest = Number.NEGATIVE_INFINITY
  const latest = named.map((one) => ({ ...one, time: madeAt(one.name, made.get(one.file), undefined) }))
  for (const { file, name, time } of latest.sort((one, other) => other.time - one.time)) {
    // The time of the file can only make it older: asked where that matters.
    if (time <= newest) break
    const mtime = made.has(file) ? undefined : (await lstat(join(folder, file)).catch(() => undefined))?.mtimeMs
    newest = Math.max(newest, madeAt(name, made.get(file), mtime))
  }
  return new Date(newest).toISOString()
}

/** "STICK (/media/me/STICK)": tells two of the same name apart. */
function titles(media: readonly Medium[]): string[] {
  return media.map(({ name, path }) => `${name} (${path})`)
}

/**
 * The medium that a person or a plan means. `ref`: a mount point, a label, a name, an id, the name of a known medium that is connected, or
 * any folder; absent: the only initialised medium that is connected, a removable one first. Failures: `several-media` {found} (also for two media with one id: a
 * cloned stick), `no-medium` {found, wanted}, `not-found` for a path that does not exist.
 */
export async function resolveMedium(
  ref: string | undefined,
  media: readonly Medium[],
  known: readonly Pick<KnownMedium, 'id' | 'name'>[] = [],
): Promise<Medium> {
  if (ref === undefined) {
    // What was plugged in is meant, never a place in the network that nobody has named.
    const ready = media.filter(({ initialised, kind }) => initialised && !kind)
    const removable = ready.filter(({ fixed }) => !fixed)
    // A folder on a fixed disk is always there: where a real medium is plugged in, that one is meant.
    return only(removable.length > 0 ? removable : ready, media, '')
  }
  const away = media.find((medium) => medium.kind && medium.path === ref)
  if (away) return away
  const path = resolve(ref)
  const root = await folderRoot(path)
  const mounted = media.find((medium) => [path, root].includes(resolve(medium.path)))
  if (mounted) return only(sameAs(mounted, media), media, ref)
  const ids = new Set(known.filter(({ name }) => name === ref).map(({ id }) => id))
  const fitting = media.filter(
    ({ id, name, label }) => name === ref || label === ref || (id !== undefined && (id === ref || ids.has(id))),
  )
  if (fitting.length > 0) return only(fitting, media, ref)
  if (root !== undefined) return folderMedium(root, await listDrives().catch(() => []), await look(root))
  if (/[/\\]/.test(ref)) throw new Failure('not-found', { name: ref, path })
  return only([], media, ref)
}

/** The medium and its clones: named by its path, one of them is meant, but backups could not be told apart later. */
function sameAs(medium: Medium, media: readonly Medium[]): Medium[] {
  return medium.id === undefined ? [medium] : media.filter(({ id }) => id === medium.id)
}

function only(fitting: readonly Medium[], media: readonly Medium[], wanted: string): Medium {
  const [medium, ...others] = fitting
  if (medium && others.length === 0) return medium
  if (medium) throw new Failure('several-media', { found: titles(fitting), wanted })
  throw new Failure('no-medium', { found: titles(media), wanted })
}

/** File systems that are on another machine, not on a disk of this one. */
const elsewhere = /^(nfs4?|cifs|smb3|smbfs|9p|ceph|afs|davfs|glusterfs|fuse\.(sshfs|rclone|glusterfs|davfs2?))$/

/** The folder that a path means, without symlinks; the medium's own folder means the medium. Undefined when there is no such folder. */
async function folderRoot(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path)
    if (!(await stat(real)).isDirectory()) return undefined
    return basename(real) === mediumFolder ? dirname(real) : real
  } catch (error) {
    const failure = fromErrno(error, { path })
    if (failure instanceof Failure && failure.code === 'not-found') return undefined
    throw failure
  }
}

/** A folder as medium, with what is known of the drive that it is on. */
async function folderMedium(root: string, drives: readonly Drive[], known: Facts): Promise<Medium> {
  const mounts = await readMounts()
  const mount = mountOf(mounts, root)
  const drive = drives.find((each) => each.mounts.some((one) => one.path === mount?.path))
  const listed = drive?.mounts.find((one) => one.path === mount?.path)
  const removable = drive?.removable ?? false
  const fsType = listed?.fsType ?? mount?.fsType
  const medium = described(
    { device: drive?.device ?? mount?.source ?? '', removable, system: isSystemPath(root) },
    { path: root, readOnly: listed?.readOnly ?? mount?.readOnly ?? false, ...(fsType === undefined ? {} : { fsType }) },
    known,
  )
  return { ...medium, fixed: !removable && !elsewhere.test(fsType ?? '') }
}
