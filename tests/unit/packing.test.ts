// The blocks of an archive, put together by a pool: the archive of any tree is, but for the cutting of blocks, that of a single thread; files that
// changed meanwhile are told; and trees are counted the same by one thread and by several.
import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../../core/api/failure.ts'
import { blockSize } from '../../core/archive/blocks.ts'
import type { LateFile, LateOutcome, Member, Piece } from '../../core/archive/entry.ts'
import { type Packed, type PackTask, packBlock, packed } from '../../core/archive/packing.ts'
import { packTar } from '../../core/archive/tar.ts'
import { inlinePool, type Pool, ThreadPool } from '../../core/lib/pool.ts'
import { type Counted, type CountTask, countFolders, countTrees, worthAThread } from '../../core/sources/count.ts'
import { foldersSource } from '../../core/sources/folders.ts'
import { lateReader } from '../../core/sources/late.ts'
import { noise, read } from '../suites/fixtures/streams.ts'
import { context, temporary } from '../support/trees.ts'

const lateSize = 256 * 1024
const never = new AbortController().signal

/** The compiled thread of the program: see build/fresh-build.mjs. */
const script = pathToFileURL(join(import.meta.dirname, '../../out/main/pool-thread.js'))
const here: Pool<PackTask, Packed> = inlinePool((task) => packBlock(task, lateReader()))

function makeTree(): string {
  const top = join(temporary(), 'tree')
  for (let folder = 0; folder < 12; folder += 1) {
    mkdirSync(join(top, `${folder}`), { recursive: true })
    for (let index = 0; index < 30; index += 1)
      writeFileSync(join(top, `${folder}`, `file ${index}`), noise(((folder * 7919 + index * 104_729) % 40_000) + 4))
  }
  for (const size of [0, 1, 511, 512, 513, lateSize, lateSize + 1, blockSize, 3 * blockSize + 5])
    writeFileSync(join(top, `size ${size}`), noise(size + 4).subarray(0, size))
  writeFileSync(join(top, 'été'.repeat(40)), 'long name')
  linkSync(join(top, 'size 513'), join(top, 'another name'))
  symlinkSync('size 513', join(top, 'symlink'))
  return top
}

