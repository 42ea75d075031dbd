// Plans, settings and known media: one versioned JSON file in the data folder, `config.json` (0600), and where that folder is.
// Guarantees: every change is checked and durable before it counts; the previous file stays as `config.json.bak`; a file that is damaged, gone
// without its previous one, or of a newer Arche is refused and left untouched, so that no schedule and no rule is lost without a word; an older
// one is brought forward in memory and written with the next change. Its `checksum` finds what would still read well (see `checksumOf`).
// Holds no secrets (secrets.ts) and nothing that a run writes (history/history.ts). Only the owner of the folder may open it (ownership.ts).
import { createHash } from 'node:crypto'
import { isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { Failure } from '../api/failure.ts'
import { MailSettings } from '../api/mail.ts'
import { KnownMedium, Settings } from '../api/model.ts'
import { Note, Place } from '../api/place.ts'
import { Plan } from '../api/plan.ts'
import { readSmall, writeDurably } from '../lib/files.ts'
import { ofHome } from '../lib/home-trouble.ts'
import { homeFolder } from '../lib/person.ts'
import { privateFolder } from '../lib/private-folder.ts'
import { plansOfVersion1 } from './version1.ts'

const version = 2

/** Bytes: thousands of plans. */
const limit = 16 * 1024 * 1024

export const Config = z.object({
  version: z.literal(version),
  settings: Settings,
  plans: z.array(Plan),
  known: z.array(KnownMedium),
  /** Nothing is started by a schedule before then. */
  pausedUntil: z.iso.datetime().optional(),
  /** Absent: nobody is told anything by mail. */
  mail: MailSettings.optional(),
  /** Absent: none. */
  places: z.array(Place).max(1000).optional(),
  /** What people have written down about a place or a drive, by its id: "in the safe". */
  placeNotes: z.record(z.uuid(), Note).optional(),
  /** Alarms that people have seen (api/acknowledge.ts). */
  acknowledged: z.record(z.string(), z.iso.datetime()).optional(),
})
export type Config = z.infer<typeof Config>

export interface ConfigFile {
  readonly current: Config
  /** Changes come one after the other; `change` gets the newest and gives a new value. Durable once resolved; on failure nothing changed. */
  update(change: (config: Config) => Config): Promise<Config>
}

/** `from` → what turns a file of version `from` into one of `from + 1`. */
export type Migrations = Readonly<Record<number, (old: Record<string, unknown>) => Record<string, unknown>>>

const migrations: Migrations = { 1: (old) => ({ ...old, plans: old.plans && plansOfVersion1(old.plans) }) }

export function defaultConfig(): Config {
  return { version, settings: { language: 'system', welcomed: false }, plans: [], known: [] }
}

/**
 * Where Arche keeps its data, without touching it: ARCHE_HOME, else the place that the system has for it. Absolute. Failure `home-unknown`: this user
 * has no home folder, and none is named.
 */
export function dataFolderPath(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (env.ARCHE_HOME) return resolve(env.ARCHE_HOME)
  const home = () => {
    const found = homeFolder(env, platform)
    if (found === undefined) throw new Failure('home-unknown')
    return found
  }
  if (platform === 'darwin') return join(home(), 'Library', 'Application Support', 'Arche')
  if (platform === 'win32') return join(env.APPDATA || join(home(), 'AppData', 'Roaming'), 'Arche')
  // A relative XDG_DATA_HOME is invalid and ignored: XDG Base Directory Specification 0.8, "Basics".
  const data = env.XDG_DATA_HOME
  return join(data && isAbsolute(data) ? data : join(home(), '.local', 'share'), 'arche')
}

/** The data folder, made 0700 where it is missing. Failures `home-unknown`; not ours or not writable: `home-unwritable`, `home-full`. */
export async function dataFolder(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const path = dataFolderPath(env)
  return privateFolder(path).catch((error: unknown) => {
    throw ofHome(error, path)
  })
}

/**
 * Opens `config.json` of a data folder; where there was never one: the defaults. Failure `config-damaged` {path, backup, reason} (`backup`: the
 * previous file, if it is good), `config-missing` {path, backup} or `config-newer` {path, version}.
 */
export async function openConfig(home: string): Promise<ConfigFile> {
  const path = join(home, 'config.json')
  const backup = `${path}.bak`
  const previous = async () => ((await isGood(backup)) ? backup : '—')
  let text = await readText(path).catch(async (error: unknown) => {
    throw error instanceof Failure && error.code === 'damaged' ? damaged(error, path, await previous()) : error
  })
  if (text === undefined && (await isThere(backup)))
    throw new Failure('config-missing', { path, backup: await previous() })
  let current = text === undefined ? defaultConfig() : await parse(text, path, previous)
  let last: Promise<unknown> = Promise.resolve()

  async function write(change: (config: Config) => Config): Promise<Config> {
    const checked = Config.safeParse(change(current))
    if (!checked.success)
      throw new Failure('bad-input', { reason: z.prettifyError(checked.error) }, { cause: checked.error })
    const next = `${JSON.stringify({ ...checked.data, checksum: checksumOf(checked.data) }, null, 2)}\n`
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

/** Whoever changes the file by hand takes the checksum out, and so did older versions. */
const Versioned = z.looseObject({ version: z.number().int().positive(), checksum: z.string().optional() })

/** Over the values, not over how they are written: `sha256:` and the SHA-256 of what `JSON.stringify` makes of them, in the order of the file. */
function checksumOf(content: object): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(content)).digest('hex')}`
}

async function parse(text: string, path: string, previous: () => Promise<string>): Promise<Config> {
  try {
    return read(text, path)
  } catch (error) {
    if (error instanceof Failure) throw error
    throw damaged(error, path, await previous())
  }
}

function damaged(error: unknown, path: string, backup: string): Failure {
  const reason = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : ''
  return new Failure('config-damaged', { path, backup, reason }, { cause: error })
}

function read(text: string, path: string): Config {
  const { checksum, ...content } = Versioned.parse(JSON.parse(text))
  if (content.version > version) throw new Failure('config-newer', { path, version: content.version })
  if (checksum !== undefined && checksum !== checksumOf(content)) throw new Error('checksum')
  const now = migrate(content, migrations, version)
  const config = Config.parse(now)
  const lost = unknownIn(now, config)
  if (lost === undefined) return config
  // A schedule whose name is misspelt would be none.
  if (checksum === undefined) throw new Error(lost)
  throw new Failure('config-newer', { path, version: lost })
}

/** The first entry of `given` that is not in what was `read` of it, with the way to it: `plans.0.schdule`. */
export function unknownIn(given: unknown, read: unknown): string | undefined {
  if (typeof given !== 'object' || given === null || typeof read !== 'object' || read === null) return undefined
  for (const [key, value] of Object.entries(given)) {
    const found = Object.entries(read).find(([name]) => name === key)
    const below = found ? unknownIn(value, found[1]) : ''
    if (below !== undefined) return below === '' ? key : `${key}.${below}`
  }
  return undefined
}

async function isGood(path: string): Promise<boolean> {
  try {
    const text = await readText(path)
    return text !== undefined && read(text, path) !== undefined
  } catch {
    return false
  }
}

/** A symlink in its place is the person's own. */
function readText(path: string): Promise<string | undefined> {
  return readSmall(path, { limit, follow: true })
}

async function isThere(path: string): Promise<boolean> {
  return (await readText(path).catch(() => '')) !== undefined
}
