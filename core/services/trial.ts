// A trial of a store: something small is written, read back past every memory, compared and removed again.
// Guarantees: what a trial that was broken off has left is removed by the next one; nothing else is touched.
import { randomBytes, randomUUID } from 'node:crypto'
import { Failure } from '../api/failure.ts'
import type { PlaceTrial } from '../api/place.ts'
import { bytesOf, collect } from '../lib/bytes.ts'
import type { Store } from '../stores/store.ts'

/** In bytes: enough to tell a rate, little enough for a slow line. */
const size = 1024 * 1024

const prefix = 'arche-test-'

/** In ms: a trial does not take that long. */
const old = 3600 * 1000

/** `now` in ms since 1970. Read back differently: Failure `damaged`. */
export async function tried(store: Store, now: number, signal: AbortSignal | undefined): Promise<PlaceTrial> {
  for await (const left of store.list(prefix, (name) => name.startsWith(prefix)))
    if (now - left.mtime > old) await store.remove(left.name)
  const name = `${prefix}${randomUUID()}`
  try {
    const trial = await measured(store, name, signal ? { signal } : {})
    await store.remove(name)
    return trial
  } catch (error) {
    // What happened before is what must be told.
    await store.remove(name).catch(() => undefined)
    throw error
  }
}

async function measured(store: Store, name: string, how: { readonly signal?: AbortSignal }): Promise<PlaceTrial> {
  const data = randomBytes(size)
  const up = await timed(() => store.put(name, bytesOf(data), how))
  let found: Uint8Array = data
  const down = await timed(async () => {
    found = await collect(store.get(name, { ...how, uncached: true }), size + 1)
  })
  if (!data.equals(found)) throw new Failure('damaged', { name, reason: 'read back' })
  const free = await store.free()
  return { bytes: size, up: size / up, down: size / down, ...(free === undefined ? {} : { free }) }
}

/** In seconds, never 0. */
async function timed(deed: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await deed()
  return Math.max(performance.now() - begun, 0.1) / 1000
}
