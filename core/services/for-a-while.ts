// Previews: what a person has seen, so that what is done afterwards is exactly that.
import { Failure } from '../api/failure.ts'

/** In ms. */
const lifetime = 30 * 60 * 1000

/** Values that a caller refers to by id, half an hour at most. */
export function forAWhile<T>(now: () => number) {
  const kept = new Map<string, { value: T; until: number }>()
  return {
    put(id: string, value: T): void {
      for (const [old, { until }] of kept) if (until < now()) kept.delete(old)
      kept.set(id, { value, until: now() + lifetime })
    },
    get(id: string): T {
      const found = kept.get(id)
      if (!found || found.until < now()) throw new Failure('changed', { name: id })
      return found.value
    },
  }
}
