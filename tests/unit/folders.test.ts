// The folders source: everything that can stand in a folder, everything that can go wrong with one, and what a run says of it.
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { foldersSource } from '../../core/sources/folders.ts'
import type { Kept } from '../support/entries.ts'
import { context, gather, remove, type TestContext, temporary } from '../support/trees.ts'

const start = process.cwd()
afterEach(() => process.chdir(start))

function byPath(entries: readonly Kept[]): Record<string, Kept> {
  return Object.fromEntries(entries.map((entry) => [entry.path, entry]))
}

/** Without a context of the test's own, files are read in both ways: here, and by the threads that make archives. */
async function read(paths: string[], exclude: string[] = [], ctx?: TestContext): Promise<Kept[]> {
  const source = foldersSource({ paths, exclude })
  const kept = await gather(source, ctx ?? context(temporary()))
  if (ctx) return kept
  const late = await gather(source, context(temporary()), 'late')
  const plain = (entries: readonly Kept[]) => entries.map(({ body: _, ...entry }) => entry)
  expect(plain(late)).toEqual(plain(kept))
  return kept
}

describe('entries', () => {
  it('holds every kind of thing, parents first, in a stable order', async () => {
    const top = join(temporary(), 'docs')
    mkdirSync(join(top, 'b', 'empty'), { recursive: true })
    writeFileSync(join(top, 'b', 'two.txt'), 'two')
    writeFileSync(join(top, 'a.txt'), 'one')
    symlinkSync('/nowhere/at all', join(top, 'c-link'))
    linkSync(join(top, 'a.txt'), join(top, 'd-hard'))
    chmodSync(join(top, 'a.txt'), 0o4755)
    chmodSync(join(top, 'b'), 0o1777)
    utimesSync(join(top, 'a.txt'), 1, 1234567890.123456)
    lutimesSync(join(top, 'c-link'), 1, 1111111111.5)

    const entries = await read([top])

    expect(entries.map(({ type, path }) => `${type} ${path}`)).toEqual([
      'folder docs',
      'file docs/a.txt',
      'folder docs/b',
      'folder docs/b/empty',
      'file docs/b/two.txt',
      'symlink docs/c-link',
      'link docs/d-hard',
    ])
    const found = byPath(entries)
    expect(found['docs/a.txt']).toMatchObject({
      mode: 0o4755,
      mtime: 1234567890123.456,
      size: 3,
      uid: process.getuid?.(),
    })
    expect(found['docs/a.txt']?.data?.toString()).toBe('one')
    expect(found['docs/b']).toMatchObject({ mode: 0o1777, size: 0 })
    expect(found['docs/c-link']).toMatchObject({ target: '/nowhere/at all', mtime: 1111111111500 })
    expect(found['docs/d-hard']).toMatchObject({ target: 'docs/a.txt', size: 0 })
  })

  it('keeps the time of a file to the microsecond wherever a double rounds', async () => {
    const top = join(temporary(), 't')
    mkdirSync(top)
    for (let fraction = 1; fraction < 400; fraction++) {
      const path = join(top, String(fraction).padStart(6, '0'))
      writeFileSync(path, '')
      execFileSync('touch', ['-d', `@1700000000.${String(fraction * 2503).padStart(6, '0')}`, path])
    }
    const entries = await read([top])
    const times = entries.filter(({ type }) => type === 'file').map(({ mtime }) => Math.round(mtime * 1000) - 1.7e15)
    expect(times).toEqual(Array.from({ length: 399 }, (_, index) => (index + 1) * 2503))
  })

  it('reads names that are not UTF-8 and hostile ones', async () => {
    const top = join(temporary(), 'names')
    mkdirSync(top)
    const long = 'é'.repeat(127)
    const odd = [
      Buffer.from([0x66, 0xe9]),
      Buffer.from('new\nline'),
      Buffer.from('"quotes" \\ 🚢'),
      Buffer.from(long),
      Buffer.from('\ufffd'),
    ]
    for (const name of odd) writeFileSync(Buffer.concat([Buffer.from(`${top}/`), name]), 'x')
    const entries = await read([top])
    expect(new Set(entries.slice(1).map(({ path }) => path.slice('names/'.length)))).toEqual(
      new Set(['f\udce9', 'new\nline', '"quotes" \\ 🚢', long, '\ufffd']),
    )
    expect(entries.slice(1).every(({ data }) => data?.toString() === 'x')).toBe(true)
  })

  it('takes single files, and gives each root a name of its own', async () => {
    const work = temporary()
    for (const name of ['one', 'two', 'Three']) mkdirSync(join(work, name, 'docs'), { recursive: true })
    writeFileSync(join(work, 'one', 'DOCS'), 'a file')
    const paths = [join(work, 'one', 'docs'), join(work, 'two', '..', 'two', 'docs', '.'), join(work, 'one', 'DOCS')]
    const ctx = context(work)
    const source = foldersSource({ paths, exclude: [] })
    for await (const item of source.items(ctx)) {
      expect(item.roots).toEqual([
        { name: 'docs', origin: join(work, 'one', 'docs') },
        { name: 'docs (2)', origin: join(work, 'two', 'docs') },
        { name: 'DOCS (3)', origin: join(work, 'one', 'DOCS') },
      ])
      expect(item.estimate).toEqual({ files: 1, bytes: 6, disk: 6 })
    }
    expect((await gather(source, ctx)).map(({ path }) => path)).toEqual(['docs', 'docs (2)', 'DOCS (3)'])
  })

  it('names the root of the system', async () => {
    const items = foldersSource({ paths: ['/'], exclude: [] }).items(
      context(temporary(), { signal: AbortSignal.abort() }),
    )
    await expect(items[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'cancelled' })
    expect(await foldersSource({ paths: ['/'], exclude: [] }).check()).toEqual([])
  })

  it('follows a symlink that was chosen, and no other', async () => {
    const work = temporary()
    mkdirSync(join(work, 'real', 'inner'), { recursive: true })
    writeFileSync(join(work, 'secret'), 'not chosen')
    symlinkSync(join(work, 'real'), join(work, 'chosen'))
    symlinkSync('..', join(work, 'real', 'up'))
    const entries = await read([join(work, 'chosen')])
    expect(entries.map(({ path, type }) => `${type} ${path}`)).toEqual([
      'folder chosen',
      'folder chosen/inner',
      'symlink chosen/up',
    ])
  })

  it('leaves out what is excluded, our own folders, and everything below', async () => {
    const top = join(temporary(), 'top')
    for (const path of [
      'node_modules/x',
      'medium/y',
      '.arche-restore-1-0/z',
      '.arche-before-restore-2026/old',
      'a/node_modules',
    ]) {
      mkdirSync(join(top, path), { recursive: true })
    }
    for (const path of ['a/x.tmp', 'a/x.tmp2', 'a/build', 'a/.arche-restore-notes']) writeFileSync(join(top, path), '')
    const entries = await read([top], ['node_modules', '*.tmp', 'build/', join(top, 'medium')])
    expect(entries.map(({ path }) => path)).toEqual([
      'top',
      'top/a',
      'top/a/.arche-restore-notes',
      'top/a/build',
      'top/a/x.tmp2',
    ])
  })

  it('tells of pipes and sockets, and does not wait for them', async () => {
    const top = join(temporary(), 'top')
    mkdirSync(top)
    execFileSync('mkfifo', [join(top, 'pipe')])
    const server = createServer().listen(join(top, 'socket'))
    const ctx = context(temporary())
    const entries = await read([top], [], ctx)
    server.close()
    expect(entries.map(({ path }) => path)).toEqual(['top'])
    expect(ctx.warnings).toEqual([{ code: 'file-special', details: { path: join(top, 'pipe') } }])
    expect(ctx.notes).toEqual([{ code: 'file-socket', details: { path: join(top, 'socket') } }])
  })
})

