// The kinds of store there are. A further kind is one file beside this one, one line in `StoreRef` and one in `openStore`.
import { openLocal } from './local.ts'
import { openMedium } from './medium.ts'
import { openMemory } from './memory.ts'
import type { Store } from './store.ts'

/** Which store, as plain data: what a plan resolves to and a worker is told. */
export type StoreRef =
  /** A folder that exists. */
  | { readonly kind: 'local'; readonly folder: string }
  /** The medium mounted at `path`; with an `id`, that one and no other. `readOnly`: nothing is written, so a damaged marker is no obstacle. */
  | { readonly kind: 'medium'; readonly path: string; readonly id?: string; readonly readOnly?: boolean }
  | { readonly kind: 'memory' }

/** Opens a store, or throws the Failure that says why it cannot be used. The caller closes it. */
export async function openStore(ref: StoreRef): Promise<Store> {
  switch (ref.kind) {
    case 'local':
      return openLocal(ref.folder)
    case 'medium':
      return openMedium(ref.path, ref.id, ref.readOnly === undefined ? {} : { readOnly: ref.readOnly })
    case 'memory':
      return openMemory()
    default:
      return assertNever(ref)
  }
}

/** Opens the medium for a piece of work and closes it however that ends: a store that stays open keeps its medium from being ejected. */
export async function withStore<T>(
  medium: { readonly path: string; readonly id?: string | undefined },
  readOnly: boolean,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const { path, id } = medium
  const store = await openStore({ kind: 'medium', path, readOnly, ...(id === undefined ? {} : { id }) })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

function assertNever(value: never): never {
  throw new Error(`no such store: ${JSON.stringify(value)}`)
}