/** Enough names for it to be worth a thread, and folders of all sizes. */
function largeTree(): string {
  const top = makeTree()
  for (let index = 0; index < worthAThread + 5000; index += 1) {
    const folder = join(top, 'many', `${index % 90}`)
    if (index < 90) mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${index}`), '')
  }
  return top
}

async function archiveOf(top: string, pool: Pool<PackTask, Packed>, late: number): Promise<Buffer> {
  for await (const item of foldersSource({ paths: [top], exclude: [] }).items(context(temporary())))
    return read(packed(packTar(undefined, item.entries, late), { format: 'tar.gz.gpg' }, pool))
  throw new Error('no item')
}

function unpacked(archive: Buffer): string {
  const into = temporary()
  execFileSync('tar', ['-xzpC', into], { input: archive })
  return into
}

describe('an archive', () => {
  test.each([
    ['in this thread', () => here],
    ['in threads', () => new ThreadPool<PackTask, never>(script, 3)],
  ])('made %s is the tree', async (_, pool) => {
    const top = makeTree()
    for (const late of [-1, lateSize]) {
      const into = unpacked(await archiveOf(top, pool(), late))
      execFileSync('diff', ['-r', '--no-dereference', top, join(into, 'tree')])
      expect(
        execFileSync('find', [into, '-samefile', join(into, 'tree', 'size 513')])
          .toString()
          .split('\n'),
      ).toHaveLength(3)
    }
  })

  test('files that vanish, change or grow between being found and being read are told, and what is there is whole', async () => {
    const top = join(temporary(), 'top')
    mkdirSync(top)
    for (const name of ['gone', 'grown', 'folder', 'steady']) writeFileSync(join(top, name), name)
    const told: Record<string, LateOutcome> = {}
    const warnings: Problem[] = []
    const source = foldersSource({ paths: [top], exclude: [] })
    const ctx = {
      ...context(temporary()),
      report: { ...context(temporary()).report, warn: (problem: Problem) => warnings.push(problem) },
    }
    async function* meddling(members: AsyncIterable<Member>): AsyncGenerator<Member> {
      for await (const member of members) {
        if (member.type !== 'late') yield member
        else yield noting(member, told)
        if (member.path === 'top/gone') rmSync(join(top, 'gone'))
        if (member.path === 'top/grown') appendFileSync(join(top, 'grown'), noise(5 * blockSize))
        if (member.path === 'top/folder') {
          rmSync(join(top, 'folder'))
          mkdirSync(join(top, 'folder'))
        }
      }
    }
    for await (const item of source.items(ctx)) {
      const archive = await read(
        packed(packTar(undefined, meddling(item.entries), lateSize), { format: 'tar.gz.gpg' }, here),
      )
      const into = unpacked(archive)
      execFileSync('cmp', [join(top, 'grown'), join(into, 'top', 'grown')])
      execFileSync('cmp', [join(top, 'steady'), join(into, 'top', 'steady')])
      expect(execFileSync('ls', [join(into, 'top')]).toString()).toBe('grown\nsteady\n')
      // GNU tar's records of 20 blocks, also where lengths are known late.
      expect(execFileSync('gzip', ['-dc'], { input: archive, maxBuffer: 1 << 26 }).length % 10_240).toBe(0)
    }
    expect(told['top/steady']).toMatchObject({ size: 6 })
    expect(warnings.map(({ code, details }) => `${code} ${details.path}`).sort()).toEqual([
      `file-special ${join(top, 'folder')}`,
      `file-vanished ${join(top, 'gone')}`,
    ])
  })

  test('what fails in a block is thrown, and the others are waited for', async () => {
    let running = 0
    const failing: Pool<PackTask, Packed> = {
      width: 2,
      async run(task) {
        running += 1
        await new Promise(setImmediate)
        running -= 1
        if (task.block[0] === 3) throw new Error('no room')
        return { data: [new Uint8Array(task.block)], back: task.block, outcomes: [] }
      },
    }
    async function* pieces(): AsyncGenerator<Piece> {
      for (let index = 0; index < 100; index += 1) yield Buffer.alloc(blockSize, index)
    }
    await expect(read(packed(pieces(), { format: 'tar.gz.gpg' }, failing))).rejects.toThrow('no room')
    expect(running).toBe(0)
  })

  test('a late file stands where it was found', async () => {
    const file = join(temporary(), 'file')
    writeFileSync(file, 'content')
    const late: LateFile = { type: 'late', path: 'file', at: file, size: 7, open: () => none(), told: () => undefined }
    async function* pieces(): AsyncGenerator<Piece> {
      yield Buffer.from('before')
      yield late
      yield Buffer.from('after')
    }
    const data = execFileSync('gzip', ['-dc'], { input: await read(packed(pieces(), { format: 'tar.gz.gpg' }, here)) })
    expect(data.subarray(0, 6).toString()).toBe('before')
    expect(data.subarray(-5).toString()).toBe('after')
    expect(data.includes('content')).toBe(true)
  })
})

async function* none(): AsyncGenerator<never> {
  // A file that nobody opens here.
}

function noting(file: LateFile, told: Record<string, LateOutcome>): LateFile {
  return {
    type: 'late',
    path: file.path,
    at: file.at,
    size: file.size,
    open: () => file.open(),
    told(outcome) {
      told[file.path] = outcome
      file.told(outcome)
    },
  }
}

describe('counting', () => {
  const nothing = { patterns: [], leaveOut: [] }
  const inline: Pool<CountTask, Counted> = { width: 1, run: async (task) => countFolders(task).answer }

  test.each([
    ['in one thread', () => undefined],
    ['given out here', () => inline],
    ['in threads', () => new ThreadPool<CountTask, never>(script, 2)],
  ])('%s counts what is read, each content once', async (_, pool) => {
    const top = largeTree()
    for (let index = 0; index < 20; index += 1)
      linkSync(join(top, 'size 512'), join(top, `${index % 12}`, `link ${index}`))
    mkdirSync(join(top, 'left-out'))
    writeFileSync(join(top, 'left-out', 'x'), 'x')
    mkdirSync(join(top, 'closed'), { mode: 0 })
    const counts = { files: 0, bytes: 0 }
    for await (const item of foldersSource({ paths: [top], exclude: ['left-out/'] }).items(context(temporary()))) {
      for await (const member of item.entries) {
        if (member.type !== 'folder') counts.files += 1
        counts.bytes += member.size
      }
    }
    chmodSync(join(top, 'closed'), 0o700)
    const found = await countTrees(
      [{ name: 'tree', origin: top }],
      { patterns: ['left-out/'], leaveOut: [] },
      never,
      pool(),
    )
    expect(found).toMatchObject(counts)
    expect(found.disk).toBeLessThanOrEqual(counts.bytes)
  })

  test('a thread that fails is told: nothing is missing in silence', async () => {
    const broken: Pool<CountTask, Counted> = { width: 1, run: () => Promise.reject(new Error('the thread ended')) }
    await expect(countTrees([{ name: 'tree', origin: largeTree() }], nothing, never, broken)).rejects.toThrow(
      'the thread ended',
    )
  })

  test('ends at once when it is cancelled, whatever the threads do', async () => {
    const controller = new AbortController()
    const top = largeTree()
    const stuck: Pool<CountTask, Counted> = {
      width: 1,
      run() {
        setImmediate(() => controller.abort())
        return new Promise(() => undefined)
      },
    }
    await expect(countTrees([{ name: 'tree', origin: top }], nothing, controller.signal, stuck)).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})
