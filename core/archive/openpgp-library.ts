// openpgp.js, loaded by the first who reads, makes or opens something with it: it is the largest package of all, and most starts of a program and of a
// thread do without. Guarantees: once `loadPgp` has ended, `pgp` is there for good; whoever holds a key of it got that after `loadPgp`.
import type * as Library from 'openpgp'

/** Undefined before `loadPgp`, which its type leaves out: the functions that give out keys and messages wait for that first. */
export let pgp: typeof Library

/** Ends once `pgp` can be used. */
export async function loadPgp(): Promise<void> {
  pgp ??= await import('openpgp')
}
