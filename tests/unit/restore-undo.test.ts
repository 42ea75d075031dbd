import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recoverRestores, undoableRestores, undoRestore } from '../../core/restore/restore.ts'
import { file, folder, link, symlink } from '../support/entries.ts'
import { restore } from '../support/restoring.ts'
import { context, names, picture, temporary } from '../support/trees.ts'

const isOurs = (path: string) => path.startsWith('.arche-')

describe('undo', () => {
  async function restored(work: string, existing: 'replace' | 'keep-both' | 'skip' = 'replace') {
    const into = join(work, 'into')
    mkdirSync(join(into, 'd', 'sub'), { recursive: true })
    writeFileSync(join(into, 'd', 'f'), 'old')
    writeFileSync(join(into, 'd', 'sub', 'own'), 'own')
    chmodSync(join(into, 'd'), 0o700)
    utimesSync(join(into, 'd'), 1, 1000)
    const before = picture(into, { topTime: false })
    const entries = [
      folder('d'),
      file('d/f', 'new'),
      folder('d/new', { mode: 0o555 }),
      file('d/new/x', 'x'),
      file('d/new/y', 'y'),
      symlink('d/s', '/'),
      folder('d/sub'),
      link('d/sub/l', 'd/f'),
    ]
    const ctx = context(work)
    const outcome = await restore(entries, { into, existing }, ctx)
    return { into, before, ctx, outcome }
  }

  it('brings back exactly what was there', async () => {
    for (const existing of ['replace', 'keep-both', 'skip'] as const) {
      const work = temporary()
      const { into, before, ctx, outcome } = await restored(work, existing)
      expect(undoableRestores(ctx.journals)).toMatchObject([
        { targets: [into], replaced: existing === 'replace' ? 1 : 0 },
      ])
      expect(picture(into, { topTime: false })).not.toEqual(before)
      const undone = await undoRestore(outcome.safety.journals, ctx)
      expect(undone).toEqual({ files: existing === 'replace' ? 1 : 0, bytes: 0, safety: { folders: [], journals: [] } })
      expect(picture(into, { topTime: false })).toEqual(before)
      expect(names(ctx.journals)).toEqual([])
    }
  })

  it('does not throw away what was changed or added since', async () => {
    const work = temporary()
    const { into, before, ctx, outcome } = await restored(work)
    chmodSync(join(into, 'd/new'), 0o755)
    writeFileSync(join(into, 'd/f'), 'worked on since')
    writeFileSync(join(into, 'd/new/added'), 'added since')
    renameSync(join(into, 'd/new/x'), join(into, 'd/new/renamed'))
    unlinkSync(join(into, 'd/new/y'))
    const { safety } = await undoRestore(outcome.safety.journals, ctx)
    const kept = safety.folders[0] as string
    expect(safety.folders).toHaveLength(1)
    expect(readFileSync(join(kept, 'd/f'), 'utf8')).toBe('worked on since')
    expect(readFileSync(join(kept, 'd/new/added'), 'utf8')).toBe('added since')
    expect(names(join(kept, 'd/new'))).toEqual(['added'])
    expect(picture(into, { topTime: false, without: isOurs })).toEqual(before)
  })

  it('keeps what stands in the way of an old file', async () => {
    const work = temporary()
    const { into, before, ctx, outcome } = await restored(work)
    unlinkSync(join(into, 'd/f'))
    mkdirSync(join(into, 'd/f'))
    writeFileSync(join(into, 'd/f/mine'), 'mine')
    const { safety } = await undoRestore(outcome.safety.journals, ctx)
    expect(readFileSync(join(safety.folders[0] as string, 'd/f/mine'), 'utf8')).toBe('mine')
    expect(picture(into, { topTime: false, without: isOurs })).toEqual(before)
  })

  it('touches nothing when the safety folder is gone', async () => {
    const work = temporary()
    const { into, ctx, outcome } = await restored(work)
    rmSync(outcome.safety.folders[0] as string, { recursive: true })
    const now = picture(into)
    await expect(undoRestore(outcome.safety.journals, ctx)).rejects.toMatchObject({ code: 'changed' })
    expect(picture(into)).toEqual(now)
  })

  it('does not follow a symlink that has taken the place of a folder', async () => {
    const work = temporary()
    const { into, ctx, outcome } = await restored(work)
    renameSync(join(into, 'd'), join(work, 'other'))
    symlinkSync(join(work, 'other'), join(into, 'd'))
    const other = picture(join(work, 'other'))
    const { safety } = await undoRestore(outcome.safety.journals, ctx)
    expect(picture(join(work, 'other'))).toEqual(other)
    expect(readFileSync(join(safety.folders[0] as string, 'd/f'), 'utf8')).toBe('old')
    expect(ctx.warnings).toMatchObject([{ code: 'entry-failed', details: { path: join(into, 'd/f') } }])
  })

  it('can be had of one that was killed just after it was done', async () => {
    const { into, before, ctx, outcome } = await restored(temporary())
    const [journal = ''] = outcome.safety.journals
    const unknown = new Set([basename(journal).split('.')[0] as string])
    const [found, ...others] = await recoverRestores(ctx.journals, { ...ctx, unknown })
    expect(others).toEqual([])
    expect(found).toMatchObject({ outcome: 'kept-new', journal, restored: { safety: outcome.safety } })
    await undoRestore(found?.restored?.safety.journals ?? [], ctx)
    expect(picture(into, { topTime: false })).toEqual(before)
  })

  it('is left alone at the next start', async () => {
    const work = temporary()
    const { into, ctx } = await restored(work)
    const now = picture(into)
    expect(await recoverRestores(ctx.journals)).toEqual([])
    expect(picture(into)).toEqual(now)
  })
})
