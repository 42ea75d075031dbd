// Files that are not what they say: other sizes, ends that cannot be read, numbers that are not unique. Read here, and by the threads that make archives.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../../core/api/failure.ts'
import { foldersSource } from '../../core/sources/folders.ts'
import type { Kept } from '../support/entries.ts'
import { type OddFile, oddFolder } from '../support/odd-fs.ts'
import { archiveOf, context, gather, type Opening, temporary } from '../support/trees.ts'

const ways: Opening[] = ['here', 'late']
const mebi = 1024 * 1024

async function read(files: Record<string, OddFile>, way: Opening) {
  const work = temporary()
  const top = await oddFolder(work, 'odd', files)
  const ctx = context(work)
  const kept = await gather(foldersSource({ paths: [top], exclude: [] }), ctx, way)
  const found = Object.fromEntries(kept.map((entry): [string, Kept] => [entry.path.slice('odd/'.length), entry]))
  const warnings = ctx.warnings.map(({ code, details: { path, ...rest } }: Problem) => {
    return { code, name: String(path).slice(top.length + 1), ...rest }
  })
  return { found, warnings: warnings.sort((a, b) => a.name.localeCompare(b.name)), ctx, top }
}

describe.each(ways)('read %s', (way) => {
  test('a size that is not the real one loses nothing and is told', async () => {
    const line = '0123456789'
    const { found, warnings } = await read(
      {
        bits: { content: line, repeat: 50, size: 100, short: 100 },
        huge: { content: line, repeat: 200_000, size: 0 },
        'large less': { content: line, repeat: 60_000, size: 3 * mebi },
        'large more': { content: line, repeat: 200_000, size: mebi },
        less: { content: line, size: 5000 },
        more: { content: line, repeat: 500, size: 100 },
        none: { content: '', size: 0 },
        plain: { content: line },
        zero: { content: line, repeat: 120, size: 0 },
      },
      way,
    )
    const sizes = Object.fromEntries(
      Object.values(found)
        .filter(({ type }) => type === 'file')
        .map(({ path, size }) => [path.slice(4), size]),
    )
    expect(sizes).toEqual({
      bits: 500,
      huge: 2_000_000,
      'large less': 3 * mebi,
      'large more': 2_000_000,
      less: 10,
      more: 5000,
      none: 0,
      plain: 10,
      zero: 1200,
    })
    for (const name of ['bits', 'huge', 'large more', 'less', 'more', 'plain', 'zero'])
      expect(found[name]?.data?.equals(Buffer.from(line.repeat((sizes[name] ?? 0) / 10))), name).toBe(true)
    expect(warnings.map(({ code, name }) => `${code} ${name}`)).toEqual([
      'file-size-wrong bits',
      'file-size-wrong huge',
      'file-incomplete large less',
      'file-size-wrong large more',
      'file-size-wrong less',
      'file-size-wrong more',
      'file-size-wrong zero',
    ])
    expect(warnings.find(({ name }) => name === 'more')).toMatchObject({ said: 100, read: 5000 })
  })

  test('an end that cannot be read is zeros and told; what cannot be read at all is left out', async () => {
    const { found, warnings } = await read(
      {
        large: { content: 'x', repeat: 2 * mebi, failAt: mebi },
        nothing: { content: 'x', repeat: 10, failAt: 0 },
        small: { content: 'x', repeat: 10_000, failAt: 4096 },
      },
      way,
    )
    expect(found.nothing).toBeUndefined()
    expect(found.large?.data?.equals(Buffer.concat([Buffer.alloc(mebi, 'x'), Buffer.alloc(mebi)]))).toBe(true)
    expect(found.small?.data?.equals(Buffer.concat([Buffer.alloc(4096, 'x'), Buffer.alloc(5904)]))).toBe(true)
    expect(warnings).toEqual([
      { code: 'file-incomplete', name: 'large', read: mebi, reason: 'EIO' },
      { code: 'file-unreadable', name: 'nothing', reason: 'EIO' },
      { code: 'file-incomplete', name: 'small', read: 4096, reason: 'EIO' },
    ])
  })

  test('two files of one inode number keep their own contents, whatever else agrees', async () => {
    const one = { ino: 257, nlink: 2 }
    const files: Record<string, OddFile> = {
      '1-a': { ...one, content: 'AAAA' },
      '1-b': { ...one, content: 'BBBB' },
      '1-c': { ...one, content: 'longer' },
      '1-d': { ...one, content: 'DDDD', mtime: 1 },
      '2-a': { ...one, content: 'AAAA' },
      '2-b': { ...one, content: 'BBBB' },
    }
    const { found, warnings } = await read(files, way)
    const contents = Object.fromEntries(
      Object.keys(files).map((name) => {
        const entry = found[name]
        return [name, String(entry?.type === 'link' ? found[String(entry.target).slice(4)]?.data : entry?.data)]
      }),
    )
    expect(contents).toEqual(Object.fromEntries(Object.entries(files).map(([name, { content }]) => [name, content])))
    expect([found['2-a'], found['2-b']].map((entry) => entry?.target)).toEqual(['odd/1-a', 'odd/1-b'])
    expect(warnings).toEqual([])
  })
})

