// Restoring: a round trip of everything a tree can hold, each answer to "what about existing files", the choice of parts, and the plan.
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planRestore, type RestoreRequest, restoreTree } from '../../core/restore/restore.ts'
import { foldersSource } from '../../core/sources/folders.ts'
import { file, folder, link, stream } from '../support/entries.ts'
import { restore } from '../support/restoring.ts'
import { context, gather, isRoot, names, picture, remove, temporary } from '../support/trees.ts'

function nastyTree(work: string): string {
  const top = join(work, 'docs')
  for (const path of ['empty', 'locked/inner', 'sticky', 'a/b/c']) mkdirSync(join(top, path), { recursive: true })
  writeFileSync(join(top, 'zero'), '')
  writeFileSync(join(top, 'big'), Buffer.alloc(3_000_001, 'data'))
  writeFileSync(join(top, 'a/b/c/deep.txt'), 'deep')
  writeFileSync(Buffer.concat([Buffer.from(`${top}/`), Buffer.from([0x6f, 0xe9, 0x2f])]).subarray(0, -1), 'latin-1')
  writeFileSync(join(top, 'line\nbreak "and" \\ 🚢'), 'odd')
  writeFileSync(join(top, 'é'.repeat(127)), 'long')
  for (const name of ['caf\u00e9', 'cafe\u0301', 'Case', 'case']) writeFileSync(join(top, name), name)
  linkSync(join(top, 'big'), join(top, 'a/big-too'))
  linkSync(join(top, 'zero'), join(top, 'zero-too'))
  symlinkSync('/etc/passwd', join(top, 'absolute'))
  symlinkSync('../../../..', join(top, 'a/outside'))
  symlinkSync('a/b', join(top, 'folder-link'))
  symlinkSync('nowhere', join(top, 'dangling'))
  writeFileSync(join(top, 'locked/inner/secret'), 'secret')
  chmodSync(join(top, 'zero'), isRoot ? 0o000 : 0o400)
  chmodSync(join(top, 'big'), isRoot ? 0o6755 : 0o755)
  chmodSync(join(top, 'sticky'), 0o3777)
  if (isRoot) chownSync(join(top, 'a/b'), 12345, 54321)
  if (isRoot) chownSync(join(top, 'big'), 12345, 54321)
  if (isRoot) chmodSync(join(top, 'big'), 0o6755)
  lutimesSync(join(top, 'dangling'), 1, 987654321.123457)
  utimesSync(join(top, 'a/b/c/deep.txt'), 1, -86400.5)
  utimesSync(join(top, 'case'), 1, 4_000_000_000)
  chmodSync(join(top, 'locked/inner'), 0o500)
  chmodSync(join(top, 'locked'), 0o555)
  for (const path of ['a/b/c', 'a/b', 'empty', '.']) utimesSync(join(top, path), 1, 1_234_567_890.654321)
  return top
}

