// `arche service …`: the engine without window or terminal, for machines where nobody logs in; and the systemd units that keep it running.
// Guarantees: a second service, window or terminal on the same data folder is a client of the one that works, never a second scheduler; SIGTERM
// cancels what runs in good order. Only files that Arche has written are replaced or removed.
// Linux with systemd only; elsewhere: Failure `tool-missing`.
import { mkdir, readFile, realpath, rm } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '../../api/failure.ts'
import type { Run } from '../../api/model.ts'
import { describe } from '../../api/text/text.ts'
import { visible } from '../../api/text/visible.ts'
import { dataFolderPath } from '../../config/config.ts'
import { errnoOf, fromErrno, writeDurably } from '../../lib/files.ts'
import { homeFolder, userName } from '../../lib/person.ts'
import { run } from '../../lib/process.ts'
import type { EngineAccess } from '../connection.ts'
import { exitCodes } from '../exit-codes.ts'
import { finish } from '../finish.ts'
import { facts } from '../layout.ts'
import { absolute } from '../names.ts'
import { marker, possible, possibleProgram, possibleUser, unitName, unitsOf } from '../service-unit.ts'
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

/** Where the units of a service are, and how systemctl is asked about them. */
interface Place {
  readonly folder: string
  readonly name: string
  readonly home: string
  readonly user: string | undefined
  readonly systemctl: readonly string[]
}

async function placeOf({ system, user, out }: ServiceOptions): Promise<Place> {
  if (process.platform !== 'linux') throw new Failure('tool-missing', { tool: 'systemd' })
  if ((system === true) !== (user !== undefined)) throw new UsageError('service-user')
  if (user !== undefined && !possibleUser(user))
    throw new UsageError('bad-value', { name: '--user', value: visible(user), command: 'arche service' })
  const personal = user === undefined ? process.env : { HOME: await homeOf(user) }
  const usual = dataFolderPath({ ...personal, ARCHE_HOME: '' })
  const home = process.env.ARCHE_HOME ? dataFolderPath(process.env) : usual
  return {
    folder: out === undefined ? (system ? '/etc/systemd/system' : userUnits()) : absolute(out),
    name: unitName(home, usual),
    home,
    user,
    systemctl: system ? [] : ['--user'],
  }
}

/** systemd.unit(5), "User Unit Search Path". */
function userUnits(): string {
  const config = process.env.XDG_CONFIG_HOME
  if (config && isAbsolute(config)) return join(config, 'systemd', 'user')
  const home = homeFolder()
  if (home === undefined) throw new Failure('home-unknown')
  return join(home, '.config', 'systemd', 'user')
}

/** As loginctl(1) takes it: without a name, the number. */
function ownName(): string {
  return userName() ?? String(process.getuid?.())
}

/** The home folder of a user, as the system knows it: getent(1), passwd(5). */
async function homeOf(user: string): Promise<string> {
  try {
    const { stdout } = await run('getent', ['passwd', user], { patience: 10_000 })
    return stdout.split(':')[5] ?? ''
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'tool-failed') throw error
    throw new UsageError('bad-value', { name: '--user', value: user, command: 'arche service' }, { cause: error })
  }
}

/** A step of the system: a command as it is typed, and what became of it. */
interface Step {
  readonly command: string
  readonly problem?: string
}

async function steps(commands: readonly (readonly string[])[]): Promise<Step[]> {
  const done: Step[] = []
  for (const [tool = '', ...args] of commands) {
    const command = [tool, ...args].join(' ')
    try {
      await run(tool, args, { patience: 60_000 })
      done.push({ command })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      done.push({ command, problem: String(error.details.stderr ?? error.code) })
    }
  }
  return done
}

