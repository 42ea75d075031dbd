// Previews: what a person has seen, so that what is done afterwards is exactly that.
import { Failure } from '../api/failure.ts'

/** In ms. */
const lifetime = 30 * 60 * 1000

export type ForAWhile<T> = ReturnType<typeof forAWhile<T>>

/** Values that a caller refers to by id, half an hour at most. `gone`: told of each that nobody can refer to any more, when the next one comes. */
export function forAWhile<T>(now: () => number, gone: (value: T) => void = () => undefined) {
  const kept = new Map<string, { value: T; until: number }>()
  return {
    put(id: string, value: T): void {
      for (const [old, { value: former, until }] of kept) {
        if (until >= now()) continue
        kept.delete(old)
        gone(former)
      }
      kept.set(id, { value, until: now() + lifetime })
    },
    get(id: string): T {
      const found = kept.get(id)
      if (!found || found.until < now()) throw new Failure('changed', { name: id })
      return found.value
    },
  }
}
