// The loss guard through the engine: a backup that lacks what earlier ones had holds the plan's rules back, until it is whole again or a person
// has looked.
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import type { Keep } from '../../core/api/plan.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'
import { noise } from './fixtures/streams.ts'

let template: string
let root: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []

const open = (home: string) => openOn(home, { onBug: (error) => bugs.push(error) })

async function connect(): Promise<void> {
  engine = await open(join(root, 'home'))
  client = await engine.connect()
  await client.operator.unlock({ password: 'operator' })
}

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'arche-guard-'))
  await prepareHome(template, 'operator', 'key password')
})

afterAll(() => rm(template, { recursive: true, force: true }))

const folders = ['letters', 'photos', 'sound']

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-guard-'))
  await cp(template, join(root, 'home'), { recursive: true })
  for (const stick of ['stick', 'other']) await mkdir(join(root, stick))
  for (const folder of folders) {
    await mkdir(join(root, 'docs', folder), { recursive: true })
    for (let at = 0; at < 12; at += 1)
      await writeFile(join(root, 'docs', folder, `${at}.txt`), `${folder} ${at} `.repeat(40 + at))
  }
  await connect()
  for (const stick of ['stick', 'other']) await client.medium.init({ medium: join(root, stick), name: stick })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

const ended = (id: string) => endOf(client, id)

const docs = (...names: string[]) => join(root, 'docs', ...names)

async function plan(keep: Keep = { last: 1 }, paths = [docs()]): Promise<string> {
  const source = { kind: 'folders' as const, paths, exclude: [] }
  const { id } = await client.plan.save({ name: 'Docs', source, destinations: [{ place: { kind: 'medium' } }] })
  await client.keep.save({ planId: id, keep })
  return id
}

async function backUp(planId: string, medium = 'stick'): Promise<Run> {
  return ended((await client.backup.start({ planId, medium: join(root, medium) })).id)
}

async function names(medium = 'stick'): Promise<string[]> {
  return (await readdir(join(root, medium, 'SIGL_sauvegardes'))).filter((name) => name.startsWith('backup_')).sort()
}

const codes = ({ losses = [] }: Run) => losses.map(({ code }) => code)

describe('a backup that lacks a folder', () => {
  it('holds everything back, on every medium, until it is whole again', async () => {
    const planId = await plan()
    const [first, other] = [await backUp(planId), await backUp(planId, 'other')]
    await rename(docs('photos'), join(root, 'photos'))
    const lacking = [await backUp(planId), await backUp(planId, 'other'), await backUp(planId)]
    for (const run of lacking) {
      expect(run).toMatchObject({ outcome: 'warning', warnings: 1 })
      expect(run.complete).toBeUndefined()
      expect(run.removed).toBeUndefined()
      expect(codes(run)).toEqual(['loss-folder-vanished'])
    }
    expect(await names()).toHaveLength(3)
    const { alarms, protection } = await client.app.state({})
    expect(protection).toMatchObject({ level: 'attention', reason: 'loss', action: 'show-run' })
    expect(alarms).toMatchObject([{ kind: 'loss', runId: lacking[2]?.id, since: lacking[0]?.startedAt }])
    expect(alarms[0]?.losses?.[0]).toMatchObject({ details: { path: docs('photos'), files: 12 } })
    const preview = await client.keep.preview({ planId, medium: join(root, 'other') })
    expect(preview).toMatchObject({ remove: [], heldBack: { code: 'keep-held-back', details: { reason: 'loss' } } })
    await expect(client.keep.apply({ preview: preview.id })).rejects.toMatchObject({ code: 'nothing-selected' })

    await rename(join(root, 'photos'), docs('photos'))
    const whole = await backUp(planId, 'other')
    expect(whole).toMatchObject({ outcome: 'success', removed: [other.artifact, lacking[1]?.artifact] })
    expect(whole.losses).toBeUndefined()
    // On the first medium the newest whole one takes no place of a lacking one, nor the other way round.
    const { keep, remove } = await client.keep.preview({ planId, medium: join(root, 'stick') })
    expect(keep.map(({ artifact, reasons }) => [artifact.name, reasons])).toEqual([
      [lacking[2]?.artifact, ['last', 'lacking']],
      [first.artifact, ['last']],
    ])
    expect(remove.map(({ artifact }) => artifact.name)).toEqual([lacking[0]?.artifact])
    expect((await client.app.state({})).alarms).toEqual([])
  })

  it('is what there is to save once a person has accepted it; what is accepted is what was seen', async () => {
    const planId = await plan()
    const first = await backUp(planId)
    await rm(docs('photos'), { recursive: true })
    const seen = await backUp(planId)
    const later = await backUp(planId)
    const stranger = await engine.connect()
    await expect(stranger.plan.accept({ planId, runId: later.id })).rejects.toMatchObject({ code: 'operator-needed' })
    await expect(client.plan.accept({ planId, runId: seen.id })).rejects.toMatchObject({ code: 'changed' })
    await client.plan.accept({ planId, runId: later.id })
    expect((await client.run.show({ id: later.id })).run.lossesAccepted).toBeDefined()
    expect((await client.app.state({})).alarms).toEqual([])
    await expect(client.plan.accept({ planId, runId: later.id })).rejects.toMatchObject({ code: 'changed' })
    const next = await backUp(planId)
    expect(next).toMatchObject({ outcome: 'success', removed: [first.artifact, seen.artifact, later.artifact] })
    await rm(docs('letters'), { recursive: true })
    expect(codes(await backUp(planId))).toEqual(['loss-folder-vanished'])
  })

  it('is still held back when nothing is remembered any more, and across a restart', async () => {
    const planId = await plan()
    await backUp(planId)
    await rm(docs('photos'), { recursive: true })
    await backUp(planId)
    await engine.close()
    await rm(join(root, 'home', 'guard'), { recursive: true })
    await connect()
    expect((await client.app.state({})).protection).toMatchObject({ reason: 'loss' })
    const run = await backUp(planId)
    expect(codes(run)).toEqual(['loss-folder-vanished'])
    expect(await names()).toHaveLength(3)
    await client.plan.accept({ planId, runId: run.id })
    expect(await backUp(planId)).toMatchObject({ outcome: 'success' })
    expect(await names()).toHaveLength(1)
  })
})

