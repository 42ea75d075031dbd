// The hostile corpus: archives that try to write, link, replace or run outside the chosen folder, or to stop the restore. Whatever they
// contain, everything outside stays exactly as it was, and what is harmless in them is restored.
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../core/archive/archive.ts'
import { safeParts } from '../../core/restore/names.ts'
import { type Existing, planRestore, restoreTree, undoRestore } from '../../core/restore/restore.ts'
import { file, folder, link, stream, symlink } from '../support/entries.ts'
import { restore } from '../support/restoring.ts'
import { context, isRoot, names, picture, type TestContext, temporary } from '../support/trees.ts'

interface Attack {
  readonly entries: (outside: string) => Entry[]
  /** Paths that must be there afterwards. */
  readonly restored?: readonly string[]
  /** Warnings: code and reason, one for each. */
  readonly warned?: readonly string[]
}

const refused = (...reasons: string[]) => reasons.map((reason) => `entry-refused ${reason}`)

const attacks: Record<string, Attack> = {
  'parent folders': {
    entries: () => [
      file('../escape'),
      file('d/../../escape'),
      file('d/..'),
      folder('..'),
      symlink('../l', '/'),
      file('ok'),
    ],
    restored: ['ok'],
    warned: refused('outside', 'outside', 'outside', 'outside', 'outside'),
  },
  'absolute names': {
    entries: (outside) => [file(join(outside, 'escape')), file('//server/share'), folder('/'), file('ok')],
    restored: ['ok'],
    warned: refused('absolute', 'absolute', 'absolute'),
  },
  'names that are no names': {
    entries: () => [
      file(''),
      file('a//b'),
      file('a/./b'),
      file('nul\0byte'),
      file('d/'),
      file('.'),
      folder('./'),
      file('./ok'),
    ],
    restored: ['ok'],
    warned: refused('bad-name', 'bad-name', 'bad-name', 'bad-name', 'bad-name'),
  },
  'a symlink used as a folder': {
    entries: (outside) => [
      symlink('way', outside),
      file('way/escape'),
      folder('way/dir'),
      symlink('way/l', '/'),
      link('way/h', 'ok'),
      file('ok'),
    ],
    restored: ['ok', 'way'],
    warned: refused('below-file', 'below-file', 'below-file', 'link-outside'),
  },
  'links through links': {
    entries: (outside) => [
      folder('d'),
      symlink('d/up', '..'),
      symlink('d/up2', 'up/..'),
      symlink('d/up3', 'up2/..'),
      symlink('far', outside),
      file('d/up3/escape'),
      file('far/escape'),
    ],
    restored: ['d/up', 'd/up2', 'd/up3', 'far'],
    warned: refused('below-file', 'below-file'),
  },
  'a symlink that replaces a folder already filled': {
    entries: (outside) => [folder('d'), file('d/f'), symlink('d', outside), file('d/escape')],
    restored: ['d/f', 'd/escape'],
    warned: refused('folder-and-file'),
  },
  'a symlink over a file, then the file again': {
    entries: (outside) => [file('f', 'one'), symlink('f', join(outside, 'target')), file('f', 'two')],
    restored: ['f'],
  },
  'a symlink onto a file outside, then a hard link to it, then a file over it': {
    entries: (outside) => [symlink('s', join(outside, 'target')), link('h', 's'), file('h', 'written through')],
    restored: ['s', 'h'],
  },
  'hard links out': {
    entries: (outside) => [
      link('a', join(outside, 'target')),
      link('b', '../outside/target'),
      link('c', 'missing'),
      link('d', ''),
      link('e', 'e'),
      folder('dir'),
      link('f', 'dir'),
      link('g', '.'),
      file('ok'),
      link('ok2', 'ok'),
    ],
    restored: ['ok', 'ok2'],
    warned: refused(...Array(7).fill('link-outside')),
  },
  'a hard link through a symlinked folder': {
    entries: (outside) => [symlink('way', outside), link('h', 'way/target'), file('ok')],
    restored: ['ok', 'way'],
    warned: refused('link-outside'),
  },
  'a hard link to a symlink to a file outside': {
    entries: (outside) => [symlink('s', join(outside, 'target')), link('h', 's'), link('h2', 'h')],
    restored: ['s', 'h', 'h2'],
  },
  'devices and pipes': {
    entries: () => [
      { ...folder('null'), type: 'other' },
      { ...folder('pipe'), type: 'other', mode: 0o4777 },
      file('ok'),
    ],
    restored: ['ok'],
    warned: refused('special', 'special'),
  },
  'files below files': {
    entries: () => [file('f', 'file'), file('f/below'), folder('f/dir'), file('f/dir/below'), folder('f')],
    restored: ['f'],
    warned: refused('below-file', 'below-file', 'below-file', 'folder-and-file'),
  },
  'a folder turned file': {
    entries: () => [folder('d'), file('d/f'), file('d'), link('d', 'd/f')],
    restored: ['d/f'],
    warned: refused('folder-and-file', 'folder-and-file'),
  },
  'huge names': {
    entries: () => [
      file('x'.repeat(256)),
      file('é'.repeat(128)),
      folder(`d/${'y'.repeat(300)}`),
      file(`${'a/'.repeat(3000)}f`),
      file('ok'),
    ],
    restored: ['ok', 'd'],
    warned: [...Array(3).fill('entry-failed ENAMETOOLONG'), 'entry-too-long undefined'],
  },
  'a way without end': {
    entries: () => [file(`${'a/'.repeat(100_000)}f`), symlink('s', 'x/'.repeat(100_000)), file('ok')],
    restored: ['ok'],
    warned: ['entry-refused bad-name', 'entry-failed ENAMETOOLONG'],
  },
  'names that mean something on Windows': {
    entries: () => [
      file('C:\\evil'),
      file('..\\escape'),
      file('CON'),
      file('trailing. '),
      file('a:stream'),
      file('\\\\server\\share'),
    ],
    restored: ['C:\\evil', '..\\escape', 'CON', 'trailing. ', 'a:stream', '\\\\server\\share'],
  },
  'names that mean something to us': {
    entries: () => [
      folder('.arche-restore-00000000-0'),
      file('.arche-restore-00000000-0/new'),
      file('__proto__', 'x'),
      file('constructor'),
      file('ok'),
    ],
    restored: ['.arche-restore-00000000-0/new', '__proto__', 'constructor', 'ok'],
  },
  'names that differ by case and Unicode form': {
    entries: () => [file('README'), file('readme'), file('caf\u00e9'), file('cafe\u0301'), folder('D'), file('d')],
    restored: ['README', 'readme', 'caf\u00e9', 'cafe\u0301', 'D', 'd'],
  },
  'links that loop': {
    entries: () => [symlink('a', 'b'), symlink('b', 'a'), symlink('self', 'self'), symlink('dot', '.'), file('a/x')],
    restored: ['a', 'b', 'self', 'dot'],
    warned: refused('below-file'),
  },
  'empty and impossible targets': {
    entries: () => [symlink('empty', ''), symlink('nul', 'a\0b'), file('ok')],
    restored: ['ok'],
    warned: refused('bad-name', 'bad-name'),
  },
}

