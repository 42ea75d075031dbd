// The target that keeps plain archives on a store, one file a backup, with the keys and a list of checksums beside them.
// Guarantees: an archive is under its final name only when it is whole; its line in SHA256SUMS is written only after what lies on the store was
// read back and is what was sent; an archive that reads back differently is removed. `sha256sum -c SHA256SUMS` checks a shelf without us.
// Does not decide which archives to keep. The small files beside them: beside.ts.
import { createHash } from 'node:crypto'
import { type ArtifactName, fitsName, madeAt, parseArtifactName } from '../api/backup-name.ts'
import { Failure } from '../api/failure.ts'
import type { ArchiveFormat, Artifact } from '../api/model.ts'
import {
  type Entry,
  type Head,
  type LateFile,
  type LateOutcome,
  type Member,
  type OpenArchive,
  olderFiles,
  openArchive,
  openOlder,
  type Pack,
  PassedOn,
  type Pools,
  type Unlock,
  writeArchive,
} from '../archive/archive.ts'
import { countedDump } from '../guard/dump.ts'
import type { Candidate, Counter, Gathering } from '../guard/summary.ts'
import { type Bytes, cancellable, hashing, pipe, tap } from '../lib/bytes.ts'
import { HeadMarker, unmarked } from '../lib/content-mark.ts'
import type { Context } from '../lib/work.ts'
import type { Item } from '../sources/source.ts'
import type { Stat, Store } from '../stores/store.ts'
import * as beside from './beside.ts'
import { artifactName } from './names.ts'
import type { Saved } from './target.ts'

export interface SaveOptions {
  readonly plan: string
  readonly host: string
  /** Armored public keys. */
  readonly recipients: readonly string[]
  /** Absent: `tar.gz.gpg`, balanced. */
  readonly pack?: Pack | undefined
  /** Gets every member of the archive. */
  readonly gathering?: Gathering
}

