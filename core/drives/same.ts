// Whether a path lies on a medium, however it is reached: through a symlink, a bind mount, or a second mount of the same disk.
// Guarantees: looks only at what folders are (device and inode), never at what they are called; a path that is not there yet is judged by its parents.
import { realpath, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { mediumFolder } from './marker.ts'

/** The path as it would be called below `medium` (the medium's mount) where it lies on it; else with its symlinks resolved. */
export async function asOnMedium(path: string, medium: string): Promise<string> {
  const real = await realpath(path).catch(() => path)
  const folder = join(medium, mediumFolder)
  const [whole, backups] = await Promise.all([identityOf(medium), identityOf(folder)])
  for (let at = real; ; at = dirname(at)) {
    const found = await identityOf(at)
    if (found !== undefined && found === whole) return join(medium, relative(at, real))
    if (found !== undefined && found === backups) return join(folder, relative(at, real))
    if (dirname(at) === at) return real
  }
}

async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found && `${found.dev}:${found.ino}`
}
