// The kinds of store there are. A further kind is one file beside this one, one line in `StoreRef` and one in `openStore`.
import { openLocal } from './local.ts'
import { openMedium } from './medium.ts'
import { openSftpMedium, type SftpMedium } from './medium-sftp.ts'
import { openMemory } from './memory.ts'
import { retrying } from './retry.ts'
import type { Store } from './store.ts'

/** Which store, as plain data: what a plan resolves to and a worker is told. */
export type StoreRef =
  /** A folder that exists. */
  | { readonly kind: 'local'; readonly folder: string }
  /** The medium mounted at `path`; with an `id`, that one and no other. */
  | { readonly kind: 'medium'; readonly path: string; readonly id?: string }
  /** The place in an account of a server; with an `id`, that one and no other. Holds secrets: never written down, never told. */
  | ({ readonly kind: 'sftp' } & SftpMedium)
  | { readonly kind: 'memory' }

export interface OpenStore {
  /** Nothing is written, so a damaged marker is no obstacle. */
  readonly readOnly?: boolean
}

/** A line that breaks for a moment costs a moment: long enough for a router that starts anew, short enough for somebody who waits. */
const patience = { tries: 6, first: 1000, longest: 10_000 }

type Openers = { readonly [K in StoreRef['kind']]: (ref: StoreRef & { kind: K }, how: OpenStore) => Promise<Store> }

const openers: Openers = {
  local: ({ folder }) => openLocal(folder),
  medium: ({ path, id }, how) => openMedium(path, id, how),
  sftp: async (ref, how) => retrying(await openSftpMedium(ref, how), patience),
  memory: async () => openMemory(),
}

/** Opens a store, or throws the Failure that says why it cannot be used. The caller closes it. */
export function openStore<K extends StoreRef['kind']>(
  ref: StoreRef & { readonly kind: K },
  how: OpenStore = {},
): Promise<Store> {
  return openers[ref.kind](ref, how)
}
