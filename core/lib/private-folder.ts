// Folders that only their owner may look into: the data folder, the logs, the folder of the local socket.
// Guarantees: after `privateFolder` the folder exists, belongs to this user, is writable and shut to group and others.
// Does not change what is inside, and never takes over a folder of somebody else.
import { access, chmod, constants, mkdir, stat } from 'node:fs/promises'
import { Failure } from '../api/failure.ts'
import { errnoOf, fromErrno } from './files.ts'

/**
 * Makes `path` (with its parents) or checks what is there; gives `path` back. A folder of somebody else, one that cannot be written to, or
 * something that is not a folder: Failure `denied` {path, reason}.
 */
export async function privateFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    const found = await stat(path)
    if (!found.isDirectory()) throw new Failure('denied', { path, reason: 'not a folder' })
    if (process.getuid && found.uid !== process.getuid())
      throw new Failure('denied', { path, reason: 'belongs to another user' })
    if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) await chmod(path, found.mode & 0o700)
    await access(path, constants.W_OK | constants.X_OK)
    return path
  } catch (error) {
    throw denied(error, path)
  }
}

function denied(error: unknown, path: string): unknown {
  const errno = errnoOf(error)
  const refused = ['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR'].includes(errno ?? '')
  return refused ? new Failure('denied', { path, reason: errno ?? '' }, { cause: error }) : fromErrno(error, { path })
}
