// Contents indexes on a store: written, read, swept. What is in them: contents.ts.
// Guarantees: an index is put beside a backup that is whole already, as a whole, and read back; plugs pulled in between leave a backup without one. Whatever is
// wrong with an index is told as a note and costs nothing else: never a backup, a copy, a removal or a look at a backup.
import { createHash } from 'node:crypto'
import { Failure } from '../api/failure.ts'
import { recipes } from '../api/recipe.ts'
import { openSealed, type Pools, type Unlock } from '../archive/archive.ts'
import { type Bytes, cancellable, hashing, pipe, tap } from '../lib/bytes.ts'
import type { Context } from '../lib/work.ts'
import type { Store } from '../stores/store.ts'
import { artifactOf, type Contents, contentsFolder, contentsFormat, contentsName, parseContents } from './contents.ts'

/** Puts it beside its backup, in place of an older one. What goes wrong is noted. */
export async function putContents(
  store: Store,
  artifact: string,
  contents: () => Promise<Bytes>,
  ctx: Context,
): Promise<void> {
  const name = contentsName(artifact)
  if (name === undefined) return
  await quietly(name, ctx, async () => {
    const written = createHash('sha256')
    const bytes = pipe(await contents(), cancellable(ctx.signal), hashing(written))
    await store.put(name, bytes, { replace: true, signal: ctx.signal })
    const lying = createHash('sha256')
    for await (const chunk of store.get(name, { uncached: true })) lying.update(chunk)
    if (lying.digest('hex') === written.digest('hex')) return
    await store.remove(name)
    throw new Failure('damaged', { name, reason: 'SHA-256' })
  })
}

/** The stored bytes of an index; undefined: there is none. */
export async function storedContents(store: Store, artifact: string, ctx: Context): Promise<Bytes | undefined> {
  const name = contentsName(artifact)
  const found = name === undefined ? undefined : await store.stat(name)
  return found && pipe(store.get(found.name, { signal: ctx.signal }), cancellable(ctx.signal))
}

/** An index for reading; undefined: there is none. What is wrong with it: its Failures, now or while it is read. */
export async function openContents(
  store: Store,
  artifact: string,
  unlock: Unlock | undefined,
  ctx: Context<Pools>,
): Promise<Contents | undefined> {
  const format = contentsFormat(artifact)
  const stored = await storedContents(store, artifact, ctx)
  if (!stored || !format) return undefined
  const seen = tap((chunk) => ctx.report.advance(chunk.length))
  return parseContents(openSealed(pipe(stored, seen), unlock, recipes[format].cipher, ctx.pools), artifact)
}

/** The index of a backup that has gone. */
export async function dropContents(store: Store, artifact: string, ctx: Pick<Context, 'report'>): Promise<void> {
  const name = contentsName(artifact)
  if (name !== undefined) await quietly(name, ctx, () => store.remove(name))
}

/** Names of backups that have an index; none where these cannot be listed. */
export async function withContents(store: Store): Promise<Set<string>> {
  const found = new Set<string>()
  const fits = (name: string) => name === contentsFolder || artifactOf(name) !== undefined
  try {
    for await (const { name } of store.list(contentsFolder, fits)) found.add(artifactOf(name) ?? '')
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
  return found
}

/** What must not stand in the way of anything else, not even a bug of ours: the backup is whole. */
async function quietly(name: string, { report }: Pick<Context, 'report'>, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    report.note?.({ code: 'contents-unwritten', details: { name, reason: reasonOf(error) } })
  }
}

/** A short code that has words, where there is one. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Failure)) return String(error)
  const { reason } = error.details
  return typeof reason === 'string' ? reason : error.code
}
