// Where a restore goes: folders above the original place that are gone, and paths at the limits of the system.
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Head, parseHead } from '../../core/archive/head.ts'
import { discardSafety, planRestore, restoreTree, undoRestore } from '../../core/restore/restore.ts'
import { foldersSource } from '../../core/sources/folders.ts'
import type { Item } from '../../core/sources/source.ts'
import { file, folder, link, stream, symlink } from '../support/entries.ts'
import { restore } from '../support/restoring.ts'
import { context, gather, isRoot, names, temporary } from '../support/trees.ts'

describe('folders above the original place that are gone', () => {
  const owner = isRoot ? 12_345 : (process.getuid?.() ?? 0)

  function scene(work: string) {
    const top = join(work, 'homes')
    for (const name of ['Documents', 'Pictures']) mkdirSync(join(top, 'alice', name), { recursive: true })
    writeFileSync(join(top, 'alice/Documents/f'), 'text')
    writeFileSync(join(top, 'alice/Pictures/g'), 'image')
    chmodSync(join(top, 'alice'), 0o700)
    if (isRoot) chownSync(join(top, 'alice'), owner, 54_321)
    chmodSync(top, 0o2775)
    return top
  }

  it('are made as they were, by what the archive notes, and never with more rights than an ordinary folder', async () => {
    const work = temporary()
    const top = scene(work)
    const ctx = context(work)
    const source = foldersSource({
      paths: ['Documents', 'Pictures'].map((name) => join(top, 'alice', name)),
      exclude: [],
    })
    const entries = await gather(source, ctx)
    const item = (await source.items(ctx)[Symbol.asyncIterator]().next()).value as Item
    const { roots, parents } = parseHead(JSON.stringify({ ...head, roots: item.roots, parents: item.parents })) as Head
    chmodSync(work, 0o711)
    rmSync(top, { recursive: true })

    const plan = await planRestore({ roots, parents, only: [], existing: 'replace', entries }, ctx)
    expect(plan.findings).toMatchObject([
      { level: 'info', code: 'parents-made', details: { path: [top, join(top, 'alice')] } },
    ])
    await restoreTree(plan, stream(entries), ctx)

    expect(ctx.warnings).toEqual([])
    expect(lstatSync(join(top, 'alice'))).toMatchObject({ mode: 0o40700, uid: owner })
    expect(lstatSync(top).mode & 0o7777).toBe(0o755)
    // It was there.
    expect(lstatSync(work).mode & 0o7777).toBe(0o711)
    expect(names(join(top, 'alice'))).toEqual(['Documents', 'Pictures'])
  })

  it('are told where the archive does not know them', async () => {
    const work = temporary()
    const top = scene(work)
    const ctx = context(work)
    const entries = [folder('d'), file('d/f')]
    const request = {
      roots: [{ name: 'd', origin: join(top, 'gone', 'd') }],
      only: [],
      existing: 'replace',
      entries,
    } as const
    const plan = await planRestore(request, ctx)
    expect(plan.findings).toMatchObject([
      { level: 'warning', code: 'parents-unknown', details: { path: [join(top, 'gone')] } },
    ])
    await restoreTree(plan, stream(entries), ctx)
    expect(ctx.warnings).toMatchObject([{ code: 'parents-unknown', details: { path: [join(top, 'gone')] } }])
    expect(lstatSync(join(top, 'gone')).mode & 0o7777).toBe(0o755)
  })

  it("are nobody else's matter where a folder was chosen", async () => {
    const work = temporary()
    const ctx = context(work)
    await restore([folder('d'), file('d/f')], { into: join(work, 'a/b') }, ctx)
    expect(ctx.warnings).toEqual([])
    expect(lstatSync(join(work, 'a')).mode & 0o7777).toBe(0o755)
  })
})

const head = { arche: 1, plan: 'P', host: 'h', createdAt: '2026-11-29T00:00:00Z', files: 2, bytes: 9 }

describe('long paths', () => {
  /** As many bytes as wanted, in parts of 200 and a rest. */
  function longPath(bytes: number): string {
    const parts = Array(Math.floor(bytes / 201)).fill('n'.repeat(200))
    return [...parts, 'f'.repeat(bytes - parts.length * 201)].join('/')
  }

  /** By steps, as the whole path is too long for every call. */
  function read(folder: string, path: string): string {
    const script = 'cd "$1"; IFS=/; for part in $2; do [ -d "$part" ] && cd -P "$part" || cat "$part"; done'
    return execFileSync('bash', ['-c', script, 'bash', folder, path], { encoding: 'utf8' })
  }

  const path = longPath(4095)
  const entries = [
    ...path
      .split('/')
      .slice(0, -1)
      .map((_, index, parts) => folder(parts.slice(0, index + 1).join('/'), { mode: 0o750 })),
    file(path, 'new'),
    link(`${path.slice(0, -2)}l`, path),
    symlink(`${path.slice(0, -2)}s`, 'f'),
  ]

  it('are restored wherever they go, replaced, taken back and cleared away', async () => {
    const work = temporary()
    const ctx = context(work)
    const into = join(work, longPath(300))
    expect(await restore(entries, { into }, ctx)).toMatchObject({ files: 3 })
    expect(read(into, path)).toBe('new')
    const { safety } = await restore([file(path, 'newer')], { into }, ctx)
    expect(read(into, path)).toBe('newer')
    await undoRestore(safety.journals, ctx)
    expect(read(into, path)).toBe('new')
    const again = await restore([file(path, 'newest')], { into }, ctx)
    expect(await discardSafety(again.safety.journals, ctx)).toMatchObject({ freed: 3 })
    expect(read(into, path)).toBe('newest')
    expect(names(into)).toEqual(['n'.repeat(200)])
    expect(ctx.warnings).toEqual([])
  })

  it('that no call takes are told by how much they are too long, and the rest is restored', async () => {
    const work = temporary()
    const ctx = context(work)
    await restore([file(longPath(4100)), file('ok')], { into: join(work, 'into') }, ctx)
    expect(ctx.warnings).toMatchObject([{ code: 'entry-too-long', details: { over: 5 } }])
    expect(names(join(work, 'into'))).toEqual(['ok'])
  })
})
