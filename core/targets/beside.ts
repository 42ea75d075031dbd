// The small files beside the archives on a store: the list of checksums, that of times, the pins, the notes, the keys.
// Guarantees: a medium is somebody else's data, so none of them is trusted to be small, a file, or text: what is odd is left aside and told, and
// stops neither a list, nor a restore, nor a backup that was written well. A list of pins that cannot be read never counts as "no pins".
// Does not know archives (shelf.ts) nor when something may be removed (prune.ts).
import { formatTimes, parseArtifactName, parseTimes, timesFile } from '../api/backup-name.ts'
import { Failure, type Problem } from '../api/failure.ts'
import { bytesOf, collect } from '../lib/bytes.ts'
import type { Store } from '../stores/store.ts'
import { parseChecksums, setAside, setChecksum, settleAside } from './checksums.ts'
import { noteFile, parseNotes, setNote, withoutNotes } from './notes.ts'
import { parsePins, pinFile, setPin } from './pins.ts'
import type { Tell } from './target.ts'

/** GNU coreutils' name and format for a list of checksums. */
const checksumFile = 'SHA256SUMS'

/** In bytes: a list of a hundred thousand backups; a key with many identities. */
const limits = { list: 32 * 1024 * 1024, key: 1024 * 1024 }

/** More keys than a medium can have in earnest. */
const mostKeys = 100

/** The medium itself is not there any more, or nobody wants to go on: not the matter of one file. */
const fatal = new Set<Problem['code']>([
  'cancelled',
  'medium-gone',
  'medium-changed',
  'unreachable',
  'place-unreachable',
])

/** The text of a small file, undefined when there is none. Failure `damaged` {name, reason} when something else lies there. */
async function smallText(store: Store, name: string, limit: number): Promise<Uint8Array | undefined> {
  const found = await store.stat(name)
  if (found && found.size > limit) throw new Failure('damaged', { name, reason: 'size' })
  if (found) return collect(store.get(name), limit)
  if (await store.blocked(name)) throw new Failure('damaged', { name, reason: 'kind' })
  return undefined
}

/** The same; what is odd is told and counts as absent. */
async function leniently(store: Store, name: string, limit: number, tell: Tell): Promise<string | undefined> {
  try {
    const bytes = await smallText(store, name, limit)
    return bytes && Buffer.from(bytes).toString('utf8')
  } catch (error) {
    tell(leftAside(error, 'beside-unreadable', name))
    return undefined
  }
}

/** Why a file beside the archives is passed over; what concerns more than this file is thrown again. */
function leftAside(error: unknown, code: 'beside-unreadable' | 'beside-unwritable', name: string): Problem {
  if (!(error instanceof Failure) || fatal.has(error.code)) throw error
  const { reason } = error.details
  return { code, details: { name, reason: typeof reason === 'string' ? reason : error.code } }
}

export interface Noted {
  /** Name → SHA-256 in hex. */
  readonly sums: ReadonlyMap<string, string>
  /** Name → when the backup was made, in ms since 1970; to be held against the name. */
  readonly made: ReadonlyMap<string, number>
}

/** What is noted of the backups. */
export async function noted(store: Store, tell: Tell): Promise<Noted> {
  return {
    sums: parseChecksums((await leniently(store, checksumFile, limits.list, tell)) ?? ''),
    made: parseTimes((await leniently(store, timesFile, limits.list, tell)) ?? ''),
  }
}

/** Notes a checksum and when the backup was made; where that cannot be done the backup is none the worse for it. */
export async function note(
  store: Store,
  { artifact, sha256, made }: { readonly artifact: string; readonly sha256: string; readonly made: number },
  tell: Tell,
): Promise<void> {
  await change(store, checksumFile, (before) => setChecksum(before, artifact, sha256), tell)
  await change(store, timesFile, (before) => formatTimes(new Map([...parseTimes(before), [artifact, made]])), tell)
}

/** A link or a pipe that lies there is replaced; a giant, or a folder, is left. */
async function change(store: Store, name: string, next: (before: string) => string, tell: Tell): Promise<void> {
  try {
    const there = await store.stat(name)
    const before = there ? await smallText(store, name, limits.list) : undefined
    const after = next(Buffer.from(before ?? []).toString('utf8'))
    await store.put(name, bytesOf(after), { replace: true })
  } catch (error) {
    tell(leftAside(error, 'beside-unwritable', name))
  }
}

/** Names of the backups that no rule may remove. A list that cannot be read: Failure `damaged` {name}, or that of the store. */
export async function pins(store: Store): Promise<Set<string>> {
  const content = await smallText(store, pinFile, limits.list)
  return content === undefined ? new Set() : parsePins(content)
}

export interface Around extends Noted {
  readonly pinned: ReadonlySet<string>
  /** Name → what was written down about the backup. */
  readonly notes: ReadonlyMap<string, string>
}

/** All that is noted of the backups, for callers that only read: what is damaged keeps nobody from seeing what there is. */
export async function around(store: Store, tell: Tell): Promise<Around> {
  const told = await noted(store, tell)
  return { ...told, pinned: await pinsShown(store, tell), notes: await notesShown(store, tell) }
}

