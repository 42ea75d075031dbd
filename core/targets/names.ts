// Names of backups on a medium, as LabBook 3 gives them, written. How names are read: api/backup-name.ts.
// Guarantees: a name that is written suits FAT, NTFS, Linux and macOS, and reads back to the same second; a plan's name may hold anything.
// Does not know what is inside a backup, nor whether it opens.
import type { PackFormat } from '../api/plan.ts'

/** Longest plan name in a file name, in bytes: with what stands around it, well under 255. */
const NAME_LIMIT = 100

/** `backup_v30_<NAME>_<YYYY-MM-DD>_<HH>h<MM>m<SS>s.tar.gz.gpg` (or another format, which is not LabBook's), local time. */
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
