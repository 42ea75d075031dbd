// The kinds of store there are. A further kind is one file beside this one, one line in `StoreRef` and one in `openStore`.
import { openLocal } from './local.ts'
import { openMedium } from './medium.ts'
import { openMemory } from './memory.ts'
import type { Store } from './store.ts'

/** Which store, as plain data: what a plan resolves to and a worker is told. */
export type StoreRef =
  /** A folder that exists. */
  | { readonly kind: 'local'; readonly folder: string }
  /** The medium mounted at `path`; with an `id`, that one and no other. */
  | { readonly kind: 'medium'; readonly path: string; readonly id?: string }
  | { readonly kind: 'memory' }

export interface OpenStore {
  /** Nothing is written, so a damaged marker is no obstacle. */
  readonly readOnly?: boolean
}

type Openers = { readonly [K in StoreRef['kind']]: (ref: StoreRef & { kind: K }, how: OpenStore) => Promise<Store> }

const openers: Openers = {
  local: ({ folder }) => openLocal(folder),
  medium: ({ path, id }, how) => openMedium(path, id, how),
  memory: async () => openMemory(),
}

/** Opens a store, or throws the Failure that says why it cannot be used. The caller closes it. */
export function openStore<K extends StoreRef['kind']>(
  ref: StoreRef & { readonly kind: K },
  how: OpenStore = {},
): Promise<Store> {
  return openers[ref.kind](ref, how)
}