/** Reads, packs, compresses, encrypts and stores an item in one pass; nothing clear touches a disk. Throws what any stage throws. */
export async function save(store: Store, item: Item, options: SaveOptions, ctx: Context<Pools>): Promise<Saved> {
  const name = await freeName(store, options, ctx.now())
  const head: Head = {
    arche: 1,
    plan: options.plan,
    host: options.host,
    createdAt: new Date(ctx.now()).toISOString(),
    roots: item.roots,
    ...(item.parents && { parents: item.parents }),
    files: item.estimate.files,
    bytes: item.estimate.bytes,
  }
  const hash = createHash('sha256')
  const counts = { files: 0, bytes: 0 }
  const members = counting(item.entries, counts, options.gathering)
  ctx.report.operation('archive', item.estimate.bytes)
  const archive = pipe(
    writeArchive(head, members, options.recipients, options.pack, ctx.pools),
    cancellable(ctx.signal),
    hashing(hash),
  )
  const { size } = await store.put(name, archive, { signal: ctx.signal })
  return { artifact: name, sha256: hash.digest('hex'), stored: size, madeAt: head.createdAt, ...counts }
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

async function* counting(
  members: AsyncIterable<Member>,
  counts: Counts,
  gathering: Gathering | undefined,
): AsyncIterable<Member> {
  for await (const member of members) {
    if (member.type === 'late') yield new CountedLate(member, counts, gathering)
    else {
      count(member, counts)
      yield gathering ? gathered(member, gathering) : member
    }
  }
}

function count({ type, size }: Pick<Entry, 'type' | 'size'>, counts: Counts): void {
  if (type !== 'folder') counts.files += 1
  counts.bytes += size
}

function add(size: number, counter: Counter | undefined): void {
  if (!counter) return
  counter.files += 1
  counter.bytes += size
}

/** The same entry; what a summary wants to know of its content is seen when it passes. */
function gathered(entry: Entry, gathering: Gathering): Entry {
  const { type, path, size, body } = entry
  if (type === 'folder') {
    gathering.folder(path)
    return entry
  }
  const dump = gathering.dump(path, size)
  if (dump) return body ? { ...entry, body: countedDump(body, dump) } : entry
  const candidate = gathering.pass(path, size)
  add(size, gathering.place)
  add(size, gathering.mount)
  if (candidate && type !== 'file') candidate.mark = unmarked
  return candidate && body ? { ...entry, body: markedBody(body, candidate) } : entry
}

async function* markedBody(body: Bytes, candidate: Candidate): AsyncGenerator<Uint8Array> {
  const marker = new HeadMarker()
  for await (const chunk of body) {
    marker.take(chunk)
    yield chunk
  }
  candidate.mark = marker.mark()
}

/** Is counted as what it turns out to be. */
class CountedLate extends PassedOn {
  readonly #counts: Counts
  readonly #candidate: Candidate | undefined
  readonly #place: Counter | undefined
  readonly #mount: Counter | undefined

  constructor(file: LateFile, counts: Counts, gathering: Gathering | undefined) {
    const candidate = gathering?.pass(file.path, file.size)
    super(file, candidate !== undefined)
    this.#counts = counts
    this.#candidate = candidate
    this.#place = gathering?.place
    this.#mount = gathering?.mount
  }

  override async *open(): AsyncGenerator<Entry> {
    const candidate = this.#candidate
    if (candidate) candidate.absent = true
    for await (const entry of this.file.open()) {
      this.#count(entry.size)
      const { body } = entry
      yield candidate && body ? { ...entry, body: markedBody(body, candidate) } : entry
    }
  }

  override told(outcome: LateOutcome): void {
    if (outcome.size !== undefined) this.#count(outcome.size)
    else if (this.#candidate) this.#candidate.absent = true
    if (this.#candidate && outcome.mark !== undefined) this.#candidate.mark = outcome.mark
    this.file.told(outcome)
  }

  #count(size: number): void {
    count({ type: 'file', size }, this.#counts)
    add(size, this.#place)
    add(size, this.#mount)
    if (!this.#candidate) return
    this.#candidate.size = size
    this.#candidate.absent = false
  }
}

/** Puts the key files beside the archives; what stands in the way of one is a warning. */
export async function copyKeys(
  store: Store,
  files: readonly { name: string; text: string }[],
  ctx: Context<Pools>,
): Promise<void> {
  ctx.report.operation('copy-keys')
  await beside.copyKeys(store, files, ctx.signal, ctx.report.warn)
}

/** Reads back what is on the store, past the system's cache where it can, and notes the checksum. Different: removed and Failure `damaged`. */
export async function verifySaved(store: Store, saved: Saved, ctx: Context<Pools>): Promise<void> {
  ctx.report.operation('verify', saved.stored)
  if ((await digest(store, saved.artifact, ctx)) !== saved.sha256) {
    await store.remove(saved.artifact)
    throw new Failure('damaged', { name: saved.artifact, reason: 'SHA-256' })
  }
  await beside.note(store, { ...saved, made: Date.parse(saved.madeAt) }, ctx.report.warn)
}

/** SHA-256 (hex) of an object as it is stored. */
export async function digest(store: Store, name: string, ctx: Context<Pools>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of read(store, name, ctx, true)) hash.update(chunk)
  return hash.digest('hex')
}

/** The bytes of an archive, reported as they pass. */
function read(store: Store, name: string, ctx: Context<Pools>, uncached = false): Bytes {
  const bytes = store.get(name, { signal: ctx.signal, uncached })
  return pipe(
    bytes,
    cancellable(ctx.signal),
    tap((chunk) => ctx.report.advance(chunk.length)),
  )
}

/** An archive and the layout that it turned out to have. */
export type Opened = OpenArchive & {
  readonly format: ArchiveFormat
  /** LabBook 2.9: whether its documents are beside it. */
  readonly documents?: boolean
}

/**
 * Opens an archive for reading; see openArchive and openOlder for what is checked when. No unlock where one is needed: `secret-missing`.
 * `documents` false: those beside a backup of LabBook 2.9 are not read.
 */
export async function open(
  store: Store,
  name: string,
  { unlock, documents = true }: { readonly unlock?: Unlock | undefined; readonly documents?: boolean },
  ctx: Context<Pools>,
): Promise<Opened> {
  if (parseArtifactName(name)?.format === '2.x') return openOld(store, name, { unlock, documents }, ctx)
  if (!unlock) throw new Failure('secret-missing')
  return { format: '3.0', ...(await openArchive(read(store, name, ctx), unlock, ctx.pools)) }
}

async function openOld(
  store: Store,
  name: string,
  { unlock, documents }: { readonly unlock: Unlock | undefined; readonly documents: boolean },
  ctx: Context<Pools>,
): Promise<Opened> {
  const names = new Set<string>()
  for (const file of Object.values(olderFiles)) if (await store.stat(file)) names.add(file)
  const newest = (await artifacts(store)).find((artifact) => artifact.format === '2.x')?.name === name
  const { version, ...opened } = await openOlder({
    archive: () => read(store, name, ctx),
    beside: (file) => (names.has(file) ? store.get(file, { signal: ctx.signal }) : undefined),
    newest,
    documents,
    ...(unlock ? { unlock } : {}),
  })
  return { format: version, ...opened, head: undefined, incomplete: () => [], close: async () => undefined }
}

/** An archive as it lies there. */
export type Found = Artifact &
  Pick<Stat, 'mtime' | 'changed'> & {
    /** Its time is noted beside it. */
    readonly timeNoted?: true
  }

/** The archives on a store, newest first, with what is noted beside them. What is noted badly is told. */
export async function artifacts(store: Store, tell: beside.Tell = () => undefined): Promise<Found[]> {
  const { sums, made } = await beside.noted(store, tell)
  // A damaged list of pins keeps anything from being removed, but nobody from seeing what there is.
  const pinned = await beside.pinsShown(store, tell)
  const found: Found[] = []
  for await (const { name, size, mtime, changed } of store.list('', isArtifact)) {
    const parsed = parseArtifactName(name)
    if (!parsed) continue
    const sha256 = sums.get(name)
    found.push({
      name,
      subject: parsed.name,
      time: new Date(madeAt(parsed, made.get(name), mtime)).toISOString(),
      size,
      format: parsed.format,
      ...(sha256 ? { sha256 } : {}),
      ...(pinned.has(name) ? { pinned: true } : {}),
      mtime,
      ...(changed === undefined ? {} : { changed }),
      ...(fitting(parsed, made.get(name)) ? { timeNoted: true } : {}),
    })
  }
  return newestFirst(found)
}

function fitting(parsed: ArtifactName, made: number | undefined): boolean {
  return made !== undefined && fitsName(parsed, made)
}

function isArtifact(name: string): boolean {
  return parseArtifactName(name) !== undefined
}

/** By the time at which they were made; of two that say the same, by name. */
export function newestFirst<T extends Pick<Artifact, 'name' | 'time'>>(artifacts: readonly T[]): T[] {
  return artifacts.toSorted((a, b) => compare(b.time, a.time) || compare(b.name, a.name))
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** Pins a backup, or takes the pin away; durable. No such backup: Failure `not-found`. */
export async function pin(store: Store, name: string, pinned: boolean): Promise<void> {
  if (!parseArtifactName(name) || !(await store.stat(name))) throw new Failure('not-found', { name })
  await beside.writePin(store, name, pinned)
}

/** Puts SHA256SUMS right after a removal, finished or not. */
export async function settleRemoval(store: Store, tell: beside.Tell): Promise<void> {
  const there = new Set<string>()
  for await (const { name } of store.list('', isArtifact)) there.add(name)
  await beside.settleRemoval(store, there, tell)
}
