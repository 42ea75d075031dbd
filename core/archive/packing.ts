// From the pieces of a tar archive to compressed bytes: blocks are put together, read and compressed in a pool of threads.
// Guarantees: blocks come out in their order, each compressed by itself (codecs.ts), so that a restore can work on several at once; memory
// is a few blocks for each thread; leaving early waits for what is under way. Knows tar's pieces, not what is in them.
import type { Compression, PackFormat } from '../api/plan.ts'
import { recipes } from '../api/recipe.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { Done, Pool } from '../lib/pool.ts'
import { BlockPool, blockSize, inOrder, type Job } from './blocks.ts'
import { codecs } from './codecs.ts'
import { type LateFile, type LateOutcome, type Piece, settle } from './entry.ts'
import { Frame } from './frame.ts'
import { BLOCK } from './tar-header.ts'

/** How an archive is made. */
export interface Pack {
  readonly format: PackFormat
  /** Absent: balanced. */
  readonly compression?: Compression | undefined
}

/** A part of the block that comes along, or a file to read in its place (`marked`: see LateFile). */
export type Part =
  | { readonly from: number; readonly to: number }
  | { readonly path: string; readonly at: string; readonly marked?: boolean }

/** To be put together and compressed. */
export interface PackTask {
  readonly do: 'pack'
  readonly pack: Pack
  readonly block: Uint8Array
  readonly parts: readonly Part[]
}

export interface Packed {
  /** Compressed, in memory of their own. */
  readonly data: readonly Uint8Array[]
  /** The block of the task, to be filled again. */
  readonly back: Uint8Array
  /** One for each file, in their order. */
  readonly outcomes: readonly LateOutcome[]
}

/** Reads a file into its place, headers and all; throws for nothing that can be wrong with a file. */
export type ReadLate = (
  file: { readonly path: string; readonly at: string; readonly marked?: boolean },
  frame: Frame,
) => LateOutcome

/** What a file needs beside its content, at the most that is usual: two headers and their padding. */
const overhead = 4 * BLOCK

/** Without any piece it is one empty block. */
export function packed(pieces: AsyncIterable<Piece>, pack: Pack, pool: Pool<PackTask, Packed>): Bytes {
  return inOrder(jobs(pieces, pack, pool), pool.width, true)
}

async function* jobs(pieces: AsyncIterable<Piece>, pack: Pack, pool: Pool<PackTask, Packed>): AsyncGenerator<Job> {
  const blocks = new BlockPool(blockSize)
  const going = new Set<Promise<unknown>>()
  const begin = (batch: Batch): Job => {
    const result = batch.pack(pack, pool, blocks)
    const over = () => going.delete(settled)
    const settled: Promise<unknown> = result.then(over, over)
    going.add(settled)
    return { result }
  }
  let any = false
  for await (const batch of batches(pieces, blocks, () => Promise.all(going))) {
    any = true
    yield begin(batch)
  }
  if (!any) yield begin(new Batch(blocks.take()))
}

/** `settled`: waits until all batches given out so far are done with. */
async function* batches(
  pieces: AsyncIterable<Piece>,
  blocks: BlockPool,
  settled: () => Promise<unknown>,
): AsyncGenerator<Batch> {
  const filling = new Filling(blocks)
  for await (const piece of pieces) {
    if (piece === settle) {
      yield* filling.rest()
      await settled()
    } else if (piece instanceof Uint8Array) yield* filling.bytes(piece)
    else yield* filling.file(piece)
  }
  yield* filling.rest()
}

/** Puts pieces into batches and gives out each that is full. */
class Filling {
  readonly #blocks: BlockPool
  #batch: Batch

  constructor(blocks: BlockPool) {
    this.#blocks = blocks
    this.#batch = new Batch(blocks.take())
  }

  *bytes(piece: Uint8Array): Generator<Batch> {
    for (let at = 0; at < piece.length; ) {
      at += this.#batch.add(piece.subarray(at))
      if (this.#batch.room === 0) yield* this.rest()
    }
  }

  *file(file: LateFile): Generator<Batch> {
    if (this.#batch.room < file.size + overhead) yield* this.rest()
    this.#batch.read(file)
  }

  *rest(): Generator<Batch> {
    if (this.#batch.empty) return
    yield this.#batch
    this.#batch = new Batch(this.#blocks.take())
  }
}

/** What becomes one block. */
class Batch {
  readonly #block: Buffer
  readonly #parts: Part[] = []
  readonly #files: LateFile[] = []
  #used = 0
  #late = 0

  constructor(block: Buffer) {
    this.#block = block
  }

  get empty(): boolean {
    return this.#parts.length === 0
  }

  /** Bytes that still fit; what files will be is a guess. */
  get room(): number {
    return Math.max(0, blockSize - this.#used - this.#late)
  }

  /** Takes as much as there is room for; tells how much. */
  add(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.room)
    if (taken.length === 0) return 0
    this.#block.set(taken, this.#used)
    const [from, to] = [this.#used, this.#used + taken.length]
    const last = this.#parts.at(-1)
    if (last && 'to' in last) this.#parts[this.#parts.length - 1] = { from: last.from, to }
    else this.#parts.push({ from, to })
    this.#used = to
    return taken.length
  }

  read(file: LateFile): void {
    this.#parts.push(file.marked ? { path: file.path, at: file.at, marked: true } : { path: file.path, at: file.at })
    this.#files.push(file)
    this.#late += file.size + overhead
  }

  async pack(pack: Pack, pool: Pool<PackTask, Packed>, blocks: BlockPool): Promise<readonly Uint8Array[]> {
    const task: PackTask = { do: 'pack', pack, block: this.#block, parts: this.#parts }
    const { data, back, outcomes } = await pool.run(task, [this.#block.buffer as ArrayBuffer])
    blocks.give(back)
    for (const [index, file] of this.#files.entries()) file.told(outcomes[index] as LateOutcome)
    return data
  }
}

/** Blocks that are being filled in this thread. */
const scratch = new BlockPool(blockSize)

/** Carries out a task, in whatever thread. */
export async function packBlock({ pack, block, parts }: PackTask, readLate: ReadLate): Promise<Done<Packed>> {
  const results: Promise<Uint8Array[]>[] = []
  const outcomes: LateOutcome[] = []
  const [only] = parts
  if (parts.length <= 1 && (!only || 'to' in only))
    results.push(compressedBlock(block.subarray(only?.from ?? 0, only?.to ?? 0), pack))
  else {
    const full = (filled: Uint8Array) => results.push(compressedBlock(filled, pack).finally(() => scratch.give(filled)))
    const frame = new Frame(() => scratch.take(), full)
    for (const part of parts) {
      if ('to' in part) frame.add(block.subarray(part.from, part.to))
      else outcomes.push(readLate(part, frame))
    }
    frame.close()
  }
  const data = (await Promise.all(results)).flat()
  const transfer = [block, ...data].map((bytes) => bytes.buffer as ArrayBuffer)
  return { answer: { data, back: block, outcomes }, transfer: [...new Set(transfer)] }
}

/** One block as it stands in an archive, before it is encrypted. */
export async function compressedBlock(
  block: Uint8Array,
  { format, compression = 'balanced' }: Pack,
): Promise<Uint8Array[]> {
  const { codec, cipher } = recipes[format]
  return codecs[codec].block(block, codecs[codec].levels[compression], cipher === 'none')
}
