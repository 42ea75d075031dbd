// How much folders hold, counted in the background, one after the other: for ticks that say it.
// Guarantees: what was counted is not counted again as long as the same is left out; nothing goes on once nobody shows it.
import { useEffect, useRef, useState } from 'react'
import { call } from '../client.ts'

export interface Size {
  readonly files: number
  readonly bytes: number
  /** Of an archive in the usual format. Absent: nobody knows. */
  readonly stored?: number | undefined
}

/** With all of `stored` known. */
export type Total = Size & { readonly stored: number }

/** `null`: it cannot be counted (it is gone, or may not be read). Absent: not yet. */
export type Sizes = ReadonlyMap<string, Size | null>

const nameOf = (path: string, exclude: readonly string[]) => JSON.stringify([path, exclude])

export function useSizes(paths: readonly string[], exclude: readonly string[]): Sizes {
  const [known, setKnown] = useState<ReadonlyMap<string, Size | null>>(new Map())
  const counted = useRef(known)
  counted.current = known
  const wanted = JSON.stringify({ paths, exclude })
  useEffect(() => {
    const ending = new AbortController()
    const { signal } = ending
    void countAll(JSON.parse(wanted), counted, signal, (name, size) =>
      setKnown((before) => new Map([...before, [name, size]])),
    )
    return () => ending.abort()
  }, [wanted])
  return new Map(
    paths.flatMap((path) => {
      const size = known.get(nameOf(path, exclude))
      return size === undefined ? [] : [[path, size] as const]
    }),
  )
}

interface Wanted {
  readonly paths: readonly string[]
  readonly exclude: string[]
}

async function countAll(
  { paths, exclude }: Wanted,
  counted: { readonly current: ReadonlyMap<string, Size | null> },
  signal: AbortSignal,
  found: (name: string, size: Size | null) => void,
): Promise<void> {
  for (const path of paths) {
    const name = nameOf(path, exclude)
    if (counted.current.has(name)) continue
    const size = await measure(path, exclude, signal)
    if (signal.aborted) return
    found(name, size)
  }
}

async function measure(path: string, exclude: string[], signal: AbortSignal): Promise<Size | null> {
  const source = {
    kind: 'folders' as const,
    paths: [path],
    exclude,
    ...(exclude.length > 0 && { excludeSyntax: 2 as const }),
  }
  return call((client) => client.folder.measure({ source }, { signal })).catch(() => null)
}

/** Of several together: undefined as long as one of them is not counted. What cannot be counted counts as nothing; of unknown content nothing is packed. */
export function sumOf(sizes: Sizes, paths: readonly string[]): Total | undefined {
  let sum = { files: 0, bytes: 0, stored: 0 }
  for (const path of paths) {
    const size = sizes.get(path)
    if (size === undefined) return undefined
    const { files, bytes, stored = bytes } = size ?? { files: 0, bytes: 0 }
    sum = { files: sum.files + files, bytes: sum.bytes + bytes, stored: sum.stored + stored }
  }
  return sum
}
