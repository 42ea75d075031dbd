// What was done and how it ended: one append-only file of JSON lines (`history.jsonl`), the last line of a run wins; and one log per run.
// Guarantees: the start and the end of a run are on the disk when `start` and `end` resolve; damaged or torn lines never cost another record;
// a start without an end found when opening becomes `abandoned`. In memory is only where each run's last line lies and what filters ask first, and ends that could not be written
// (`hold`): they are given like others, and written with the next line that can be.
// Never deletes. Only the owner of the data folder may open it (ownership.ts).
import { join } from 'node:path'
import { z } from 'zod'
import { Failure, toProblem } from '../api/failure.ts'
import { type LogLine, Run } from '../api/model.ts'
import { fits, fitsKey, keyOf, type RunFilter, type RunKey } from '../api/run-filter.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { linesOf, openLines, type Place, parseLine } from '../lib/lines.ts'
import { privateFolder } from '../lib/private-folder.ts'
import { openRunLog, type RunLog, readRunLog } from './run-log.ts'

export interface History {
  /** Runs that had not ended when the history was opened; they are `abandoned` now. */
  readonly abandoned: readonly Run[]
  /** How many unreadable lines were skipped when it was opened. */
  readonly damaged: number
  /** Durable once resolved, as are `end` and `update`. */
  start(run: Run): Promise<void>
  end(run: Run): Promise<void>
  /** After `end` has failed: gives the run as people are to be told of it, and remembers it until it can be written. Never fails. */
  hold(run: Run, error: unknown): Run
  /** A later fact about a run, e.g. that its safety copy was put back. */
  update(run: Run): Promise<void>
  /** Newest start first; only those before run `before`, if given (unknown: Failure `not-found`), that fit the filter. Failure `cancelled` when the signal says so: words are sought in all. */
  latest(limit: number, before?: string, filter?: RunFilter, signal?: AbortSignal): Promise<Run[]>
  find(id: string): Promise<Run | undefined>
  /** The log of a run, to add to. One at a time for each run; close it. */
  log(id: string): RunLog
  /** A page of a run's log. */
  lines(id: string, from: number, limit: number): Promise<{ lines: LogLine[]; total: number }>
  close(): Promise<void>
}

interface Entry {
  place: Place
  /** Position in the order of starts. */
  readonly index: number
  key: RunKey
}

/** Opens the history of a data folder. `now` in ms since 1970. `see` gets every line: those of the file in order, then each one that is added. */
export async function openHistory(
  home: string,
  now: () => number = Date.now,
  see: (run: Run) => void = () => undefined,
): Promise<History> {
  const path = join(home, 'history.jsonl')
  const folder = await privateFolder(join(home, 'runs'))
  const { entries, order, damaged } = await scan(path, see)
  const file = await openLines(path)
  const logs = new Map<string, RunLog>()
  const held = new Map<string, { readonly run: Run; readonly told: Run }>()

  async function append(runs: readonly Run[]): Promise<void> {
    // A line that the schema refuses would be skipped at the next opening: better an error now.
    const checked = [...[...held.values()].map(({ run }) => run), ...runs.map((run) => Run.parse(run))]
    const places = await file.append(checked, { flush: true })
    for (const { id } of checked) held.delete(id)
    checked.forEach((run, at) => {
      note(run, places[at] as Place, entries, order)
      see(run)
    })
  }

  async function read(id: string): Promise<Run | undefined> {
    const entry = entries.get(id)
    return held.get(id)?.told ?? (entry && Run.parse(parseLine(await file.read(entry.place))))
  }

  const isOpen = (id: string) => entries.get(id)?.key.outcome === undefined
  const left = (await pick(order.filter(isOpen), order.length, order.length, read)).reverse()
  const abandoned = left.map((run): Run => ({ ...run, outcome: 'abandoned', endedAt: later(run.startedAt, now()) }))
  if (abandoned.length > 0) await append(abandoned)

  const logPath = (id: string) => join(folder, `${z.uuid().parse(id)}.jsonl`)

  return {
    abandoned,
    damaged,
    start: (run) => append([run]),
    end: (run) => append([run]),
    hold(run, error) {
      const told = unwritten(run, error)
      held.set(run.id, { run, told })
      see(told)
      return told
    },
    update: (run) => append([run]),
    async latest(limit, before, filter = {}, signal) {
      const entry = before === undefined ? undefined : entries.get(before)
      if (before !== undefined && !entry) throw new Failure('not-found', { name: before })
      const wanted = async (id: string) => {
        if (signal) throwIfCancelled(signal)
        const told = held.get(id)?.told
        const key = told ? keyOf(told) : entries.get(id)?.key
        const run = key && fitsKey(key, filter) ? await read(id) : undefined
        return run && fits(run, filter) ? run : undefined
      }
      return pick(order, entry?.index ?? order.length, limit, wanted)
    },
    find: read,
    log(id) {
      const log = openRunLog(logPath(id))
      const tracked: RunLog = {
        ...log,
        close() {
          if (logs.get(id) === tracked) logs.delete(id)
          return log.close()
        },
      }
      logs.set(id, tracked)
      return tracked
    },
    async lines(id, from, limit) {
      await logs.get(id)?.flush()
      return readRunLog(logPath(id), from, limit)
    },
    async close() {
      if (held.size > 0) await append([]).catch(() => undefined)
      await Promise.all([...logs.values()].map((log) => log.close()))
      await file.close()
    },
  }
}

