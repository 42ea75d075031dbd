// Looks into a backup: what it says of itself, or all that is in it, put down on this computer's disk.
// Guarantees: all that is in it comes from its contents index where that can be believed, else from the backup, which is then read and checked to its
// last byte; which of the two is told.
import { Failure } from '../api/failure.ts'
import { dumpFile, dumpFolder, isDocument } from '../api/labbook-layout.ts'
import { type Entry, type Head, olderFiles } from '../archive/archive.ts'
import { ListingWriter, removeListing, type Total } from '../restore/listing.ts'
import { type Listed, listed } from '../targets/contents.ts'
import { usingTarget } from '../targets/open.ts'
import { readIndex } from './contents.ts'
import type { RunContext } from './context.ts'
import { type Fed, namesFor } from './feeding.ts'
import type { Inspected, InspectOrder } from './order.ts'
import { withArchive } from './with-archive.ts'

export async function inspect(order: InspectOrder, ctx: RunContext): Promise<Inspected> {
  const { listing, index = true } = order
  if (listing === undefined) return begun(order, ctx)
  return (index && (await fromIndex(order, listing, ctx))) || fromArchive(order, listing, ctx)
}

/** What the backup says at its start. */
function begun(order: InspectOrder, ctx: RunContext): Promise<Inspected> {
  return withArchive(order, ctx, 'check', async ({ head, entries, format, documents }) => ({
    format,
    ...aboutHead(head),
    ...(documents === undefined ? {} : { documents: documents ? ('there' as const) : ('missing' as const) }),
    ...(head && { files: head.files, bytes: head.bytes }),
    ...(await dumpIn(head, entries)),
  }))
}

async function fromIndex(order: InspectOrder, listing: string, ctx: RunContext): Promise<Inspected | undefined> {
  return usingTarget(order.at, 'read', async (target) => {
    const stat = await target.stat(order.artifact)
    if (!stat) throw new Failure('not-found', { name: order.artifact })
    ctx.report.operation('check')
    const writer = await ListingWriter.begin(listing)
    const names = namesFor(order.feeding, ctx)
    const add = (entry: Listed) => {
      writer.add(entry)
      names?.add(entry)
    }
    const known = await readIndex(target, stat, order.unlock, ctx, add).catch((error) => {
      removeListing(listing)
      throw error
    })
    const total = known && (await writer.finish())
    if (!known || !total || total.files !== known.files || total.bytes !== known.bytes) {
      removeListing(listing)
      return undefined
    }
    names?.done({ name: stat.name, size: stat.size, ...madeFrom(known.head) })
    return { format: '3.0', ...aboutHead(known.head), ...whole(total, known.head), listed: 'index' }
  })
}

async function fromArchive(order: InspectOrder, listing: string, ctx: RunContext): Promise<Inspected> {
  return withArchive(order, ctx, 'check', async ({ head, entries, format, documents }, size) => {
    const writer = await ListingWriter.begin(listing)
    const names = namesFor(order.feeding, ctx)
    const add = (entry: Listed) => {
      writer.add(entry)
      names?.add(entry)
    }
    const damaged = await put(entries, add)
    const total = await writer.finish(damaged ? (path) => !isDocument(path) : undefined)
    const state = damaged ? 'damaged' : documents ? 'there' : 'missing'
    if (!damaged) names?.done({ name: order.artifact, size, ...madeFrom(head) })
    return {
      format,
      ...aboutHead(head),
      ...(documents === undefined ? {} : { documents: state }),
      ...whole(total, head),
      listed: 'archive',
    }
  })
}

/** When and where a backup was made, and from what. */
function madeFrom(head: Head | undefined): Omit<Fed, 'name' | 'size'> {
  return head ? { made: Date.parse(head.createdAt), host: head.host, roots: head.roots } : {}
}

function aboutHead(head: Head | undefined): Omit<Inspected, 'format'> {
  if (!head) return { roots: [] }
  const { roots, parents, plan, host, createdAt } = head
  return { roots, ...(parents && { parents }), plan, host, createdAt }
}

/** An archive of another program does not tell its roots: they are the first parts of its paths, from nowhere known. */
function whole({ files, bytes, top }: Total, head: Head | undefined): Pick<Inspected, 'files' | 'bytes' | 'roots'> {
  const roots = head && head.roots.length > 0 ? head.roots : top.map((name) => ({ name, origin: '' }))
  return { files, bytes, roots }
}

/** True: the documents beside an old backup are damaged; the backup itself was read to its end before. */
async function put(entries: AsyncIterable<Entry>, add: (entry: Listed) => void): Promise<boolean> {
  try {
    for await (const entry of entries) add(listed(entry))
    return false
  } catch (error) {
    if (!(error instanceof Failure) || error.details.name !== olderFiles.documents) throw error
    return true
  }
}

/** Arche puts the dump of a server first: its size is known without reading the rest. */
async function dumpIn(head: Head | undefined, entries: AsyncIterable<Entry>): Promise<{ dump?: number }> {
  if (!head?.roots.some(({ name }) => name === dumpFolder)) return {}
  for await (const { path, type, size } of entries) return path === dumpFile && type === 'file' ? { dump: size } : {}
  return {}
}
