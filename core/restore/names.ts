// Which names an archive may have, and the names a restore makes up itself.
// Guarantees: a path that passes `safeParts` stays below the folder it is joined to, on the system it was checked for.
// On Linux and macOS a backslash, a colon or a trailing dot is an ordinary character of a name and is kept; on Windows, where they would
// mean a folder, a drive or another name, such a path is refused. Length is left to the file system.

/** Why an entry is refused: a sentence each in the catalogue (`common.reason`). */
export type Refusal =
  | 'absolute'
  | 'outside'
  | 'bad-name'
  | 'no-origin'
  | 'special'
  | 'below-file'
  | 'folder-and-file'
  | 'same-name'
  | 'link-outside'

/** No file system call takes a longer way: PATH_MAX is 4096 on Linux, less elsewhere. */
const deepest = 4096

const [SLASH, DOT] = [0x2f, 0x2e]

/** CON, PRN…: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i
const forbiddenOnWindows = /[<>:"|?*\\\p{Cc}]|[. ]$/u

/** The parts of an archive path, [] for the top folder itself ("./"), or why it is refused. */
export function safeParts(path: string, platform: NodeJS.Platform = process.platform): string[] | Refusal {
  const windows = platform === 'win32'
  // `tar c .` writes "./a": the one harmless use of ".".
  const bare = path.replace(/^(\.\/)+/, '')
  if (bare.startsWith('/') || (windows && /^(\\|[a-z]:)/i.test(bare))) return 'absolute'
  if (bare === '.' || (bare === '' && path !== '')) return []
  const parts = bare.split('/')
  if (parts.length > deepest) return 'bad-name'
  for (const part of parts) {
    if (part === '..' || (windows && part.split('\\').includes('..'))) return 'outside'
    if (part === '' || part === '.' || part.includes('\0')) return 'bad-name'
    if (windows && (forbiddenOnWindows.test(part) || reserved.test(part))) return 'bad-name'
  }
  return parts
}

/** True for a path that `safeParts` takes apart without a change, as nearly all are; false says nothing. */
export function isPlain(path: string, platform: NodeJS.Platform = process.platform): boolean {
  if (platform === 'win32' || path === '' || path.length > deepest) return false
  // At the beginning as after a slash: no further slash and no dot.
  let beginning = true
  for (let at = 0; at < path.length; at += 1) {
    const code = path.charCodeAt(at)
    if (code === 0 || (beginning && (code === SLASH || code === DOT))) return false
    beginning = code === SLASH
  }
  return !beginning
}

/** "name (restored).ext", then "name (restored 2).ext"…: the first for which `taken` is false. */
export function freeName(name: string, folder: boolean, taken: (candidate: string) => boolean): string {
  const dot = folder ? -1 : name.lastIndexOf('.')
  // What is longer than that is no extension, and would leave no room for the name.
  const extension = dot > 0 && name.length - dot <= 32 ? name.slice(dot) : ''
  const stem = name.slice(0, name.length - extension.length)
  for (let count = 1; ; count++) {
    const suffix = ` (restored${count === 1 ? '' : ` ${count}`})${extension}`
    const candidate = shorten(stem, 255 - Buffer.byteLength(suffix)) + suffix
    if (!taken(candidate)) return candidate
  }
}

/** Cuts a name to this many bytes of UTF-8, in whole characters. */
function shorten(text: string, bytes: number): string {
  let kept = text
  while (kept !== '' && Buffer.byteLength(kept) > bytes) kept = [...kept].slice(0, -1).join('')
  return kept
}

/** Where a restore prepares what it will put in place. Gone when it ends. */
export function stagingName(id: string, index: number): string {
  return `.arche-restore-${id.slice(0, 8)}-${index}`
}

/** Where replaced files are kept: local time, as people read it. */
export function safetyName(now: number): string {
  return `.arche-before-restore-${localTime(now)}`
}

/** Where an undo puts what was changed since the restore. Not left out of backups: somebody worked on it. */
export function keptName(now: number): string {
  return `.arche-kept-${localTime(now)}`
}

function localTime(now: number): string {
  const date = new Date(now)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day}_${two(date.getHours())}h${two(date.getMinutes())}m${two(date.getSeconds())}s`
}

/** An entry that is left out; the rest goes on. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal)
    this.refusal = refusal
  }
}
