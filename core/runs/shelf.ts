// The target that keeps plain archives on a store, one file a backup, with the keys and a list of checksums beside them.
// Guarantees: an archive is under its final name only when it is whole; its line in SHA256SUMS is written only after what lies on the store was
// read back and is what was sent; an archive that reads back differently is removed. `sha256sum -c SHA256SUMS` checks a shelf without us.
// Does not decide which archives to keep.
import { createHash } from 'node:crypto'
import { Failure } from '../api/failure.ts'
import type { ArchiveFormat, Artifact } from '../api/model.ts'
import {
  artifactName,
  type Entry,
  type Head,
  type LateFile,
  type LateOutcome,
  type Member,
  type OpenArchive,
  openArchive,
  openOlder,
  type Pack,
  PassedOn,
  parseArtifactName,
  parseChecksums,
  parsePins,
  pinFile,
  setAside,
  setChecksum,
  setPin,
  settleAside,
  writeArchive,
} from '../archive/archive.ts'
import { type Bytes, bytesOf, cancellable, collect, hashing, pipe, tap } from '../lib/bytes.ts'
import type { Context, Item } from '../sources/source.ts'
import { openStore, type Stat, type Store } from '../stores/store.ts'
import type { MediumAt, Saved, Unlock } from './order.ts'

/** GNU coreutils' name and format for a list of checksums. */
const checksumFile = 'SHA256SUMS'

export interface SaveOptions {
  readonly plan: string
  readonly host: string
  /** Armored public keys. */
  readonly recipients: readonly string[]
  /** Absent: `tar.gz.gpg`, balanced. */
  readonly pack?: Pack | undefined
}

/** Reads, packs, compresses, encrypts and stores an item in one pass; nothing clear touches a disk. Throws what any stage throws. */
export async function save(store: Store, item: Item, options: SaveOptions, ctx: Context): Promise<Saved> {
  const name = await freeName(store, options, ctx.now())
  const head: Head = {
    arche: 1,
    plan: options.plan,
    host: options.host,
    createdAt: new Date(ctx.now()).toISOString(),
    roots: item.roots,
    ...item.estimate,
  }
  const hash = createHash('sha256')
  const counts = { files: 0, bytes: 0 }
  ctx.report.operation('archive', item.estimate.bytes)
  const archive = pipe(
    writeArchive(head, counting(item.entries, counts), options.recipients, options.pack, ctx.pools),
    cancellable(ctx.signal),
    hashing(hash),
  )
  const { size } = await store.put(name, archive, { signal: ctx.signal })
  return { artifact: name, sha256: hash.digest('hex'), stored: size, ...counts }
}

/** The first name that is free from this second on: two backups in a second, or a clock set back by an hour, lose nothing. */
async function freeName(store: Store, { plan, pack }: SaveOptions, now: number): Promise<string> {
  for (let second = 0; ; second += 1) {
    const name = artifactName(plan, new Date(now + second * 1000), pack?.format)
    if (!(await store.stat(name))) return name
  }
}

interface Counts {
  files: number
  bytes: number
}

async function* counting(members: AsyncIterable<Member>, counts: Counts): AsyncIterable<Member> {
  for await (const member of members) {
    if (member.type === 'late') yield new CountedLate(member, counts)
    else {
      count(member, counts)
      yield member
    }
  }
}

function count({ type, size }: Pick<Entry, 'type' | 'size'>, counts: Counts): void {
  if (type !== 'folder') counts.files += 1
  counts.bytes += size
}

/** Is counted as what it turns out to be. */
class CountedLate extends PassedOn {
  readonly #counts: Counts

  constructor(file: LateFile, counts: Counts) {
    super(file)
    this.#counts = counts
  }

  override async *open(): AsyncGenerator<Entry> {
    for await (const entry of this.file.open()) {
      count(entry, this.#counts)
      yield entry
    }
  }

  override told(outcome: LateOutcome): void {
    if (outcome.size !== undefined) count({ type: 'file', size: outcome.size }, this.#counts)
    this.file.told(outcome)
  }
}

/** Puts the key files beside the archives; a file that is already there with the same text is left alone. */
export async function copyKeys(
  store: Store,
  files: readonly { name: string; text: string }[],
  ctx: Context,
): Promise<void> {
  ctx.report.operation('copy-keys')
  for (const { name, text } of files) {
    if ((await textOf(store, name)) !== text)
      await store.put(name, bytesOf(text), { replace: true, signal: ctx.signal })
  }
}

/** Reads back what is on the store, past the system's cache where it can, and notes the checksum. Different: removed and Failure `damaged`. */
export async function verifySaved(store: Store, saved: Saved, ctx: Context): Promise<void> {
  ctx.report.operation('verify', saved.stored)
  if ((await digest(store, saved.artifact, ctx)) !== saved.sha256) {
    await store.remove(saved.artifact)
    throw new Failure('damaged', { name: saved.artifact, reason: 'SHA-256' })
  }
  const sums = (await textOf(store, checksumFile)) ?? ''
  await store.put(checksumFile, bytesOf(setChecksum(sums, saved.artifact, saved.sha256)), { replace: true })
}

/** SHA-256 (hex) of an object as it is stored. */
export async function digest(store: Store, name: string, ctx: Context): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of read(store, name, ctx, true)) hash.update(chunk)
  return hash.digest('hex')
}

