// The background service as the system knows it: its unit files, what systemctl(1) and loginctl(1) do with them, and what they say of them.
// Guarantees: only files that Arche has written are replaced or removed; what the system did not do is told with the command, to be typed by hand. A
// process that is itself the service can call all of this: what ends it comes after everything that must be done, and is not waited for.
// Linux with systemd only; elsewhere: Failure `tool-missing`. Does not do the service's work (terminal/commands/service.ts) and needs no engine.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { Failure } from '../api/failure.ts'
import type { ServiceStep, ServiceUnit } from '../api/service.ts'
import { dataFolderPath } from '../config/config.ts'
import { errnoOf, fromErrno, writeDurably } from '../lib/files.ts'
import { homeFolder, userName } from '../lib/person.ts'
import { run } from '../lib/process.ts'
import { isOfHome, marker, possible, possibleProgram, unitName, unitsOf } from './unit.ts'

/** How the terminal program is started: absolute paths of Node and of the compiled program. */
export interface Program {
  readonly node: string
  readonly program: string
}

/** The service of one data folder. */
export interface ServicePlace {
  /** Where its units are. */
  readonly folder: string
  /** Of its units, without a suffix. */
  readonly name: string
  /** The data folder. */
  readonly home: string
  /** A unit of the whole system that runs as this user; undefined: of the user who installs it. */
  readonly user: string | undefined
  /** What systemctl is given first. */
  readonly systemctl: readonly string[]
}

export interface ServiceWish {
  /** The data folder; absent: the one that the environment names, else the usual one of the user. */
  readonly home?: string
  readonly user?: string
  /** Where the units are written, where that is not where systemd reads them. */
  readonly folder?: string
}

/** Where systemd.unit(5) reads the units of an administrator. */
const systemUnits = '/etc/systemd/system'

/** Failures: `tool-missing` {tool: systemd}, not on Linux; `not-found` {name}, no such user; `home-unknown`. */
export async function servicePlace({ home, user, folder }: ServiceWish): Promise<ServicePlace> {
  if (process.platform !== 'linux') throw new Failure('tool-missing', { tool: 'systemd' })
  const personal = user === undefined ? process.env : { HOME: await homeOf(user) }
  const usual = dataFolderPath({ ...personal, ARCHE_HOME: '' })
  const own = home ?? (process.env.ARCHE_HOME ? dataFolderPath(process.env) : usual)
  return {
    folder: folder ?? (user === undefined ? userUnits() : systemUnits),
    name: unitName(own, usual),
    home: own,
    user,
    systemctl: user === undefined ? ['--user'] : [],
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

/** The home folder of a user, as the system knows it: getent(1), passwd(5). */
async function homeOf(user: string): Promise<string> {
  try {
    const { stdout } = await run('getent', ['passwd', user], { patience: 10_000 })
    return stdout.split(':')[5] ?? ''
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'tool-failed') throw error
    throw new Failure('not-found', { name: user }, { cause: error })
  }
}

/** As loginctl(1) takes it: without a name, the number. */
function ownName(): string {
  return userName() ?? String(process.getuid?.())
}

/** Ends well where systemd answers this user. Failures `tool-missing` {tool: systemctl}, `tool-failed` {stderr: what it says}. */
export async function demandSystemd({ systemctl }: ServicePlace): Promise<void> {
  await run('systemctl', [...systemctl, 'show', '--property=Version', '--value'], { patience: 10_000 })
}

export interface Deed {
  /** The files that were written, or removed. */
  readonly paths: readonly string[]
  /** What was asked of the system, in its order. */
  readonly steps: readonly ServiceStep[]
}

export interface DeedOptions {
  /** This process is the service. */
  readonly self?: boolean
  /** Only files are written or removed, the system is asked nothing. */
  readonly filesOnly?: boolean
  /** Asked right before what may end this process; what it throws leaves that undone. */
  readonly mayEnd?: () => void
}

/**
 * Writes the units, enables and starts them, without login too; units that run already are started anew. Failures: `exists` {path}, a unit of that name
 * that somebody else wrote; `bad-input` {reason: a path that no unit can hold}; those of the folder's disk.
 */
export async function installService(place: ServicePlace, program: Program, options: DeedOptions = {}): Promise<Deed> {
  const { folder, name, home, user, systemctl } = place
  const wrong = [
    ...[program.node].filter((path) => !possibleProgram(path)),
    ...[program.program, home].filter((path) => !possible(path)),
  ]
  for (const path of wrong) throw new Failure('bad-input', { reason: path, path })
  const units = unitsOf({ ...program, home, user }, name)
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fromErrno(error, { path: folder })
  })
  const paths = pathsOf(place)
  for (const [at, text] of [
    [paths[0], units.service],
    [paths[1], units.timer],
  ] as const) {
    await demandOurs(at)
    await writeDurably(at, text, { mode: 0o644 })
  }
  if (options.filesOnly) return { paths, steps: [] }
  const steps = await taken([
    ['systemctl', ...systemctl, 'daemon-reload'],
    // A user's services run without login only for users who linger: loginctl(1).
    ...(user === undefined ? [['loginctl', 'enable-linger', ownName()]] : []),
    ['systemctl', ...systemctl, 'enable', '--now', `${name}.service`, `${name}.timer`],
  ])
  // Something may have begun since.
  options.mayEnd?.()
  // Enabling does not renew what runs already with older settings.
  const renewed = await taken([['systemctl', ...systemctl, 'try-restart', ...unwaited(options), `${name}.service`]])
  return { paths, steps: [...steps, ...renewed] }
}

