// Names of backups on a medium, as LabBook gives them (3.0, read and written; 2.5 and 2.9, read).
// Guarantees: a name that is written suits FAT, NTFS, Linux and macOS, and reads back to the same second; a plan's name may hold anything.
// Does not know what is inside a backup, nor whether it opens.

import type { PackFormat } from '../api/plan.ts'

/** The folder at the root of a medium; its existence says that the medium was made ready. */
export const FOLDER = 'SIGL_sauvegardes'

/** Longest plan name in a file name, in bytes: with what stands around it, well under 255. */
const NAME_LIMIT = 100

/** What the name of a backup says. */
export interface ArtifactName {
  /** `2.x` does not tell 2.5 from 2.9: what opens decides. */
  readonly format: '3.0' | '2.x'
  /** The plan or the database, made safe. */
  readonly name: string
  /** The local time in the name, taken as a time here. */
  readonly time: Date
}

/** `backup_v30_<NAME>_<YYYY-MM-DD>_<HH>h<MM>m<SS>s.tar.gz.gpg` (or `.tar.zst.gpg`, which is not LabBook's), local time. */
export function artifactName(planName: string, when: Date, format: PackFormat = 'tar.gz.gpg'): string {
  const day = [pad(when.getFullYear(), 4), pad(when.getMonth() + 1), pad(when.getDate())].join('-')
  const time = `${pad(when.getHours())}h${pad(when.getMinutes())}m${pad(when.getSeconds())}s`
  return `backup_v30_${safeName(planName)}_${day}_${time}.${format}`
}

function pad(value: number, length = 2): string {
  return String(value).padStart(length, '0')
}

/** What FAT and Windows refuse, quotes, and characters that break or turn lines (bidirectional controls would show a false name). */
const unsafe = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}/\\:*?"'`<>|\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]+/gu

function safeName(planName: string): string {
  const clean = trim(planName.normalize('NFC').replace(unsafe, '-'))
  let name = ''
  for (const { segment } of new Intl.Segmenter().segment(clean)) {
    if (Buffer.byteLength(name + segment) > NAME_LIMIT) break
    name += segment
  }
  return trim(name) || 'plan'
}

/** Without dots and spaces at the ends, which Windows drops, and without dashes that stand for nothing. */
function trim(name: string): string {
  return name.replace(/^[\s.-]+|[\s.-]+$/gu, '')
}

const moment = String.raw`_(\d{4})-(\d{2})-(\d{2})_(\d{2})h(\d{2})m(\d{2})s\.tar`
const version3 = new RegExp(`^backup_v30_(.+)${moment}\\.(?:gz|zst)\\.gpg$`, 'su')
const version2 = new RegExp(`^backup_(.+)${moment}\\.gz$`, 'su')

/** Reads a file name (no folder); undefined when it is not the name of a backup or its date does not exist. */
export function parseArtifactName(fileName: string): ArtifactName | undefined {
  const newer = version3.exec(fileName)
  const found = newer ?? version2.exec(fileName)
  const time = found && readTime(found.slice(2).map(Number))
  return time ? { format: newer ? '3.0' : '2.x', name: found[1] as string, time } : undefined
}

/** Checked as UTC, because a time that another zone has may fall into a change of clocks here. */
function readTime([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: number[]): Date | undefined {
  const utc = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  const same =
    utc.getUTCFullYear() === year &&
    utc.getUTCMonth() === month - 1 &&
    utc.getUTCDate() === day &&
    utc.getUTCHours() === hour &&
    utc.getUTCMinutes() === minute &&
    utc.getUTCSeconds() === second
  return same ? new Date(year, month - 1, day, hour, minute, second) : undefined
}
