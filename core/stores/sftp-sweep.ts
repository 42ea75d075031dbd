// What is left behind on a server, and what names it has.
// Guarantees: a temporary file that somebody may still be writing to is not removed; what a writer set aside when it died is put back.
import { isAbandoned, isTemporary, ownPrefix, temporaryName } from '../lib/files.ts'
import { decodeName } from '../lib/paths.ts'
import { isFile, type Listed, type SftpCalls } from './sftp-calls.ts'
import { settleAside } from './sftp-publish.ts'

/** In ms: a process that still writes does not pause that long. */
const oldPart = 24 * 3600 * 1000

/** What a put that can be continued has sent. */
const resumedPrefix = `${ownPrefix}part-resumed-`

export interface Swept {
  readonly folder: Buffer
  /** What stands before the names in it. */
  readonly prefix: Buffer
  /** In ms since 1970, by the clock of the server. */
  readonly now: number
}

/** Removes what dead writers have left in a folder; one that cannot be read or changed is left alone. */
export async function sweep(calls: SftpCalls, { folder, prefix, now }: Swept): Promise<void> {
  const listed = await allNames(calls, folder).catch(() => [])
  for (const { name, attributes } of listed) {
    const text = decodeName(name)
    if (!text.startsWith(ownPrefix) || (await settleAside(calls, prefix, name))) continue
    if (isTemporary(text) && isFile(attributes) && isLeft(text, attributes.mtime ?? now, now))
      await calls.remove(Buffer.concat([prefix, name])).catch(() => undefined)
  }
}

/**
 * True for what a dead writer has left; also for what this very process gave up when the line broke, and did not come back for. Should it be in use all
 * the same, its put fails.
 */
function isLeft(name: string, mtime: number, now: number): boolean {
  const own = temporaryName()
  const ours = name.startsWith(own.slice(0, own.lastIndexOf('-') + 1))
  return isAbandoned(name, mtime, now) || (ours && now - mtime > oldPart)
}

/** Of no machine and no process, so that it goes when nobody has written to it for a week. */
export function resumedName(key: string): string {
  if (!/^[0-9a-zA-Z]{1,64}$/.test(key)) throw new Error(`not a key to resume by: ${key}`)
  return `${resumedPrefix}${key}`
}

export async function allNames(calls: SftpCalls, folder: Buffer): Promise<Listed[]> {
  const all: Listed[] = []
  for await (const some of calls.names(folder)) all.push(...some)
  return all
}
