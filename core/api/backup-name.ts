// What the file name of a backup says, and when that backup was really made: the one rule for every name that is read.
// Names as LabBook gives them: `backup_v30_<NAME>_<YYYY-MM-DD>_<HH>h<MM>m<SS>s.tar.gz.gpg` (3.0; the other formats are Arche's own), and
// `backup_<NAME>_…s.tar.gz` (2.5 and 2.9, which have no `v30`). They hold the local time of whoever made the backup, so they do not sort by age: travel, several
// computers, the hour that a change of clocks repeats. Guarantees: pure. How names are written: targets/names.ts.
import { type PackFormat, packFormats } from './pack-formats.ts'

/** Parts of the file name of a backup. */
export interface ArtifactName {
  /** `2.x` does not tell 2.5 from 2.9: what opens decides. */
  readonly format: '3.0' | '2.x'
  /** Of 3.0: the suffix, which tells how it was made. */
  readonly pack?: PackFormat
  /** The plan or the database, made safe. */
  readonly name: string
  /** The local time in the name, taken as a time here. */
  readonly time: Date
  /** The same, taken as a time of UTC, in ms since 1970. */
  readonly wall: number
}

const moment = String.raw`_(\d{4})-(\d{2})-(\d{2})_(\d{2})h(\d{2})m(\d{2})s`
const suffix = packFormats.map((format) => format.replaceAll('.', '\\.')).join('|')
const version3 = new RegExp(`^backup_v30_([^/]+)${moment}\\.(${suffix})$`, 'u')
const version2 = new RegExp(`^backup_([^/]+)${moment}\\.tar\\.gz$`, 'u')

/** Reads a file name (no folder); undefined when it is not the name of a backup or its date does not exist. */
export function parseArtifactName(fileName: string): ArtifactName | undefined {
  const newer = version3.exec(fileName)
  const found = newer ?? version2.exec(fileName)
  const time = found && readTime(found.slice(2, 8).map(Number))
  if (!time) return undefined
  const made = newer ? { format: '3.0' as const, pack: newer[8] as PackFormat } : { format: '2.x' as const }
  return { ...made, name: found[1] as string, ...time }
}

/** Checked as UTC, because a time that another zone has may fall into a change of clocks here. */
function readTime([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: number[]) {
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  const utc = new Date(wall)
  const same =
    utc.getUTCFullYear() === year &&
    utc.getUTCMonth() === month - 1 &&
    utc.getUTCDate() === day &&
    utc.getUTCHours() === hour &&
    utc.getUTCMinutes() === minute &&
    utc.getUTCSeconds() === second
  return same ? { time: new Date(year, month - 1, day, hour, minute, second), wall } : undefined
}

/**
 * The file beside the backups that says when each was made, for whoever has not made it: lines `<ISO 8601, UTC>  NAME`. Not in SHA256SUMS, of which
 * every line is somebody's file. Names that are written hold neither backslashes nor line ends.
 */
export const timesFile = 'SHA256SUMS.times'

const heading =
  '# When the backups beside were made (their names only have the local time): UTC, two blanks, file name.'
const timeLine = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) {2}(.+?)\r?$/s

/** In ms since 1970, by file name; of several lines for a name the last holds, others say nothing. Whether to believe it: `fitsName`. */
export function parseTimes(content: string): Map<string, number> {
  const times = new Map<string, number>()
  for (const line of content.split('\n')) {
    const [, time = '', name = ''] = timeLine.exec(line) ?? []
    const made = Date.parse(time)
    if (!Number.isNaN(made)) times.set(name, made)
  }
  return times
}

/** The file with these times, and nothing else that was in it. */
export function formatTimes(times: ReadonlyMap<string, number>): string {
  const lines = [...times].map(([name, made]) => `${new Date(made).toISOString()}  ${name}`)
  return `${[heading, ...lines].join('\n')}\n`
}

const hour = 3600 * 1000

/** Local times are ahead of UTC by this much at the most, or behind it; an hour to spare, for names that were moved on to a free second. */
const zones = { ahead: 15 * hour, behind: 13 * hour }

/** False: whoever noted this time did not make a backup of this name then, in any time zone. `time` in ms since 1970. */
export function fitsName({ wall }: ArtifactName, time: number): boolean {
  return time >= wall - zones.ahead && time <= wall + zones.behind
}

/**
 * When a backup was made, in ms since 1970: as noted (`made`), where that fits its name; else the local time in the name, as a time here, but not
 * after the last change of the file (`mtime`), which tells of a zone whose clocks are ahead of ours.
 */
export function madeAt(name: ArtifactName, made: number | undefined, mtime: number | undefined): number {
  if (made !== undefined && fitsName(name, made)) return made
  const here = name.time.getTime()
  return mtime !== undefined && mtime < here && fitsName(name, mtime) ? mtime : here
}
