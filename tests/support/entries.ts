// Entries of archives made by hand, for tests of restores and for the programs they start.
import type { Entry } from '../../core/archive/archive.ts'

/** Entries made by hand belong to whoever runs the tests. */
const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

/** An entry whose body can be read again and again. */
export interface Kept extends Entry {
  readonly data?: Buffer
}

export function file(path: string, text: string | Buffer = path, more: Partial<Entry> = {}): Kept {
  const data = Buffer.from(text)
  const size = data.length
  return {
    path,
    type: 'file',
    mode: 0o644,
    ...owner,
    mtime: 1_600_000_000_123.456,
    size,
    data,
    ...bodyOf(data),
    ...more,
  }
}

export function folder(path: string, more: Partial<Entry> = {}): Kept {
  return { path, type: 'folder', mode: 0o755, ...owner, mtime: 1_500_000_000_000, size: 0, ...more }
}

export function symlink(path: string, target: string): Kept {
  return { path, type: 'symlink', mode: 0o777, ...owner, mtime: 1_400_000_000_000, size: 0, target }
}

export function link(path: string, target: string): Kept {
  return { path, type: 'link', mode: 0o644, ...owner, mtime: 1_600_000_000_123.456, size: 0, target }
}

export function bodyOf(data: Buffer): Pick<Entry, 'body'> {
  return {
    body: {
      async *[Symbol.asyncIterator]() {
        yield data
      },
    },
  }
}

export async function* stream(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries
}
