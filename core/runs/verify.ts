// A verification: the backups on a medium read back, compared with their noted checksums, and where they open read to the end.
// Guarantees: what is found of each is told as it is found, so that it counts however the run ends; one that cannot be checked is no damage and
// stops no other; "good" is said only of what was compared or read to the end. Changes no backup; one that was read to its end gets a contents index
// where it has none that can be believed.

import { parseArtifactName } from '../api/backup-name.ts'
import { Failure, type Problem } from '../api/failure.ts'
import type { Checked } from '../api/model.ts'
import { opensWithoutKey } from '../api/recipe.ts'
import type { Entry, Incomplete } from '../archive/archive.ts'
import type { Report } from '../lib/work.ts'
import { Selection } from '../restore/restore.ts'
import type { Stat } from '../stores/store.ts'
import { listed } from '../targets/contents.ts'
import { usingTarget } from '../targets/open.ts'
import type { Copying, Indexing, Target } from '../targets/target.ts'
import { indexing, readIndex } from './contents.ts'
import type { RunContext } from './context.ts'
import { type Names, namesFor } from './feeding.ts'
import type { Message, Verified, VerifyOrder } from './order.ts'

type Tell = (message: Extract<Message, { type: 'checked' }>) => void

/** Failures: `damaged` {name: all that are}; when nothing is damaged and nothing could be checked, why not the first; those of the medium. */
export async function verify(order: VerifyOrder, ctx: RunContext, tell: Tell): Promise<Verified> {
  for (const problem of order.odd ?? []) ctx.report.warn(problem)
  return usingTarget(order.at, 'read', async (target) => {
    const result = { files: 0, bytes: 0, good: [] as string[] }
    const bad: string[] = []
    let unknown: Failure | undefined
    const sums = await target.checksums(ctx.report.warn)
    for (const name of order.artifacts) {
      const found = await verdict(target, name, sums.get(name), order, ctx)
      if ('good' in found) {
        tell({ type: 'checked', checked: found.good.checked })
        result.files += found.good.files
        result.bytes += found.good.bytes
        result.good.push(name)
        continue
      }
      if (found.bad) {
        bad.push(name)
        tell({ type: 'checked', checked: found.bad })
      } else unknown ??= found.failure
      if (order.artifacts.length === 1) throw found.failure
      ctx.report.warn(found.failure.toProblem())
    }
    if (bad.length > 0) throw new Failure('damaged', { name: bad, reason: `${bad.length}/${order.artifacts.length}` })
    if (unknown && result.good.length === 0) throw unknown
    return result
  })
}

type Verdict =
  | { readonly good: { readonly checked: Checked; readonly files: number; readonly bytes: number } }
  /** `bad` absent: it could not be checked, which says nothing of it. */
  | { readonly failure: Failure; readonly bad?: Checked }

type Whole = Target & Indexing & Copying

async function verdict(
  target: Whole,
  name: string,
  sha256: string | undefined,
  order: VerifyOrder,
  ctx: RunContext,
): Promise<Verdict> {
  const stat = await target.stat(name)
  try {
    if (!stat) throw new Failure('not-found', { name })
    const { opened, files, bytes } = await verifyOne(target, stat, sha256, order, ctx)
    const compared = sha256 ? { sha256 } : {}
    return { good: { checked: { name, good: true, ...bytesOf(stat), ...compared, opened }, files, bytes } }
  } catch (error) {
    const failure = naming(error, name)
    if (!(failure instanceof Failure) || !tellsOfOneArchive.has(failure.code)) throw failure
    if (!stat || !tellsOfDamage.has(failure.code)) return { failure }
    return { failure, bad: { name, good: false, ...bytesOf(stat), opened: false } }
  }
}

/** Says nothing of the other ones on the medium. */
const tellsOfOneArchive = new Set<Problem['code']>([
  'damaged',
  'truncated',
  'checksum-missing',
  'key-file-missing',
  'key-password-needed',
  'wrong-key',
  'wrong-password',
  'unsupported-format',
  'not-found',
])

const tellsOfDamage = new Set<Problem['code']>(['damaged', 'truncated'])

function bytesOf({ size, mtime, changed }: Stat): Pick<Checked, 'size' | 'mtime' | 'changed'> {
  return { size, mtime, ...(changed === undefined ? {} : { changed }) }
}

/** The stored bytes against their checksum; where it opens also the whole content, which needs no checksum. */
async function verifyOne(
  target: Whole,
  stat: Stat,
  sha256: string | undefined,
  order: VerifyOrder,
  ctx: RunContext,
): Promise<{ opened: boolean; files: number; bytes: number }> {
  const { name, size } = stat
  const opens = order.unlock !== undefined || opensWithoutKey(name) || parseArtifactName(name)?.format === '2.x'
  if (!sha256 && !opens) throw new Failure('checksum-missing', { name })
  if (sha256) {
    ctx.report.operation('verify', size)
    await target.compare(name, sha256, ctx)
  }
  const shallow = { opened: false, files: 0, bytes: size }
  if (!opens) return shallow
  ctx.report.operation('check', size)
  try {
    return { opened: true, ...(await readWhole(target, stat, order, ctx)) }
  } catch (error) {
    // Only LabBook 2.5 opens without: for another one it is not known before.
    const closed = error instanceof Failure && error.code === 'secret-missing'
    if (closed && sha256) return shallow
    throw closed ? new Failure('key-password-needed', { name }, { cause: error }) : error
  }
}

async function readWhole(
  target: Whole,
  stat: Stat,
  order: VerifyOrder,
  ctx: RunContext,
): Promise<{ files: number; bytes: number }> {
  const { name, size } = stat
  const { unknown } = order
  const names = unknown?.artifacts.includes(name) ? namesFor(unknown.feeding, ctx) : undefined
  const known = await readIndex(target, stat, order.unlock, ctx, () => undefined)
  const index = known ? undefined : await indexing(target, { ...order, artifact: name }, ctx)
  try {
    const opened = await target.open(name, { ...order, ...(index && { seen: index.seen }) }, ctx)
    const counts = await countAll(index ? index.entries(opened) : opened.entries, names)
    tellIncomplete(opened.incomplete(), [], ctx.report)
    await index?.put(stat)
    const { head } = opened
    names?.done({ name, size, ...(head && { made: Date.parse(head.createdAt), host: head.host, roots: head.roots }) })
    return counts
  } finally {
    await index?.close()
  }
}

async function countAll(
  entries: AsyncIterable<Entry>,
  names: Names | undefined,
): Promise<{ files: number; bytes: number }> {
  const counts = { files: 0, bytes: 0 }
  for await (const entry of entries) {
    counts.files += 1
    counts.bytes += entry.size
    names?.add(listed(entry))
  }
  return counts
}

/** Of what was chosen: `only` as in a RestorePlan. */
export function tellIncomplete(incomplete: readonly Incomplete[], only: readonly string[], report: Report): void {
  const chosen = new Selection(only)
  for (const { path, read } of incomplete)
    if (chosen.of(path) === 'yes') report.warn({ code: 'copy-incomplete', details: { path, read } })
}

/** What is wrong with an archive is found by stages that do not know its name. */
export function naming(error: unknown, name: string): unknown {
  if (!(error instanceof Failure) || !tellsOfOneArchive.has(error.code) || error.details.name !== undefined)
    return error
  return new Failure(error.code, { ...error.details, name }, { retryable: error.retryable, cause: error })
}
