// The folders of a restore that was made earlier, held open for whoever takes it back or gives up what it replaced.
// Guarantees: a disk that is away, or another one at its mount point, is not taken for it; what bears the name of a staging or safety folder and is not
// the one that was made is `foreign`: nothing in it is touched.
import { Failure } from '../api/failure.ts'
import { HeldTree } from './held.ts'
import type { Journal } from './journal.ts'

export class Reached {
  /** Of each zone, in their order; zones of one base share them. */
  readonly trees: readonly HeldTree[]
  /** Paths of our own folders where something else stands by now. */
  readonly foreign: ReadonlySet<string>
  readonly #base: ReadonlyMap<string, HeldTree>

  private constructor(trees: readonly HeldTree[], foreign: ReadonlySet<string>, base: ReadonlyMap<string, HeldTree>) {
    this.trees = trees
    this.foreign = foreign
    this.#base = base
  }

  /** Failure `changed`: its disk is away, or its folder is another one. */
  static of(journal: Pick<Journal, 'zones' | 'own'>): Reached {
    const base = new Map<string, HeldTree>()
    const foreign = new Set<string>()
    try {
      const trees = journal.zones.map((zone) => {
        const tree = base.get(zone.base) ?? HeldTree.open(zone.base)
        base.set(zone.base, tree)
        const claimed = [zone.staging, zone.safety].map((path) => {
          const inode = journal.own?.get(path)
          // Made, and Arche was killed before it was noted: then it is empty.
          const claim =
            journal.own && inode === undefined ? (tree.look(path) ? 'foreign' : 'absent') : tree.claim(path, inode)
          if (claim === 'foreign') foreign.add(path)
          return claim
        })
        // FAT gives out inode numbers anew; our own folders are proof enough.
        const same = String(tree.stat.ino) === zone.inode || claimed.some((claim) => claim !== 'absent')
        if (!same) throw new Failure('changed', { name: zone.base, path: zone.base })
        return tree
      })
      return new Reached(trees, foreign, base)
    } catch (error) {
      for (const tree of base.values()) tree.close()
      throw error
    }
  }

  close(): void {
    for (const tree of this.#base.values()) tree.close()
  }
}

/** False while a disk is away: its base is not there, or another folder stands at its mount point. */
export function isReachable(journal: Pick<Journal, 'zones' | 'own'>): boolean {
  try {
    Reached.of(journal).close()
    return true
  } catch (error) {
    if (error instanceof Failure && error.code === 'changed') return false
    throw error
  }
}