describe('round trip', () => {
  it('brings back everything: contents, modes, owners, times, links, names', async () => {
    const work = temporary()
    const top = nastyTree(work)
    const ctx = context(work)
    const entries = await gather(foldersSource({ paths: [top], exclude: [] }), ctx)
    const into = join(work, 'new', 'place')

    const outcome = await restore(entries, { into }, ctx)

    expect(ctx.warnings).toEqual([])
    expect(picture(join(into, 'docs'))).toEqual(picture(top))
    expect(names(into)).toEqual(['docs'])
    expect(outcome).toMatchObject({
      files: entries.filter(({ type }) => type !== 'folder').length,
      replaced: 0,
      safety: { folders: [] },
    })
    expect(ctx.operations).toEqual(['extract', 'place'])
  })

  it('does not depend on the umask', async () => {
    const work = temporary()
    const ctx = context(work)
    const before = process.umask(0o077)
    try {
      await restore(
        [folder('d', { mode: 0o775 }), file('d/f', 'x', { mode: 0o666 }), file('way/g', 'x')],
        { into: join(work, 'into') },
        ctx,
      )
    } finally {
      process.umask(before)
    }
    const modes = ['d', 'd/f', 'way'].map((path) => (lstatSync(join(work, 'into', path)).mode & 0o7777).toString(8))
    expect(modes).toEqual(['775', '666', '755'])
  })

  it('restores to the original place, through parents that are symlinks by now', async () => {
    const work = temporary()
    const top = nastyTree(work)
    const before = picture(top)
    const ctx = context(work)
    const entries = await gather(foldersSource({ paths: [top], exclude: [] }), ctx)
    remove(top)

    await restore(entries, { roots: [{ name: 'docs', origin: top }] }, ctx)
    expect(picture(top)).toEqual(before)

    mkdirSync(join(work, 'moved'))
    symlinkSync(join(work, 'moved'), join(work, 'old-way'))
    await restore(entries, { roots: [{ name: 'docs', origin: join(work, 'old-way', 'sub', 'docs') }] }, ctx)
    expect(picture(join(work, 'moved', 'sub', 'docs'))).toEqual(before)
  })

  it('restores a single file, and a file where a folder stands', async () => {
    const work = temporary()
    const ctx = context(work)
    const origin = join(work, 'notes.txt')
    await restore([file('notes.txt', 'mine')], { roots: [{ name: 'notes.txt', origin }] }, ctx)
    expect(readFileSync(origin, 'utf8')).toBe('mine')

    rmSync(origin)
    mkdirSync(join(origin, 'sub'), { recursive: true })
    writeFileSync(join(origin, 'sub', 'old'), 'old')
    const { safety } = await restore([file('notes.txt', 'mine')], { roots: [{ name: 'notes.txt', origin }] }, ctx)
    expect(readFileSync(origin, 'utf8')).toBe('mine')
    expect(readFileSync(join(safety.folders[0] as string, 'notes.txt', 'sub', 'old'), 'utf8')).toBe('old')
  })
})

