// Files that were found and are to be restored together, from as few backups as possible. Pure, but for the basket itself, which lasts as long as the window.
// Guarantees: each file is given back in the version that was chosen; only from places that are here.
import { create } from 'zustand'
import type { FileRef, FileVersion } from '../../../core/api/contract-catalogue.ts'

/** One file in one of its versions. */
export interface Wanted extends FileRef {
  /** Where it stood; absent where that is not known. */
  readonly origin?: string | undefined
  readonly version: FileVersion
}

/** Files of one backup. */
export interface Part {
  /** Where the backup lies. */
  readonly medium: string
  readonly artifact: string
  readonly madeAt: string
  readonly paths: readonly string[]
}

export const useBasket = create<{ readonly items: readonly Wanted[] }>()(() => ({ items: [] }))

/** Another version of a file takes the place of the one that is there. */
export function put(item: Wanted): void {
  useBasket.setState(({ items }) => ({ items: [...items.filter((one) => !isSame(one, item)), item] }))
}

export function take(item: FileRef): void {
  useBasket.setState(({ items }) => ({ items: items.filter((one) => !isSame(one, item)) }))
}

export function emptyBasket(): void {
  useBasket.setState({ items: [] })
}

export function isSame(one: FileRef, other: FileRef): boolean {
  return one.subject === other.subject && one.host === other.host && one.path === other.path
}

/** A place that is here has it. */
export function isHere({ backups }: FileVersion): boolean {
  return backups.some(({ places }) => places.some(({ here }) => here))
}

/**
 * The backups to read: always the one that has most of what is left, the newest of equal ones. `away`: what only places have that are not here.
 */
export function partsOf(items: readonly Wanted[]): { readonly parts: Part[]; readonly away: Wanted[] } {
  const parts: Part[] = []
  let left = items.filter(({ version }) => isHere(version))
  while (left.length > 0) {
    const offers = new Map<string, Part>()
    for (const { path, version } of left)
      for (const { medium, artifact, madeAt } of sourcesOf(version)) {
        const key = `${medium}\n${artifact}`
        offers.set(key, { medium, artifact, madeAt, paths: [...(offers.get(key)?.paths ?? []), path] })
      }
    const [best] = [...offers.values()].sort(
      (one, other) => other.paths.length - one.paths.length || other.madeAt.localeCompare(one.madeAt),
    )
    if (!best) break
    parts.push(best)
    left = left.filter(({ version }) => !sourcesOf(version).some((one) => isFrom(one, best)))
  }
  return { parts, away: items.filter(({ version }) => !isHere(version)) }
}

type Source = Pick<Part, 'medium' | 'artifact' | 'madeAt'>

function sourcesOf({ backups }: FileVersion): Source[] {
  return backups.flatMap(({ artifact, madeAt, places }) =>
    places.filter(({ here }) => here).map(({ medium }) => ({ medium, artifact, madeAt })),
  )
}

function isFrom(one: Source, other: Source): boolean {
  return one.medium === other.medium && one.artifact === other.artifact
}
