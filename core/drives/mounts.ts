// What is mounted where, from Linux itself (/proc/self/mountinfo, see proc(5)).
// Guarantees: names come back as on the disk, blanks and odd bytes included. Other systems: an empty list, so types and flags are unknown there.
import { readFile } from 'node:fs/promises'
import { decodeName } from '../lib/paths.ts'

export interface Mount {
  readonly path: string
  /** `/dev/sdb1`, `server:/share`, `tmpfs`… */
  readonly source: string
  readonly fsType: string
  readonly readOnly: boolean
  /** `major:minor` of the device, unique among what is mounted. */
  readonly device: string
}

/** In the order in which they were mounted. */
export async function readMounts(): Promise<Mount[]> {
  if (process.platform !== 'linux') return []
  const text = await readFile('/proc/self/mountinfo', 'latin1').catch(() => '')
  return parseMountinfo(text)
}

/** `text`: mountinfo with one character per byte (latin1). Lines that are none are left out. */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [front, back] = line.split(' - ')
    const [, , device, , path, options] = front?.split(' ') ?? []
    const [fsType, source, superOptions] = back?.split(' ') ?? []
    if (device === undefined || path === undefined || fsType === undefined || source === undefined) return []
    const flags = `${options},${superOptions}`.split(',')
    return [{ path: unescaped(path), source: unescaped(source), fsType, readOnly: flags.includes('ro'), device }]
  })
}

/** The kernel writes blank, tab, newline, backslash and `#` as octal `\040`. */
export function unescaped(field: string): string {
  const bytes = field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  return decodeName(Buffer.from(bytes, 'latin1'))
}

/** What is mounted exactly there; the last one hides the earlier ones. */
export function mountAt(mounts: readonly Mount[], path: string): Mount | undefined {
  return mounts.findLast((mount) => mount.path === path)
}

/** The mount that an absolute path without symlinks lies in. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  const around = mounts.filter(
    (mount) => mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`),
  )
  const deepest = Math.max(...around.map((mount) => mount.path.length))
  return around.findLast((mount) => mount.path.length === deepest)
}
