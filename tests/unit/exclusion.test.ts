// What is left out of a tree: every form that people write, plans of before, and media by what they are.
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { editable, exclusionFault, exclusionGroups, patternsOf, usualExclusions } from '../../core/api/exclusion.ts'
import { asOnMedium } from '../../core/drives/drives.ts'
import { globSource } from '../../core/lib/glob.ts'
import { foldersSource } from '../../core/sources/folders.ts'
import { exclusion } from '../../core/terminal/names.ts'
import { requireRoot } from '../support/root.ts'
import { context, gather, temporary } from '../support/trees.ts'

/** A tree of these files below `top`; its real path. */
function tree(files: readonly string[]): string {
  const top = join(temporary(), 'top')
  for (const path of files) {
    mkdirSync(dirname(join(top, path)), { recursive: true })
    writeFileSync(join(top, path), 'x')
  }
  return top
}

/** What is saved without `exclude`, files only and below `top`; and the notes. */
async function saved(top: string, exclude: readonly string[], leaveOut: readonly string[] = []) {
  const ctx = context(temporary())
  const source = foldersSource({ paths: [top], exclude, leaveOut })
  const entries = await gather(source, ctx)
  const files = entries.filter(({ type }) => type === 'file').map(({ path }) => path.slice('top/'.length))
  expect((await source.estimate(ctx)).files).toBe(files.length)
  return { files, notes: ctx.notes }
}

describe('usual exclusions', () => {
  const groups = {
    caches: [
      '.cache/a',
      'app/.cache/a',
      '.var/app/org.app/cache/a',
      'x/GPUCache/a',
      'x/Code Cache/a',
      'py/__pycache__/a',
      '.thumbnails/a',
    ],
    trash: ['.local/share/Trash/files/a', '.Trash-1000/a', '.Trash/a'],
    machines: [
      'VirtualBox VMs/a/disk',
      '.local/share/libvirt/images/a',
      '.local/share/gnome-boxes/images/a',
      '.local/share/containers/a',
    ],
    builds: ['web/node_modules/p/a', 'py/.venv/a', '.gradle/a', '.npm/a'],
  }
  const kept = [
    'Cache/photo.jpg',
    'Documents/cache.txt',
    'Documents/Trash/a',
    '.local/share/notes/a',
    '.var/app/org.app/data/a',
  ]

  test.each(exclusionGroups)('leave out %s and nothing else', async (group) => {
    const top = tree([...Object.values(groups).flat(), ...kept])
    const { files } = await saved(top, usualExclusions[group].patterns)
    const others = Object.entries(groups).flatMap(([name, paths]) => (name === group ? [] : paths))
    expect(files.sort()).toEqual([...others, ...kept].sort())
  })

  test('say nothing where there is nothing of the kind; others do', async () => {
    const { notes } = await saved(tree(['a']), [...usualExclusions.caches.patterns, 'mine/'])
    expect(notes).toEqual([{ code: 'exclude-unused', details: { pattern: 'mine/' } }])
  })
})

describe('patterns', () => {
  const files = [
    'a.iso',
    'build/x',
    'cache/f',
    'deep/cache/f',
    'deep/er/cache/f',
    'deep/node_modules/f',
    'e\u0301t\u00e9/f',
    'note (1).txt',
    '[old]/f',
  ]

  test.each([
    ['*.iso', ['a.iso']],
    ['cache', ['cache/f', 'deep/cache/f', 'deep/er/cache/f']],
    ['f/', []],
    ['node_modules/', ['deep/node_modules/f']],
    ['*/cache', ['cache/f', 'deep/cache/f', 'deep/er/cache/f']],
    ['deep/*/cache', ['deep/er/cache/f']],
    ['deep/cache/', ['deep/cache/f']],
    ['**/cache/**', ['cache/f', 'deep/cache/f', 'deep/er/cache/f']],
    ['deep/**/f', ['deep/cache/f', 'deep/er/cache/f', 'deep/node_modules/f']],
    ['[a-c].iso', ['a.iso']],
    ['[!b].iso', ['a.iso']],
    ['?.{iso,img}', ['a.iso']],
    ['note (1).*', ['note (1).txt']],
    ['\\[old]', ['[old]/f']],
    ['[old]', []],
    ['\u00e9te\u0301', ['e\u0301t\u00e9/f']],
    ['*.ISO', []],
    ['.*', []],
  ])('%s', async (pattern, left) => {
    const top = tree(files)
    const { files: kept, notes } = await saved(top, [pattern])
    expect(kept).toEqual((await saved(top, [])).files.filter((path) => !(left as string[]).includes(path)))
    expect(notes).toEqual(left.length > 0 ? [] : [{ code: 'exclude-unused', details: { pattern } }])
  })

  test('whole paths may hold patterns too, and lead through symlinks', async () => {
    const top = tree(files)
    symlinkSync(top, join(dirname(top), 'way'))
    for (const start of [top, join(dirname(top), 'way')]) {
      expect((await saved(top, [`${start}/*.iso`])).files).not.toContain('a.iso')
      expect((await saved(top, [`${start}/**/f`])).files).toEqual(['a.iso', 'build/x', 'note (1).txt'])
      expect((await saved(top, [`${start}/build`])).files).not.toContain('build/x')
      expect((await saved(top, [`${start}/*/`])).files).toEqual(['a.iso', 'note (1).txt'])
    }
  })

  test('two patterns for one thing are both of use', async () => {
    expect((await saved(tree(files), ['*.iso', 'a.*'])).notes).toEqual([])
  })

  test('nothing in a pattern makes a regular expression fail', () => {
    for (const glob of ['[', '[]', '[z-a]', '{', '{a', '\\', '[[:alpha:]]', '[a&&b]', '(', '\udce9*', '[\ud83d\udea2]'])
      expect(() => new RegExp(globSource(glob), 'su')).not.toThrow()
  })

  test.each([
    ['', 'exclude-empty'],
    ['  ', 'exclude-empty'],
    ['*', 'exclude-all'],
    ['**/*', 'exclude-all'],
    ['/', 'exclude-all'],
    ['!keep', 'exclude-not'],
    ['a/../b', 'exclude-dots'],
    ['a\0b', 'exclude-characters'],
    ['\\!keep', undefined],
    ['*/', undefined],
    ['..a', undefined],
  ])('%j is refused: %s', (pattern, reason) => {
    expect(exclusionFault(pattern)).toBe(reason)
  })
})

