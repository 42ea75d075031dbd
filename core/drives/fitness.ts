// What speaks for and against a medium before anything is written: a pure function from facts to findings.
// Guarantees: the same facts give the same findings, errors first, each code once per subject. Does not look at the file system: paths come
// resolved (no symlinks), facts come from media.ts.
import { isAbsolute, relative } from 'node:path'
import type { Details, FailureCode, Finding } from '../api/failure.ts'
import type { Medium } from '../api/model.ts'
import { hopelessShare } from '../lib/work.ts'

/** What a run wants to put on the medium. Sizes in bytes. */
export interface Need {
  /** What will be read; the archive is usually smaller (compression), never much larger. */
  readonly bytes?: number
  /** What these take on their disk, where that is known and less: an archive has no holes either. */
  readonly disk?: number
  readonly files?: number
  /** What the archive will probably have, by what it is made of, with a tenth to spare. */
  readonly expected?: number
  /** Absolute paths of what will be saved. */
  readonly sources?: readonly string[]
}

/** FAT has 32 bits for the length of a file. */
const fatLimit = 2 ** 32 - 1
const fatTypes = new Set(['vfat', 'msdos', 'fat', 'fat12', 'fat16', 'fat32', 'umsdos'])

/** Even the keys and checksums beside an archive need room. */
const least = 1024 * 1024

/** Less free space than this share of what is read cannot do: people's files do not compress better. */
const bestCompression = 0.05

/** Bytes without the holes. */
function solid({ bytes = 0, disk = bytes }: Need): number {
  return Math.min(bytes, disk)
}

/** Data that do not compress: gzip adds 5 bytes per 16 KiB block, OpenPGP a few per packet, tar at most about 2 KiB per file. */
function worstCase(need: Need): number {
  return Math.ceil(solid(need) * 1.001) + (need.files ?? 0) * 2048 + least
}

/** The least that the archive can have, as far as it is known. */
function bestCase(need: Need): number {
  // Never more than nothing but its own size could be.
  const expected = Math.min((need.expected ?? 0) * hopelessShare, worstCase(need))
  return Math.ceil(Math.max(expected, solid(need) * bestCompression, least))
}

/** Errors first, then warnings, each in a fixed order. */
export function fitness(medium: Medium, need: Need = {}): Finding[] {
  const findings = [...ofPlace(medium), ...ofSources(medium, need), ...ofSpace(medium, need), ...ofFormat(medium, need)]
  const rank = { error: 0, warning: 1, info: 2 }
  return findings.sort((a, b) => rank[a.level] - rank[b.level])
}

function finding(level: Finding['level'], code: FailureCode, medium: Medium, details: Details = {}): Finding {
  return { level, code, details: { name: medium.name, path: medium.path, ...details } }
}

function ofPlace(medium: Medium): Finding[] {
  const findings: Finding[] = []
  if (medium.system) findings.push(finding('error', 'system-disk', medium))
  else if (medium.fixed) findings.push(finding('warning', 'fixed-disk', medium))
  if (medium.readOnly) findings.push(finding('error', 'medium-read-only', medium))
  if (!medium.initialised) findings.push(finding('error', 'not-initialised', medium))
  return findings
}

function ofSources(medium: Medium, need: Need): Finding[] {
  // A server's folder is no folder of this computer.
  if (medium.kind) return []
  return (need.sources ?? []).flatMap((path) => {
    if (holds(medium.path, path)) return [finding('error', 'source-is-medium', medium, { path })]
    if (holds(path, medium.path)) return [finding('warning', 'source-contains-medium', medium, { path })]
    return []
  })
}

/** `inner` is `outer` or lies in it. */
function holds(outer: string, inner: string): boolean {
  const way = relative(outer, inner)
  return way === '' || (!isAbsolute(way) && way.split(/[/\\]/)[0] !== '..')
}

function ofSpace(medium: Medium, need: Need): Finding[] {
  const { free } = medium
  if (free === undefined) return []
  const must = bestCase(need)
  if (free < must) return [finding('error', 'no-space', medium, { free, need: must, why: 'before' })]
  const may = need.expected ?? worstCase(need)
  return free < may ? [finding('warning', 'space-tight', medium, { free, need: may })] : []
}

function ofFormat(medium: Medium, need: Need): Finding[] {
  if (!fatTypes.has(medium.fsType?.toLowerCase() ?? '')) return []
  if (bestCase(need) > fatLimit) return [finding('error', 'file-too-large', medium, { limit: fatLimit })]
  return (need.expected ?? worstCase(need)) > fatLimit
    ? [finding('warning', 'fat-limits', medium, { limit: fatLimit })]
    : []
}
