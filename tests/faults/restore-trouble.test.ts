// A restore in trouble: full disks, read-only disks, a cancel, a damaged archive, somebody else at work in the destination.
// Each time everything is as before, and the report says so. Root is needed for the disks: small file systems of their own.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statfsSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Failure, toProblem } from '../../core/api/failure.ts'
import { describe as describeProblem } from '../../core/api/text/text.ts'
import type { Entry } from '../../core/archive/archive.ts'
import { planRestore, recoverRestores, restoreTree, undoRestore } from '../../core/restore/restore.ts'
import { file, folder, stream } from '../support/entries.ts'
import { makeScene, sceneArchive } from '../support/restore-scene.ts'
import { requireRoot } from '../support/root.ts'
import { context, names, picture, type TestContext, temporary } from '../support/trees.ts'

async function restore(entries: readonly Entry[], into: string, ctx: TestContext, given = stream(entries)) {
  const plan = await planRestore({ roots: [], into, only: [], existing: 'replace', entries }, ctx)
  return restoreTree({ ...plan, findings: [] }, given, ctx)
}

/** A scene, and a context that calls `deed` at the nth report of the operation "place". */
function scene(step: number, deed: (into: string) => void, signal?: AbortSignal) {
  const work = temporary()
  const into = makeScene(work)
  let left = step
  const ctx: TestContext = context(work, {
    ...(signal && { signal }),
    onAdvance: () => {
      if (ctx.operations.at(-1) === 'place' && left-- === 0) deed(into)
    },
  })
  return { work, into, ctx, before: picture(into) }
}

function mount(at: string, ...args: string[]): void {
  if (!existsSync(at)) mkdirSync(at, { recursive: true })
  execFileSync('mount', [...args, at])
  onTestFinished(() => {
    execFileSync('umount', ['-l', at])
  })
}

describe('before anything is put in place', () => {
  it('an archive that ends too early, or is damaged, leaves no trace', async () => {
    for (const code of ['truncated', 'damaged'] as const) {
      const { into, ctx, before } = scene(-1, () => undefined)
      const broken = async function* () {
        yield* sceneArchive.slice(0, -1)
        throw new Failure(code, { name: 'x' })
      }
      await expect(restore(sceneArchive, into, ctx, broken())).rejects.toMatchObject({ code })
      expect(picture(into)).toEqual(before)
      expect(names(ctx.journals)).toEqual([])
      expect(names(ctx.temp)).toEqual([])
    }
  })

  it('a cancel leaves no trace', async () => {
    const controller = new AbortController()
    const work = temporary()
    const into = makeScene(work)
    const before = picture(into)
    const ctx = context(work, {
      signal: controller.signal,
      onAdvance: (path) => path === 'd/two' && controller.abort(),
    })
    await expect(restore(sceneArchive, into, ctx)).rejects.toMatchObject({ code: 'cancelled' })
    expect(picture(into)).toEqual(before)
    expect(ctx.operations).toEqual(['extract', 'roll-back'])
  })

  it('a full disk leaves no trace', async () => {
    requireRoot()
    const work = temporary()
    const disk = join(work, 'disk')
    mount(disk, '-t', 'tmpfs', '-o', 'size=1m', 'none')
    writeFileSync(join(disk, 'old'), 'old')
    utimesSync(disk, 1, 1000)
    const before = picture(disk)
    const ctx = context(work)
    const entries = [file('old', 'new'), file('big', Buffer.alloc(2_000_000))]
    const plan = await planRestore({ roots: [], into: disk, only: [], existing: 'replace', entries }, ctx)
    expect(plan.findings.map(({ level, code }) => `${level} ${code}`)).toEqual([
      'error no-space',
      'warning replaces-files',
    ])
    await expect(restore(entries, disk, ctx)).rejects.toMatchObject({ code: 'no-space' })
    expect(picture(disk)).toEqual(before)
    expect(statfsSync(disk).bfree).toBeGreaterThan(200)
    expect(names(ctx.journals)).toEqual([])
  })
})

