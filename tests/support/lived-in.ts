// A data folder and drives as months of use leave them, without making hundreds of backups: lines of the history, files on the drive that have the
// names and sizes of backups, their checksums' lines, and names in the search. What lists, curves, calendars and the search show is then there.
// Does not make backups: these files cannot be opened. Only while no Arche uses the data folder.
import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { ArchiveEntry, Run } from '../../core/api/model.ts'
import { Catalogue } from '../../core/catalogue/catalogue.ts'
import { Feed } from '../../core/catalogue/feed.ts'
import { merge } from '../../core/catalogue/merge.ts'
import type { Held } from '../../core/catalogue/row.ts'
import { artifactName } from '../../core/targets/names.ts'

type At = NonNullable<Run['medium']>

/** A backup that was made, or was to be made. Times in ms since 1970, sizes in bytes. */
export interface Past {
  readonly plan: { readonly id: string; readonly name: string }
  readonly medium: At
  readonly time: number
  readonly outcome: 'success' | 'warning' | 'error' | 'missed'
  readonly seconds: number
  readonly files: number
  readonly bytes: number
  readonly stored: number
  /** It was removed since, by the plan's rules. */
  readonly gone?: boolean
}

/** Where backups lie on a place. */
const shelfOf = (medium: At) => join(medium.path, 'SIGL_sauvegardes')

const artifactOf = ({ plan, time }: Past) => artifactName(plan.name, new Date(time))

const isMade = ({ outcome }: Past) => outcome === 'success' || outcome === 'warning'

const digestOf = (past: Past) => createHash('sha256').update(artifactOf(past)).digest('hex')

function runOf(past: Past): Run {
  const { plan, medium, time, outcome, seconds, files, bytes, stored } = past
  const startedAt = new Date(time).toISOString()
  const made = isMade(past)
  return {
    id: randomUUID(),
    kind: 'backup',
    trigger: 'scheduled',
    planId: plan.id,
    subject: plan.name,
    medium,
    startedAt,
    endedAt: new Date(time + (outcome === 'missed' ? 0 : seconds * 1000)).toISOString(),
    dueAt: startedAt,
    outcome,
    warnings: outcome === 'warning' ? 2 : 0,
    files: made ? files : 0,
    bytes: made ? bytes : 0,
    stored: made ? stored : 0,
    operations: [],
    ...(made ? { artifact: artifactOf(past), sha256: digestOf(past) } : {}),
    ...(outcome === 'error' ? { failure: { code: 'no-space', details: { path: medium.path } } } : {}),
  } as Run
}

/** Before all that the history has: what is there remains the newest. */
export function remember(home: string, pasts: readonly Past[]): void {
  const file = join(home, 'history.jsonl')
  const real = readFileSync(file, 'utf8')
  const ordered = pasts.toSorted((one, other) => one.time - other.time)
  writeFileSync(file, ordered.map((past) => `${JSON.stringify(runOf(past))}\n`).join(''))
  appendFileSync(file, real)
}

/** The files of the backups, which take the room that they say where the file system can keep it for them (`fallocate`), else none. */
export function layDown(pasts: readonly Past[], keepRoom = false): void {
  for (const past of pasts) {
    if (!isMade(past) || past.gone) continue
    const folder = shelfOf(past.medium)
    const path = join(folder, artifactOf(past))
    mkdirSync(folder, { recursive: true })
    if (keepRoom) execFileSync('fallocate', ['-l', String(past.stored), path])
    else {
      const file = openSync(path, 'w')
      ftruncateSync(file, past.stored)
      closeSync(file)
    }
    appendFileSync(join(folder, 'SHA256SUMS'), `${digestOf(past)}  ${artifactOf(past)}\n`)
  }
}

type Name = Pick<ArchiveEntry, 'path' | 'type' | 'size' | 'mtime'>

/** What the search knows of these backups, the oldest first: `names` are those in one of them. */
export async function catalogue(
  home: string,
  pasts: readonly Past[],
  host: string,
  names: (past: Past) => Iterable<Name>,
  roots: (past: Past) => Held['roots'] = () => [],
): Promise<void> {
  const known = await Catalogue.open({
    folder: join(home, 'catalogue'),
    merge: async (order) => merge(order, () => undefined),
    onBug: (error) => {
      throw error
    },
  })
  for (const past of pasts) {
    if (!isMade(past) || past.gone) continue
    const temp = join(home, `temp-${randomUUID()}`)
    mkdirSync(temp)
    const feed = new Feed(known.feeding(past.medium), temp)
    for (const name of names(past)) feed.add(name)
    feed.done(
      { name: artifactOf(past), size: past.stored, made: past.time, roots: roots(past) },
      { subject: past.plan.name, host },
    )
    rmSync(temp, { recursive: true })
    known.collect()
    await known.settled()
  }
}
