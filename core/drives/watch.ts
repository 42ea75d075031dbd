// Tells when media come, go or change, within three seconds.
// Guarantees: one listing at a time; a listing that fails is reported once and tried again; nothing grows with time.
// Node has no event for mounts: drivelist is asked every 1.5 s, and at once when Linux's own tables (mounts, partitions) have changed. While the program
// works these alone are looked at: starting a program copies the tables of this one's memory, and each of its threads pays for it afterwards.
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { type Problem, toProblem } from '../api/failure.ts'
import type { Medium } from '../api/model.ts'
import { listMedia } from './media.ts'

/** Milliseconds between two listings, and between two looks at the tables. */
const listEvery = 1500
const lookEvery = 500

/** Pause between full listings while a run goes on, in ms: for changes that the system's tables do not show (a label, a listing that works again). */
const listEveryAtWork = 15_000

/** A mount that is too busy to answer is shown as it was, rather than holding up the news of the others. */
const patience = 1000

export interface Watch {
  /** Ends the watch. */
  readonly signal: AbortSignal
  /** The listing failed, in a way that differs from the last time; `undefined`: it works again. */
  readonly onProblem?: (problem: Problem | undefined) => void
  /** Whether a run is going on. */
  readonly working?: () => boolean
}

/** Calls `onChange` with the media connected now, at once and after each change. Resolves when the signal is aborted. */
export async function watchDrives(onChange: (media: Medium[]) => void, watch: Watch): Promise<void> {
  const { signal, onProblem } = watch
  let shown: string | undefined
  let trouble: string | undefined
  while (!signal.aborted) {
    const tables = await readTables()
    const found = await listed(signal)
    if (signal.aborted) return
    const problem = 'problem' in found ? found.problem : undefined
    if (problem?.code !== trouble) onProblem?.(problem)
    trouble = problem?.code
    if ('media' in found) {
      const now = JSON.stringify(found.media)
      if (now !== shown) onChange(found.media)
      shown = now
    }
    await quiet(tables, watch)
  }
}

async function listed(signal: AbortSignal): Promise<{ media: Medium[] } | { problem: Problem }> {
  try {
    return { media: await listMedia([], { signal, patience }) }
  } catch (error) {
    return { problem: toProblem(error) }
  }
}

/** Until the next listing is due, the tables differ, or the watch ends. */
async function quiet(tables: string, { signal, working = () => false }: Watch): Promise<void> {
  const due = () => (tables !== '' && working() ? listEveryAtWork : listEvery)
  for (let waited = 0; waited < due(); waited += lookEvery) {
    await wait(lookEvery, undefined, { signal }).catch(() => undefined)
    if (signal.aborted || (await readTables()) !== tables) return
  }
}

async function readTables(): Promise<string> {
  if (process.platform !== 'linux') return ''
  const texts = ['/proc/self/mountinfo', '/proc/partitions'].map((path) => readFile(path, 'latin1').catch(() => ''))
  return (await Promise.all(texts)).join('\0')
}