export async function serviceInstall(session: Session, options: ServiceOptions): Promise<number> {
  const { t, say } = session.output
  const { folder, name, home, user, systemctl } = await placeOf(options)
  const program = await realpath(resolve(process.argv[1] ?? ''))
  for (const [path, fits] of [
    [process.execPath, possibleProgram],
    [program, possible],
    [home, possible],
  ] as const)
    if (!fits(path)) throw new UsageError('bad-value', { name: 'path', value: visible(path), command: 'arche service' })
  const units = unitsOf({ node: process.execPath, program, home, user }, name)
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fromErrno(error, { path: folder })
  })
  for (const [file, text] of [
    [`${name}.service`, units.service],
    [`${name}.timer`, units.timer],
  ] as const) {
    const path = join(folder, file)
    await demandOurs(path)
    await writeDurably(path, text, { mode: 0o644 })
    say(t('terminal.service.written', { path: visible(path) }))
  }
  if (options.out !== undefined) return finish(session, 'service install', { folder, name })
  const enable = ['systemctl', ...systemctl, 'enable', '--now', `${name}.service`, `${name}.timer`]
  const done = await steps([
    ['systemctl', ...systemctl, 'daemon-reload'],
    // A user's services run without login only for users who linger: loginctl(1).
    ...(user === undefined ? [['loginctl', 'enable-linger', ownName()]] : []),
    enable,
    // Enabling does not renew what runs already with older settings.
    ['systemctl', ...systemctl, 'try-restart', `${name}.service`],
  ])
  return reported(session, 'service install', done, { folder, name }, 'terminal.service.installed')
}

export async function serviceRemove(session: Session, options: ServiceOptions): Promise<number> {
  const { t, say } = session.output
  const { folder, name, systemctl } = await placeOf(options)
  const files = [`${name}.service`, `${name}.timer`]
  const there = (await Promise.all(files.map((file) => textOf(join(folder, file))))).some((text) => text !== undefined)
  if (!there) return finish(session, 'service remove', { name }, t('terminal.service.none'))
  for (const file of files) await demandOurs(join(folder, file))
  const disabled =
    options.out === undefined
      ? await steps([['systemctl', ...systemctl, 'disable', '--now', ...files.toReversed()]])
      : []
  for (const file of files) {
    await rm(join(folder, file), { force: true }).catch((error: unknown) => {
      throw fromErrno(error, { path: join(folder, file) })
    })
    say(t('terminal.service.gone', { path: visible(join(folder, file)) }))
  }
  const reloaded = options.out === undefined ? await steps([['systemctl', ...systemctl, 'daemon-reload']]) : []
  return reported(session, 'service remove', [...disabled, ...reloaded], { name }, 'terminal.service.removed')
}

/** What the system did not do is named, to be typed by hand; then the exit code says "not everything". */
function reported(
  session: Session,
  command: string,
  done: readonly Step[],
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
  const { folder, name, home, user, systemctl } = await placeOf(options)
  const path = join(folder, `${name}.service`)
  const installed = (await textOf(path)) !== undefined
  const unitState = (unit: string) =>
    asked('systemctl', [...systemctl, 'show', '--property=ActiveState', '--value', unit])
  const lines: [string, string][] = [[output.t('terminal.service.fact.unit'), installed ? visible(path) : '—']]
  const found: Record<string, string> = {}
  if (installed) {
    found.service = await unitState(`${name}.service`)
    found.timer = await unitState(`${name}.timer`)
    if (user === undefined)
      found.linger = await asked('loginctl', ['show-user', ownName(), '--property=Linger', '--value'])
  }
  for (const [what, state] of Object.entries(found))
    lines.push([output.t(`terminal.service.fact.${what}`), visible(state)])
  lines.push([output.t('terminal.status.data'), visible(home)])
  if (!installed) output.say(output.t('terminal.service.none'))
  for (const line of facts(lines)) output.say(line)
  return finish(session, 'service status', { installed, path, name, home, ...found })
}

/** A property of a unit or user, as the system says it (`active`, `failed`, `yes`…); where it says nothing, `unknown`. */
async function asked(tool: string, args: readonly string[]): Promise<string> {
  const answer = await run(tool, args, { patience: 10_000 }).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error
    return { stdout: '' }
  })
  return answer.stdout.trim() || 'unknown'
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw fromErrno(error, { path })
  }
}

/** A unit of that name that somebody else wrote stays: Failure `exists`. */
async function demandOurs(path: string): Promise<void> {
  const text = await textOf(path)
  if (text !== undefined && !text.startsWith(marker)) throw new Failure('exists', { name: path, path })
}
