// The drives of this computer and what is mounted from them, on Linux, macOS and Windows (drivelist).
// Guarantees: a mount that does not answer delays a listing by the given patience at most, and never piles up waiting calls.
// Does not know backups: what makes a mount a medium is in media.ts.
import { Failure } from '../api/failure.ts'
import { listBlockDrives } from './lsblk.ts'
import { type Mount, mountAt, readMounts } from './mounts.ts'

export interface Drive {
  /** `/dev/sdb`, `\\.\PHYSICALDRIVE1`. */
  readonly device: string
  readonly description: string
  /** Bytes. */
  readonly size?: number
  readonly removable: boolean
  /** The running system is on it. */
  readonly system: boolean
  readonly readOnly: boolean
  readonly mounts: readonly DriveMount[]
}

export interface DriveMount {
  readonly path: string
  readonly label?: string
  /** `ext4`, `vfat`, `exfat`…; known on Linux. */
  readonly fsType?: string
  readonly readOnly: boolean
}

/** Where the running system lives, on Linux: a disk that carries one of these is the system disk. */
const systemPaths = new Set(['/', '/boot', '/boot/efi', '/efi', '/usr', '/var'])

export function isSystemPath(path: string): boolean {
  return systemPaths.has(path)
}

/** All drives, with or without mounts. Failures: `tool-missing` {tool: 'lsblk'}, `tool-failed`, `cancelled`. */
export async function listDrives(signal?: AbortSignal): Promise<Drive[]> {
  const linux = process.platform === 'linux'
  const [found, mounts] = await Promise.all([linux ? listBlockDrives(signal) : listOtherDrives(), readMounts()])
  return found.map((drive) => ({
    device: drive.device,
    description: drive.description,
    ...(drive.size === null ? {} : { size: drive.size }),
    removable: drive.isRemovable,
    system: linux ? drive.mountpoints.some(({ path }) => isSystemPath(path)) : drive.isSystem,
    readOnly: drive.isReadOnly,
    mounts: drive.mountpoints.map((mountpoint) =>
      described(mountpoint, mountAt(mounts, mountpoint.path), drive.isReadOnly),
    ),
  }))
}

function described(
  mountpoint: { path: string; label: string | null; fsType?: string },
  mount: Mount | undefined,
  readOnly: boolean,
): DriveMount {
  // `fuseblk` says only that a program serves it: lsblk knows the format on the device.
  const fsType = mount && !mount.fsType.startsWith('fuse') ? mount.fsType : (mountpoint.fsType ?? mount?.fsType)
  return {
    path: mountpoint.path,
    ...(mountpoint.label ? { label: mountpoint.label } : {}),
    ...(fsType ? { fsType } : {}),
    readOnly: readOnly || (mount?.readOnly ?? false),
  }
}

/** drivelist with its native part, which Linux does not need. */
async function listOtherDrives() {
  try {
    const { list } = await import('drivelist')
    return await list()
  } catch (error) {
    throw new Failure('tool-failed', { tool: 'drivelist', status: '', stderr: String(error) }, { cause: error })
  }
}
