// The target that keeps plain archives on a store, one file a backup, with the keys and a list of checksums beside them.
// Guarantees: an archive is under its final name only when it is whole; its line in SHA256SUMS is written only after what lies on the store was
// read back and is what was sent; an archive that reads back differently is removed. `sha256sum -c SHA256SUMS` checks a shelf without us, at every
// moment of a removal too: killed at any point it names no missing file. Does not decide which archives to keep. Files beside: beside.ts, contents-beside.ts.
import { createHash } from 'node:crypto'
import { parseArtifactName } from '../api/backup-name.ts'
import { Failure, toProblem } from '../api/failure.ts'
import type { Artifact } from '../api/model.ts'
import { recipes } from '../api/recipe.ts'
import {
  type Head,
  type Member,
  olderFiles,
  openArchive,
  openOlder,
  type Pools,
  type Unlock,
  writeArchive,
} from '../archive/archive.ts'
import { type Bytes, cancellable, hashing, pipe, tap } from '../lib/bytes.ts'
import type { Context } from '../lib/work.ts'
import type { Item } from '../sources/source.ts'
import type { Stat, Store } from '../stores/store.ts'
import * as beside from './beside.ts'
import { type Contents, contentsFormat, contentsName } from './contents.ts'
import { dropContents, openContents, putContents, storedContents, withContents } from './contents-beside.ts'
import { counting } from './counting.ts'
import { described } from './described.ts'
import { artifactName } from './names.ts'
import { Recording } from './recording.ts'
import type {
  About,
  Copying,
  Found,
  Going,
  Incoming,
  Indexing,
  KeyFile,
  KeysBeside,
  Opened,
  OpenOptions,
  Pinning,
  RemovalReport,
  Saved,
  Target,
  Tell,
} from './target.ts'

/** After these nothing more can be done on the store. */
const hopeless: ReadonlySet<string> = new Set([
  'medium-gone',
  'medium-changed',
  'medium-read-only',
  'unreachable',
  'place-unreachable',
])

export class Shelf implements Target, Pinning, KeysBeside, Copying, Indexing {
  readonly label: string
  readonly #store: Store

  /** The store is closed with the shelf. */
  constructor(store: Store) {
    this.#store = store
    this.label = store.traits.label
  }

