// The marker that makes a folder on a drive a medium of ours, and tells media apart: `SIGL_sauvegardes/.arche-medium.json`.
// Guarantees: a marker is written as a whole and only where there is none; one that does not read well is reported, never replaced.
// The folder's name is LabBook's, whose own folders (without marker) count as initialised.
import { lstat, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { Failure } from '../api/failure.ts'
import { errnoOf, fromErrno, readSmall, syncFolder, writeDurably } from '../lib/files.ts'
import { once } from '../lib/once.ts'

/** The folder at the root of a medium: its existence is "initialised" (LabBook 3). */
export const mediumFolder = 'SIGL_sauvegardes'

export const markerName = '.arche-medium.json'
/** In bytes. */
export const markerLimit = 64 * 1024

const Marker = once(() =>
  z.object({
    arche: z.literal(1),
    id: z.uuid(),
    name: z.string().min(1).max(200),
    createdAt: z.iso.datetime(),
  }),
)
export type Marker = z.infer<ReturnType<typeof Marker>>

const Newer = once(() => z.object({ arche: z.number().int().min(2) }))

/** The folder itself (not a symlink to one) is there. Throws Failure when that cannot be known. */
export async function hasMediumFolder(mount: string): Promise<boolean> {
  const path = join(mount, mediumFolder)
  try {
    return (await lstat(path)).isDirectory()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false
    throw fromErrno(error, { path })
  }
}

/**
 * The marker in a medium's folder (`folder` is `<mount>/SIGL_sauvegardes`, or another way to it); undefined when there is none. Failures:
 * `damaged` {name, reason}, `unsupported-format` for a newer kind, and those of the file system. `shown`: the folder as people know it.
 */
export async function readMarker(folder: string, shown = folder): Promise<Marker | undefined> {
  const path = join(shown, markerName)
  // A medium is somebody else's data.
  const text = await readSmall(join(folder, markerName), { limit: markerLimit, shown: path })
  return text === undefined ? undefined : parseMarker(text, path)
}

/** The marker that a file holds; `path` as people know it. Failures: `damaged` {name, reason}, `unsupported-format` for a newer kind. */
export function parseMarker(text: string, path: string): Marker {
  const damaged = (reason: string, cause?: unknown) => new Failure('damaged', { name: path, path, reason }, { cause })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw damaged('JSON', error)
  }
  const kind = Newer().safeParse(value)
  if (kind.success) throw new Failure('unsupported-format', { reason: `${markerName}: ${kind.data.arche}`, path })
  const marker = Marker().safeParse(value)
  if (!marker.success) throw damaged(marker.error.issues[0]?.path.join('.') ?? '', marker.error)
  return marker.data
}

/** Makes the folder where it is missing and writes the marker, both durable; returns it as read back. There is one already: `already-initialised`. */
export async function writeMarker(mount: string, marker: Marker): Promise<Marker> {
  const folder = join(mount, mediumFolder)
  try {
    await mkdir(folder)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' || !(await hasMediumFolder(mount))) throw fromErrno(error, { path: folder })
  }
  await syncFolder(dirname(folder))
  if (await readMarker(folder)) throw new Failure('already-initialised', { name: marker.name, path: mount })
  await writeDurably(join(folder, markerName), markerText(marker))
  const found = await readMarker(folder)
  if (found?.id !== marker.id) throw new Failure('io', { path: join(folder, markerName), reason: 'read back' })
  return found
}

/** What the file of a marker holds. */
export function markerText(marker: Marker): string {
  return `${JSON.stringify(Marker().parse(marker), null, 2)}\n`
}
