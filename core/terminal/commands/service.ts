// `arche service …`: the engine without window or terminal, for machines where nobody logs in; and the words for the systemd units that keep it running.
// Guarantees: a second service, window or terminal on the same data folder is a client of the one that works, never a second scheduler; SIGTERM
// cancels what runs in good order. Units are written and removed without an engine: an administrator does it for another user, whose data folder is
// not to be opened, and the service that is started finds the folder free. What is told to systemd: core/systemd/service.ts.
import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '../../api/failure.ts'
import type { Run } from '../../api/model.ts'
import type { ServiceStep } from '../../api/service.ts'
import { describe } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import { installService, removeService, type ServicePlace, servicePlace, serviceUnit } from '../../systemd/service.ts'
import { possibleUser } from '../../systemd/unit.ts'
import type { EngineAccess } from '../connection.ts'
import { exitCodes } from '../exit-codes.ts'
import { finish } from '../finish.ts'
import { facts } from '../layout.ts'
import { absolute } from '../names.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'

/** Milliseconds before an engine that could not be opened, and one that has ended, is opened again. */
const pause = 2_000
const again = 200

/** The engine, until SIGTERM or Ctrl-C. While another process owns the data folder it stands by. */
export async function serviceRun(session: Session): Promise<number> {
  const { interrupts, output } = session
  const leaving = interrupts.signal
  while (!leaving.aborted) {
    const engine = await opened(session)
    if (!engine) continue
    const close = () => void engine.close()
    leaving.addEventListener('abort', close, { once: true })
    if (leaving.aborted) close()
    output.note(output.t(engine.owned ? 'terminal.service.works' : 'terminal.service.stands-by'))
    await Promise.all([engine.closed, tellRuns(engine, session)])
    leaving.removeEventListener('abort', close)
    // An owner that ends just while we connect to it must not make us ask in a tight loop.
    await wait(again, undefined, { signal: leaving }).catch(() => undefined)
  }
  output.note(output.t('terminal.service.ended'))
  return finish(session, 'service run', {})
}

/** Undefined: somebody owns the folder who does not answer yet, or not any more. */
async function opened(session: Session): Promise<EngineAccess | undefined> {
  try {
    return await session.serve()
  } catch (error) {
    if (!(error instanceof Failure) || (error.code !== 'locked' && error.code !== 'engine-gone')) throw error
    session.output.note(describe(error, session.output.language).text)
    await wait(pause, undefined, { signal: session.interrupts.signal }).catch(() => undefined)
    return undefined
  }
}

/** A line for each run that begins or ends, for the journal; until the stream ends. */
async function tellRuns(engine: EngineAccess, { output }: Session): Promise<void> {
  const { t, note } = output
  const known = new Map<string, Run['outcome'] | 'running'>()
  let first = true
  try {
    const client = await engine.connect()
    for await (const { changes } of await client.app.follow({})) {
      for (const one of changes.runs?.toReversed() ?? []) {
        const now = one.outcome ?? 'running'
        if (known.get(one.id) === now) continue
        known.set(one.id, now)
        if (first) continue
        const outcome = t(`common.outcome.${now}`)
        note(`${t(`common.kind.${one.kind}`)} — ${visible(one.subject)}: ${outcome}`)
        if (one.failure) note(describe(one.failure, output.language).text)
      }
      first = false
    }
  } catch (error) {
    // The engine is gone, which `closed` tells too.
    if (!(error instanceof Failure)) throw error
  }
}

export interface ServiceOptions {
  system?: boolean
  user?: string
  /** Write the units there, and change nothing of the system. */
  out?: string
}

/** The service that the options name. Users and paths that cannot be are the command line's fault. */
async function placeOf({ system, user, out }: ServiceOptions): Promise<ServicePlace> {
  if ((system === true) !== (user !== undefined)) throw new UsageError('service-user')
  if (user !== undefined && !possibleUser(user)) throw impossible('--user', user)
  try {
    return await servicePlace({
      ...(user !== undefined && { user }),
      ...(out !== undefined && { folder: absolute(out) }),
    })
  } catch (error) {
    throw user !== undefined && error instanceof Failure && error.code === 'not-found'
      ? impossible('--user', user, error)
      : error
  }
}

function impossible(name: string, value: string, cause?: unknown): UsageError {
  return new UsageError('bad-value', { name, value: visible(value), command: 'arche service' }, { cause })
}

export async function serviceInstall(session: Session, options: ServiceOptions): Promise<number> {
  const { t, say } = session.output
  const place = await placeOf(options)
  const { folder, name } = place
  const program = { node: process.execPath, program: await realpath(resolve(process.argv[1] ?? '')) }
  const filesOnly = options.out !== undefined
  const { paths, steps } = await installService(place, program, { filesOnly }).catch((error: unknown) => {
    const path = error instanceof Failure && error.code === 'bad-input' ? error.details.path : undefined
    throw path === undefined ? error : impossible('path', String(path), error)
  })
  for (const path of paths) say(t('terminal.service.written', { path: visible(path) }))
  if (filesOnly) return finish(session, 'service install', { folder, name })
  return reported(session, 'service install', steps, { folder, name }, 'terminal.service.installed')
}

export async function serviceRemove(session: Session, options: ServiceOptions): Promise<number> {
  const { t, say } = session.output
  const place = await placeOf(options)
  const { name } = place
  const removed = await removeService(place, { filesOnly: options.out !== undefined })
  if (!removed) return finish(session, 'service remove', { name }, t('terminal.service.none'))
  for (const path of removed.paths) say(t('terminal.service.gone', { path: visible(path) }))
  return reported(session, 'service remove', removed.steps, { name }, 'terminal.service.removed')
}

/** What the system did not do is named, to be typed by hand; then the exit code says "not everything". */
function reported(
  session: Session,
  command: string,
  done: readonly ServiceStep[],
  data: Readonly<Record<string, unknown>>,
  sentence: string,
): number {
  const { output } = session
  const left = done.filter((step) => step.problem !== undefined)
  if (left.length === 0) return finish(session, command, { ...data, steps: done }, output.t(sentence))
  for (const { command: typed, problem = '' } of left)
    output.note(output.t('terminal.service.by-hand', { command: visible(typed), problem: visible(problem) }))
  output.emit('result', { command, outcome: 'warning', exitCode: exitCodes.warning, ...data, steps: done })
  return exitCodes.warning
}

export async function serviceStatus(session: Session, options: ServiceOptions): Promise<number> {
  const { output } = session
  const place = await placeOf(options)
  const { folder, name, home } = place
  const unit = await serviceUnit(place)
  const lines: [string, string][] = [[output.t('terminal.service.fact.unit'), unit ? visible(unit.path) : '—']]
  for (const what of ['service', 'timer', 'linger'] as const)
    if (unit?.[what] !== undefined) lines.push([output.t(`terminal.service.fact.${what}`), visible(unit[what])])
  lines.push([output.t('terminal.status.data'), visible(home)])
  if (!unit) output.say(output.t('terminal.service.none'))
  for (const line of facts(lines)) output.say(line)
  const path = join(folder, `${name}.service`)
  return finish(session, 'service status', { ...unit, installed: unit !== undefined, path, name, home })
}
