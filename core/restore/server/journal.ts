// What a restore of a server (database and folders) is about to change, written down before it changes it: one JSON line each, in the folder of
// journals. Guarantees: a line is on disk before its deed is begun; a line cut off by a crash was never acted upon. It is replayed by looking at
// what is there (switch.ts). Holds no password. Lives until the next restore of the same server, because an undo needs it;
// `<id>.objects.sql` beside it holds the views, triggers, routines and events that stood in the database before.
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { Database } from '../../api/database.ts'
import { Failure } from '../../api/failure.ts'
import { errnoOf } from '../../lib/files.ts'
import { parseLine } from '../../lib/lines.ts'
import { once } from '../../lib/once.ts'
import { asFailure, onDisk, syncFile } from '../disk.ts'

const Charset = () => z.object({ charset: z.string(), collation: z.string() })

/** One of the document folders. All paths absolute and without symlinks, on one file system. */
const ServerFolder = once(() =>
  z.object({
    name: z.string(),
    target: z.string(),
    /** Where the restored one waits, and goes back to. */
    staged: z.string(),
    /** Where the one that was there goes. */
    kept: z.string(),
    /** Something stood there before. */
    existed: z.boolean(),
  }),
)
export type ServerFolder = z.infer<ReturnType<typeof ServerFolder>>

const ServerHead = once(() =>
  z.object({
    is: z.literal('server'),
    version: z.literal(1),
    id: z.uuid(),
    /** Milliseconds since 1970. */
    time: z.number(),
    database: Database,
    /** Whose remembered password opens the database. */
    planId: z.uuid().optional(),
    /** Databases of our own on the same server: what is loaded, and what was there. */
    scratch: z.string(),
    kept: z.string(),
    /** Of the database before; absent: it did not exist. */
    before: Charset().optional(),
    folders: z.array(ServerFolder()),
    /** Folders that were made for this restore, outermost first. */
    made: z.array(z.string()),
  }),
)
export type ServerHead = z.infer<ReturnType<typeof ServerHead>>

/**
 * `switch`: the changing over begins; `switched`: it is done, from here on forwards; `done`: what is left of the old is only kept; `back`: a failed
 * one is taken back; `back-live`: its tables were in place already, so somebody may have worked with them; `taken-back`: what was prepared can go; `undo`: a person wants it back; `undone`: it is, and what was taken out is kept.
 */
const ServerPhase = once(() =>
  z.enum(['switch', 'switched', 'done', 'back', 'back-live', 'taken-back', 'undo', 'undone']),
)
export type ServerPhase = z.infer<ReturnType<typeof ServerPhase>>

const Line = once(() =>
  z.discriminatedUnion('is', [
    ServerHead(),
    /** Tables by name: `old` stood there before, `fresh` are those that take their place (or, before an undo, that stand there now). */
    z.object({ is: z.literal('tables'), old: z.array(z.string()), fresh: z.array(z.string()) }),
    z.object({ is: z.literal('phase'), phase: ServerPhase() }),
  ]),
)
type Line = z.infer<ReturnType<typeof Line>>

export interface ServerJournal {
  readonly path: string
  readonly head: ServerHead
  readonly old: readonly string[]
  readonly fresh: readonly string[]
  readonly phase: ServerPhase | undefined
}

const suffix = '.server.jsonl'

export function objectsPath(journal: string): string {
  return `${journal.slice(0, -suffix.length)}.objects.sql`
}

/** Paths of all journals of servers in a folder. */
export function serverJournalsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
      .map(({ name }) => name)
      .sort()
      .map((name) => join(folder, name))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw asFailure(error, folder)
  }
}

export function isServerJournal(path: string): boolean {
  return path.endsWith(suffix)
}

export function createServerJournal(folder: string, head: Omit<ServerHead, 'is' | 'version'>): string {
  const path = join(folder, `${head.id}${suffix}`)
  if (existsSync(path)) throw new Failure('changed', { name: head.id })
  onDisk(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }))
  onDisk(path, () => closeSync(openSync(path, 'wx', 0o600)))
  note(path, { is: 'server', version: 1, ...head })
  syncFile(folder)
  return path
}

export function notePhase(path: string, phase: ServerPhase): void {
  note(path, { is: 'phase', phase })
}

export function noteTables(path: string, old: readonly string[], fresh: readonly string[]): void {
  note(path, { is: 'tables', old: [...old], fresh: [...fresh] })
}

/** On disk when this returns. What a crash has cut off goes. */
function note(path: string, line: Line): void {
  onDisk(path, () => {
    const end = readFileSync(path).lastIndexOf(0x0a) + 1
    const file = openSync(path, 'r+')
    try {
      ftruncateSync(file, end)
      writeSync(file, `${JSON.stringify(line)}\n`, end)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  })
}

/** Undefined: it was killed before its first line was whole, so nothing was done. Not a journal, or damaged: Failure `damaged`. */
export function readServerJournal(path: string): ServerJournal | undefined {
  const texts = onDisk(path, () => readFileSync(path, 'utf8'))
    .split('\n')
    .slice(0, -1)
  const lines = texts.map((text) => {
    const line = Line().safeParse(parseLine(text))
    if (!line.success) throw new Failure('damaged', { name: path }, { cause: line.error })
    return line.data
  })
  const [head] = lines
  if (!head) return undefined
  if (head.is !== 'server') throw new Failure('damaged', { name: path })
  const tables = lines.findLast((line) => line.is === 'tables')
  const phase = lines.findLast((line) => line.is === 'phase')
  return { path, head, old: tables?.old ?? [], fresh: tables?.fresh ?? [], phase: phase?.phase }
}

export function removeServerJournal(path: string): void {
  onDisk(path, () => {
    rmSync(path, { force: true })
    rmSync(objectsPath(path), { force: true })
  })
  syncFile(dirname(path))
}