test('a name that cannot be looked at stops nothing, also where it is the first of a root', async () => {
  const { found, warnings, top } = await read(
    {
      ghost: { shown: false },
      'good.txt': { content: 'good' },
      'sub/ghost': { shown: false },
      'sub/x': { content: 'x' },
    },
    'here',
  )
  expect(await foldersSource({ paths: [top], exclude: [] }).check()).toEqual([])
  expect(found['good.txt']?.data?.toString()).toBe('good')
  expect(found['sub/x']?.data?.toString()).toBe('x')
  expect(warnings).toEqual([
    { code: 'file-vanished', name: 'ghost' },
    { code: 'file-vanished', name: 'sub/ghost' },
  ])
})

test('a root whose names cannot be listed is refused', async () => {
  const top = await oddFolder(temporary(), 'odd', { 'x/y': { content: 'x' }, '.': { failAt: 0 } })
  const [finding] = await foldersSource({ paths: [top], exclude: [] }).check()
  expect(finding).toMatchObject({ level: 'error', code: 'source-unreadable', details: { path: top, reason: 'EIO' } })
})

test('members that are not whole are named at the end of the archive, and other programs open it', async () => {
  const work = temporary()
  const top = await oddFolder(work, 'odd', {
    'bad.bin': { content: 'x', repeat: mebi, failAt: 700_000 },
    'good.txt': { content: 'good' },
  })
  const { bytes, entries } = await archiveOf(foldersSource({ paths: [top], exclude: [] }), context(work))
  expect(entries.incomplete()).toEqual([{ path: 'odd/bad.bin', read: 700_000 }])
  const archive = join(work, 'a.tar')
  writeFileSync(archive, bytes)
  const list = ['odd', 'odd/bad.bin', 'odd/good.txt']
  expect(entries.paths).toEqual(list)
  const tar = execFileSync('tar', ['tf', archive], { stdio: ['ignore', 'pipe', 'pipe'] })
  expect([...new Set(tar.toString().split('\n'))].map((line) => line.replace(/\/$/, ''))).toEqual([...list, ''])
  const python = 'import sys, tarfile; print(len(tarfile.open(sys.argv[1]).getnames()))'
  expect(execFileSync('python3', ['-c', python, archive]).toString().trim()).toBe('4')

  const alone = await archiveOf(foldersSource({ paths: [join(top, 'bad.bin')], exclude: [] }), context(work))
  expect(alone.entries.incomplete()).toEqual([{ path: 'bad.bin', read: 700_000 }])
  expect(execFileSync('tar', ['t'], { input: alone.bytes }).toString()).toBe('bad.bin\n')
})
