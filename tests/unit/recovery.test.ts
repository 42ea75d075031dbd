// What the history is told of restores that were killed, or could not take back what they had begun.
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Problem } from '../../core/api/failure.ts'
import type { Run } from '../../core/api/model.ts'
import { openHistory } from '../../core/history/history.ts'
import { newRun } from '../../core/history/record.ts'
import type { Recovered } from '../../core/restore/outcome.ts'
import { note, recover } from '../../core/services/recovery.ts'
import { temporaryFolder } from '../support/folder.ts'

const began = Date.parse('2026-05-01T12:00:00Z')
const safety = { folders: ['/home/a/.arche-before'], journals: ['/data/j'], undone: false }

/** A history that was closed in the middle of these runs, or after them where they have an outcome, and opened again. */
async function afterwards(...runs: Run[]) {
  const home = await temporaryFolder()
  const before = await openHistory(home)
  for (const run of runs) await before.start({ ...run, outcome: undefined })
  for (const run of runs) if (run.outcome) await before.end(run)
  await before.close()
  const history = await openHistory(home)
  onTestFinished(() => history.close())
  return { home, history, problems: new Map<string, Problem>(), now: () => began }
}

const restore = (more: Partial<Run> = {}): Run => ({ ...newRun('restore', { subject: 'Photos' }, began), ...more })

function tree(id: string, more: Partial<Recovered> = {}): Recovered {
  return { id, journal: `/data/journals/${id}.restore.jsonl`, outcome: 'rolled-back', kept: [], ...more }
}

const server = (id: string, more: Partial<Recovered> = {}) => tree(id, { journal: `/data/${id}.server.jsonl`, ...more })

describe('a restore that was killed', () => {
  it('is told of the journal that is its own, though others wait as well', async () => {
    const [first, second] = [restore({ restoreId: randomUUID() }), restore({ restoreId: randomUUID() })]
    const parts = await afterwards(first, second)
    await note(parts, tree(randomUUID(), { kept: ['/elsewhere'] }))
    await note(parts, tree(second.restoreId as string, { kept: ['/kept'] }))
    expect((await parts.history.find(first.id))?.failure).toBeUndefined()
    expect(await parts.history.find(second.id)).toMatchObject({
      outcome: 'abandoned',
      failure: { code: 'restore-rolled-back', details: { reason: 'abandoned' } },
      kept: ['/kept'],
    })
  })

  it('of version 0.1, which did not say which it was, is the one that was left', async () => {
    const done = restore({ outcome: 'success', safety })
    const left = restore()
    const parts = await afterwards(done, left)
    await note(parts, tree(randomUUID()))
    expect((await parts.history.find(left.id))?.failure?.code).toBe('restore-rolled-back')
    expect(await parts.history.find(done.id)).toEqual(done)
  })

  it('waits for its disk with the reason; a server waits among the unfinished', async () => {
    const [files, database] = [restore({ restoreId: randomUUID() }), restore({ restoreId: randomUUID() })]
    const parts = await afterwards(files, database)
    const problem: Problem = { code: 'target-unwritable', details: { path: '/mnt/a', reason: 'EROFS' } }
    await note(parts, tree(files.restoreId as string, { outcome: 'waiting', problem }))
    await note(parts, server(database.restoreId as string, { outcome: 'waiting', problem }))
    expect((await parts.history.find(files.id))?.failure).toEqual(problem)
    expect((await parts.history.find(database.id))?.failure).toBeUndefined()
    expect(parts.problems.get(database.restoreId as string)).toEqual(problem)
    // When the disk is there again, that was not why the restore ended.
    await note(parts, tree(files.restoreId as string))
    expect((await parts.history.find(files.id))?.failure?.details).toEqual({ reason: 'abandoned' })
    expect(parts.problems.has(files.restoreId as string)).toBe(false)
  })

  it('after all was in place is a restore that can be taken back', async () => {
    const run = restore({ restoreId: randomUUID() })
    const parts = await afterwards(run)
    const database = { name: 'SIGL', server: 'localhost', kept: 'arche_old_1' }
    const { folders, journals } = safety
    const restored = { safety: { folders, journals }, database }
    await note(parts, server(run.restoreId as string, { outcome: 'kept-new', restored }))
    expect((await parts.history.find(run.id))?.safety).toEqual({ ...safety, database })
  })
})

describe('a restore that could not take back what it had begun', () => {
  it.each<[Problem['code'], Problem['details'], string]>([
    ['restore-unfinished', { reason: 'ENOSPC', at: '/home/a/b', path: ['/home/a/.arche-before'] }, '/home/a/b'],
    ['restore-waiting', { reason: 'ENOSPC', path: '/home/a/b', database: 'SIGL' }, '/home/a/b'],
  ])('keeps why, when it is taken back later: %s', async (code, details, path) => {
    const run = restore({ restoreId: randomUUID(), outcome: 'error', failure: { code, details } })
    const parts = await afterwards(run)
    await note(parts, tree(run.restoreId as string))
    expect((await parts.history.find(run.id))?.failure).toEqual({
      code: 'restore-rolled-back',
      details: { reason: 'ENOSPC', path },
    })
  })
})

describe('a restore that ended for a reason of its own', () => {
  it('keeps that reason, though what it had prepared is cleared away later', async () => {
    const failure: Problem = { code: 'medium-gone', details: { path: '/media/a', reason: 'lost' } }
    const run = restore({ restoreId: randomUUID(), outcome: 'error', failure })
    const parts = await afterwards(run)
    await note(parts, tree(run.restoreId as string))
    expect((await parts.history.find(run.id))?.failure).toEqual(failure)
  })

  it('keeps why it was to be taken back, though its disk is away at the next start', async () => {
    const failure: Problem = { code: 'restore-unfinished', details: { reason: 'ENOSPC', at: '/a', path: [] } }
    const run = restore({ restoreId: randomUUID(), outcome: 'error', failure })
    const parts = await afterwards(run)
    const problem: Problem = { code: 'target-unwritable', details: { path: '/mnt/a', reason: 'EROFS' } }
    await note(parts, tree(run.restoreId as string, { outcome: 'waiting', problem }))
    await note(parts, tree(run.restoreId as string))
    expect((await parts.history.find(run.id))?.failure?.details).toEqual({ reason: 'ENOSPC', path: '/a' })
  })
})

describe('an undo that was killed', () => {
  it('has undone the restore once it is finished; nobody is offered it again', async () => {
    const restoreId = randomUUID()
    const done = restore({ restoreId, outcome: 'success', safety })
    const undo: Run = { ...newRun('undo', { subject: 'Photos', restoreId }, began) }
    const parts = await afterwards(done, undo)
    await note(parts, tree(restoreId, { outcome: 'undone' }))
    expect((await parts.history.find(done.id))?.safety?.undone).toBe(true)
    expect((await parts.history.find(undo.id))?.failure).toBeUndefined()
  })
})

describe('the start', () => {
  it('goes on where a journal cannot be read, and says so', async () => {
    const run = restore({ restoreId: randomUUID() })
    const parts = await afterwards(run)
    await mkdir(join(parts.home, 'journals'))
    await writeFile(join(parts.home, 'journals', `${run.restoreId}.restore.jsonl`), 'no journal\n')
    await recover('folders', parts)
    expect((await parts.history.find(run.id))?.failure?.code).toBe('damaged')
  })
})
