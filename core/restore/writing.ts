// The files of a restore, made and written by a pool of threads straight from the blocks in which their contents came, with what else they had.
// Guarantees: after `settled` every file announced so far is there with every byte and all that could be set of the rest, or was told as left
// out; a name that is taken is never written to or through, but told; the first failure is thrown by the next call; after `ended` nothing is under
// way and no file is open. Whoever uses it sees to it that the folders are private, hold no symlinks, and are there.
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { errnoOf } from '../lib/files.ts'
import { claim, release } from '../lib/memory.ts'
import { fsPath } from '../lib/paths.ts'
import type { Done, Pool } from '../lib/pool.ts'
import type { Tallied } from '../lib/tally.ts'
import { asFailure, onDisk } from './disk.ts'
import { markOf } from './marks.ts'
import { type Metadata, MetadataKeeper } from './metadata.ts'

/** Size of the block in which small contents are gathered before they are written, in bytes. */
const blockSize = 1024 * 1024

/** Files of one task: a block may hold thousands of empty ones. */
const filesAtOnce = 1000

/** Tasks: so much memory is under way. */
const underWay = 6

/** Errors that are about one file: its name, or a kind that the file system does not know (symlinks on FAT: EPERM). */
export const ownFault = new Set([
  'ENAMETOOLONG',
  'EINVAL',
  'EILSEQ',
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EMLINK',
  'ELOOP',
])

export const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)

export interface WriteTask {
  readonly do: 'write'
  readonly block: Uint8Array
  /** Files to make, each path followed by a NUL. */
  readonly paths: string
  /** For each file: where its content begins and ends in the block, mode, uid, gid, time (ms). */
  readonly numbers: Float64Array
  /** What else a file has, by its number, where it has anything. */
  readonly more: readonly More[]
  /** What goes into files that are open. */
  readonly parts: readonly Part[]
  /** The block is wanted back. */
  readonly back: boolean
}

const perFile = 6

type More = { readonly index: number } & Pick<Metadata, 'time' | 'attributes'>

interface Part {
  readonly file: number
  readonly where: string
  /** In the block. */
  readonly from: number
  readonly to: number
  /** In the file. */
  readonly position: number
}

export interface Written {
  /** Of the files that were made, in their order. */
  readonly marks: BigUint64Array
  readonly told: readonly Tallied[]
  /** Files that were not made, by their number, with the error's name. */
  readonly not: readonly { readonly index: number; readonly reason: string }[]
  /** The block of the task, where it is wanted or needed. */
  readonly back?: Uint8Array
}

/** Carries out a task, in whatever thread. Throws Failure `no-space`, `io`… for what is not about one file only. */
export function writeFiles({ block, paths, numbers, more, parts, back }: WriteTask): Done<Written> {
  const metadata = new MetadataKeeper()
  const marks = new BigUint64Array(numbers.length / perFile)
  const not: { index: number; reason: string }[] = []
  const others = new Map(more.map((one) => [one.index, one]))
  let made = 0
  for (let index = 0, at = 0; index < marks.length; index += 1) {
    const end = paths.indexOf('\0', at)
    const where = paths.slice(at, end)
    at = end + 1
    const number = (place: number) => numbers[index * perFile + place] as number
    const content = block.subarray(number(0), number(1))
    const { time, attributes } = others.get(index) ?? {}
    const wanted = { mode: number(2), uid: number(3), gid: number(4), mtime: number(5), time, attributes }
    const mark = makeFile(where, content, wanted, metadata)
    if (typeof mark === 'bigint') marks[made++] = mark
    else not.push({ index, reason: mark })
  }
  for (const { file, where, from, to, position } of parts)
    onDisk(where, () => writeAll(file, block.subarray(from, to), position))
  const answer = { marks: marks.subarray(0, made), told: metadata.told, not }
  if (back || not.length > 0)
    return { answer: { ...answer, back: block }, transfer: [marks.buffer, block.buffer as ArrayBuffer] }
  release(block)
  return { answer, transfer: [marks.buffer] }
}

/** The mark of the new file, or the error's name where a file of this name cannot be made. */
function makeFile(where: string, content: Uint8Array, wanted: Metadata, metadata: MetadataKeeper): bigint | string {
  let file: number
  try {
    file = openSync(fsPath(where), createFlags, 0o600)
  } catch (error) {
    const reason = errnoOf(error)
    if (reason === 'EEXIST' || (reason !== undefined && ownFault.has(reason))) return reason
    throw asFailure(error, where)
  }
  try {
    return onDisk(where, () => fillFile(file, where, content, wanted, metadata))
  } finally {
    closeSync(file)
  }
}

