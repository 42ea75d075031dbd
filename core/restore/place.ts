// From the staging folders into place, by renames: a whole folder where nothing stands yet, else folder by folder and file by file.
// Guarantees: a line in the journal, on disk, before each rename; nothing that exists is overwritten or deleted: it is moved to the safety
// folder, left alone, or given company, as the plan says; a symlink at the destination is never followed, nor another folder filled or given
// permissions than the one that was looked at, whatever is exchanged meanwhile (held.ts).
// Does not undo: see reverse.ts.
import type { BigIntStats } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Failure } from '../api/failure.ts'
import type { Parent } from '../archive/archive.ts'
import { readAttributes } from '../lib/attributes.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { libc } from '../lib/libc.ts'
import { pauses } from '../lib/pause.ts'
import type { Context } from '../lib/work.ts'
import { below, identity } from './disk.ts'
import type { HeldTree } from './held.ts'
import type { Deed, JournalWriter, Line, Zone } from './journal.ts'
import { type Metadata, type MetadataKeeper, metadataOf } from './metadata.ts'
import { freeName } from './names.ts'
import { ancestorsOf } from './places.ts'
import type { RestorePlan } from './plan.ts'
import type { Stage } from './stage.ts'
import type { Zones } from './zones.ts'

/** Deeds per flush of the journal: one flush costs about as much as a few hundred renames. */
const batch = 256

export interface Placed {
  replaced: number
  skipped: number
  renamed: number
  /** Folders in which replaced files are kept. */
  readonly safety: Set<string>
}

/** rwxr-xr-x */
const ordinary = 0o755

interface MadeParent {
  readonly tree: HeldTree
  /** It was there when the backup was made: of what kind matters. */
  readonly asked: boolean
  /** Undefined where it is not known what it was. */
  readonly wanted: Omit<Parent, 'path'> | undefined
  /** Which folder was made. */
  made?: string | undefined
}

interface Conflict {
  readonly zone: Zone
  readonly index: number
  readonly from: string
  readonly to: string
  readonly inside: string | undefined
}

/** A folder on both sides, whose members are being looked at. */
interface Level {
  readonly from: string
  readonly to: string
  /** Which folder `to` is. */
  readonly folder: string
  readonly names: string[]
}

export class Placer {
  readonly result: Placed = { replaced: 0, skipped: 0, renamed: 0, safety: new Set() }
  readonly #plan: RestorePlan
  readonly #journal: JournalWriter
  readonly #ctx: Context
  readonly #zones: Zones
  readonly #renamed = new Map<string, string>()
  readonly #pause = pauses()
  /** Folders above the places that were made. */
  readonly #parents = new Map<string, MadeParent>()
  /** Safety folders that were made. */
  readonly #made = new Set<string>()
  #waiting: Deed[] = []

  constructor(plan: RestorePlan, zones: Zones, journal: JournalWriter, ctx: Context) {
    this.#plan = plan
    this.#zones = zones
    this.#journal = journal
    this.#ctx = ctx
  }

  async place(): Promise<void> {
    for (const [index, zone] of this.#zones.all.entries()) await this.#zone(zone, index)
    await this.#carryOut()
  }

  async #zone(zone: Zone, index: number): Promise<void> {
    const top = `${zone.staging}/new`
    const tree = this.#tree(index)
    if (!tree.look(top)) return
    const above = this.#zones.aboveOf(index)
    for (const [up, path] of missingParents(zone)) {
      // Places may share them.
      if (this.#parents.has(path)) continue
      this.#parents.set(path, { tree, asked: above !== undefined, wanted: above?.[up] })
      await this.#add({ is: 'make', zone: index, path })
    }
    const levels: Level[] = []
    const visit = async (from: string, to: string, inside?: string) => {
      const ours = tree.look(from)
      const theirs = tree.look(to)
      if (!ours) throw new Failure('changed', { name: from, path: from })
      if (!theirs) await this.#add({ is: 'place', zone: index, path: to, from, inside })
      else if (!ours.isDirectory() || !theirs.isDirectory()) await this.#conflict({ zone, index, from, to, inside })
      else {
        const folder = identity(theirs)
        await this.#add({ is: 'meta', zone: index, path: to, before: metadataBefore(tree, to, theirs), folder })
        levels.push({ from, to, folder, names: tree.names(from).reverse() })
      }
    }
    await visit(top, zone.target)
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const name = level.names.pop()
      if (name === undefined) levels.pop()
      else await visit(below(level.from, name), below(level.to, name), level.folder)
    }
  }

