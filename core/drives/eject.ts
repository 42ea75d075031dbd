// Makes a medium safe to unplug: everything on the disk, unmounted, powered off where the system can.
// Guarantees: success means that the mount is gone; a medium in use stays mounted and is reported as busy; the system disk is never touched.
// Linux: udisksctl (the desktop's way, no root needed), else umount. macOS: diskutil. Windows: not yet.
import { stat } from 'node:fs/promises'
import { Failure } from '../api/failure.ts'
import type { Medium } from '../api/model.ts'
import { run } from '../lib/process.ts'
import { mountAt, readMounts } from './mounts.ts'

/** Milliseconds: a slow stick may take minutes to write what the system still holds for it. */
const patience = 300_000

/**
 * Failures: `place-no-eject` (in the network), `system-disk`, `fixed-disk`, `eject-busy` {name}, `denied`, `tool-missing` {tool}, `tool-failed`. A medium that is not mounted any more is
 * done already. Stores open on it must be closed first: they count as use.
 */
export async function eject(medium: Medium): Promise<void> {
  if (medium.kind) throw new Failure('place-no-eject', { name: medium.name })
  if (medium.system) throw new Failure('system-disk', { name: medium.name, path: medium.path })
  if (medium.fixed) throw new Failure('fixed-disk', { name: medium.name, path: medium.path })
  if (process.platform === 'linux') return ejectOnLinux(medium)
  if (process.platform !== 'darwin') throw new Failure('tool-missing', { tool: 'eject' })
  const before = await deviceAt(medium.path)
  await unmounting(medium, () => run('diskutil', ['eject', medium.path], { patience }))
  if ((await deviceAt(medium.path)) === before) throw busy(medium)
}

async function ejectOnLinux(medium: Medium): Promise<void> {
  const mount = mountAt(await readMounts(), medium.path)
  if (!mount) return
  const isThere = async () =>
    (await readMounts()).some(({ path, device }) => path === mount.path && device === mount.device)
  // What is still in memory goes to the disk here, where a person sees that it takes time; umount would do it, too.
  await run('sync', ['--file-system', mount.path], { patience }).catch(() => undefined)
  await unmounting(medium, async () => {
    try {
      await run('udisksctl', ['unmount', '--block-device', mount.source, '--no-user-interaction'], { patience })
    } catch (error) {
      // No udisks, or one that is not running or not allowed to: the ordinary way may be.
      if (isBusy(error)) throw error
      if (await isThere()) await run('umount', ['--', mount.path], { patience })
    }
  })
  if (await isThere()) throw busy(medium)
  if (medium.device?.startsWith('/dev/')) {
    // Unmounted is safe; a lamp that goes out is a courtesy.
    await run('udisksctl', ['power-off', '--block-device', medium.device, '--no-user-interaction'], { patience }).catch(
      () => undefined,
    )
  }
}

async function unmounting(medium: Medium, deed: () => Promise<unknown>): Promise<void> {
  try {
    await deed()
  } catch (error) {
    if (isBusy(error)) throw busy(medium, error)
    if (/not permitted|permission denied|must be superuser|NotAuthorized/i.test(stderrOf(error))) {
      throw new Failure('denied', { name: medium.name, path: medium.path }, { cause: error })
    }
    throw error
  }
}

function busy(medium: Medium, cause?: unknown): Failure {
  return new Failure('eject-busy', { name: medium.name, path: medium.path }, { retryable: true, cause })
}

/** umount and diskutil say so in words only (messages are asked for in English, see run). */
function isBusy(error: unknown): boolean {
  return /busy|in use|couldn't be unmounted/i.test(stderrOf(error))
}

function stderrOf(error: unknown): string {
  return error instanceof Failure && error.code === 'tool-failed' ? String(error.details.stderr) : ''
}

async function deviceAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ dev }) => dev,
    () => undefined,
  )
}