/** All that a new file is to hold and to have; `path`: for what cannot be set. Returns its mark. */
export function fillFile(
  file: number,
  path: string,
  content: Uint8Array,
  wanted: Metadata,
  metadata: MetadataKeeper,
): bigint {
  writeAll(file, content, 0)
  return finishFile(file, path, wanted, metadata)
}

function finishFile(file: number, path: string, wanted: Metadata, metadata: MetadataKeeper): bigint {
  metadata.openFile(file, path, wanted)
  return markOf(fstatSync(file, { bigint: true }))
}

/** A write may take less than it was given, e.g. just before the disk is full. */
function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, position + at)
}

/** A file that is announced. */
export interface Announced extends Metadata {
  /** In the archive. */
  readonly path: string
  /** On the disk. */
  readonly where: string
}

/** What comes of the files. What one of them throws is thrown by the next call of the writer. */
export interface Outcomes {
  made(marks: BigUint64Array): void
  /** Paths are those in the archive. */
  told(told: readonly Tallied[], shown: (where: string) => string): void
  /** Something of this name is there. The content is valid for the time of the call. */
  taken(file: Announced, content: Uint8Array): void
  /** It cannot be made, for this reason (an error's name). */
  refused(file: Announced, size: number, reason: string): void
}

/** A large file, which is open while its parts come. */
class OpenFile {
  readonly file: number
  readonly about: Announced
  position = 0
  /** Tasks with parts of it. */
  tasks = 0
  /** All parts have come; `undefined`: not yet; false: it will not be finished. */
  whole: boolean | undefined

  constructor(file: number, about: Announced) {
    this.file = file
    this.about = about
  }
}

export type { OpenFile }

export class FileWriter {
  readonly #pool: Pool<WriteTask, Written>
  readonly #outcomes: Outcomes
  readonly #going = new Set<Promise<void>>()
  readonly #fold: (where: string) => string
  /** Folded paths of files that are announced and not yet there. */
  readonly #names = new Set<string>()
  readonly #open = new Set<OpenFile>()
  #spare: Uint8Array | undefined
  /** Where the contents of the next task are: a claimed block, or one of ours up to `#used`. */
  #block: Uint8Array | undefined
  #claimed = false
  #used = 0
  #files: Announced[] = []
  /** Where the content of each begins and ends. */
  #spans: number[] = []
  #parts: (Part & { readonly of: OpenFile })[] = []
  #failure: { readonly reason: unknown } | undefined

  /** `fold`: makes paths equal that the file system takes for the same. */
  constructor(pool: Pool<WriteTask, Written>, outcomes: Outcomes, fold: (where: string) => string = (where) => where) {
    this.#pool = pool
    this.#outcomes = outcomes
    this.#fold = fold
  }

  /** True for the path of a file that is announced and may not be there yet. */
  making(where: string): boolean {
    return this.#names.has(this.#fold(where))
  }