/** A folder with things worth attacking, beside the one that is restored into. */
function scene(): { work: string; outside: string; into: string; ctx: TestContext } {
  const work = temporary()
  const outside = join(work, 'outside')
  const into = join(work, 'into')
  mkdirSync(join(outside, 'dir'), { recursive: true })
  writeFileSync(join(outside, 'target'), 'precious')
  writeFileSync(join(outside, 'dir', 'inner'), 'precious too')
  return { work, outside, into, ctx: context(temporary()) }
}

const run = (entries: Entry[], into: string, existing: Existing, ctx: TestContext) =>
  restore(entries, { into, existing }, ctx)

describe.each(Object.entries(attacks))('%s', (_, attack) => {
  it('into a new folder: nothing outside changes', async () => {
    const { work, outside, into, ctx } = scene()
    const before = picture(outside)
    await run(attack.entries(outside), into, 'replace', ctx)
    expect(picture(outside)).toEqual(before)
    expect(names(work)).toEqual(['into', 'outside'])
    for (const path of attack.restored ?? []) expect(lstatSync(join(into, path))).toBeTruthy()
    expect(ctx.warnings.map(({ code, details }) => `${code} ${details.reason}`)).toEqual(attack.warned ?? [])
  })

  it.each(['replace', 'skip', 'keep-both'] as const)(
    'over links that wait at the destination (%s), and back again',
    async (existing) => {
      const { outside, into, ctx } = scene()
      mkdirSync(into)
      for (const name of ['d', 'way', 'ok', 'f', 'a', 'far', 'README', '__proto__'])
        symlinkSync(outside, join(into, name))
      linkSync(join(outside, 'target'), join(into, 'h'))
      symlinkSync(join(outside, 'target'), join(into, 's'))
      const before = picture(outside)
      const old = picture(into, { topTime: false })
      const { safety } = await run(attack.entries(outside), into, existing, ctx)
      expect(picture(outside)).toEqual(before)
      await undoRestore(safety.journals, ctx)
      expect(picture(outside)).toEqual(before)
      expect(picture(into, { topTime: false })).toEqual(old)
    },
  )
})