/** The last of what lies before `end` that is wanted, at most so many; the last one first. */
async function pick<T>(
  order: readonly string[],
  end: number,
  limit: number,
  wanted: (id: string) => Promise<T | undefined>,
): Promise<T[]> {
  const found: T[] = []
  for (let at = Math.min(end, order.length) - 1; at >= 0 && found.length < limit; at -= 1) {
    const one = await wanted(order[at] as string)
    if (one !== undefined) found.push(one)
  }
  return found
}

/** All runs that fit, newest start first, read page by page: for whoever does not know how far back to look. */
export async function* backwards(
  history: Pick<History, 'latest'>,
  filter: RunFilter = {},
): AsyncGenerator<Run, void, void> {
  for (let before: string | undefined; ; ) {
    const runs = await history.latest(500, before, filter)
    yield* runs
    before = runs.at(-1)?.id
    if (before === undefined) return
  }
}

/** A run whose end is known here only: that is what is wrong, unless it has failed anyway. */
function unwritten(run: Run, error: unknown): Run {
  if (run.outcome === 'error') return run
  const { path = '', reason = '', message } = toProblem(error).details
  const details = { path, reason: message ?? (reason === 'ENOSPC' ? 'disk-full' : reason), outcome: run.outcome ?? '' }
  return { ...run, outcome: 'error', failure: { code: 'end-unwritten', details } }
}

interface Index {
  readonly entries: Map<string, Entry>
  readonly order: string[]
  damaged: number
}

async function scan(path: string, see: (run: Run) => void): Promise<Index> {
  const index: Index = { entries: new Map(), order: [], damaged: 0 }
  for await (const { text, place } of linesOf(path)) {
    if (text === '') continue
    const run = Run.safeParse(parseLine(text))
    if (!run.success) {
      index.damaged += 1
      continue
    }
    note(run.data, place, index.entries, index.order)
    see(run.data)
  }
  return index
}

function note(run: Run, place: Place, entries: Map<string, Entry>, order: string[]): void {
  const key = keyOf(run)
  const entry = entries.get(run.id)
  if (entry) {
    entry.place = place
    entry.key = key
  } else {
    entries.set(run.id, { place, key, index: order.length })
    order.push(run.id)
  }
}

/** The later of the two: a clock set back must not make a run end before it began. */
function later(startedAt: string, now: number): string {
  return new Date(Math.max(Date.parse(startedAt), now)).toISOString()
}
