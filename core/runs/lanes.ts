// What each kind of order occupies (the rules of who waits for whom: api/lanes.ts). A further kind of order is one row here.
import { replaces, type Use, usesOfBackup, usesOfCopy } from '../api/lanes.ts'
import type { Order, SafetyShelf } from './order.ts'

type Lanes = { readonly [K in Order['kind']]: (order: Extract<Order, { kind: K }>) => readonly Use[] }

const lanes: Lanes = {
  backup: ({ plan, at, pruning }) => usesOfBackup(plan.id, at, pruning && (pruning.inUse ?? [])),
  copy: ({ from, artifact, at, pruning }) => usesOfCopy(from, artifact, at, pruning && (pruning.inUse ?? [])),
  verify: ({ at, artifacts }) => [{ lane: 'place', place: at, how: 'read', artifacts }],
  inspect: ({ at, artifact }) => [{ lane: 'place', place: at, how: 'read', artifacts: [artifact] }],
  restore: ({ at, artifact, to }) => [
    { lane: 'place', place: at, how: 'read', artifacts: [artifact] },
    replaces,
    ...(to.kind === 'server' && to.safety ? [copyBefore(to.safety)] : []),
  ],
  undo: () => [replaces],
  // What is restarted cannot be backed up or replaced meanwhile.
  restart: () => [replaces],
  prune: ({ at }) => [{ lane: 'place', place: at, how: 'write', spares: [] }],
  // Counting disturbs nothing; what restores have put aside is guarded where it is removed (services/safety.ts).
  estimate: () => [],
  tidy: () => [],
  learn: ({ at, artifacts }) => [{ lane: 'place', place: at, how: 'read', artifacts }],
  // Of the catalogue only its own engine knows.
  catalogue: () => [],
}

/** A copy of what is replaced goes there first; nothing there is removed by it. */
function copyBefore({ path }: SafetyShelf): Use {
  return { lane: 'place', place: { path, name: path }, how: 'write' }
}

export function usesOf<O extends Order>(order: O): readonly Use[] {
  return (lanes[order.kind] as (order: O) => readonly Use[])(order)
}