describe('links are restored faithfully', () => {
  it('whatever they point to', async () => {
    const { outside, into, ctx } = scene()
    const target = join(outside, 'target')
    await run([symlink('s', target), link('h', 's'), symlink('up', '../../..'), file('ok')], into, 'replace', ctx)
    expect(readlinkSync(join(into, 's'))).toBe(target)
    expect(readlinkSync(join(into, 'h'))).toBe(target)
    expect(readlinkSync(join(into, 'up'))).toBe('../../..')
  })

  it('and do not give rights: setuid only comes back with its owner', async () => {
    const { into, ctx } = scene()
    await run(
      [file('mine', 'x', { mode: 0o6755 }), file('theirs', 'x', { mode: 0o6755, uid: 4242, gid: 4242 })],
      into,
      'replace',
      ctx,
    )
    const modeOf = (path: string) => lstatSync(join(into, path)).mode & 0o7777
    expect(modeOf('theirs')).toBe(isRoot ? 0o6755 : 0o755)
    expect(lstatSync(join(into, 'theirs')).uid).toBe(isRoot ? 4242 : process.getuid?.())
    expect(modeOf('mine')).toBe(isRoot ? 0o6755 : 0o755)
  })
})

describe('a later file of the same name counts, as for tar', () => {
  it('and never writes through what stood there', async () => {
    const { outside, into, ctx } = scene()
    const target = join(outside, 'target')
    await run(
      [symlink('f', target), file('f', 'second'), file('g', 'first'), link('h', 'g'), file('h', 'other')],
      into,
      'replace',
      ctx,
    )
    expect(readFileSync(join(into, 'f'), 'utf8')).toBe('second')
    expect(lstatSync(join(into, 'f')).isFile()).toBe(true)
    expect(readFileSync(join(into, 'g'), 'utf8')).toBe('first')
    expect(readFileSync(join(into, 'h'), 'utf8')).toBe('other')
  })
})

describe('roots from a hostile head', () => {
  it('put nothing outside the places that were shown', async () => {
    const { outside, into, ctx } = scene()
    const before = picture(outside)
    const entries = [file('d/f'), file('other/f'), file('d/../../outside/f'), symlink('top', outside)]
    const plan = await planRestore(
      { roots: [{ name: 'd', origin: join(into, 'd') }], only: [], existing: 'replace', entries },
      ctx,
    )
    expect(plan.places).toMatchObject([{ at: 'd', target: join(into, 'd') }])
    await restoreTree(plan, stream(entries), ctx)
    expect(picture(outside)).toEqual(before)
    expect(names(into)).toEqual(['d'])
    const refused = ctx.warnings.filter(({ code }) => code === 'entry-refused')
    expect(refused.map(({ details }) => details.reason)).toEqual(['no-origin', 'outside', 'no-origin'])
  })
})