test('older plans mean what they meant', () => {
  const exclude = ['*.t?p', 'node_modules/', '[a].txt', '/abs/*.iso', 'sub/dir']
  expect(patternsOf({ exclude })).toEqual(['*.t?p', 'node_modules/', '\\[a\\].txt', '/abs/\\*.iso'])
  expect(editable({ exclude })).toHaveLength(5)
  expect(patternsOf({ exclude, excludeSyntax: 2 })).toEqual(exclude)
})

test('as typed in a terminal', () => {
  const typed = ['*.tmp', 'cache/', '~/x', './*.iso', 'core/api', 'core/*.none', '/b/c/', '*/cache']
  expect(typed.map(exclusion)).toEqual([
    '*.tmp',
    'cache/',
    join(homedir(), 'x'),
    join(process.cwd(), '*.iso'),
    join(process.cwd(), 'core/api'),
    'core/*.none',
    '/b/c/',
    '*/cache',
  ])
  expect(() => exclusion('!x')).toThrow(expect.objectContaining({ code: 'exclude-refused' }))
})

describe('a medium', () => {
  test('is left out wherever it is mounted, and so is what Arche writes', async () => {
    requireRoot()
    const top = tree([
      'mine',
      'bind/.keep',
      'other/SIGL_sauvegardes/.arche-medium.json',
      'share/SIGL_sauvegardes/.arche-medium.json',
      'home/history.jsonl',
      'home/keys',
    ])
    const work = dirname(top)
    const stick = join(work, 'stick')
    const backups = join(stick, 'SIGL_sauvegardes')
    mkdirSync(backups, { recursive: true })
    writeFileSync(join(backups, '.arche-medium.json'), 'x')
    writeFileSync(join(backups, 'backup.gpg'), 'large')
    for (const [from, to] of [
      [stick, join(top, 'bind')],
      [join(top, 'home'), join(work, 'other')],
    ] as const) {
      mkdirSync(to, { recursive: true })
      execFileSync('mount', ['--bind', from, to])
      onTestFinished(() => void execFileSync('umount', [to]))
    }
    const { files, notes } = await saved(
      top,
      [],
      [stick, backups, join(top, 'other', 'SIGL_sauvegardes'), join(work, 'other', 'history.jsonl')],
    )
    expect(files).toEqual(['home/keys', 'mine'])
    expect(notes).toEqual(
      ['bind', 'other/SIGL_sauvegardes', 'share/SIGL_sauvegardes'].map((path) => ({
        code: 'medium-left-out',
        details: { path: join(top, path) },
      })),
    )
  })

  test('is known by what it is', async () => {
    requireRoot()
    const work = temporary()
    const stick = join(work, 'stick')
    mkdirSync(join(stick, 'SIGL_sauvegardes'), { recursive: true })
    mkdirSync(join(work, 'bind', 'photos'), { recursive: true })
    mkdirSync(join(stick, 'photos'))
    symlinkSync(stick, join(work, 'way'))
    execFileSync('mount', ['--bind', join(stick, 'SIGL_sauvegardes'), join(work, 'bind')])
    onTestFinished(() => void execFileSync('umount', [join(work, 'bind')]))
    expect(await asOnMedium(join(work, 'way', 'photos'), stick)).toBe(join(stick, 'photos'))
    expect(await asOnMedium(join(work, 'bind', 'not yet'), stick)).toBe(join(stick, 'SIGL_sauvegardes', 'not yet'))
    expect(await asOnMedium(work, stick)).toBe(work)
  })
})
