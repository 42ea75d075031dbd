// What a restore is about to move, written down before it moves it: one JSON line each, in a folder of Arche's own data.
// Guarantees: a line is on disk before its deed is done, so what was done can always be undone; a line cut off by a crash was never acted
// upon and is dropped. A journal is replayed by looking at what is there, not by trusting that its lines were carried out: see reverse.ts.
// Lives until the restore is undone; `<id>.marks` beside it knows the restored files again (marks.ts).
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { Failure } from '../api/failure.ts'
import { errnoOf } from '../lib/files.ts'
import { parseLine } from '../lib/lines.ts'
import { once } from '../lib/once.ts'
import { asFailure, onDisk, syncFile } from './disk.ts'
import { linesBackwards, linesForwards } from './spool.ts'

const Metadata = once(() => {
  const Attributes = z.object({
    extended: z.array(z.object({ name: z.string(), value: z.string() })).readonly(),
    access: z.string().optional(),
    inherited: z.string().optional(),
  })

  return z.object({
    mode: z.number(),
    uid: z.number(),
    gid: z.number(),
    mtime: z.number(),
    time: z.string().optional(),
    /** Absent where they are not known. */
    attributes: Attributes.optional(),
  })
})

const Zone = once(() =>
  z.object({
    at: z.string(),
    target: z.string(),
    base: z.string(),
    inode: z.string(),
    staging: z.string(),
    safety: z.string(),
    before: Metadata(),
  }),
)
/** A part of the tree with folders of its own on its file system. `inode` of `base` tells a disk that is away from one that is there. */
export type Zone = z.infer<ReturnType<typeof Zone>>

/** `zone` is an index into the zones in the order of their lines. All paths absolute. */
const Line = once(() =>
  z.discriminatedUnion('is', [
    z.object({
      is: z.literal('restore'),
      version: z.literal(1),
      id: z.string(),
      time: z.number(),
      /** Absent from journals of Arche before 2.0: they have no lines `own`. */
      owns: z.boolean().optional(),
    }),
    z.object({ is: z.literal('zone'), zone: Zone() }),
    z.object({ is: z.literal('phase'), phase: z.enum(['place', 'done', 'reverse', 'reversed']) }),
    /** A private folder of ours was made: the number of its inode, by which it is known again whatever bears its name then. */
    z.object({ is: z.literal('own'), path: z.string(), inode: z.string() }),
    /** A folder that did not exist is made. */
    z.object({ is: z.literal('make'), zone: z.number(), path: z.string() }),
    /** What stands at `path` is moved to the safety folder. `inside`: which folder (`identity`) held `path`, where it was there before. */
    z.object({
      is: z.literal('save'),
      zone: z.number(),
      path: z.string(),
      to: z.string(),
      inside: z.string().optional(),
    }),
    /** `from` the staging folder to `path`, where nothing stands. */
    z.object({
      is: z.literal('place'),
      zone: z.number(),
      path: z.string(),
      from: z.string(),
      inside: z.string().optional(),
    }),
    /** An existing folder gets new contents, and perhaps other permissions: what it had before. */
    z.object({
      is: z.literal('meta'),
      zone: z.number(),
      path: z.string(),
      before: Metadata(),
      /** Which folder it was (`identity`). */
      folder: z.string().optional(),
    }),
  ]),
)
export type Line = z.infer<ReturnType<typeof Line>>
export type Deed = Extract<Line, { zone: number }>
export type Phase = Extract<Line, { is: 'phase' }>['phase']

const suffix = '.restore.jsonl'

function journalPath(folder: string, id: string): string {
  return join(folder, `${id}${suffix}`)
}

/** Room on the disk that is given back before things are put back: a full disk must not be in the way of that. */
const reserved = 64 * 1024

export function freeReserve(journal: string): void {
  onDisk(journal, () => rmSync(reservePath(journal), { force: true }))
}

function reservePath(journal: string): string {
  return `${journal.slice(0, -suffix.length)}.reserve`
}

export function marksPath(journal: string): string {
  return `${journal.slice(0, -suffix.length)}.marks`
}

/** The id of its restore, also where the journal itself cannot be read. */
export function idOf(journal: string): string {
  return basename(journal, suffix)
}

export function isTreeJournal(path: string): boolean {
  return path.endsWith(suffix)
}