describe('bodies that lie about their size', () => {
  it.each([
    ['longer', 3],
    ['shorter', 100],
  ])('%s: nothing is put in place', async (_, size) => {
    const { into, ctx } = scene()
    await expect(run([file('ok'), file('f', 'five!', { size })], into, 'replace', ctx)).rejects.toMatchObject({
      code: 'damaged',
    })
    expect(existsSync(into)).toBe(false)
  })
})

describe('sparse files that lie', () => {
  const sparse = [
    { at: 10, length: 5 },
    { at: 1000, length: 5 },
  ]
  it.each([
    ['more than the map says', 'five!five!more'],
    ['less than the map says', 'five!'],
  ])('%s: nothing is put in place', async (_, content) => {
    const { into, ctx } = scene()
    const entries = [file('ok'), file('f', content, { size: 2000, sparse })]
    await expect(run(entries, into, 'replace', ctx)).rejects.toMatchObject({ code: 'damaged' })
    expect(existsSync(into)).toBe(false)
  })

  it('larger than any disk: nothing is put in place, and no room is taken', async () => {
    const { into, ctx } = scene()
    const entries = [file('ok'), file('f', 'five!five!', { size: Number.MAX_SAFE_INTEGER, sparse })]
    const plan = await planRestore({ roots: [], into, only: [], existing: 'replace' }, ctx)
    await restoreTree(plan, stream(entries), ctx).then(
      () => expect(lstatSync(join(into, 'f')).blocks * 512).toBeLessThan(1024 ** 2),
      (error) => expect(error).toMatchObject({ code: 'file-too-large' }),
    )
  })
})

describe('attributes and owners that cannot be', () => {
  it('are told, and the file is restored', async () => {
    const { outside, into, ctx } = scene()
    const before = picture(outside)
    const extended = ['system.evil', 'nonsense', '/etc/passwd', 'user.', 'security.evil\n', 'trusted..'].map(
      (name) => ({
        name,
        value: 'x',
      }),
    )
    const attributes = { extended, access: 'rubbish', inherited: 'user::rwx,'.repeat(1000) }
    const entries = [file('ok', 'x', { uid: 2 ** 40, gid: -5, attributes }), folder('d', { uid: 2 ** 33, attributes })]
    await run(entries, into, 'replace', ctx)
    expect(picture(outside)).toEqual(before)
    expect(readFileSync(join(into, 'ok'), 'utf8')).toBe('x')
    expect(ctx.warnings.map(({ code, details }) => [code, details.count])).toEqual([
      ['attributes-failed', 2],
      ['metadata-failed', 2],
    ])
  })
})

describe('names on Windows', () => {
  it.each([
    ['C:\\evil', 'absolute'],
    ['c:evil', 'absolute'],
    ['\\\\server\\share', 'absolute'],
    ['a\\..\\..\\b', 'outside'],
    ['a\\b', 'bad-name'],
    ['a/file:stream', 'bad-name'],
    ['CON', 'bad-name'],
    ['a/nul.txt', 'bad-name'],
    ['Lpt1.log', 'bad-name'],
    ['dot.', 'bad-name'],
    ['space ', 'bad-name'],
    ['bell\u0007', 'bad-name'],
    ['/etc', 'absolute'],
    ['..', 'outside'],
  ])('%j is refused', (path, reason) => {
    expect(safeParts(path, 'win32')).toBe(reason)
  })

  it.each(['a/b.txt', 'console', 'lpt', 'Ünï', '.hidden'])('%j is fine', (path) => {
    expect(safeParts(path, 'win32')).toEqual(path.split('/'))
  })
})