describe('existing files', () => {
  /** A destination in which everything that can collide does. */
  function destination(work: string): string {
    const into = join(work, 'into')
    mkdirSync(join(into, 'd', 'was-folder'), { recursive: true })
    writeFileSync(join(into, 'd', 'was-folder', 'kept'), 'kept')
    writeFileSync(join(into, 'd', 'same.txt'), 'old')
    writeFileSync(join(into, 'd', 'was-file'), 'old file')
    writeFileSync(join(into, 'd', 'own'), 'own')
    mkdirSync(join(work, 'elsewhere'))
    writeFileSync(join(work, 'elsewhere', 'untouched'), 'untouched')
    symlinkSync(join(work, 'elsewhere'), join(into, 'd', 'way'))
    chmodSync(join(into, 'd'), 0o700)
    utimesSync(join(into, 'd'), 1, 1000)
    return into
  }

  const archive = [
    folder('d', { mode: 0o750 }),
    file('d/new.txt', 'new'),
    file('d/same.txt', 'restored'),
    folder('d/was-file', { mode: 0o711 }),
    file('d/was-file/inside', 'inside'),
    file('d/was-folder', 'a file now'),
    folder('d/way', { mode: 0o711 }),
    folder('d/way/deeper', { mode: 0o711 }),
    file('d/way/untouched', 'through the link?'),
  ]

  it('replace: the old ones are kept in a safety folder, at the same relative path', async () => {
    const work = temporary()
    const into = destination(work)
    const ctx = context(work)
    const outcome = await restore(archive, { into, existing: 'replace' }, ctx)

    const safety = outcome.safety.folders[0] as string
    expect(safety).toMatch(/\/into\/\.arche-before-restore-\d{4}-\d\d-\d\d_\d\dh\d\dm\d\ds$/)
    expect(outcome.replaced).toBe(4)
    expect(readFileSync(join(safety, 'd/same.txt'), 'utf8')).toBe('old')
    expect(readFileSync(join(safety, 'd/was-file'), 'utf8')).toBe('old file')
    expect(readFileSync(join(safety, 'd/was-folder/kept'), 'utf8')).toBe('kept')
    expect(readlinkSync(join(safety, 'd/way'))).toBe(join(work, 'elsewhere'))
    expect(readFileSync(join(into, 'd/same.txt'), 'utf8')).toBe('restored')
    expect(readFileSync(join(into, 'd/own'), 'utf8')).toBe('own')
    expect(readFileSync(join(into, 'd/way/untouched'), 'utf8')).toBe('through the link?')
    expect(names(join(work, 'elsewhere'))).toEqual(['untouched'])
    expect(lstatSync(join(into, 'd')).mode & 0o777).toBe(0o750)
    expect(lstatSync(join(into, 'd')).mtimeMs).toBe(1_500_000_000_000)
    expect(names(into)).toEqual([safety.slice(into.length + 1), 'd'])
  })

  it('skip: nothing that exists changes in any way', async () => {
    const work = temporary()
    const into = destination(work)
    const elsewhere = picture(join(work, 'elsewhere'))
    const old = picture(join(into, 'd'), { topTime: false })
    const outcome = await restore(archive, { into, existing: 'skip' }, context(work))

    expect(outcome).toMatchObject({ skipped: 4, replaced: 0, safety: { folders: [] } })
    expect(picture(join(into, 'd'), { topTime: false, without: (path) => path === 'new.txt' })).toEqual(old)
    expect(readFileSync(join(into, 'd/new.txt'), 'utf8')).toBe('new')
    expect(picture(join(work, 'elsewhere'))).toEqual(elsewhere)
    expect(names(into)).toEqual(['d'])
  })

  it('keep both: the restored ones get another name', async () => {
    const work = temporary()
    const into = destination(work)
    writeFileSync(join(into, 'd', 'same (restored).txt'), 'taken')
    const elsewhere = picture(join(work, 'elsewhere'))
    const outcome = await restore(archive, { into, existing: 'keep-both' }, context(work))

    expect(outcome).toMatchObject({ renamed: 4, replaced: 0 })
    const text = (path: string) => readFileSync(join(into, 'd', path), 'utf8')
    expect(text('same.txt')).toBe('old')
    expect(text('same (restored).txt')).toBe('taken')
    expect(text('same (restored 2).txt')).toBe('restored')
    expect(text('was-file')).toBe('old file')
    expect(text('was-file (restored)/inside')).toBe('inside')
    expect(text('was-folder (restored)')).toBe('a file now')
    expect(text('way (restored)/untouched')).toBe('through the link?')
    expect(lstatSync(join(into, 'd', 'was-file (restored)')).mode & 0o777).toBe(0o711)
    expect(lstatSync(join(into, 'd', 'way (restored)/deeper')).mode & 0o777).toBe(0o711)
    expect(picture(join(work, 'elsewhere'))).toEqual(elsewhere)
  })
})

describe('a choice of parts', () => {
  const archive = [
    folder('d', { mode: 0o701 }),
    folder('d/a', { mode: 0o702 }),
    file('d/a/one', '1'),
    folder('d/a/sub'),
    file('d/a/sub/two', '2'),
    file('d/ab', '3'),
    link('d/hard', 'd/ab'),
    link('d/hard2', 'd/ab'),
  ]

  it('takes a folder with all below it, and its parents only as a way', async () => {
    const work = temporary()
    const into = join(work, 'into')
    mkdirSync(join(into, 'd'), { recursive: true, mode: 0o755 })
    const outcome = await restore(archive, { into, only: ['d/a/'] }, context(work))
    expect(outcome.files).toBe(2)
    expect(names(join(into, 'd'))).toEqual(['a'])
    expect(names(join(into, 'd/a'))).toEqual(['one', 'sub'])
    expect(lstatSync(join(into, 'd')).mode & 0o777).toBe(0o755)
    expect(lstatSync(join(into, 'd/a')).mode & 0o777).toBe(0o702)
  })

  it('gives a chosen hard link its content, although the file it links to was not chosen', async () => {
    const work = temporary()
    const into = join(work, 'into')
    const ctx = context(work)
    await restore(archive, { into, only: ['d/hard', 'd/hard2'] }, ctx)
    expect(ctx.warnings).toEqual([])
    expect(names(join(into, 'd'))).toEqual(['hard', 'hard2'])
    expect(readFileSync(join(into, 'd/hard2'), 'utf8')).toBe('3')
    expect(lstatSync(join(into, 'd/hard')).ino).toBe(lstatSync(join(into, 'd/hard2')).ino)
  })

  it('says when nothing is chosen', async () => {
    const work = temporary()
    const into = join(work, 'into')
    const ctx = context(work)
    const plan = await planRestore({ roots: [], into, only: ['d/nothing'], existing: 'skip', entries: archive }, ctx)
    expect(plan.findings).toEqual([{ level: 'error', code: 'nothing-selected', details: {} }])
    await expect(restoreTree(plan, stream(archive), ctx)).rejects.toMatchObject({ code: 'nothing-selected' })
    await expect(restore(archive, { into, only: ['d/nothing'], entries: undefined }, ctx)).rejects.toMatchObject({
      code: 'nothing-selected',
    })
    expect(existsSync(into)).toBe(false)
    expect(names(ctx.journals)).toEqual([])
  })
})

