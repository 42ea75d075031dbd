// Several sources in one archive, each under its fixed names: what belongs together is saved and restored together.
// Guarantees: all parts are open at once, in their order, and all are closed however the run ends; a part that cannot be read fails the whole.
// The names are those the parts give; that they differ is for whoever puts the bundle together.
import type { Finding } from '../api/failure.ts'
import type { Member } from '../archive/archive.ts'
import type { Estimate } from '../lib/work.ts'
import type { Item, Source, SourceContext } from './source.ts'

/** What is not read would be missing in silence. */
const notOne = 'a part of a bundle yields one item'

/** `parts`: sources of one item each. */
export function bundleSource(parts: readonly Source[]): Source {
  return {
    async check(signal) {
      const findings: Finding[] = []
      for (const part of parts) findings.push(...(await part.check(signal)))
      return findings
    },
    async estimate(ctx) {
      return sum(await estimates(parts, ctx))
    },
    async *items(ctx): AsyncGenerator<Item> {
      // Counted before anything long is done: parts remember it.
      await estimates(parts, ctx)
      const open: AsyncIterator<Item>[] = []
      try {
        const items: Item[] = []
        for (const part of parts) {
          const iterator = part.items(ctx)[Symbol.asyncIterator]()
          open.push(iterator)
          const next = await iterator.next()
          if (next.done) throw new Error(notOne)
          items.push(next.value)
        }
        yield {
          name: 'bundle',
          roots: items.flatMap((item) => item.roots),
          parents: items.flatMap((item) => item.parents ?? []),
          estimate: sum(items.map((item) => item.estimate)),
          mounts: { has: (path) => items.some(({ mounts }) => mounts?.has(path) ?? false) },
          entries: joined(items),
        }
        for (const iterator of open) if (!(await iterator.next()).done) throw new Error(notOne)
      } finally {
        for (const iterator of open.reverse()) await iterator.return?.()
      }
    },
  }
}

async function estimates(parts: readonly Source[], ctx: SourceContext): Promise<Estimate[]> {
  const found: Estimate[] = []
  for (const part of parts) found.push(await part.estimate(ctx))
  return found
}

function sum(parts: readonly Estimate[]): Estimate {
  const stored = parts.map((part) => part.stored)
  return {
    files: parts.reduce((files, part) => files + part.files, 0),
    bytes: parts.reduce((bytes, part) => bytes + part.bytes, 0),
    disk: parts.reduce((bytes, part) => bytes + (part.disk ?? part.bytes), 0),
    ...(stored.includes(undefined) ? {} : { stored: stored.reduce<number>((bytes, part = 0) => bytes + part, 0) }),
  }
}

async function* joined(items: readonly Item[]): AsyncGenerator<Member> {
  for (const item of items) yield* item.entries
}
