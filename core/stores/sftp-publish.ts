// How a finished temporary file on a server gets its name, by what the server can do.
// Guarantees: an object of another writer is never overwritten unless that was asked for; a name that is replaced means the old object or the new one,
// whole, at every moment where the server can rename over a name. Where it cannot, the old one is set aside under a name that says whose it is, and put
// back by the next writer should this one die in between.
import { Failure } from '../api/failure.ts'
import { ownPrefix } from '../lib/files.ts'
import { Refusal, type SftpCalls, status } from './sftp-calls.ts'

/** What was under a name while another object takes its place, on servers that cannot do that in one step. */
const asidePrefix = Buffer.from(`${ownPrefix}aside-`)

/** Longest name of a file, in bytes. */
const longestName = 255

export interface Publishing {
  /** Folder with `/` at its end, or nothing. */
  readonly folder: Buffer
  readonly temporary: Buffer
  readonly name: Buffer
}

/** True when the temporary name stays, as a second one of the object. Throws Failure `exists` when something has the name. */
export async function publishNew(calls: SftpCalls, { folder, temporary, name }: Publishing): Promise<boolean> {
  const [from, to] = [Buffer.concat([folder, temporary]), Buffer.concat([folder, name])]
  if (calls.able.link) {
    try {
      await calls.link(from, to)
      return true
    } catch (error) {
      await refuseTaken(calls, to, error)
      // A file system without hard links.
    }
  }
  try {
    await calls.rename(from, to)
    return false
  } catch (error) {
    await refuseTaken(calls, to, error)
    throw error
  }
}

/** Failure `exists` if that is why the server refused. */
async function refuseTaken(calls: SftpCalls, path: Buffer, error: unknown): Promise<void> {
  if (!(error instanceof Refusal)) throw error
  if (await calls.look(path)) throw new Failure('exists', {}, { cause: error })
}

/** Those who replace in several steps over one connection, one after the other. */
const turns = new WeakMap<SftpCalls, Promise<unknown>>()

/** Takes the place of what has the name. False: the temporary name is gone with it. */
export async function publishOver(calls: SftpCalls, publishing: Publishing): Promise<boolean> {
  const { folder, temporary, name } = publishing
  if (calls.able.replace) {
    await calls.replace(Buffer.concat([folder, temporary]), Buffer.concat([folder, name]))
    return false
  }
  const turn = (turns.get(calls) ?? Promise.resolve()).then(() => setAside(calls, publishing))
  turns.set(
    calls,
    turn.catch(() => undefined),
  )
  await turn
  return false
}

async function setAside(calls: SftpCalls, { folder, temporary, name }: Publishing): Promise<void> {
  const [from, to] = [Buffer.concat([folder, temporary]), Buffer.concat([folder, name])]
  if (!(await calls.look(to))) return calls.rename(from, to)
  const asideName = Buffer.concat([asidePrefix, name])
  if (asideName.length > longestName) throw new Refusal(status.unsupported, 'posix-rename')
  const aside = Buffer.concat([folder, asideName])
  await calls.rename(to, aside)
  try {
    await calls.rename(from, to)
  } catch (error) {
    await calls.rename(aside, to).catch(() => undefined)
    throw error
  }
  await calls.remove(aside).catch(() => undefined)
}

/** Finishes, for one entry of a folder, what a writer that died while replacing has left; true when the entry was such a one. */
export async function settleAside(calls: SftpCalls, folder: Buffer, entry: Buffer): Promise<boolean> {
  if (!entry.subarray(0, asidePrefix.length).equals(asidePrefix)) return false
  const aside = Buffer.concat([folder, entry])
  const to = Buffer.concat([folder, entry.subarray(asidePrefix.length)])
  // When both are there the new one is complete, or another writer was faster: a rename never goes over a name.
  if (await calls.look(to)) await calls.remove(aside).catch(() => undefined)
  else await calls.rename(aside, to).catch(() => undefined)
  return true
}
