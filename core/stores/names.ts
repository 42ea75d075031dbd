// Which names a store accepts and which ranges an object has: the same answer from every kind of store.
// Guarantees: an accepted name cannot leave the store, on any system, and stands for exactly one sequence of bytes.
import { Failure } from '../api/failure.ts'
import { ownPrefix } from '../lib/files.ts'
import { decodeName, encodeName } from '../lib/paths.ts'
import type { Range } from './store.ts'

/** Longest part of a name in bytes of UTF-8: what ext4, APFS and NTFS allow at least. */
const longestPart = 255

/** Device names that Windows keeps for itself, whatever the ending. */
const windowsDevice = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i

/** Throws Failure `bad-input` {name, reason: the name, rule} unless the name is allowed (rules: see Store). */
export function checkName(name: string): void {
  const refuse = (rule: string) => {
    throw new Failure('bad-input', { name, reason: name, rule })
  }
  if (name === '') refuse('empty')
  if (name.includes('\0')) refuse('NUL')
  if (name.includes('\\')) refuse('backslash')
  if (decodeName(encodeName(name)) !== name) refuse('not text')
  for (const part of name.split('/')) {
    if (part === '' || part === '.' || part === '..') refuse('path')
    if (part.startsWith(ownPrefix)) refuse('reserved')
    if (encodeName(part).length > longestPart) refuse('too long')
    if (process.platform === 'win32' && isBadOnWindows(part)) refuse('not allowed on Windows')
  }
}

function isBadOnWindows(part: string): boolean {
  const letters = [...part].some((letter) => letter < ' ' || '<>:"|?*'.includes(letter))
  return letters || windowsDevice.test(part) || /[. ]$/.test(part)
}

/** First byte and one past the last, for an object of `size` bytes; Failure `bad-range` {name, size, start, end} when it has no such bytes. */
export function checkRange(name: string, size: number, range: Range | undefined): { start: number; end: number } {
  const start = range?.start ?? 0
  const end = range?.end ?? size
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end)
  if (whole && start >= 0 && start <= end && end <= size) return { start, end }
  throw new Failure('bad-range', { name, size, start, end })
}