  async #conflict({ zone, index, from, to, inside }: Conflict): Promise<void> {
    const tree = this.#tree(index)
    if (this.#plan.existing === 'skip') {
      this.result.skipped += 1
      return
    }
    if (this.#plan.existing === 'keep-both') {
      const folder = tree.look(from)?.isDirectory() ?? false
      const taken = (name: string) =>
        tree.look(below(dirname(to), name)) !== undefined || tree.look(below(dirname(from), name)) !== undefined
      const path = below(dirname(to), freeName(basename(to), folder, taken))
      if (folder) this.#renamed.set(to, path)
      this.result.renamed += 1
      await this.#add({ is: 'place', zone: index, path, from, inside })
      return
    }
    this.result.replaced += 1
    this.result.safety.add(zone.safety)
    const kept = below(zone.safety, to.slice(zone.base.length).replace(/^\//, ''))
    await this.#add({ is: 'save', zone: index, path: to, to: kept, inside })
    await this.#add({ is: 'place', zone: index, path: to, from, inside })
  }

  async #add(deed: Deed): Promise<void> {
    this.#waiting.push(deed)
    if (this.#waiting.length >= batch) await this.#carryOut()
  }

  async #carryOut(): Promise<void> {
    const deeds = this.#waiting
    this.#waiting = []
    if (deeds.length === 0) return
    throwIfCancelled(this.#ctx.signal)
    this.#journal.write([...this.#safetyFor(deeds), ...deeds])
    for (const deed of deeds) {
      if (this.#pause.due()) await this.#pause.take()
      const tree = this.#tree(deed.zone)
      carryOut(deed, tree)
      const parent = deed.is === 'make' && this.#parents.get(deed.path)
      if (parent) parent.made = tree.folder(deed.path)?.identity
      this.#ctx.report.advance(0, deed.path)
    }
  }

  /** Makes the safety folders that are needed for the first time; how to know them again. */
  #safetyFor(deeds: readonly Deed[]): Line[] {
    const lines: Line[] = []
    for (const deed of deeds) {
      const { safety } = this.#zones.all[deed.zone] as Zone
      if (deed.is !== 'save' || this.#made.has(safety)) continue
      this.#made.add(safety)
      lines.push({ is: 'own', path: safety, inode: this.#tree(deed.zone).makeOwn(safety, 'shared').inode })
    }
    return lines
  }

  #tree(zone: number): HeldTree {
    return this.#zones.trees[zone] as HeldTree
  }

  /** Permissions and times of folders, the deepest first: only now does nothing more change inside them. */
  async finishFolders(stage: Stage): Promise<void> {
    for (const folder of stage.folders.backwards()) {
      if (this.#pause.due()) await this.#pause.take()
      const target = this.#zones.target(folder.path)
      const moved = this.#movedTo(target)
      const at = moved ?? target
      const held = this.#zones.treeOf(folder.path)?.folder(at)
      if (!held) continue
      const ours = held.identity === folder.inode
      const mayChange = moved === undefined && !folder.way && this.#plan.existing !== 'skip'
      if (ours || (mayChange && held.identity === folder.there)) stage.metadata.folder(held.way, folder, at)
      this.#ctx.report.advance(0, at)
    }
    this.#finishParents(stage.metadata)
  }

  /** The folders above that were made get what they had, and never more rights than those of an ordinary folder: the archive may be anybody's. */
  #finishParents(metadata: MetadataKeeper): void {
    for (const [path, { tree, wanted, made }] of [...this.#parents].reverse()) {
      const held = tree.folder(path)
      const stat = tree.look(path)
      if (!held || !stat || held.identity !== made) continue
      const mode = (wanted?.mode ?? ordinary) & ordinary
      metadata.folder(held.way, { ...metadataOf(stat), ...wanted, mode }, path)
    }
    const unknown = [...this.#parents].flatMap(([path, { wanted, asked }]) => (asked && !wanted ? [path] : []))
    if (unknown.length > 0) this.#ctx.report.warn({ code: 'parents-unknown', details: { path: unknown } })
  }

  /** Where a folder went that was placed under another name, or was inside one. */
  #movedTo(at: string): string | undefined {
    if (this.#renamed.size === 0) return undefined
    for (let end = at.length; end > 0; end = at.lastIndexOf('/', end - 1)) {
      const other = this.#renamed.get(at.slice(0, end))
      if (other !== undefined) return other + at.slice(end)
    }
    return undefined
  }
}

/** With its attributes, which a restore may change. */
function metadataBefore(tree: HeldTree, path: string, stat: BigIntStats): Metadata {
  const [system, held] = [libc(), tree.folder(path)]
  if (!system || !held) return metadataOf(stat)
  const { attributes = { extended: [] } } = readAttributes(system, { folder: held.way }, nobody)
  return { ...metadataOf(stat), attributes }
}

/** Names are for other machines. */
const nobody = { user: () => undefined, group: () => undefined }

/** Folders between the base and the target that do not exist, outermost first, and how many steps each is above the target's own. */
function missingParents({ base, target }: Zone): [number, string][] {
  if (target === base) return []
  const above = ancestorsOf(target)
  return [...above.entries()].slice(0, above.includes(base) ? above.indexOf(base) : above.length).reverse()
}

function carryOut(deed: Deed, tree: HeldTree): void {
  const { path } = deed
  if (deed.is === 'meta') return
  if (deed.is === 'make') {
    // Nobody else looks in until it is known who may.
    tree.makeFolder(path, 0o700)
    return
  }
  // Another folder has been put there since it was looked at.
  if (deed.inside !== undefined && tree.folder(dirname(path))?.identity !== deed.inside)
    throw new Failure('changed', { name: dirname(path), path: dirname(path) })
  const [from, to] = deed.is === 'save' ? [path, deed.to] : [deed.from, path]
  if (deed.is === 'save') tree.makeFolders(dirname(to))
  // rename(2) would silently replace a file that somebody has put there since.
  if (tree.look(to)) throw new Failure('changed', { name: to, path: to })
  tree.rename(from, to, path)
}
