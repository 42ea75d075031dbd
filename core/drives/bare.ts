// Whether a folder that is not a medium stands where one belongs: the place of a medium that is away, or a mount point without its disk.
// Guarantees: places are compared by device and inode, so that another way to the same folder (link, bind mount, slash at the end) is the same
// place; looking changes nothing, and what cannot be looked at says nothing. Decides nothing: who makes media ready asks first.
import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Finding } from '../api/failure.ts'
import type { Medium } from '../api/model.ts'
import { mediumFolder, readMarker } from './marker.ts'
import { type Mount, mountAt, mountOf, readMounts, unescaped } from './mounts.ts'

/** A medium and the places at which it has been. */
export interface Former {
  readonly id: string
  readonly name: string
  readonly paths: readonly string[]
}

/** Where systems mount what is plugged in: a folder there that lies on the system's own file system waits for its disk. */
const mountRoots = ['/media', '/run/media', '/mnt']

/**
 * At most one warning, also for a folder inside such a place: `medium-not-here` {name, path, place, mounted: another disk is
 * there} or `mount-missing` {path, place}.
 * `table`: what the system mounts (fstab(5)).
 */
export async function barePlace(
  { path, id }: Pick<Medium, 'path' | 'id'>,
  former: readonly Former[],
  table = '/etc/fstab',
): Promise<Finding[]> {
  const chain = await placesAround(path)
  if (chain.length === 0) return []
  const mounts = await readMounts()
  for (const one of former) {
    const place = one.id === id ? undefined : await awayFrom(one, chain, mounts)
    if (place !== undefined)
      return [
        {
          level: 'warning',
          code: 'medium-not-here',
          details: { name: one.name, path, place, mounted: isMounted(mounts, chain[0]?.path) },
        },
      ]
  }
  const place = (await unmountedAround(chain, mounts, table)) ?? withoutDisk(chain, mounts)
  return place === undefined ? [] : [{ level: 'warning', code: 'mount-missing', details: { path, place } }]
}

/** The mount point of the system's table that the path lies in and at which nothing is mounted. */
export async function unmountedPlace(path: string, table = '/etc/fstab'): Promise<string | undefined> {
  return unmountedAround(await placesAround(path), await readMounts(), table)
}

interface Place {
  readonly path: string
  readonly identity: string
}

/** The folder and all around it, the innermost first, without `/`; empty when it is not there. */
async function placesAround(path: string): Promise<Place[]> {
  const places: Place[] = []
  let at = await realpath(path).catch(() => undefined)
  while (at !== undefined && at !== dirname(at)) {
    const identity = await identityOf(at)
    if (identity === undefined) return []
    places.push({ path: at, identity })
    at = dirname(at)
  }
  return places
}

async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found && `${found.dev}:${found.ino}`
}

/** The place of the medium that the folder is or lies in, unless the medium is there, or another disk is mounted around the folder. */
async function awayFrom({ id, paths }: Former, chain: readonly Place[], mounts: readonly Mount[]) {
  for (const place of paths) {
    const identity = await identityOf(place)
    const depth = chain.findIndex((one) => one.identity === identity)
    if (depth < 0) continue
    const marker = await readMarker(join(place, mediumFolder)).catch(() => undefined)
    if (marker?.id === id || (depth > 0 && isMounted(mounts, chain[depth]?.path))) continue
    return place
  }
  return undefined
}

/** A disk is there. What only waits for being looked at (autofs) is none. */
function isMounted(mounts: readonly Mount[], path: string | undefined): boolean {
  const mount = path === undefined ? undefined : mountAt(mounts, path)
  return mount !== undefined && mount.fsType !== 'autofs'
}

async function unmountedAround(
  chain: readonly Place[],
  mounts: readonly Mount[],
  table: string,
): Promise<string | undefined> {
  // Where mounts cannot be listed, nothing is known of them.
  if (mounts.length === 0 || chain.length === 0) return undefined
  for (const place of mountPoints(await readFile(table, 'latin1').catch(() => ''))) {
    const identity = await identityOf(place)
    const here = chain.find((one) => one.identity === identity)
    if (here && !isMounted(mounts, here.path) && !isMounted(mounts, place)) return place
  }
  return undefined
}

/** The second field of each line of fstab(5) that is a path; `text` with one character per byte. */
export function mountPoints(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [source = '', place = ''] = line.trim().split(/\s+/)
    return source.startsWith('#') || !place.startsWith('/') || place === '/' ? [] : [unescaped(place)]
  })
}

function withoutDisk(chain: readonly Place[], mounts: readonly Mount[]): string | undefined {
  const path = chain[0]?.path ?? ''
  const root = mountRoots.find((one) => path === one || path.startsWith(`${one}/`))
  const mount = root === undefined ? undefined : mountOf(mounts, path)
  if (root === undefined || mount === undefined) return undefined
  return mount.path === root || mount.path.startsWith(`${root}/`) ? undefined : path
}