describe('a tree that changes while it is read', () => {
  /** 2 MiB: read in several pieces, so that the first report of progress comes before the end. */
  const size = 2 * 1024 * 1024

  async function readWhile(
    deed: (path: string) => void,
    bytes = size,
  ): Promise<{ data: Buffer; ctx: TestContext; path: string }> {
    const top = join(temporary(), 'top')
    mkdirSync(top)
    const path = join(top, 'file')
    writeFileSync(path, Buffer.alloc(bytes, 7))
    utimesSync(path, 1000, 1000)
    let done = false
    const ctx = context(temporary(), {
      onAdvance: () => {
        if (!done) deed(path)
        done = true
      },
    })
    const entries = await read([top], [], ctx)
    const entry = entries[1]
    expect(entry?.size).toBe(bytes)
    return { data: entry?.data ?? Buffer.alloc(0), ctx, path }
  }

  it('pads what became shorter with zeros', async () => {
    const { data, ctx, path } = await readWhile((at) => truncateSync(at, 1024 * 1024))
    expect(data.length).toBe(size)
    expect(data.subarray(0, 1024 * 1024).every((byte) => byte === 7)).toBe(true)
    expect(data.subarray(1024 * 1024).every((byte) => byte === 0)).toBe(true)
    const details = { path, read: 1024 * 1024, reason: 'EOF' }
    expect(ctx.warnings).toEqual([{ code: 'file-incomplete', details }])
  })

  it('cuts what became longer', async () => {
    const { data, ctx, path } = await readWhile((at) => appendFileSync(at, 'more'))
    expect(data.equals(Buffer.alloc(size, 7))).toBe(true)
    expect(ctx.warnings).toEqual([{ code: 'file-changed', details: { path } }])
  })

  it('tells of a change that kept the size', async () => {
    const { ctx, path } = await readWhile((at) => writeFileSync(at, 'seven..'), 7)
    expect(ctx.warnings).toEqual([{ code: 'file-changed', details: { path } }])
  })

  it('says nothing of a file that was only deleted while open', async () => {
    const { data, ctx } = await readWhile((at) => unlinkSync(at))
    expect(data.equals(Buffer.alloc(size, 7))).toBe(true)
    expect(ctx.warnings).toEqual([])
  })

  it('tells what vanished, and leaves out what stands in its place', async () => {
    const top = join(temporary(), 'top')
    mkdirSync(join(top, 'later'), { recursive: true })
    for (const name of ['first', 'gone', 'swapped-link', 'swapped-pipe']) writeFileSync(join(top, name), 'x')
    writeFileSync(join(top, 'later', 'inside'), 'x')
    const ctx = context(temporary(), {
      onAdvance: (path) => {
        if (basename(path ?? '') !== 'first') return
        unlinkSync(join(top, 'gone'))
        renameSync(join(top, 'later'), join(top, '..', 'moved'))
        unlinkSync(join(top, 'swapped-link'))
        symlinkSync('/etc/passwd', join(top, 'swapped-link'))
        unlinkSync(join(top, 'swapped-pipe'))
        execFileSync('mkfifo', [join(top, 'swapped-pipe')])
      },
    })
    const entries = await read([top], [], ctx)
    expect(entries.map(({ path, type }) => `${type} ${path}`)).toEqual([
      'folder top',
      'file top/first',
      'symlink top/swapped-link',
    ])
    expect(ctx.warnings.map(({ code, details }) => `${code} ${basename(String(details.path))}`)).toEqual([
      'file-vanished gone',
      'file-vanished later',
      'file-special swapped-pipe',
    ])
  })
})