/** Paths of all journals in a folder, oldest name first; none if there is no such folder. */
export function journalsIn(folder: string): string[] {
  try {
    // What is no ordinary file is not ours: a pipe would hold up every start.
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
    return files.filter(({ name }) => isTreeJournal(name)).map(({ name }) => join(folder, name))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw asFailure(error, folder)
  }
}

export class JournalWriter {
  readonly path: string
  readonly #file: number
  #end: number

  private constructor(path: string, file: number, end: number) {
    this.path = path
    this.#file = file
    this.#end = end
  }

  static create(folder: string, id: string, time: number): JournalWriter {
    onDisk(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }))
    const path = journalPath(folder, id)
    if (existsSync(path)) throw new Failure('changed', { name: id })
    const writer = new JournalWriter(
      path,
      onDisk(path, () => openSync(path, 'wx', 0o600)),
      0,
    )
    onDisk(path, () => writeFileSync(reservePath(path), Buffer.alloc(reserved, 1)))
    writer.write([{ is: 'restore', version: 1, id, time, owns: true }])
    syncFile(folder)
    return writer
  }

  /** Goes on after the last whole line. */
  static append(path: string): JournalWriter {
    const file = onDisk(path, () => openSync(path, 'r+'))
    const end = onDisk(path, () => endOfLines(file))
    onDisk(path, () => ftruncateSync(file, end))
    return new JournalWriter(path, file, end)
  }

  /** On disk when this returns. */
  write(lines: readonly Line[]): void {
    const data = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    onDisk(this.path, () => {
      const { length } = data
      for (let at = 0; at < length; ) at += writeSync(this.#file, data, at, length - at, this.#end + at)
      this.#end += length
      fdatasyncSync(this.#file)
    })
  }

  close(): void {
    onDisk(this.path, () => {
      fsyncSync(this.#file)
      closeSync(this.#file)
    })
  }
}

/** Just after the last newline; no line is longer than the tail that is looked at. */
function endOfLines(file: number): number {
  const { size } = fstatSync(file)
  const tail = Buffer.alloc(Math.min(size, 1024 * 1024))
  readSync(file, tail, 0, tail.length, size - tail.length)
  return size - tail.length + tail.lastIndexOf(0x0a) + 1
}

export interface Journal {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly zones: readonly Zone[]
  /** Our own folders that were made: path → inode. Undefined where that was not noted yet. */
  readonly own: ReadonlyMap<string, string> | undefined
  /** The last one written; none: nothing was put in place yet. */
  readonly phase: Phase | undefined
  /** It was done once: taking it back is an undo. */
  readonly finished: boolean
  /** How many things were moved to safety. */
  readonly saved: number
}

/** Reads all but the deeds. Not a journal, or damaged in the middle: Failure `damaged`. An empty one (killed at birth) has no zones. */
export function readJournal(path: string): Journal {
  const zones: Zone[] = []
  const own = new Map<string, string>()
  let head: { id: string; time: number; owns?: boolean | undefined } = { id: '', time: 0 }
  let phase: Phase | undefined
  let finished = false
  let saved = 0
  for (const text of linesForwards(path)) {
    const line = parse(text, path)
    if (line.is === 'restore') head = line
    if (line.is === 'own') own.set(line.path, line.inode)
    if (line.is === 'zone') zones.push(line.zone)
    if (line.is === 'phase') phase = line.phase
    if (line.is === 'phase' && line.phase === 'done') finished = true
    if (line.is === 'save') saved += 1
  }
  const { id, time, owns } = head
  return { id, time, zones, own: owns ? own : undefined, phase, finished, saved }
}

export function* deedsForwards(path: string): Generator<Deed> {
  for (const text of linesForwards(path)) {
    const line = parse(text, path)
    if (typeof (line as Deed).zone === 'number') yield line as Deed
  }
}

export function* deedsBackwards(path: string): Generator<Deed> {
  for (const text of linesBackwards(path)) {
    const line = parse(text, path)
    if (typeof (line as Deed).zone === 'number') yield line as Deed
  }
}

function parse(text: string, path: string): Line {
  const line = Line().safeParse(parseLine(text))
  if (!line.success) throw new Failure('damaged', { name: path }, { cause: line.error })
  return line.data
}

/** The journal first: marks without a journal are rubbish, a journal without marks would keep everything. */
export function removeJournal(path: string): void {
  onDisk(path, () => {
    rmSync(path, { force: true })
    rmSync(marksPath(path), { force: true })
    rmSync(reservePath(path), { force: true })
  })
  syncFile(dirname(path))
}
