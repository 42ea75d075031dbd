// How large an archive of a tree will be, before it is made: formats that are compressed already count in full, of all others a sample is read and
// packed as the plan says.
// Guarantees: reads some megabytes at the most, whatever the tree, and only from this computer's disks: a server or program that answers for a file may
// take long, or never answer; changes nothing; a file that is not read stands for nothing. Priority sampling
// (Duffield, Lund, Thorup 2007): each file of the sample stands for its own weight or for the threshold, whichever is more, which gives every byte of
// the tree the same say.
import { closeSync, lstatSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { recipes } from '../api/recipe.ts'
import type { Pack, Root } from '../archive/archive.ts'
import { compressedBlock } from '../archive/packing.ts'
import { throwIfCancelled } from '../lib/bytes.ts'
import { fsPath } from '../lib/paths.ts'
import { type ContentCount, chanceOf, headers, isPacked, type Sampled, sampleSize } from './content-sample.ts'
import type { Exclusion } from './exclusion.ts'
import { Disks } from './file-systems.ts'
import { sparseMap } from './holes.ts'
import { type OpenFile, openFile } from './late.ts'
import { walk } from './walk.ts'

/** What is packed at once: of a large file a piece, of a small one the file with those that follow it, as they will stand in the archive. */
const pieceSize = 128 * 1024

/** Names that are looked at for the neighbours of a small file. */
const mostNeighbours = 300

/** Pieces of a file that stands for much. */
const mostPieces = 8

/** Of data that do not compress: gzip's 5 bytes for each 16 KiB, OpenPGP's for each packet. */
const inFull = 1.001

/** What was counted, and where. */
export interface Tree {
  readonly content: ContentCount
  readonly roots: readonly Root[]
  readonly excluded: Exclusion
}

/** Bytes of the archive, without what lies beside it; undefined where much depends on what cannot be read for it. */
export async function expectedSize(tree: Tree, pack: Pack, signal: AbortSignal): Promise<number | undefined> {
  const { packed, other, sample } = tree.content
  if (recipes[pack.format].codec === 'none') return Math.ceil((packed + other) * inFull)
  const share = sample.length === 0 ? 1 : await shareOfAll(tree, pack, signal)
  return share === undefined ? undefined : Math.ceil((packed + other * Math.min(1, share)) * inFull)
}

/** The look before a backup and the backup itself measure the same sample, moments apart and mostly in one thread: what was measured last, and when. */
let last: { readonly key: string; readonly share: number | undefined; readonly at: number } | undefined
/** Milliseconds. */
const fresh = 10 * 60_000

async function shareOfAll(tree: Tree, pack: Pack, signal: AbortSignal): Promise<number | undefined> {
  const key = JSON.stringify([tree.content.sample, pack, tree.roots.map(({ origin }) => origin)])
  if (last?.key === key && Date.now() - last.at < fresh) return last.share
  const share = await measuredShare(tree, pack, signal)
  last = { key, share, at: Date.now() }
  return share
}

/** Bytes that become of one byte that is not packed; undefined where none of the sample can be read. */
async function measuredShare(tree: Tree, pack: Pack, signal: AbortSignal): Promise<number | undefined> {
  const { other, sample } = tree.content
  const chosen = sample.slice(0, sampleSize)
  const threshold = sample.length > sampleSize ? (sample[sampleSize]?.priority ?? 0) : 0
  let all = 0
  let small = 0
  for (const one of chosen) {
    throwIfCancelled(signal)
    const stands = Math.max(one.weight, threshold)
    const share = await shareOf(one, Math.ceil((stands / other) * sampleSize), tree, pack)
    if (share === undefined) continue
    all += stands
    small += stands * share
  }
  return all === 0 ? undefined : small / all
}

const disks = new Disks()

function openOnDisk(at: string): OpenFile | undefined {
  try {
    if (!disks.has(lstatSync(fsPath(at), { bigint: true }).dev, fsPath(at))) return undefined
  } catch {
    // Gone, or not for us: the backup will tell.
    return undefined
  }
  const found = openFile(at)
  return 'file' in found ? found : undefined
}

/** Bytes that become of one byte of it; undefined where it cannot be read. */
async function shareOf({ at, weight }: Sampled, pieces: number, tree: Tree, pack: Pack): Promise<number | undefined> {
  const found = openOnDisk(at)
  if (!found) return undefined
  try {
    const size = Number(found.stat.size)
    if (size <= pieceSize) return await packedShare(framed(at, tree), pack)
    const extents = sparseMap(found) ?? [{ at: 0, length: size }]
    const there = extents.reduce((sum, { length }) => sum + length, 0)
    if (there === 0) return 0
    const count = Math.min(mostPieces, Math.max(1, pieces), Math.ceil(there / pieceSize))
    let share = 0
    for (let index = 0; index < count; index += 1) {
      const piece = Buffer.alloc(Math.min(pieceSize, there))
      const from = Math.floor(((there - piece.length) * (index + 0.5)) / count)
      share += ((await packedShare(readAt(found.file, placeOf(from, extents), piece), pack)) ?? 1) / count
    }
    return (share * there) / weight
  } finally {
    closeSync(found.file)
  }
}

/** Where the byte of this number is, when holes do not count. */
function placeOf(number: number, extents: readonly { readonly at: number; readonly length: number }[]): number {
  let left = number
  for (const { at, length } of extents) {
    if (left < length) return at + left
    left -= length
  }
  return 0
}

async function packedShare(bytes: Uint8Array | undefined, pack: Pack): Promise<number | undefined> {
  if (!bytes || bytes.length === 0) return undefined
  const made = await compressedBlock(bytes, pack)
  return made.reduce((sum, { length }) => sum + length, 0) / bytes.length
}

function readAt(file: number, from: number, into: Buffer): Uint8Array | undefined {
  try {
    return into.subarray(0, readSync(file, into, 0, into.length, from))
  } catch {
    return undefined
  }
}

/** A small file with its neighbours, framed as in a tar archive: alone it would compress worse than it does there. */
function framed(at: string, { roots, excluded }: Tree): Uint8Array {
  const piece = Buffer.alloc(pieceSize)
  let used = 0
  for (const file of near(at, roots, excluded)) {
    used += header(file, piece.subarray(used))
    const found = used < pieceSize ? openOnDisk(file) : undefined
    if (!found) continue
    try {
      used += Math.ceil((readAt(found.file, 0, piece.subarray(used))?.length ?? 0) / 512) * 512
    } finally {
      closeSync(found.file)
    }
    if (used >= pieceSize) return piece
  }
  return piece.subarray(0, used)
}

/** What a tar archive says of a file, about: its name, owner and times stand in three blocks. */
function header(at: string, into: Buffer): number {
  const words = `${at.slice(-100)}\0${'0000644\0'.repeat(3)}ustar 30 mtime=${at.length * 7919}.${chanceOf(at)}`
  into.write(words.slice(0, headers), 'latin1')
  return Math.min(headers, into.length)
}

/** The file, then others of its folder in their order, then of the folders around it, but never above the chosen ones. */
function* near(at: string, roots: readonly Root[], excluded: Exclusion): Generator<string> {
  yield at
  const within = roots.find(({ origin }) => at.startsWith(origin.endsWith('/') ? origin : `${origin}/`))
  let left = mostNeighbours
  let folder = at
  for (let level = 0; within && level < 3 && folder !== within.origin; level += 1) {
    const done = folder
    folder = dirname(folder)
    for (const { at: other, stat } of walk([{ name: '.', origin: folder }], excluded, () => undefined)) {
      left -= 1
      if (left < 0) return
      const seen = other === done || other.startsWith(`${done}/`)
      if (!seen && stat.isFile() && !isPacked(other)) yield other
    }
  }
}