describe('trees at the limits', () => {
  it('reads as deep as the system can, and tells where it ends', async () => {
    const top = join(temporary(), 'deep')
    mkdirSync(top)
    process.chdir(top)
    for (let level = 0; level < 60; level++) {
      mkdirSync('d'.repeat(100))
      process.chdir('d'.repeat(100))
    }
    process.chdir(start)
    const ctx = context(temporary())
    const entries = await read([top], [], ctx)
    expect(entries.length).toBeGreaterThan(35)
    expect(ctx.warnings).toHaveLength(1)
    expect(ctx.warnings[0]).toMatchObject({ code: 'file-unreadable', details: { reason: 'ENAMETOOLONG' } })
    remove(top)
  })

  it('stops within a folder of many files when it is cancelled', async () => {
    const top = join(temporary(), 'many')
    mkdirSync(top)
    for (let index = 0; index < 3000; index++) writeFileSync(join(top, String(index)), '')
    const controller = new AbortController()
    const ctx = context(temporary(), { signal: controller.signal })
    let seen = 0
    const all = async () => {
      for await (const item of foldersSource({ paths: [top], exclude: [] }).items(ctx)) {
        for await (const entry of item.entries) {
          if (entry.type === 'late' && ++seen === 10) controller.abort()
        }
      }
    }
    await expect(all()).rejects.toMatchObject({ code: 'cancelled' })
    expect(seen).toBe(10)
  })
})