describe('a backup of nothing', () => {
  it('is refused where there was something, and made once a person has accepted it', async () => {
    const planId = await plan({ last: 1 })
    const first = await backUp(planId)
    for (const folder of folders) await rm(docs(folder), { recursive: true })
    const refused = await backUp(planId)
    expect(refused).toMatchObject({ outcome: 'error', failure: { code: 'sources-empty', details: { files: 36 } } })
    expect(await names()).toEqual([first.artifact])
    expect((await client.app.state({})).alarms).toMatchObject([{ kind: 'failed', runId: refused.id }])
    await client.plan.accept({ planId, runId: refused.id })
    expect((await client.app.state({})).alarms).toEqual([])
    expect(await backUp(planId)).toMatchObject({ outcome: 'success', files: 0 })
  })

  it('of one source of several is told', async () => {
    const planId = await plan({ last: 1 }, [docs('letters'), docs('photos')])
    await backUp(planId)
    await rm(docs('photos'), { recursive: true })
    await mkdir(docs('photos'))
    expect(codes(await backUp(planId))).toEqual(['loss-source-emptied'])
    expect(await names()).toHaveLength(2)
  })
})

describe('what is seen', () => {
  it('files encrypted in place, of the same size and age', async () => {
    const planId = await plan()
    await backUp(planId)
    for (const folder of folders)
      for (let at = 0; at < 12; at += 1) {
        const path = docs(folder, `${at}.txt`)
        await writeFile(path, noise(`${folder} ${at} `.length * (40 + at), at + 1))
      }
    expect(codes(await backUp(planId))).toEqual(['loss-scrambled'])
  })

  it('a disk that is not mounted any more', async () => {
    const at = docs('photos')
    expect(spawnSync('mount', ['-t', 'tmpfs', 'none', at]).status).toBe(0)
    try {
      await writeFile(join(at, 'only.jpg'), 'x')
      const planId = await plan()
      await backUp(planId)
      // Lazily: it goes at once, even where the system still looks into it.
      expect(spawnSync('umount', ['--lazy', at]).status).toBe(0)
      await rm(at, { recursive: true })
      await mkdir(at)
      const run = await backUp(planId)
      expect(run.losses).toMatchObject([{ code: 'loss-not-mounted', details: { path: at, files: 1 } }])
    } finally {
      spawnSync('umount', [at], { stdio: 'ignore' })
    }
  })

  it('large files too, which are read in another way', async () => {
    const planId = await plan()
    for (let at = 0; at < 6; at += 1) await writeFile(docs('sound', `${at}.wav`), 'sound '.repeat(60_000))
    await backUp(planId)
    for (let at = 0; at < 6; at += 1) await writeFile(docs('sound', `${at}.wav`), noise(360_000, at))
    for (let at = 0; at < 6; at += 1) await writeFile(docs('letters', `${at}.txt`), noise(500, at))
    expect(codes(await backUp(planId))).toEqual(['loss-scrambled'])
  })
})
