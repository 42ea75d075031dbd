// What the loss guard remembers of a plan: its last backup that nothing spoke against, how much there was lately, and how much usually changes.
// One small file a plan in the data folder (`guard/<plan>.json`, 0600).
// Guarantees: written durably, before the history says that the backup is there; damaged or missing, there is nothing to compare with, and a
// plan that was held back stays so by its history. Decides nothing: see rules.ts.
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentKind } from '../lib/content-mark.ts'
import { readSmall, writeDurably } from '../lib/files.ts'
import { privateFolder } from '../lib/private-folder.ts'
import { shareChanged, shareGone, shareOf } from './shares.ts'
import { type Amount, isLasting, type Sampled, type Summary, sumOf } from './summary.ts'

export interface Memory {
  readonly good?: Summary
  /** The newest backup, where it lacks something: what a person would accept. */
  readonly held?: Summary
  readonly peaks: Peaks
  /** Shares of files (0 to 1) that change or go from one backup to the next. */
  readonly usual: { readonly changed: number; readonly gone: number }
}

/** The most there was lately, by origin (and folder), and by a dump's path. Roots without folders that are made to be emptied. */
interface Peaks {
  readonly roots: Readonly<Record<string, Amount>>
  readonly dumps: Readonly<Record<string, { readonly bytes: number; readonly tables: number }>>
}

export const nothing: Memory = { peaks: { roots: {}, dumps: {} }, usual: { changed: 0, gone: 0 } }

const day = 24 * 3600 * 1000

/** A peak shrinks by this share a day, so that a third is forgotten in a month: what people clear up slowly is no loss. */
const perDay = 0.99

/** After a long silence no more is forgotten than in this time. */
const mostDays = 30

const keyOf = (origin: string, folder?: string) => (folder === undefined ? origin : `${origin}\0${folder}`)

export function peakOf({ peaks }: Memory, origin: string, folder?: string): Amount | undefined {
  return peaks.roots[keyOf(origin, folder)]
}

/** Nothing speaks against this backup. */
export function remember(memory: Memory, now: Summary): Memory {
  const { good, usual } = memory
  const days = Math.min(mostDays, Math.max(0, (now.time - (good?.time ?? now.time)) / day))
  const faded = perDay ** days
  const same = good !== undefined && JSON.stringify(good.exclude) === JSON.stringify(now.exclude)
  const peaks = peaksOf(now, same ? memory.peaks : nothing.peaks, faded)
  return {
    good: good ? { ...now, files: { ...now.files, entries: since(good, now) } } : now,
    peaks,
    usual: learnt(usual, good, now),
  }
}

/** A person has seen what is missing: this is what there is to save from now on. */
export function accept({ good, held, usual }: Memory): Memory {
  if (!held) return nothing
  return { good: held, peaks: peaksOf(held, nothing.peaks, 1), usual: learnt(usual, good, held) }
}

function peaksOf(now: Summary, old: Peaks, faded: number): Peaks {
  const roots: Record<string, Amount> = {}
  const note = (key: string, { files, bytes }: Amount) => {
    const before = old.roots[key]
    roots[key] = {
      files: Math.max(files, Math.floor((before?.files ?? 0) * faded)),
      bytes: Math.max(bytes, Math.floor((before?.bytes ?? 0) * faded)),
    }
  }
  for (const [root, { origin }] of now.roots.entries()) {
    const folders = now.folders.filter((folder) => folder.root === root)
    note(keyOf(origin), sumOf(folders.filter(isLasting)))
    for (const folder of folders) if (folder.name !== null) note(keyOf(origin, folder.name), folder)
  }
  const dumps: Record<string, { bytes: number; tables: number }> = {}
  for (const { path, bytes, tables } of now.dumps) {
    const before = old.dumps[path]
    dumps[path] = {
      bytes: Math.max(bytes, Math.floor((before?.bytes ?? 0) * faded)),
      tables: Math.max(tables, Math.floor((before?.tables ?? 0) * faded)),
    }
  }
  return { roots, dumps }
}

const sound: ReadonlySet<ContentKind> = new Set<ContentKind>(['plain', 'packed'])

/** A file that once had sound content does not lose that by being encrypted: many small steps add up. */
function since(good: Summary, now: Summary): Sampled[] {
  const before = new Map(good.files.entries.map(({ key, was }) => [key, was]))
  return now.files.entries.map((entry) => {
    const was = before.get(entry.key)
    return was !== undefined && sound.has(was) && !sound.has(entry.was) ? { ...entry, was } : entry
  })
}

/** The highest share lately: a little less with each backup. Of fewer files than twenty nothing is learnt. */
function learnt(usual: Memory['usual'], good: Summary | undefined, now: Summary): Memory['usual'] {
  if (!good) return usual
  const all = () => true
  const changed = shareChanged(good, now, all)
  const gone = shareGone(good, now, all)
  const next = (before: number, share: typeof changed) => Math.max(before * 0.9, share.of < 20 ? 0 : shareOf(share))
  return { changed: next(usual.changed, changed), gone: next(usual.gone, gone) }
}

const version = 1

/** Bytes: some kilobytes are written. */
const limit = 16 * 1024 * 1024

const pathIn = (folder: string, planId: string) => join(folder, `${planId}.json`)

/** Missing, damaged, or of another version: `nothing`. `folder`: `guard` of the data folder. */
export async function readMemory(folder: string, planId: string): Promise<Memory> {
  try {
    const { arche, content, sha256 } = JSON.parse((await readSmall(pathIn(folder, planId), { limit })) ?? '')
    const text = JSON.stringify(content)
    return arche === version && sha256 === digest(text) ? content : nothing
  } catch {
    return nothing
  }
}

export async function writeMemory(folder: string, planId: string, memory: Memory): Promise<void> {
  await privateFolder(folder)
  const content = JSON.stringify(memory)
  const text = `{"arche":${version},"sha256":"${digest(content)}","content":${content}}\n`
  await writeDurably(pathIn(folder, planId), text, { mode: 0o600 })
}

/** Its plan is gone. */
export async function forgetMemory(folder: string, planId: string): Promise<void> {
  await rm(pathIn(folder, planId), { force: true })
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