describe('check', () => {
  const codes = async (paths: string[]) =>
    (await foldersSource({ paths, exclude: [] }).check()).map(({ level, code, details }) => [level, code, details.path])

  it('is content with folders and files', async () => {
    const work = temporary()
    writeFileSync(join(work, 'file'), 'x')
    expect(await codes([work, join(work, 'file')])).toEqual([['info', 'source-nested', join(work, 'file')]])
    expect(await codes([join(work, 'file')])).toEqual([])
  })

  it('finds what is missing, empty, or no folder', async () => {
    const work = temporary()
    mkdirSync(join(work, 'empty'))
    symlinkSync('nowhere', join(work, 'dangling'))
    expect(await codes([join(work, 'no')])).toEqual([['error', 'source-missing', join(work, 'no')]])
    expect(await codes([join(work, 'dangling')])).toEqual([['error', 'source-missing', join(work, 'dangling')]])
    expect(await codes([join(work, 'empty')])).toEqual([['warning', 'source-empty', join(work, 'empty')]])
    expect(await codes(['/dev/null'])).toEqual([['error', 'source-not-folder', '/dev/null']])
    expect((await codes([]))[0]?.slice(0, 2)).toEqual(['error', 'bad-input'])
  })

  it('drops a root inside another one, also by way of a symlink, and keeps namesakes', async () => {
    const work = temporary()
    mkdirSync(join(work, 'a', 'in'), { recursive: true })
    mkdirSync(join(work, 'ab'))
    writeFileSync(join(work, 'ab', 'x'), '')
    symlinkSync(join(work, 'a', 'in'), join(work, 'way'))
    const paths = [join(work, 'way'), join(work, 'a'), join(work, 'ab'), join(work, 'a')]
    const nested = (await codes(paths)).filter(([, code]) => code === 'source-nested')
    expect(nested).toEqual([
      ['info', 'source-nested', join(work, 'way')],
      ['info', 'source-nested', join(work, 'a')],
    ])
    expect((await read(paths)).map(({ path }) => path)).toEqual(['a', 'a/in', 'ab', 'ab/x'])
  })

  it('does not make an archive without a root that is missing', async () => {
    const work = temporary()
    mkdirSync(join(work, 'there'))
    await expect(read([join(work, 'there'), join(work, 'no')])).rejects.toMatchObject({ code: 'source-missing' })
  })
})

describe('estimate', () => {
  it('knows what a file takes where it has holes', async () => {
    const top = join(temporary(), 'top')
    mkdirSync(top)
    writeFileSync(join(top, 'full'), Buffer.alloc(8192, 1))
    writeFileSync(join(top, 'holes'), Buffer.alloc(8192, 1))
    truncateSync(join(top, 'holes'), 10 * 1024 ** 3)
    linkSync(join(top, 'holes'), join(top, 'the same'))
    const found = await foldersSource({ paths: [top], exclude: [] }).estimate(context(temporary()))
    expect(found).toMatchObject({ files: 3, bytes: 10 * 1024 ** 3 + 8192 })
    expect(found.disk).toBeGreaterThanOrEqual(2 * 8192)
    expect(found.disk).toBeLessThan(1024 ** 2)
  })

  it('counts names of files and links, the bytes of hard links once, nothing that is excluded', async () => {
    const top = join(temporary(), 'top')
    mkdirSync(join(top, 'sub'), { recursive: true })
    writeFileSync(join(top, 'a'), Buffer.alloc(1000))
    linkSync(join(top, 'a'), join(top, 'sub', 'b'))
    writeFileSync(join(top, 'c.tmp'), Buffer.alloc(500))
    symlinkSync('a', join(top, 'link'))
    const source = foldersSource({ paths: [top], exclude: ['*.tmp'] })
    expect(await source.estimate(context(temporary()))).toEqual({ files: 3, bytes: 1000, disk: 1000 })
    rmSync(join(top, 'a'))
    expect(await source.estimate(context(temporary()))).toEqual({ files: 2, bytes: 1000, disk: 1000 })
  })
})
