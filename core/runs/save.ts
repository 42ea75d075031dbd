// The one line: whatever is saved, and wherever, is saved by this. Backups and the copies before a restore call it.
// Guarantees: a source that cannot be read in full never makes a silent backup; each item is on the target whole, read back and noted, before the next
// is begun.
import { blocking, Failure } from '../api/failure.ts'
import type { Pools } from '../archive/archive.ts'
import type { Gathering } from '../guard/summary.ts'
import type { Context } from '../lib/work.ts'
import type { Item, Source, SourcePools } from '../sources/source.ts'
import type { About, Saved, Target } from '../targets/target.ts'
import type { Names } from './feeding.ts'

type SaveContext = Context<Pools & SourcePools>

/** Throws the Failure that forbids reading the source. */
export async function mustBeReadable(source: Source, signal: AbortSignal): Promise<void> {
  const failure = blocking(await source.check(signal))
  if (failure) throw failure
}

export interface Saving {
  readonly source: Source
  readonly target: Target
  readonly about: Omit<About, 'gathering'>
  /** What reads the source; absent: as the saving itself. */
  readonly reading?: SaveContext
  /** Gets the members of each item. */
  readonly gather?: (item: Item) => Gathering
  /** Before an item is written. */
  readonly before?: (item: Item) => Promise<void>
  /** Gets the names of each item. */
  readonly names?: () => Names | undefined
}

/** Saves every item; at least one, else Failure `nothing-selected`. */
export async function saveAll(saving: Saving, ctx: SaveContext): Promise<[Saved, ...Saved[]]> {
  const { source, target, about, reading = ctx, gather, before } = saving
  const saved: Saved[] = []
  for await (const item of source.items(reading)) {
    const gathering = gather ? { gathering: gather(item) } : {}
    await before?.(item)
    const names = saving.names?.()
    const listing = names ? { names: names.add } : {}
    const one = await target.save(item, { ...about, ...gathering, ...listing }, ctx)
    const { artifact: name, stored: size, madeAt } = one
    names?.done({ name, size, made: Date.parse(madeAt), host: about.host, roots: item.roots })
    saved.push(one)
  }
  const [first, ...others] = saved
  if (!first) throw new Failure('nothing-selected')
  return [first, ...others]
}