describe('the plan', () => {
  it('survives JSON and tells what is there', async () => {
    const work = temporary()
    const into = join(work, 'into')
    mkdirSync(join(into, 'd'), { recursive: true })
    writeFileSync(join(into, 'd', 'f'), 'old')
    const entries = [folder('d'), file('d/f', 'new'), file('d/g', 'other')]
    const ctx = context(work)
    const plan = await planRestore({ roots: [], into, only: [], existing: 'replace', entries }, ctx)
    expect(plan.counted).toMatchObject({ files: 2, bytes: 8, conflicts: { count: 1, first: [join(into, 'd/f')] } })
    expect(plan.findings).toMatchObject([{ level: 'warning', code: 'replaces-files', details: { count: 1 } }])
    expect(plan.free).toBeGreaterThan(0)
    await restoreTree(JSON.parse(JSON.stringify(plan)), stream(entries), ctx)
    expect(readFileSync(join(into, 'd/f'), 'utf8')).toBe('new')
  })

  it('is refused when other files would be replaced by now', async () => {
    const work = temporary()
    const into = join(work, 'into')
    mkdirSync(join(into, 'd'), { recursive: true })
    const entries = [folder('d'), file('d/f', 'new')]
    const ctx = context(work)
    const plan = await planRestore({ roots: [], into, only: [], existing: 'replace', entries }, ctx)
    writeFileSync(join(into, 'd', 'f'), 'came later')
    const before = picture(into)
    await expect(restoreTree(plan, stream(entries), ctx)).rejects.toMatchObject({ code: 'changed' })
    expect(picture(into)).toEqual(before)
  })

  it('cannot be used twice', async () => {
    const work = temporary()
    const ctx = context(work)
    const plan = await planRestore({ roots: [], into: join(work, 'into'), only: [], existing: 'skip' }, ctx)
    await restoreTree(plan, stream([file('f')]), ctx)
    await expect(restoreTree(plan, stream([file('f')]), ctx)).rejects.toMatchObject({ code: 'changed' })
  })

  it('finds what speaks against it', async () => {
    const work = temporary()
    writeFileSync(join(work, 'file'), '')
    const ctx = context(work)
    const found = async (request: Partial<RestoreRequest>) => {
      const { findings } = await planRestore({ roots: [], only: [], existing: 'skip', ...request }, ctx)
      return findings.map(({ level, code }) => `${level} ${code}`)
    }
    expect(await found({ into: join(work, 'file') })).toEqual(['error target-unwritable'])
    expect(await found({ into: join(work, 'new/deep') })).toEqual([])
    expect(await found({})).toEqual(['error origin-unknown'])
    for (const origin of ['', undefined, 'relative', 'C:\\Users\\me', 'nul\0']) {
      expect(await found({ roots: [{ name: 'd', origin }] })).toEqual(['error origin-unknown'])
    }
    for (const name of ['..', 'a/b', '', '/'])
      expect(await found({ roots: [{ name, origin: '/home' }] })).toEqual(['error origin-unknown'])
    const huge = { path: 'f', type: 'file' as const, size: Number.MAX_SAFE_INTEGER }
    expect(await found({ into: work, entries: [huge] })).toEqual(['error no-space'])
    await expect(found({ into: 'relative' })).rejects.toMatchObject({ code: 'bad-input' })
  })
})