  async save(item: Item, about: About, ctx: Context<Pools>): Promise<Saved> {
    const artifact = await this.#freeName(about, ctx.now())
    const head = headOf(item, about, ctx.now())
    const format = contentsFormat(artifact) ?? 'tar.gz.gpg'
    const { recipients, names } = about
    const recording = new Recording({ artifact, format, recipients, temp: ctx.temp, pools: ctx.pools, names }, head)
    try {
      const counts = { files: 0, bytes: 0 }
      const members = recording.members(counting(item.entries, counts, about.gathering))
      const saved = { artifact, ...(await this.#put(artifact, head, members, about, ctx)), ...counts }
      if (about.keyFiles.length > 0) ctx.report.operation('copy-keys')
      await beside.copyKeys(this.#store, about.keyFiles, ctx.signal, ctx.report.warn)
      await this.#confirm(saved, ctx)
      const { sha256, stored: size } = saved
      await this.putContents(artifact, () => recording.finish({ size, sha256 }), ctx)
      return saved
    } finally {
      await recording.close()
    }
  }

  /** In one pass; nothing of the data lies in a temporary file. */
  async #put(
    name: string,
    head: Head,
    members: AsyncIterable<Member>,
    about: About,
    ctx: Context<Pools>,
  ): Promise<Pick<Saved, 'sha256' | 'stored' | 'madeAt'>> {
    const hash = createHash('sha256')
    ctx.report.operation('archive', head.bytes)
    const archive = pipe(
      writeArchive(head, members, about.recipients, about.pack, ctx.pools),
      cancellable(ctx.signal),
      hashing(hash),
    )
    const { size } = await this.#store.put(name, archive, { signal: ctx.signal })
    return { sha256: hash.digest('hex'), stored: size, madeAt: head.createdAt }
  }

  /** The first name that is free from this second on: two backups in a second, or a clock set back by an hour, lose nothing. */
  async #freeName({ plan, pack }: About, now: number): Promise<string> {
    for (let second = 0; ; second += 1) {
      const name = artifactName(plan, new Date(now + second * 1000), pack?.format)
      if (!(await this.#store.stat(name))) return name
    }
  }

  /** Reads back what is on the store, past the system's cache where it can, and notes the checksum. Different: removed and Failure `damaged`. */
  async #confirm(saved: Pick<Saved, 'artifact' | 'sha256' | 'stored' | 'madeAt'>, ctx: Context<Pools>): Promise<void> {
    ctx.report.operation('verify', saved.stored)
    if ((await this.#digest(saved.artifact, ctx)) !== saved.sha256) {
      await this.#store.remove(saved.artifact)
      throw new Failure('damaged', { name: saved.artifact, reason: 'SHA-256' })
    }
    await beside.note(this.#store, { ...saved, made: Date.parse(saved.madeAt) }, ctx.report.warn)
  }

  /** SHA-256 (hex) of an object as it is stored. */
  async #digest(name: string, ctx: Context<Pools>): Promise<string> {
    const hash = createHash('sha256')
    for await (const chunk of this.#read(name, ctx, true)) hash.update(chunk)
    return hash.digest('hex')
  }

  /** The bytes of an archive, reported as they pass. */
  #read(name: string, ctx: Context<Pools>, uncached = false): Bytes {
    return pipe(
      this.#store.get(name, { signal: ctx.signal, uncached }),
      cancellable(ctx.signal),
      tap((chunk) => ctx.report.advance(chunk.length)),
    )
  }

  read(name: string, ctx: Context<Pools>): Bytes {
    return this.#read(name, ctx)
  }

  async receive(incoming: Incoming, ctx: Context<Pools>): Promise<{ sha256: string; stored: number }> {
    const { name, size, made, keyFiles } = incoming
    const there = await this.#store.stat(name)
    if (there && there.size !== size) throw new Failure('exists', { name })
    ctx.report.operation('copy', size)
    const sha256 = there ? await this.#same(incoming, ctx) : await this.#take(incoming, ctx)
    ctx.report.operation('copy-keys')
    await beside.copyKeys(this.#store, keyFiles, ctx.signal, ctx.report.warn)
    const saved = { artifact: name, sha256, stored: size, madeAt: new Date(made).toISOString() }
    // One that was here before has just been read and compared; whatever a second reading would say, it is not ours to remove.
    if (there) await beside.note(this.#store, { ...saved, made }, ctx.report.warn)
    else await this.#confirm(saved, ctx)
    return { sha256, stored: size }
  }

  /** SHA-256 of what was written. */
  async #take({ name, sha256, size, bytes }: Incoming, ctx: Context<Pools>): Promise<string> {
    const hash = createHash('sha256')
    let taken = ''
    async function* checked(): Bytes {
      let length = 0
      for await (const chunk of bytes) {
        hash.update(chunk)
        length += chunk.length
        yield chunk
      }
      taken = hash.digest('hex')
      const whole = length === size && (sha256 === undefined || taken === sha256)
      if (!whole) throw new Failure('damaged', { name, reason: length === size ? 'SHA-256' : 'size' })
    }
    const resume = sha256 === undefined ? {} : { resume: sha256 }
    await this.#store.put(name, checked(), { signal: ctx.signal, ...resume })
    return taken
  }

  /** What lies here under the name is the same, by what is noted of the other or by its bytes; else `exists`. */
  async #same({ name, sha256, bytes }: Incoming, ctx: Context<Pools>): Promise<string> {
    const hash = createHash('sha256')
    if (sha256 === undefined) for await (const chunk of bytes) hash.update(chunk)
    const theirs = sha256 ?? hash.digest('hex')
    if ((await this.#digest(name, ctx)) !== theirs) throw new Failure('exists', { name })
    return theirs
  }

  async compare(name: string, sha256: string, ctx: Context<Pools>): Promise<void> {
    if ((await this.#digest(name, ctx)) !== sha256) throw new Failure('damaged', { name, reason: 'SHA-256' })
  }

  stat(name: string): Promise<Stat | undefined> {
    return this.#store.stat(name)
  }

  contents(name: string, unlock: Unlock | undefined, ctx: Context<Pools>): Promise<Contents | undefined> {
    return openContents(this.#store, name, unlock, ctx)
  }

  async hasContents(name: string): Promise<boolean> {
    const index = contentsName(name)
    const found = index === undefined ? undefined : await this.#store.stat(index).catch(() => undefined)
    return found !== undefined
  }

  storedContents(name: string, ctx: Context): Promise<Bytes | undefined> {
    return storedContents(this.#store, name, ctx)
  }

  putContents(name: string, contents: () => Promise<Bytes>, ctx: Context): Promise<void> {
    return putContents(this.#store, name, contents, ctx)
  }

  async open(
    name: string,
    { unlock, documents = true, seen = () => undefined }: OpenOptions,
    ctx: Context<Pools>,
  ): Promise<Opened> {
    const { format, pack = 'tar.gz.gpg' } = parseArtifactName(name) ?? {}
    if (format === '2.x') return this.#openOld(name, { unlock, documents }, ctx)
    const { cipher } = recipes[pack]
    return { format: '3.0', ...(await openArchive(pipe(this.#read(name, ctx), tap(seen)), unlock, ctx.pools, cipher)) }
  }

  async #openOld(
    name: string,
    { unlock, documents }: OpenOptions & { readonly documents: boolean },
    ctx: Context<Pools>,
  ): Promise<Opened> {
    const names = new Set<string>()
    for (const file of Object.values(olderFiles)) if (await this.#store.stat(file)) names.add(file)
    const newest = (await this.artifacts()).find((artifact) => artifact.format === '2.x')?.name === name
    const { version, ...opened } = await openOlder({
      archive: () => this.#read(name, ctx),
      beside: (file) => (names.has(file) ? this.#store.get(file, { signal: ctx.signal }) : undefined),
      newest,
      documents,
      ...(unlock ? { unlock } : {}),
    })
    return { format: version, ...opened, head: undefined, incomplete: () => [], close: async () => undefined }
  }

  /** What is noted badly is told. */
  async artifacts(tell: Tell = () => undefined): Promise<Found[]> {
    const around = await beside.around(this.#store, tell)
    const found: Found[] = []
    for await (const stat of this.#store.list('', isArtifact)) {
      const parsed = parseArtifactName(stat.name)
      if (parsed) found.push(described(parsed, stat, around))
    }
    return newestFirst(found)
  }

  async checksums(tell: Tell): Promise<ReadonlyMap<string, string>> {
    return (await beside.noted(this.#store, tell)).sums
  }

  pins(): Promise<Set<string>> {
    return beside.pins(this.#store)
  }

  async pin(name: string, pinned: boolean): Promise<void> {
    await this.#mustHold(name)
    await beside.writePin(this.#store, name, pinned)
  }

  async note(name: string, note: string | null): Promise<void> {
    await this.#mustHold(name)
    await beside.writeNote(this.#store, name, note)
  }

  async #mustHold(name: string): Promise<void> {
    if (!isArtifact(name) || !(await this.#store.stat(name))) throw new Failure('not-found', { name })
  }

  keys(tell: Tell): Promise<KeyFile[]> {
    return beside.keysBeside(this.#store, tell)
  }

  async remove<T extends Going>(
    going: readonly T[],
    ctx: Context,
    report: RemovalReport<T>,
  ): Promise<Failure | undefined> {
    const { warn } = ctx.report
    const names = new Set(going.map(({ name }) => name))
    const announced = await this.#announce(names, warn)
    try {
      for (const removal of going.toReversed()) {
        if (ctx.signal.aborted) throw new Failure('cancelled')
        if (await this.#removeOne(removal, report)) await dropContents(this.#store, removal.name, ctx)
      }
      return undefined
    } catch (error) {
      if (error instanceof Failure && hopeless.has(error.code)) return error
      throw error
    } finally {
      await this.#settleAfter(announced ? undefined : names, ctx).catch((error: unknown) => {
        const problem = toProblem(error)
        if (!hopeless.has(problem.code)) warn(problem)
      })
    }
  }

  /** False on a store without any room left, which cannot take the announcement: removing is then what helps. */
  async #announce(names: ReadonlySet<string>, tell: Tell): Promise<boolean> {
    try {
      await beside.announceRemoval(this.#store, names, tell)
      return true
    } catch (error) {
      if (error instanceof Failure && error.code === 'no-space') return false
      throw error
    }
  }

  /** False: it stays. */
  async #removeOne<T extends Going>(removal: T, report: RemovalReport<T>): Promise<boolean> {
    const { name, size } = removal
    try {
      if ((await this.pins()).has(name) || (await this.#store.stat(name))?.size !== size) {
        report.stays(removal)
        return false
      }
      await this.#store.remove(name)
    } catch (error) {
      if (!(error instanceof Failure) || hopeless.has(error.code)) throw error
      report.stays(removal, error)
      return false
    }
    report.gone(removal)
    return true
  }

  async #settleAfter(unannounced: ReadonlySet<string> | undefined, ctx: Context): Promise<void> {
    if (unannounced) await beside.announceRemoval(this.#store, unannounced, ctx.report.warn)
    await this.settle(ctx)
  }

  async settle(ctx: Pick<Context, 'report'>): Promise<void> {
    // First: of a backup that somebody else makes meanwhile, the index comes later than the archive.
    const indexed = await withContents(this.#store)
    const there = new Set<string>()
    for await (const { name } of this.#store.list('', isArtifact)) there.add(name)
    await beside.settleRemoval(this.#store, there, ctx.report.warn)
    for (const name of indexed) if (!there.has(name)) await dropContents(this.#store, name, ctx)
  }

  free(): Promise<number | undefined> {
    return this.#store.free()
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

function headOf(item: Item, { plan, host }: About, now: number): Head {
  return {
    arche: 1,
    plan,
    host,
    createdAt: new Date(now).toISOString(),
    roots: item.roots,
    ...(item.parents && { parents: item.parents }),
    files: item.estimate.files,
    bytes: item.estimate.bytes,
  }
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