async function notesShown(store: Store, tell: Tell): Promise<ReadonlyMap<string, string>> {
  return (await notesFound(store, tell))?.notes ?? new Map()
}

async function notesFound(
  store: Store,
  tell: Tell,
): Promise<{ readonly content: Uint8Array; readonly notes: ReadonlyMap<string, string> } | undefined> {
  try {
    const content = await smallText(store, noteFile, limits.list)
    return content === undefined ? undefined : { content, notes: parseNotes(content) }
  } catch (error) {
    tell(leftAside(error, 'beside-unreadable', noteFile))
    return undefined
  }
}

async function pinsShown(store: Store, tell: Tell): Promise<Set<string>> {
  try {
    return await pins(store)
  } catch (error) {
    tell(leftAside(error, 'beside-unreadable', pinFile))
    return new Set()
  }
}

/** With this name, or without it; durable. */
export async function writePin(store: Store, name: string, pinned: boolean): Promise<void> {
  await writeList(store, pinFile, setPin(await smallText(store, pinFile, limits.list), name, pinned))
}

/** The same of a note; a list that is damaged is not written over. */
export async function writeNote(store: Store, name: string, note: string | null): Promise<void> {
  await writeList(store, noteFile, setNote(await smallText(store, noteFile, limits.list), name, note))
}

/** Nothing to write: no such file. */
async function writeList(store: Store, file: string, list: string | undefined): Promise<void> {
  if (list !== undefined) await store.put(file, bytesOf(list), { replace: true })
  else if (await store.stat(file)) await store.remove(file)
}

/** Sets the checksums of backups aside that are about to be removed: SHA256SUMS speaks only of files that are there, however that ends. */
export async function announceRemoval(store: Store, names: ReadonlySet<string>, tell: Tell): Promise<void> {
  await rewrite(store, checksumFile, (content) => setAside(content, names), tell)
}

/** Puts the lists right after a removal, finished or not. `there`: the backups on the store. */
export async function settleRemoval(store: Store, there: ReadonlySet<string>, tell: Tell): Promise<void> {
  await rewrite(store, checksumFile, (content) => settleAside(content, (name) => there.has(name)), tell)
  const only = (times: ReadonlyMap<string, number>) => new Map([...times].filter(([name]) => there.has(name)))
  await rewrite(
    store,
    timesFile,
    (content) => {
      const times = parseTimes(content)
      return [...times.keys()].every((name) => there.has(name)) ? content : formatTimes(only(times))
    },
    tell,
  )
  await dropNotes(store, there, tell)
}

/** A note goes with its backup; a list that cannot be read is told and left, and so are lines that speak of no backup. */
async function dropNotes(store: Store, there: ReadonlySet<string>, tell: Tell): Promise<void> {
  const found = await notesFound(store, tell)
  if (!found) return
  const gone = new Set<string>()
  for (const name of found.notes.keys()) {
    // Made and noted since it was listed, say by another computer: it is there.
    if (parseArtifactName(name) && !there.has(name) && !(await store.stat(name))) gone.add(name)
  }
  if (gone.size === 0) return
  try {
    await writeList(store, noteFile, withoutNotes(found.content, gone))
  } catch (error) {
    tell(leftAside(error, 'beside-unwritable', noteFile))
  }
}

async function rewrite(store: Store, name: string, next: (content: string) => string, tell: Tell): Promise<void> {
  const before = await leniently(store, name, limits.list, tell)
  if (before === undefined) return
  const after = next(before)
  if (after !== before) await store.put(name, bytesOf(after), { replace: true })
}

/** The private keys that lie beside the archives, by their names: what makes a restore on another machine possible. */
export async function keysBeside(store: Store, tell: Tell): Promise<{ name: string; text: string }[]> {
  const names: string[] = []
  for await (const { name } of store.list('kpri.', (one) => one.endsWith('.asc') && !one.includes('/')))
    names.push(name)
  const keys: { name: string; text: string }[] = []
  for (const name of names.sort().slice(0, mostKeys)) {
    const text = await leniently(store, name, limits.key, tell)
    if (text !== undefined) keys.push({ name, text })
  }
  return keys
}

/**
 * Puts the key files beside the archives, private keys for their owner alone; a file that is already there with the same text is left alone.
 * Where the file system keeps no modes (FAT) all of them look open to others, and writing them again would not change that.
 */
export async function copyKeys(
  store: Store,
  files: readonly { readonly name: string; readonly text: string }[],
  signal: AbortSignal,
  tell: Tell,
): Promise<void> {
  for (const { name, text } of files) {
    try {
      // Whatever else lies there under the name of one of our keys makes way for it.
      const secret = name.startsWith('kpri.')
      const same = (await leniently(store, name, limits.key, () => undefined)) === text
      if (!same || (secret && (await isExposed(store, name))))
        await store.put(name, bytesOf(text), { replace: true, private: secret, signal })
    } catch (error) {
      tell(leftAside(error, 'beside-unwritable', name))
    }
  }
}

/** Others may read it, and that can be changed. */
async function isExposed(store: Store, name: string): Promise<boolean> {
  return store.traits.modes === true && (await store.stat(name))?.exposed === true
}