  /** A file with all its content, which may be used again or change after this. A promise only where others have to be done with first. */
  file(content: Uint8Array, about: Announced): void | Promise<void> {
    // The next content may lie in the same block.
    if (this.#files.length === filesAtOnce) this.#send(true)
    const from = this.#place(content)
    this.#files.push(about)
    this.#spans.push(from, from + content.length)
    this.#names.add(this.#fold(about.where))
    return this.#room()
  }

  /** Takes over a file that was made and is open; its content comes by `add`, and `end` ends it. */
  begin(file: number, about: Announced): OpenFile {
    const open = new OpenFile(file, about)
    this.#open.add(open)
    return open
  }

  add(open: OpenFile, bytes: Uint8Array): void | Promise<void> {
    const from = this.#place(bytes)
    const { file, about, position } = open
    if (this.#parts.every((part) => part.of !== open)) open.tasks += 1
    this.#parts.push({ of: open, file, where: about.where, from, to: from + bytes.length, position })
    open.position += bytes.length
    return this.#room()
  }

  /** What comes next belongs here: before it is a hole. Bytes from the beginning. */
  skipTo(open: OpenFile, position: number): void {
    open.position = position
  }

  /** `whole`: all of its content was added; otherwise it is only closed. */
  end(open: OpenFile, whole: boolean): void {
    open.whole = whole
    this.#close(open)
  }

  /** All files so far are there. */
  async settled(): Promise<void> {
    this.#send(true)
    while (this.#going.size > 0) await Promise.all(this.#going)
    this.#check()
  }

  /** Nothing is under way, and no file is open any more, however it went. */
  async ended(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going)
    for (const { file } of this.#open) closeSync(file)
    this.#open.clear()
    this.#files = []
    this.#parts = []
  }

  /** Where the bytes are in the block of the next task: claimed with all that is around them, or copied. */
  #place(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0
    if (this.#claimed && bytes.buffer === this.#block?.buffer) return bytes.byteOffset
    const claimed = claim(bytes)
    if (claimed || this.#claimed || this.#used + bytes.length > (this.#block?.length ?? 0)) this.#send(false)
    if (claimed) {
      this.#block = claimed
      this.#claimed = true
      return bytes.byteOffset
    }
    this.#block ??= bytes.length > blockSize ? new Uint8Array(bytes.length) : (this.#spare ?? new Uint8Array(blockSize))
    this.#spare = undefined
    this.#block.set(bytes, this.#used)
    this.#used += bytes.length
    return this.#used - bytes.length
  }

  /** `still`: the claimed block is being read, so that a copy of it must do. */
  #send(still: boolean): void {
    const [files, spans, parts] = [this.#files, this.#spans, this.#parts]
    const [block, claimed] = [this.#block, this.#claimed]
    const kept = still && claimed
    if (!kept) {
      this.#block = undefined
      this.#claimed = false
      this.#used = 0
    }
    if (files.length === 0 && parts.length === 0) {
      if (block && !kept) release(block)
      return
    }
    this.#files = []
    this.#spans = []
    this.#parts = []
    const own = kept ? new Uint8Array(block ?? []) : (block ?? new Uint8Array(0))
    const going = this.#write({ files, spans, parts }, own, !claimed).finally(() => this.#going.delete(going))
    this.#going.add(going)
  }

  #room(): void | Promise<void> {
    if (this.#going.size >= underWay) return Promise.race(this.#going).then(() => this.#check())
    this.#check()
  }

  #check(): void {
    if (this.#failure) throw this.#failure.reason
  }

  /** Never rejects: the failure is thrown by whoever comes next. */
  async #write({ files, spans, parts }: Batch, block: Uint8Array, back: boolean): Promise<void> {
    try {
      const task: WriteTask = {
        do: 'write',
        block,
        paths: files.map(({ where }) => `${where}\0`).join(''),
        numbers: numbersOf(files, spans),
        more: files.flatMap(({ time, attributes }, index) =>
          time === undefined && !attributes ? [] : [{ index, time, attributes }],
        ),
        parts: parts.map(({ file, where, from, to, position }) => ({ file, where, from, to, position })),
        back,
      }
      const written = await this.#pool.run(task, [block.buffer as ArrayBuffer, task.numbers.buffer as ArrayBuffer])
      this.#outcomes.made(written.marks)
      this.#tell(written.told, files)
      for (const { index, reason } of written.not) {
        const file = files[index] as Announced
        const [from, to] = spans.slice(2 * index) as [number, number]
        if (reason === 'EEXIST') this.#outcomes.taken(file, (written.back as Uint8Array).subarray(from, to))
        else this.#outcomes.refused(file, to - from, reason)
      }
      if (back) this.#spare = written.back
    } catch (reason) {
      this.#failure ??= { reason }
    } finally {
      for (const { where } of files) this.#names.delete(this.#fold(where))
      for (const open of new Set(parts.map((part) => part.of))) {
        open.tasks -= 1
        this.#close(open)
      }
    }
  }

  #tell(told: readonly Tallied[], files: readonly Announced[]): void {
    if (told.length > 0) this.#outcomes.told(told, (at) => files.find(({ where }) => where === at)?.path ?? at)
  }

  /** Once all of its parts are written, a file gets what else it had. */
  #close(open: OpenFile): void {
    if (open.whole === undefined || open.tasks > 0) return
    this.#open.delete(open)
    const { file, about } = open
    const metadata = new MetadataKeeper()
    try {
      if (!open.whole || this.#failure) return
      const mark = onDisk(about.where, () => finishFile(file, about.where, about, metadata))
      this.#outcomes.made(BigUint64Array.of(mark))
      this.#tell(metadata.told, [about])
    } catch (reason) {
      this.#failure ??= { reason }
    } finally {
      closeSync(file)
    }
  }
}

interface Batch {
  readonly files: readonly Announced[]
  readonly spans: readonly number[]
  readonly parts: readonly (Part & { readonly of: OpenFile })[]
}

function numbersOf(files: readonly Announced[], spans: readonly number[]): Float64Array {
  const numbers = new Float64Array(files.length * perFile)
  for (const [index, { mode, uid, gid, mtime }] of files.entries()) {
    const at = index * perFile
    numbers[at] = spans[2 * index] as number
    numbers[at + 1] = spans[2 * index + 1] as number
    numbers[at + 2] = mode
    numbers[at + 3] = uid
    numbers[at + 4] = gid
    numbers[at + 5] = mtime
  }
  return numbers
}
