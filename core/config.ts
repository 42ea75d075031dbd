// Plans, settings and known media: one versioned JSON file in the data folder, `config.json` (0600), and where that folder is.
// Guarantees: every change is checked and durable before it counts; the previous file stays as `config.json.bak`; a file that is damaged or
// of a newer Arche is refused and left untouched; an older one is brought forward in memory and written with the next change.
// Holds no secrets (secrets.ts) and nothing that a run writes (runs/history.ts). Only the owner of the folder may open it (ownership.ts).
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { Failure } from './api/failure.ts'
import { MailSettings } from './api/mail.ts'
import { KnownMedium, Settings } from './api/model.ts'
import { Plan } from './api/plan.ts'
import { errnoOf, fromErrno, writeDurably } from './lib/files.ts'
import { privateFolder } from './lib/private-folder.ts'

const version = 1

export const Config = z.object({
  version: z.literal(version),
  settings: Settings,
  plans: z.array(Plan),
  known: z.array(KnownMedium),
  /** Nothing is started by a schedule before then. */
  pausedUntil: z.iso.datetime().optional(),
  /** Absent: nobody is told anything by mail. */
  mail: MailSettings.optional(),
})
export type Config = z.infer<typeof Config>

export interface ConfigFile {
  readonly current: Config
  /** Changes come one after the other; `change` gets the newest and gives a new value. Durable once resolved; on failure nothing changed. */
  update(change: (config: Config) => Config): Promise<Config>
}

/** `from` → what turns a file of version `from` into one of `from + 1`. */
export type Migrations = Readonly<Record<number, (old: Record<string, unknown>) => Record<string, unknown>>>

const migrations: Migrations = {}

export function defaultConfig(): Config {
  return { version, settings: { language: 'system', welcomed: false }, plans: [], known: [] }
}

/** Where Arche keeps its data, without touching it: ARCHE_HOME, else the place that the system has for it. Absolute. */
export function dataFolderPath(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (env.ARCHE_HOME) return resolve(env.ARCHE_HOME)
  const home = (platform === 'win32' ? env.USERPROFILE : env.HOME) || homedir()
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Arche')
  if (platform === 'win32') return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'Arche')
  // A relative XDG_DATA_HOME is invalid and ignored: XDG Base Directory Specification 0.8, "Basics".
  const data = env.XDG_DATA_HOME
  return join(data && isAbsolute(data) ? data : join(home, '.local', 'share'), 'arche')
}

/** The data folder, made 0700 where it is missing. Not ours or not writable: Failure `denied`. */
export function dataFolder(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  return privateFolder(dataFolderPath(env))
}

/**
 * Opens `config.json` of a data folder; a missing file means the defaults. Failure `config-damaged` {path, backup, reason} (`backup`: the
 * previous good file, if it is one) or `config-newer` {path, version}.
 */
export async function openConfig(home: string): Promise<ConfigFile> {
  const path = join(home, 'config.json')
  const backup = `${path}.bak`
  let text = await readText(path)
  let current = text === undefined ? defaultConfig() : await parse(text, path, backup)
  let last: Promise<unknown> = Promise.resolve()

  async function write(change: (config: Config) => Config): Promise<Config> {
    const checked = Config.safeParse(change(current))
    if (!checked.success)
      throw new Failure('bad-input', { reason: z.prettifyError(checked.error) }, { cause: checked.error })
    const next = `${JSON.stringify(checked.data, null, 2)}\n`
    if (next === text) return current
    if (text !== undefined) await writeDurably(backup, text, { mode: 0o600 })
    await writeDurably(path, next, { mode: 0o600 })
    text = next
    current = checked.data
    return current
  }

  return {
    get current() {
      return current
    },
    update(change) {
      const done = last.then(() => write(change))
      last = done.catch(() => undefined)
      return done
    },
  }
}

/** Brings the content of a file forward to `target`. Newer or without a known way: undefined. Throws what a migration throws. */
export function migrate(
  content: Record<string, unknown>,
  table: Migrations,
  target: number,
): Record<string, unknown> | undefined {
  let now = content
  for (let at = Number(content.version); at !== target; at += 1) {
    const step = at < target ? table[at] : undefined
    if (!step) return undefined
    now = { ...step(now), version: at + 1 }
  }
  return now
}

const Versioned = z.looseObject({ version: z.number().int().positive() })

async function parse(text: string, path: string, backup: string): Promise<Config> {
  try {
    return read(text, path)
  } catch (error) {
    if (error instanceof Failure) throw error
    throw damaged(error, path, (await isGood(backup)) ? backup : '—')
  }
}

function damaged(error: unknown, path: string, backup: string): Failure {
  const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
  return new Failure('config-damaged', { path, backup, reason }, { cause: error })
}

function read(text: string, path: string): Config {
  const content = Versioned.parse(JSON.parse(text))
  if (content.version > version) throw new Failure('config-newer', { path, version: content.version })
  return Config.parse(migrate(content, migrations, version))
}

async function isGood(path: string): Promise<boolean> {
  const text = await readText(path).catch(() => undefined)
  if (text === undefined) return false
  try {
    return read(text, path) !== undefined
  } catch {
    return false
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw fromErrno(error, { path })
  }
}