/** The bytes of an archive, reported as they pass. */
function read(store: Store, name: string, ctx: Context, uncached = false): Bytes {
  const bytes = store.get(name, { signal: ctx.signal, uncached })
  return pipe(
    bytes,
    cancellable(ctx.signal),
    tap((chunk) => ctx.report.advance(chunk.length)),
  )
}

/** An archive and the layout that it turned out to have. */
export type Opened = OpenArchive & { readonly format: ArchiveFormat }

/** Opens an archive for reading; see openArchive and openOlder for what is checked when. No unlock where one is needed: `secret-missing`. */
export async function open(store: Store, name: string, unlock: Unlock | undefined, ctx: Context): Promise<Opened> {
  if (parseArtifactName(name)?.format === '2.x') return openOld(store, name, unlock, ctx)
  if (!unlock) throw new Failure('secret-missing')
  return { format: '3.0', ...(await openArchive(read(store, name, ctx), unlock, ctx.pools)) }
}

async function openOld(store: Store, name: string, unlock: Unlock | undefined, ctx: Context): Promise<Opened> {
  const names = new Set<string>()
  for await (const stat of store.list()) names.add(stat.name)
  const newest = (await artifacts(store)).find((artifact) => artifact.format === '2.x')?.name === name
  const { version, entries } = await openOlder({
    archive: () => read(store, name, ctx),
    beside: (file) => (names.has(file) ? store.get(file, { signal: ctx.signal }) : undefined),
    newest,
    ...(unlock ? { unlock } : {}),
  })
  return { format: version, head: undefined, entries, close: async () => undefined }
}

/** The archives on a store, newest first, with the checksums noted beside them. */
export async function artifacts(store: Store): Promise<Artifact[]> {
  const stats: Stat[] = []
  for await (const stat of store.list()) stats.push(stat)
  const sums = await checksums(store)
  // A damaged list of pins keeps anything from being removed, but nobody from seeing what there is.
  const pinned = await pins(store).catch(() => new Set<string>())
  const found = stats.flatMap((stat): Artifact[] => {
    const parsed = parseArtifactName(stat.name)
    if (!parsed) return []
    const sha256 = sums.get(stat.name)
    return [
      {
        name: stat.name,
        subject: parsed.name,
        time: parsed.time.toISOString(),
        size: stat.size,
        format: parsed.format,
        ...(sha256 ? { sha256 } : {}),
        ...(pinned.has(stat.name) ? { pinned: true } : {}),
      },
    ]
  })
  return found.sort((a, b) => b.time.localeCompare(a.time) || b.name.localeCompare(a.name))
}

/** Name → SHA-256 in hex, as noted on the store. */
export async function checksums(store: Store): Promise<Map<string, string>> {
  return parseChecksums((await textOf(store, checksumFile)) ?? '')
}

/** Names of the backups that no rule may remove. A list that cannot be read: Failure `damaged`, or that of the store. */
export async function pins(store: Store): Promise<Set<string>> {
  return (await store.stat(pinFile)) ? parsePins(await collect(store.get(pinFile))) : new Set()
}

/** Pins a backup, or takes the pin away; durable. No such backup: Failure `not-found`. */
export async function pin(store: Store, name: string, pinned: boolean): Promise<void> {
  if (!parseArtifactName(name) || !(await store.stat(name))) throw new Failure('not-found', { name })
  const before = (await store.stat(pinFile)) ? await collect(store.get(pinFile)) : undefined
  const list = setPin(before, name, pinned)
  if (list === undefined) await store.remove(pinFile)
  else await store.put(pinFile, bytesOf(list), { replace: true })
}

/** Sets the checksums of backups aside that are about to be removed: SHA256SUMS speaks only of files that are there, however that ends. */
export async function announceRemoval(store: Store, names: ReadonlySet<string>): Promise<void> {
  await rewriteChecksums(store, (content) => setAside(content, names))
}

/** Puts SHA256SUMS right after a removal, finished or not. */
export async function settleRemoval(store: Store): Promise<void> {
  const there = new Set<string>()
  for await (const { name } of store.list()) there.add(name)
  await rewriteChecksums(store, (content) => settleAside(content, (name) => there.has(name)))
}

async function rewriteChecksums(store: Store, change: (content: string) => string): Promise<void> {
  const before = await textOf(store, checksumFile)
  const after = change(before ?? '')
  if (before !== undefined && after !== before) await store.put(checksumFile, bytesOf(after), { replace: true })
}

/** The private keys that lie beside the archives: what makes a restore on another machine possible. */
export async function keysBeside(store: Store): Promise<string[]> {
  const texts: string[] = []
  for await (const { name } of store.list('kpri.')) {
    const text = name.endsWith('.asc') ? await textOf(store, name) : undefined
    if (text !== undefined) texts.push(text)
  }
  return texts
}

async function textOf(store: Store, name: string): Promise<string | undefined> {
  if (!(await store.stat(name))) return undefined
  return Buffer.from(await collect(store.get(name))).toString('utf8')
}

/** Opens the medium for a piece of work and closes it however that ends: a store that stays open keeps its medium from being ejected. */
export async function withStore<T>(
  medium: Pick<MediumAt, 'path'> & { readonly id?: string | undefined },
  readOnly: boolean,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const { path, id } = medium
  const store = await openStore({ kind: 'medium', path, readOnly, ...(id === undefined ? {} : { id }) })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