describe('while putting in place', () => {
  it('a cancel takes everything back', async () => {
    for (const step of [0, 3, 9, 14]) {
      const controller = new AbortController()
      const { into, ctx, before } = scene(step, () => controller.abort(), controller.signal)
      const done = restore(sceneArchive, into, ctx)
      await done.catch((error) => expect(error).toMatchObject({ code: 'cancelled' }))
      const cancelled = ctx.operations.includes('roll-back')
      if (cancelled) expect(picture(into)).toEqual(before)
      // A scene of less than one batch is past the last look at the signal: then it is done, and can be undone.
      else await undoRestore((await done).safety.journals, ctx)
      expect(picture(into).slice(1)).toEqual(before.slice(1))
    }
  })

  it('a cancel between two batches takes everything back', async () => {
    const controller = new AbortController()
    const { into, ctx } = scene(300, () => controller.abort(), controller.signal)
    const many = Array.from({ length: 800 }, (_, index) => file(`many/${index}`, 'new'))
    mkdirSync(join(into, 'many'))
    for (const { path } of many) writeFileSync(join(into, path), 'old')
    const before = picture(into)
    await expect(restore(many, into, ctx)).rejects.toMatchObject({ code: 'cancelled' })
    expect(ctx.operations).toEqual(['extract', 'place', 'roll-back'])
    expect(picture(into)).toEqual(before)
  })

  it('a file that somebody else makes in the meantime is not overwritten', async () => {
    const { into, ctx, before } = scene(0, (at) => writeFileSync(join(at, 'd', 'new'), 'somebody else'))
    await expect(restore(sceneArchive, into, ctx)).rejects.toMatchObject({
      code: 'restore-rolled-back',
      details: { reason: 'changed' },
    })
    expect(readFileSync(join(into, 'd', 'new'), 'utf8')).toBe('somebody else')
    expect(picture(into, { without: (path) => path === 'd/new' })).toEqual(before)
    expect(names(ctx.journals)).toEqual([])
  })

  it('one file that refuses is named, in both languages, and all is as before', async () => {
    requireRoot()
    const { work, into, ctx } = scene(-1, () => undefined)
    writeFileSync(join(work, 'other'), 'in use')
    mount(join(into, 'd/two'), '--bind', join(work, 'other'))
    const before = picture(into)
    const failure = await restore(sceneArchive, into, ctx).catch((error: unknown) => error)
    const path = join(into, 'd/two')
    expect(failure).toMatchObject({ code: 'restore-rolled-back', details: { reason: 'EBUSY', path } })
    for (const language of ['en', 'fr'] as const) {
      const { text, hint } = describeProblem(toProblem(failure), language)
      expect(text).toContain(path)
      expect(hint).toContain('--existing skip')
    }
    expect(picture(into)).toEqual(before)
  })

  it('a disk that turns read-only: said as unfinished, and put back at the next start', async () => {
    requireRoot()
    const work = temporary()
    mount(join(work, 'into'), '-t', 'tmpfs', '-o', 'size=4m', 'none')
    const into = makeScene(work)
    const before = picture(into)
    let left = 6
    const ctx: TestContext = context(work, {
      onAdvance: () => {
        if (ctx.operations.at(-1) === 'place' && left-- === 0) execFileSync('mount', ['-o', 'remount,ro', into])
      },
    })
    await expect(restore(sceneArchive, into, ctx)).rejects.toMatchObject({
      code: 'restore-unfinished',
      details: { reason: 'EROFS', at: expect.stringContaining(into) },
    })
    expect(await recoverRestores(ctx.journals)).toMatchObject([
      { outcome: 'waiting', problem: { code: 'target-unwritable' } },
    ])
    execFileSync('mount', ['-o', 'remount,rw', into])
    expect(await recoverRestores(ctx.journals)).toMatchObject([{ outcome: 'rolled-back', kept: [] }])
    expect(picture(into)).toEqual(before)
    expect(names(ctx.journals)).toEqual([])
  })

  it('a full data folder: everything is taken back all the same', async () => {
    requireRoot()
    const { work, into, ctx } = scene(10, () => {
      const journals = join(work, 'journals')
      // Given back before the roll back writes its own lines.
      expect(names(journals).filter((name) => name.endsWith('.reserve'))).toHaveLength(1)
      expect(() => writeFileSync(join(journals, 'filler'), Buffer.alloc(4_000_000))).toThrow('ENOSPC')
    })
    mount(join(work, 'journals'), '-t', 'tmpfs', '-o', 'size=1m', 'none')
    const many = Array.from({ length: 2000 }, (_, index) => file(`many/${index}`, 'new'))
    mkdirSync(join(into, 'many'))
    for (const { path } of many) writeFileSync(join(into, path), 'old')
    const before = picture(into)
    await expect(restore(many, into, ctx)).rejects.toMatchObject({ code: 'restore-rolled-back' })
    expect(picture(into)).toEqual(before)
    expect(names(ctx.journals)).toEqual(['filler'])
  })
})

describe('a destination with another disk inside', () => {
  beforeAll(requireRoot)
  it('is restored, taken back and undone on both', async () => {
    const work = temporary()
    const into = join(work, 'into')
    mkdirSync(join(into, 'd', 'disk'), { recursive: true })
    mount(join(into, 'd', 'disk'), '-t', 'tmpfs', '-o', 'size=4m', 'none')
    writeFileSync(join(into, 'd', 'disk', 'f'), 'old')
    const before = picture(into).slice(1)
    const entries = [
      folder('d'),
      file('d/a', 'same'),
      folder('d/disk'),
      file('d/disk/f', 'new'),
      { ...file('d/disk/copy', ''), type: 'link' as const, target: 'd/a' },
    ]
    const ctx = context(work)
    const { safety } = await restore(entries, into, ctx)
    expect(ctx.warnings).toEqual([])
    expect(readFileSync(join(into, 'd/disk/copy'), 'utf8')).toBe('same')
    expect(readFileSync(join(into, 'd/disk/f'), 'utf8')).toBe('new')
    expect(safety.folders).toHaveLength(1)
    expect(safety.folders[0]).toMatch(/\/into\/d\/disk\/\.arche-before-restore-/)
    await undoRestore(safety.journals, ctx)
    const untimed = (lines: string[]) =>
      lines.map((line) => (line.startsWith('folder "d/disk"') ? 'folder "d/disk"' : line))
    expect(untimed(picture(into).slice(1))).toEqual(untimed(before))
    expect(existsSync(safety.folders[0] as string)).toBe(false)
  })
})