/** Stops the service and removes its units; undefined: there are none. Failure `exists` {path}: somebody else wrote them. */
export async function removeService(place: ServicePlace, options: DeedOptions = {}): Promise<Deed | undefined> {
  const { name, systemctl } = place
  const paths = pathsOf(place)
  const there = (await Promise.all(paths.map(textOf))).some((text) => text !== undefined)
  if (!there) return undefined
  for (const path of paths) await demandOurs(path)
  const ask = (commands: readonly (readonly string[])[]) =>
    options.filesOnly ? [] : taken(commands.map((command) => ['systemctl', ...systemctl, ...command]))
  const units = [`${name}.timer`, `${name}.service`]
  const disabled = await ask([['disable', ...(options.self ? [] : ['--now']), ...units]])
  for (const path of paths)
    await rm(path, { force: true }).catch((error: unknown) => {
      throw fromErrno(error, { path })
    })
  const forgotten = await ask([['daemon-reload']])
  // The last of all: nothing is sure to come after it.
  const stopped = options.self ? await ask([['stop', ...unwaited(options), ...units]]) : []
  return { paths, steps: [...disabled, ...forgotten, ...stopped] }
}

/** Who ends by a command cannot wait for its end. */
function unwaited({ self }: DeedOptions): string[] {
  return self ? ['--no-block'] : []
}

/** The service and its guard. */
function pathsOf({ folder, name }: ServicePlace): [service: string, timer: string] {
  return [join(folder, `${name}.service`), join(folder, `${name}.timer`)]
}

async function taken(commands: readonly (readonly string[])[]): Promise<ServiceStep[]> {
  const done: ServiceStep[] = []
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

/** What is installed and how it is; undefined: nothing. */
export async function serviceUnit(place: ServicePlace): Promise<ServiceUnit | undefined> {
  const { name, user, systemctl } = place
  const [path] = pathsOf(place)
  if ((await textOf(path)) === undefined) return undefined
  const property = (unit: string, what: string, env?: Record<string, string>) =>
    asked('systemctl', [...systemctl, 'show', `--property=${what}`, '--value', unit], env)
  const service = await property(`${name}.service`, 'ActiveState')
  const timer = await property(`${name}.timer`, 'ActiveState')
  const enabled = await property(`${name}.service`, 'UnitFileState')
  // systemctl writes times in the zone of its own environment.
  const since = service === 'active' ? await property(`${name}.service`, 'ActiveEnterTimestamp', { TZ: 'UTC' }) : ''
  const linger =
    user === undefined ? await asked('loginctl', ['show-user', ownName(), '--property=Linger', '--value']) : undefined
  const at = momentOf(since)
  return { path, service, timer, enabled, ...(linger && { linger }), ...(at && { since: at }) }
}

/** A unit of the whole system for the same data folder, which an administrator has installed. */
export async function systemUnit({ name, home }: ServicePlace, folder = systemUnits): Promise<string | undefined> {
  const path = join(folder, `${name}.service`)
  // Not for this user to read, then not for this user to know.
  const text = await textOf(path).catch(() => undefined)
  return text?.startsWith(marker) && isOfHome(text, home) ? path : undefined
}

/** `Mon 2026-11-30 03:40:08 UTC`, as systemctl writes it; undefined: something else. */
function momentOf(text: string): string | undefined {
  const [, day, time] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text) ?? []
  return day && time ? `${day}T${time}Z` : undefined
}

/** A property of a unit or user, as the system says it (`active`, `failed`, `yes`…); where it says nothing, `unknown`. */
async function asked(tool: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const answer = await run(tool, args, { patience: 10_000, env }).catch((error: unknown) => {
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
