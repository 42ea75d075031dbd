// Calls of the C library that Node does not have: extended attributes, times to the nanosecond, where the holes of a file are.
// Guarantees: Linux with 64 bits only; where the calls cannot be had `libc` says so and nothing is thrown; a call that fails throws an error with
// the system's name for it as `code`, as those of node:fs do; buffers may hold any bytes. Each thread loads it for itself, when it is first asked.
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { decodeName, encodeName } from './paths.ts'

/** A file that is open, or a path that is not followed where it ends in a symlink (`link`) or is (`folder`: see restore/held.ts). */
export type Where = { readonly file: number } | { readonly link: string } | { readonly folder: string }

export interface Libc {
  /** Names of all extended attributes; none where the file system has no such thing. */
  attributes(where: Where): readonly string[]
  /** Undefined: it is not there any more. */
  attribute(where: Where, name: string): Buffer | undefined
  setAttribute(where: Where, name: string, value: Uint8Array): void
  /** Nothing to remove is fine. */
  removeAttribute(where: Where, name: string): void
  /** Sets the time of the last change, and that of the last access to the same. `seconds` since 1970, 64 bits with a sign. */
  setTime(where: Where, seconds: bigint, nanos: number): void
  /** Where the next data (hole) at or after `from` begin, in bytes; -1: none. The place to which the file was read stays. */
  seek(file: number, from: number, what: 'data' | 'hole'): number
}

/** Linux: uapi/linux/fcntl.h, uapi/linux/fs.h, uapi/linux/limits.h. */
const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100
const SEEK_SET = 0
const SEEK_CUR = 1
const SEEK_DATA = 3
const SEEK_HOLE = 4
/** Largest value, and largest list of names, of what a file may have. */
const XATTR_MAX = 65_536

/** Nothing of the kind is known here, or it is not there. */
const nothing = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENODATA', 'ENOSYS'])

const long64 = new Set(['x64', 'arm64', 'riscv64', 'loong64', 'ppc64', 's390x'])

type Call = (...args: readonly unknown[]) => number

type Koffi = Pick<typeof import('koffi'), 'load' | 'errno'>

const none: readonly string[] = []

let known: Libc | null | undefined

/** Undefined where the calls cannot be had. */
export function libc(): Libc | undefined {
  known ??= loaded() ?? null
  return known ?? undefined
}

function loaded(): Libc | undefined {
  if (process.platform !== 'linux' || !long64.has(process.arch)) return undefined
  try {
    return calls(createRequire(import.meta.url)('koffi') as Koffi)
  } catch {
    // Not for this processor, or not installed: what needs the calls is told by whoever wanted them.
    return undefined
  }
}

function calls(koffi: Koffi): Libc {
  const library = koffi.load(null)
  const func = (definition: string): Call => library.func(definition)
  const list = ways(func, 'listxattr', 'void*, size_t')
  const listOpen = func('int64_t flistxattr(int, void*, size_t)')
  const get = ways(func, 'getxattr', 'const void*, void*, size_t')
  const set = ways(func, 'setxattr', 'const void*, const void*, size_t, int')
  const remove = ways(func, 'removexattr', 'const void*')
  const futimens = func('int futimens(int, const void*)')
  const utimensat = func('int utimensat(int, const void*, const void*, int)')
  const lseek = func('int64_t lseek(int, int64_t, int)')
  const scratch = Buffer.alloc(XATTR_MAX)
  const times = new BigInt64Array(4)

  const checked = (result: number): number => {
    if (result >= 0) return result
    const errno = koffi.errno()
    const code = getSystemErrorName(-errno)
    throw Object.assign(new Error(code), { code, errno: -errno })
  }
  const orNone = (call: () => number): number => {
    try {
      return checked(call())
    } catch (error) {
      if (nothing.has((error as NodeJS.ErrnoException).code ?? '')) return -1
      throw error
    }
  }
  return {
    attributes(where) {
      const found =
        'file' in where ? listOpen(where.file, scratch, scratch.length) : list(where, scratch, scratch.length)
      // Asked for every file, and most have none.
      if (found === 0) return none
      const length = orNone(() => found)
      return length < 0 ? none : split(scratch.subarray(0, length))
    },
    attribute(where, name) {
      const length = orNone(() => get(where, zeroEnded(name), scratch, scratch.length))
      return length < 0 ? undefined : Buffer.from(scratch.subarray(0, length))
    },
    setAttribute(where, name, value) {
      checked(set(where, zeroEnded(name), value.length === 0 ? scratch : value, value.length, 0))
    },
    removeAttribute(where, name) {
      orNone(() => remove(where, zeroEnded(name)))
    },
    setTime(where, seconds, nanos) {
      times.set([seconds, BigInt(nanos), seconds, BigInt(nanos)])
      if ('file' in where) checked(futimens(where.file, times))
      else if ('folder' in where) checked(utimensat(AT_FDCWD, zeroEnded(where.folder), times, 0))
      else checked(utimensat(AT_FDCWD, zeroEnded(where.link), times, AT_SYMLINK_NOFOLLOW))
    },
    seek(file, from, what) {
      const before = checked(lseek(file, 0, SEEK_CUR))
      const found = lseek(file, from, what === 'data' ? SEEK_DATA : SEEK_HOLE)
      const errno = found < 0 ? koffi.errno() : 0
      checked(lseek(file, before, SEEK_SET))
      if (found >= 0) return found
      if (errno === constants.errno.ENXIO) return -1
      throw Object.assign(new Error('lseek'), { code: getSystemErrorName(-errno) })
    },
  }
}

/** The three forms of a call: for an open file, for a path as it stands, for a path that is followed. */
function ways(func: (definition: string) => Call, name: string, rest: string) {
  const result = name.startsWith('set') || name.startsWith('remove') ? 'int' : 'int64_t'
  const open = func(`${result} f${name}(int, ${rest})`)
  const link = func(`${result} l${name}(const void*, ${rest})`)
  const followed = func(`${result} ${name}(const void*, ${rest})`)
  return (where: Where, ...args: readonly unknown[]): number => {
    if ('file' in where) return open(where.file, ...args)
    return 'link' in where ? link(zeroEnded(where.link), ...args) : followed(zeroEnded(where.folder), ...args)
  }
}

function zeroEnded(text: string): Buffer {
  return Buffer.concat([encodeName(text), Buffer.alloc(1)])
}

/** Names with a NUL after each, as strings that lose nothing (lib/paths.ts). */
function split(list: Buffer): string[] {
  const names: string[] = []
  for (let from = 0, end = list.indexOf(0); end >= 0; from = end + 1, end = list.indexOf(0, from))
    names.push(decodeName(list.subarray(from, end)))
  return names
}
