// Contents indexes in runs: a backup without one gets one whenever it is read to its end, and one that fits is read in place of the backup where
// somebody only looks.
// Guarantees: an index is believed only where it names this backup with its size and, where one is noted, its checksum; what is wrong with one, or with
// writing one, is a note and no obstacle. It is made for no key for which the backup was not made.
import { createHash } from 'node:crypto'
import { Failure } from '../api/failure.ts'
import { isEncrypted } from '../api/recipe.ts'
import { type Entry, keyIdsOf, type Pools, publicPart, readKey, type Unlock } from '../archive/archive.ts'
import type { Context } from '../lib/work.ts'
import type { Stat } from '../stores/store.ts'
import { type Contents, contentsFormat, type Listed } from '../targets/contents.ts'
import { reasonOf } from '../targets/contents-beside.ts'
import { usingTarget } from '../targets/open.ts'
import { Recording, type RecordingOptions } from '../targets/recording.ts'
import type { Copying, Indexing, Opened, Target, TargetAt } from '../targets/target.ts'

type Ctx = Context<Pools>

export interface Sought {
  readonly at: TargetAt
  readonly artifact: string
  readonly unlock?: Unlock | undefined
}

export interface Known {
  readonly head: Contents['head']
  readonly files: number
  readonly bytes: number
}

/**
 * Reads the index of a backup, to its end. Undefined: there is none that can be believed; why is noted, and what was added says nothing. What concerns
 * more than the index is thrown.
 */
export async function readIndex(
  target: Indexing & Copying,
  { name, size }: Pick<Stat, 'name' | 'size'>,
  unlock: Unlock | undefined,
  ctx: Ctx,
  add: (entry: Listed) => void,
): Promise<Known | undefined> {
  try {
    const contents = await target.contents(name, unlock, ctx)
    if (!contents) return undefined
    try {
      for await (const entry of contents.entries) add(entry)
      const { files, bytes, ...of } = contents.account()
      const noted = (await target.checksums(() => undefined)).get(name)
      if (of.size !== size || (noted !== undefined && noted !== of.sha256))
        throw new Failure('damaged', { reason: 'index-foreign' })
      return { head: contents.head, files, bytes }
    } finally {
      await contents.close()
    }
  } catch (error) {
    if (!(error instanceof Failure) || tellsOfMore.has(error.code)) throw error
    ctx.report.note?.({ code: 'contents-unusable', details: { name, reason: reasonOf(error) } })
    return undefined
  }
}

/** Nothing that reading the backup itself could do better. */
const tellsOfMore: ReadonlySet<Failure['code']> = new Set([
  'cancelled',
  'medium-gone',
  'medium-changed',
  'unreachable',
  'place-unreachable',
  'no-space',
])

/** An index that is made while a backup is read. */
export interface Indexed {
  /** Gets the stored bytes. */
  readonly seen: (chunk: Uint8Array) => void
  /** Passes the entries on. */
  entries(opened: Pick<Opened, 'head' | 'entries'>): AsyncIterable<Entry>
  /** Puts the index beside the backup, if that was read to its end and is as it was. */
  put(stat: Stat): Promise<void>
  /** The same on a target that is open for writing. */
  putInto(target: Indexing, stat: Stat): Promise<void>
  close(): Promise<void>
}

/** Undefined: this backup gets none, or would get one that not everybody who reads it now could open. */
export async function indexing(target: Target & Copying, sought: Sought, ctx: Ctx): Promise<Indexed | undefined> {
  const { artifact, unlock } = sought
  const format = contentsFormat(artifact)
  if (!format) return undefined
  const recipients = isEncrypted(format) ? await recipientsOf(target, artifact, unlock, ctx) : []
  if (isEncrypted(format) && recipients.length === 0) return undefined
  return new WhileRead(sought, { artifact, format, recipients, temp: ctx.temp, pools: ctx.pools }, ctx)
}

/** Of the keys at hand those for which the backup was made. */
async function recipientsOf(
  target: Copying,
  artifact: string,
  unlock: Unlock | undefined,
  ctx: Ctx,
): Promise<string[]> {
  const found = new Map<string, string>()
  const ids = new Set(await keyIdsOf(target.read(artifact, ctx)).catch(() => []))
  for (const key of unlock?.privateKeys ?? []) {
    // One that cannot be used opens nothing either.
    const facts = await readKey(key).catch(() => undefined)
    if (facts?.keyIds.some((id) => ids.has(id))) found.set(facts.fingerprint, await publicPart(key))
  }
  return [...found.values()]
}

class WhileRead implements Indexed {
  readonly #sought: Sought
  readonly #options: RecordingOptions
  readonly #ctx: Ctx
  readonly #hash = createHash('sha256')
  #size = 0
  #recording: Recording | undefined
  #ended = false

  constructor(sought: Sought, options: RecordingOptions, ctx: Ctx) {
    this.#sought = sought
    this.#options = options
    this.#ctx = ctx
  }

  readonly seen = (chunk: Uint8Array): void => {
    this.#hash.update(chunk)
    this.#size += chunk.length
  }

  async *entries({ head, entries }: Pick<Opened, 'head' | 'entries'>): AsyncGenerator<Entry> {
    this.#recording = new Recording(this.#options, head)
    yield* this.#recording.entries(entries)
    this.#ended = true
  }

  async put(stat: Stat): Promise<void> {
    const { artifact, at } = this.#sought
    try {
      await usingTarget(at, 'write', (target) => this.putInto(target, stat))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.#ctx.report.note?.({ code: 'contents-unwritten', details: { name: artifact, reason: reasonOf(error) } })
    }
  }

  async putInto(target: Indexing, { size }: Stat): Promise<void> {
    const recording = this.#recording
    if (!recording || !this.#ended || this.#size !== size) return
    const contents = () => recording.finish({ size, sha256: this.#hash.digest('hex') })
    await target.putContents(this.#sought.artifact, contents, this.#ctx)
  }

  async close(): Promise<void> {
    await this.#recording?.close()
  }
}

/** Takes the index of a backup along to where the backup was copied. */
export async function copyIndex(from: Indexing, to: Indexing, artifact: string, ctx: Ctx): Promise<void> {
  try {
    const stored = await from.storedContents(artifact, ctx)
    if (stored) await to.putContents(artifact, async () => stored, ctx)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    ctx.report.note?.({ code: 'contents-unwritten', details: { name: artifact, reason: reasonOf(error) } })
  }
}
