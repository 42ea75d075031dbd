// Makes a drive ready for backups.
// Guarantees: nothing that is on the drive is touched; a folder that LabBook made is adopted as it is and only gets a marker; nothing is done when
// the medium is not what the person was shown.
import { randomUUID } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import { blocking, Failure } from '../api/failure.ts'
import type { Medium } from '../api/model.ts'
import { Name } from '../api/plan.ts'
import { fromErrno } from '../lib/files.ts'
import { fitness } from './fitness.ts'
import { hasMediumFolder, writeMarker } from './marker.ts'

/**
 * Creates the folder and its marker on `medium`, as listed and shown before; returns the medium as it is then. What speaks against it is shown
 * beforehand by `fitness`. Failures: those of `fitness`, `already-initialised`, `changed` {name}, `damaged` (a marker that does not read well is
 * not replaced), `bad-input` (name), those of the file system.
 */
export async function initialise(medium: Medium, options: { name: string; now?: number }): Promise<Medium> {
  const name = checkedName(options.name)
  const findings = fitness(medium).filter(({ code }) => code !== 'not-initialised')
  const stop = blocking(findings)
  if (stop) throw stop
  if (!(await isAsShown(medium))) throw new Failure('changed', { name: medium.path })
  const createdAt = new Date(options.now ?? Date.now()).toISOString()
  const marker = await writeMarker(medium.path, { arche: 1, id: randomUUID(), name, createdAt })
  return { ...medium, name: marker.name, id: marker.id, initialised: true }
}

/** The same folder state, and a file system of the same size: another stick at the same place is not what was agreed to. */
async function isAsShown(medium: Medium): Promise<boolean> {
  try {
    const { blocks, bsize } = await statfs(medium.path)
    const sameSize = medium.size === undefined || blocks * bsize === medium.size
    return sameSize && (await hasMediumFolder(medium.path)) === medium.initialised
  } catch (error) {
    throw fromErrno(error, { path: medium.path })
  }
}

function checkedName(name: string): string {
  const checked = Name.safeParse(name)
  if (checked.success && !/\p{Cc}/u.test(checked.data)) return checked.data
  throw new Failure('bad-input', { name, reason: name })
}
