// A store in memory, with the same guarantees as one on a disk: for tests, and for work that must leave no trace.
// Guarantees: an object appears whole or not at all; a reader keeps the object it opened, whatever happens to its name meanwhile.
// Does not bound its size: the caller knows what it puts in.
import { Failure } from '../api/failure.ts'
import { type Bytes, throwIfCancelled } from '../lib/bytes.ts'
import { checkName, checkRange } from './names.ts'
import type { GetOptions, PutOptions, Stat, Store } from './store.ts'

interface Kept {
  readonly data: Buffer
  readonly mtime: number
}

/** Bytes per chunk of a reader. */
const block = 1024 * 1024

export function openMemory(): Store {
  const objects = new Map<string, Kept>()
  const stat = (name: string, kept: Kept): Stat => ({ name, size: kept.data.length, mtime: kept.mtime })

  return {
    traits: { label: 'memory', ranges: true, atomicPut: true, parallel: 16 },
    put: (name, body, options) => put(objects, name, body, options),
    get: (name, options) => get(objects, name, options),
    async stat(name) {
      checkName(name)
      const kept = objects.get(name)
      return kept && stat(name, kept)
    },
    async *list(prefix = '', fits = () => true) {
      for (const [name, kept] of [...objects])
        if (name.startsWith(prefix) && allowed(name, fits)) yield stat(name, kept)
    },
    blocked: async () => false,
    async remove(name) {
      checkName(name)
      objects.delete(name)
    },
    free: async () => undefined,
    close: async () => undefined,
  }
}

/** The name and all folders on the way to it. */
function allowed(name: string, fits: (name: string) => boolean): boolean {
  const folders = [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index + 1))
  return [...folders, name].every(fits)
}

async function put(objects: Map<string, Kept>, name: string, body: Bytes, options: PutOptions = {}): Promise<Stat> {
  checkName(name)
  throwIfCancelled(options.signal)
  const refuseExisting = () => {
    if (!options.replace && objects.has(name)) throw new Failure('exists', { name })
  }
  refuseExisting()
  const chunks: Buffer[] = []
  for await (const chunk of body) {
    throwIfCancelled(options.signal)
    chunks.push(Buffer.from(chunk))
  }
  throwIfCancelled(options.signal)
  refuseExisting()
  const kept = { data: Buffer.concat(chunks), mtime: Date.now() }
  objects.set(name, kept)
  return { name, size: kept.data.length, mtime: kept.mtime }
}

async function* get(objects: Map<string, Kept>, name: string, options: GetOptions = {}): Bytes {
  checkName(name)
  const kept = objects.get(name)
  if (!kept) throw new Failure('not-found', { name })
  const { start, end } = checkRange(name, kept.data.length, options.range)
  for (let at = start; at < end; at += block) {
    throwIfCancelled(options.signal)
    yield Uint8Array.from(kept.data.subarray(at, Math.min(at + block, end)))
  }
}
