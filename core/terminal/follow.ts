// Watching work that the engine does: a run until it has its outcome, or a long call.
// Guarantees: the first Ctrl-C cancels consistently and the end is waited for; further ones, and SIGTERM, wait some seconds only; a run's end is
// taken from the engine's state or the history, never guessed; where it cannot be known it is Failure `engine-gone` {run}.
// Does not print results: the commands do.
import { randomUUID } from 'node:crypto'
import { Failure } from '../api/failure.ts'
import type { LogLine, Progress, Run } from '../api/model.ts'
import type { Client } from './connection.ts'
import type { Session } from './session.ts'

/** Shows the progress of a run until it has ended; `look` is called with it too. The returned run has an outcome. */
export async function followRun(session: Session, id: string, look?: () => Promise<void>): Promise<Run> {
  const { output, progress, interrupts } = session
  const client = session.current() ?? (await session.client())
  let latest: Progress | undefined
  const interrupted = (times: number) => {
    progress.end()
    const giveUp = interrupts.pressing.aborted
    const operation = operationName(session, latest)
    output.note(output.t(times > 1 ? 'terminal.interrupt.waiting' : 'terminal.interrupt.cancelling', { operation }))
    // Refused only where the run has ended in this very moment: its outcome is shown either way.
    if (times === 1 || giveUp) void client.run.cancel({ id, giveUp }).catch(() => undefined)
  }
  // Between the start of the run and here.
  if (interrupts.signal.aborted) interrupted(1)
  try {
    return await interrupts.during(interrupted, () =>
      untilEnded(client, id, async (now) => {
        latest = now
        progress.show(now)
        await look?.()
      }),
    )
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'engine-gone') throw error
    return await recovered(session, id, error)
  } finally {
    progress.end()
  }
}

/**
 * The run of an engine that has gone: one that ended just before is in the history. One that was interrupted, or a history that cannot be
 * read now, is Failure `engine-gone` {run}.
 */
async function recovered(session: Session, id: string, gone: Failure): Promise<Run> {
  const unknown = new Failure('engine-gone', { ...gone.details, run: id }, { cause: gone })
  const client = await session.client()
  const { run } = await client.run.show({ id, limit: 1 }).catch(() => ({ run: undefined }))
  if (run?.outcome === undefined || run.outcome === 'abandoned') throw unknown
  return run
}

/** How long after a run is no longer under way its end may be told, in ms. */
const late = 20_000

async function untilEnded(client: Client, id: string, see: (progress: Progress) => Promise<void>): Promise<Run> {
  const over = new AbortController()
  let timer: NodeJS.Timeout | undefined
  try {
    for await (const { changes } of await client.app.follow({}, { signal: over.signal })) {
      const active = changes.active?.find((one) => one.id === id)
      if (active) await see(active)
      const ended = changes.runs?.find((run) => run.id === id && run.outcome !== undefined)
      if (ended) return ended
      if (changes.active && !active) timer ??= setTimeout(() => over.abort(), late)
    }
  } catch (error) {
    if (!over.signal.aborted) throw error
  } finally {
    clearTimeout(timer)
  }
  throw new Failure('engine-gone')
}

function operationName(session: Session, progress: Progress | undefined): string {
  return session.output.t(`common.operation.${progress?.operation ?? 'finish'}`)
}

/**
 * A call that takes long and is no run (counting, reading a backup): shows its progress; Ctrl-C ends it as Failure `cancelled`. The call names its `job`, and only
 * the progress of that one is shown: others may look into backups at the same time.
 */
export async function watchCall<T>(
  session: Session,
  call: (client: Client, signal: AbortSignal, job: string) => Promise<T>,
): Promise<T> {
  const client = await session.client()
  const done = new AbortController()
  const job = randomUUID()
  const watching = watch(session, client, job, done.signal)
  try {
    return await call(client, session.interrupts.signal, job)
  } catch (error) {
    session.interrupts.check()
    throw error
  } finally {
    done.abort()
    await watching
    session.progress.end()
  }
}

/** Progress is a courtesy: whatever ends this stream ends the call that is watched too, and is reported there. */
async function watch(session: Session, client: Client, job: string, signal: AbortSignal): Promise<void> {
  try {
    for await (const { changes } of await client.app.follow({}, { signal })) {
      if (signal.aborted) return
      const ours = changes.active?.find((active) => active.id === job)
      if (ours) session.progress.show(ours)
    }
  } catch {
    return
  }
}

/** The lines of a run's log, in order. */
export async function* logOf(client: Client, id: string): AsyncGenerator<LogLine, void, void> {
  for (let from = 0; ; ) {
    const { lines, total } = await client.run.show({ id, from })
    yield* lines
    from += lines.length
    if (lines.length === 0 || from >= total) return
  }
}
