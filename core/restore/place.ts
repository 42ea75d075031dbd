// From the staging folders into place, by renames: a whole folder where nothing stands yet, else folder by folder and file by file.
// Guarantees: a line in the journal, on disk, before each rename; nothing that exists is overwritten or deleted: it is moved to the safety
// folder, left alone, or given company, as the plan says; a symlink at the destination is never followed.
// Does not undo: see reverse.ts.
import { chmodSync, mkdirSync, renameSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Failure } from '../api/failure.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { fsPath } from '../lib/paths.ts'
import { pauses } from '../lib/pause.ts'
import type { Context } from '../sources/source.ts'
import { identity, look, makeFolders, namesIn, onDisk } from './disk.ts'
import type { Deed, JournalWriter, Zone } from './journal.ts'
import { metadataOf } from './metadata.ts'
import { freeName } from './names.ts'
import { below, Destination } from './places.ts'
import type { RestorePlan } from './plan.ts'
import type { Stage } from './stage.ts'

/** Deeds per flush of the journal: one flush costs about as much as a few hundred renames. */
const batch = 256

export interface Placed {
  replaced: number
  skipped: number
  renamed: number
  /** Folders in which replaced files are kept. */
  readonly safety: Set<string>
}

export class Placer {
  readonly result: Placed = { replaced: 0, skipped: 0, renamed: 0, safety: new Set() }
  readonly #plan: RestorePlan
  readonly #journal: JournalWriter
  readonly #ctx: Context
  readonly #renamed = new Map<string, string>()
  readonly #pause = pauses()
  #waiting: Deed[] = []

  constructor(plan: RestorePlan, journal: JournalWriter, ctx: Context) {
    this.#plan = plan
    this.#journal = journal
    this.#ctx = ctx
  }

  async place(zones: readonly Zone[]): Promise<void> {
    for (const [index, zone] of zones.entries()) await this.#zone(zone, index)
    await this.#carryOut()
  }

  async #zone(zone: Zone, index: number): Promise<void> {
    const top = `${zone.staging}/new`
    if (!look(top)) return
    for (const missing of missingParents(zone)) await this.#add({ is: 'make', zone: index, path: missing })
    const levels: { from: string; to: string; names: string[] }[] = []
    const visit = async (from: string, to: string) => {
      const ours = look(from)
      const theirs = look(to)
      if (!ours) throw new Failure('changed', { name: from })
      if (!theirs) await this.#add({ is: 'place', zone: index, path: to, from })
      else if (!ours.isDirectory() || !theirs.isDirectory()) await this.#conflict(zone, index, from, to)
      else {
        await this.#add({ is: 'meta', zone: index, path: to, before: metadataOf(theirs) })
        levels.push({ from, to, names: namesIn(from).reverse() })
      }
    }
    await visit(top, zone.target)
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const name = level.names.pop()
      if (name === undefined) levels.pop()
      else await visit(below(level.from, name), below(level.to, name))
    }
  }

  async #conflict(zone: Zone, index: number, from: string, to: string): Promise<void> {
    if (this.#plan.existing === 'skip') {
      this.result.skipped += 1
      return
    }
    if (this.#plan.existing === 'keep-both') {
      const folder = look(from)?.isDirectory() ?? false
      const taken = (name: string) =>
        look(below(dirname(to), name)) !== undefined || look(below(dirname(from), name)) !== undefined
      const path = below(dirname(to), freeName(basename(to), folder, taken))
      if (folder) this.#renamed.set(to, path)
      this.result.renamed += 1
      await this.#add({ is: 'place', zone: index, path, from })
      return
    }
    this.result.replaced += 1
    this.result.safety.add(zone.safety)
    const kept = below(zone.safety, to.slice(zone.base.length).replace(/^\//, ''))
    await this.#add({ is: 'save', zone: index, path: to, to: kept })
    await this.#add({ is: 'place', zone: index, path: to, from })
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
    this.#journal.write(deeds)
    for (const deed of deeds) {
      if (this.#pause.due()) await this.#pause.take()
      carryOut(deed)
      this.#ctx.report.advance(0, deed.path)
    }
  }

  /** Permissions and times of folders, the deepest first: only now does nothing more change inside them. */
  async finishFolders(stage: Stage): Promise<void> {
    const destination = new Destination(this.#plan.places)
    for (const folder of stage.folders.backwards()) {
      if (this.#pause.due()) await this.#pause.take()
      const standing = destination.see(folder.path, 'folder')
      const moved = this.#movedTo(standing.at)
      const at = moved ?? standing.at
      const stat = moved !== undefined || standing.verdict === 'merge' ? look(at) : undefined
      if (!stat?.isDirectory()) continue
      const ours = identity(stat) === folder.inode
      const mayChange = moved === undefined && !folder.way && this.#plan.existing !== 'skip'
      if (ours || mayChange) stage.metadata.folder(at, folder)
      this.#ctx.report.advance(0, at)
    }
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

/** Folders between the base and the target that do not exist, outermost first. */
function missingParents({ base, target }: Zone): string[] {
  const missing: string[] = []
  if (target === base) return missing
  for (let path = dirname(target); path !== base && path !== dirname(path); path = dirname(path)) missing.unshift(path)
  return missing
}

function carryOut(deed: Deed): void {
  const { path } = deed
  if (deed.is === 'meta') return
  if (deed.is === 'make') {
    onDisk(path, () => {
      mkdirSync(fsPath(path))
      chmodSync(fsPath(path), 0o755)
    })
    return
  }
  const [from, to] = deed.is === 'save' ? [path, deed.to] : [deed.from, path]
  if (deed.is === 'save') makeFolders(dirname(to))
  // rename(2) would silently replace a file that somebody has put there since.
  if (look(to)) throw new Failure('changed', { name: to })
  onDisk(path, () => renameSync(fsPath(from), fsPath(to)))
}
