// What the tests of sources and restores share: a context that remembers its warnings, a source in memory, and exact pictures of trees.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Problem } from '../../core/api/failure.ts'
import type { Entry, Member } from '../../core/archive/archive.ts'
import { gunzip } from '../../core/archive/gzip.ts'
import { type PackTask, packBlock, packed } from '../../core/archive/packing.ts'
import { packTar, readTar } from '../../core/archive/tar.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { decodeName, fsPath } from '../../core/lib/paths.ts'
import { inlinePool } from '../../core/lib/pool.ts'
import type { RestoreContext } from '../../core/restore/restore.ts'
import { lateReader } from '../../core/sources/late.ts'
import type { Source } from '../../core/sources/source.ts'
import { bodyOf, type Kept } from './entries.ts'

export const isRoot = process.getuid?.() === 0

/** A private folder that is gone after the test. */
export function temporary(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'arche-test-')))
  onTestFinished(() => remove(folder))
  return folder
}

/** Also what nobody may write to, and what lies deeper than Node can reach. */
export function remove(path: string): void {
  if (!isRoot) execFileSync('chmod', ['-R', 'u+rwX', path])
  execFileSync('rm', ['-rf', path])
}

export interface TestContext extends RestoreContext {
  /** No threads. */
  readonly pools?: never
  readonly warnings: Problem[]
  readonly notes: Problem[]
  readonly operations: string[]
}

/** `onAdvance` sees each report of progress: the place to change a file "while" it is read, or to cancel. */
export function context(
  work: string,
  options: { onAdvance?: (path: string | undefined, bytes: number) => void; signal?: AbortSignal } = {},
): TestContext {
  const warnings: Problem[] = []
  const notes: Problem[] = []
  const operations: string[] = []
  return {
    signal: options.signal ?? new AbortController().signal,
    now: Date.now,
    temp: mkdtempSync(join(work, 'temp-')),
    journals: join(work, 'journals'),
    warnings,
    notes,
    operations,
    report: {
      operation: (name) => operations.push(name),
      advance: (bytes, path) => options.onAdvance?.(path, bytes),
      warn: (problem) => warnings.push(problem),
      note: (problem) => notes.push(problem),
    },
  }
}

/** Files are opened where they are found, or by whoever packs them. */
export type Opening = 'here' | 'late'

/** Members as entries, all files opened. */
export async function* opened(members: AsyncIterable<Member>): AsyncGenerator<Entry> {
  for await (const member of members) {
    if (member.type === 'late') yield* member.open()
    else yield member
  }
}

/** The same, through an archive that the threads of a pool would make, but in this one. */
export function throughArchive(members: AsyncIterable<Member>): AsyncIterable<Entry> {
  const pool = inlinePool((task: PackTask) => packBlock(task, lateReader()))
  const pieces = packTar(undefined, members, 256 * 1024)
  return readTar(gunzip()(packed(pieces, { format: 'tar.gz.gpg', compression: 'none' }, pool)))
}

/** The tar archive of a source, as the threads of a pool would make it; and what reading it brings. */
export async function archiveOf(source: Source, ctx: TestContext) {
  const pool = inlinePool((task: PackTask) => packBlock(task, lateReader()))
  const chunks: Uint8Array[] = []
  for await (const { entries } of source.items(ctx)) {
    const pieces = packTar(undefined, entries, 256 * 1024)
    const packing = packed(pieces, { format: 'tar.gz.gpg', compression: 'none' }, pool)
    for await (const chunk of gunzip()(packing)) chunks.push(Uint8Array.from(chunk))
  }
  const bytes = Buffer.concat(chunks)
  const read = readTar(bytesOf(bytes))
  const paths: string[] = []
  for await (const { path } of read) paths.push(path)
  return { bytes, entries: { paths, incomplete: () => read.incomplete() } }
}

/** Everything a source yields, in memory. */
export async function gather(source: Source, ctx: TestContext, opening: Opening = 'here'): Promise<Kept[]> {
  const kept: Kept[] = []
  for await (const item of source.items(ctx)) {
    for await (const { content: _, fault: __, ...entry } of (opening === 'here' ? opened : throughArchive)(
      item.entries,
    )) {
      const chunks: Uint8Array[] = []
      for await (const chunk of entry.body ?? []) chunks.push(Uint8Array.from(chunk))
      const data = Buffer.concat(chunks)
      kept.push(entry.type === 'file' ? { ...entry, data, ...bodyOf(data) } : entry)
    }
  }
  return kept
}

/** One line for each path: kind, mode, owner, time in microseconds, content or target, and which names share an inode. */
export function picture(
  top: string,
  options: { without?: (path: string) => boolean; topTime?: boolean } = {},
): string[] {
  const lines: string[] = []
  const inodes = new Map<string, string>()
  const visit = (path: string, name: string) => {
    if (options.without?.(name)) return
    const stat = lstatSync(fsPath(path), { bigint: true })
    const time = name === '.' && options.topTime === false ? '' : String(stat.mtimeNs / 1000n)
    const owner = `${stat.uid}:${stat.gid}`
    const common = `${JSON.stringify(name)} ${(stat.mode & 0o7777n).toString(8)} ${owner} ${time}`
    if (stat.isDirectory()) {
      lines.push(`folder ${common}`)
      const names = readdirSync(fsPath(path), { encoding: 'buffer' }).map(decodeName).sort()
      for (const child of names) visit(`${path}/${child}`, name === '.' ? child : `${name}/${child}`)
    } else if (stat.isSymbolicLink()) {
      lines.push(`symlink ${common} ${JSON.stringify(decodeName(readlinkSync(fsPath(path), { encoding: 'buffer' })))}`)
    } else if (stat.isFile()) {
      const first = inodes.get(String(stat.ino)) ?? name
      inodes.set(String(stat.ino), first)
      const sum = createHash('sha256')
        .update(readFileSync(fsPath(path)))
        .digest('hex')
        .slice(0, 12)
      lines.push(`file ${common} ${stat.size} ${sum} ${JSON.stringify(first)}`)
    } else lines.push(`special ${common}`)
  }
  visit(top, '.')
  return lines
}

/** Names in a folder, hidden ones too. */
export function names(path: string): string[] {
  return readdirSync(fsPath(path)).sort()
}
