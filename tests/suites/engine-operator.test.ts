// The administrator password through the engine: what it guards, method by method of the contract; that without one nothing is guarded; set, changed, taken away.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isContractProcedure } from '@orpc/contract'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { contract, type Existing } from '../../core/api/contract.ts'
import type { Run } from '../../core/api/model.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { guards } from '../../core/methods/guard.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'

const password = 'administrator'
const keyPassword = 'key'

let template: string
let root: string
let engine: Engine
/** Knows the password. */
let client: EngineClient
/** Does not. */
let stranger: EngineClient
let bugs: unknown[] = []

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'arche-operator-'))
  await prepareHome(template, password, keyPassword)
})

afterAll(() => rm(template, { recursive: true, force: true }))

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-operator-'))
  await cp(template, join(root, 'home'), { recursive: true })
  for (const folder of ['stick', 'docs']) await mkdir(join(root, folder))
  await writeFile(join(root, 'docs', 'a.txt'), 'first')
  await open()
  await client.operator.unlock({ password })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

async function open(): Promise<void> {
  engine = await openOn(join(root, 'home'), { onBug: (error) => bugs.push(error) })
  client = await engine.connect()
  stranger = await engine.connect()
}

const needed = { code: 'operator-needed' }
const stick = () => join(root, 'stick')
const ended = (id: string): Promise<Run> => endOf(client, id)

const draft = () => ({
  name: 'Docs',
  source: { kind: 'folders' as const, paths: [join(root, 'docs')], exclude: [] },
  destinations: [{ place: { kind: 'medium' as const } }],
})

/** Every method, by noun and verb. */
const methods = Object.entries(contract).flatMap(([noun, verbs]) =>
  Object.entries(verbs).flatMap(([verb, method]) => (isContractProcedure(method) ? [[noun, verb] as const] : [])),
)

/** Calls it with hardly anything: the guard is asked before anything else is looked at. */
async function codeOf(noun: string, verb: string, input: object = {}): Promise<string | undefined> {
  const call = Reflect.get(Reflect.get(stranger, noun), verb) as (input: object) => Promise<unknown>
  return call(input).then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )
}

/** Looking, backing up, and what asks for the password itself. Written out, so that whoever opens a method says so twice. */
const forAll = [
  ...['app.state', 'app.follow', 'operator.unlock', 'operator.lock', 'operator.set', 'operator.remove'],
  ...['key.look', 'key.sheet', 'medium.list', 'medium.check', 'medium.init', 'medium.eject'],
  ...[
    'place.list',
    'place.look',
    'place.unlock',
    'place.note',
    'artifact.note',
    'place.test',
    'folder.usual',
    'folder.measure',
    'plan.check',
    'plan.acknowledge',
    'plan.trend',
    'plan.export',
    'plan.compare',
  ],
  ...[
    'backup.preview',
    'backup.start',
    'copy.start',
    'catalogue.search',
    'catalogue.versions',
    'catalogue.missing',
    'catalogue.add',
    'schedule.preview',
    'schedule.pause',
    'schedule.resume',
  ],
  ...['artifact.list', 'artifact.previewRemoval', 'artifact.previewRoom', 'keep.preview', 'safety.list'],
  ...['restore.inspect', 'restore.browse', 'restore.preview', 'verify.start'],
  ...['service.status', 'run.cancel', 'run.show', 'run.history'],
]

describe('the administrator password', () => {
  it('guards every method but those for looking and backing up', async () => {
    const guarded = methods.filter(([noun, verb]) => !forAll.includes(`${noun}.${verb}`))
    expect(forAll.length + guarded.length).toBe(methods.length)
    const input = { id: crypto.randomUUID() }
    for (const [noun, verb] of guarded)
      expect(await codeOf(noun, verb, input), `${noun}.${verb}`).toBe('operator-needed')
    for (const name of forAll.filter((one) => one !== 'service.status')) {
      const [noun = '', verb = ''] = name.split('.')
      expect(await codeOf(noun, verb), name).not.toBe('operator-needed')
    }
  })

  it('has a row for each method, and none for others', () => {
    const rows = Object.entries(guards).flatMap(([noun, verbs]) => Object.keys(verbs).map((verb) => `${noun}.${verb}`))
    expect(rows.sort()).toEqual(methods.map((path) => path.join('.')).sort())
  })

  it('is not asked for to back up new folders to a new drive, but to change the plan or to let its backups go', async () => {
    await stranger.medium.init({ medium: stick(), name: 'STICK' })
    const plan = await stranger.plan.save(draft())
    const run = await ended((await stranger.backup.start({ planId: plan.id, medium: stick() })).id)
    expect(run).toMatchObject({ outcome: 'success' })
    await expect(stranger.plan.save({ ...draft(), id: plan.id, name: 'Other' })).rejects.toMatchObject(needed)
    await expect(stranger.plan.save({ ...draft(), id: crypto.randomUUID() })).rejects.toMatchObject(needed)
    const artifact = run.artifact ?? ''
    await stranger.artifact.pin({ medium: stick(), artifact, pinned: true })
    await expect(stranger.artifact.pin({ medium: stick(), artifact, pinned: false })).rejects.toMatchObject(needed)
    expect((await client.app.state({})).plans).toEqual([plan])
  })

  it('is asked for before existing files are replaced, not for a restore beside them', async () => {
    await client.medium.init({ medium: stick(), name: 'STICK' })
    const { id: planId } = await client.plan.save(draft())
    const { artifact = '' } = await ended((await client.backup.start({ planId, medium: stick() })).id)
    const file = join(root, 'docs', 'a.txt')
    await writeFile(file, 'second')
    const inspection = await stranger.restore.inspect({ medium: stick(), artifact, keyPassword })
    const look = (existing: Existing, into?: string) =>
      stranger.restore.preview({ inspection: inspection.id, existing, ...(into === undefined ? {} : { into }) })
    const over = await look('replace')
    expect(over.conflicts.count).toBe(1)
    await expect(stranger.restore.start({ preview: over.id })).rejects.toMatchObject(needed)
    await expect(stranger.restore.start({ preview: crypto.randomUUID() })).rejects.toMatchObject({ code: 'changed' })
    for (const preview of [await look('skip'), await look('keep-both'), await look('replace', join(root, 'back'))])
      expect(await ended((await stranger.restore.start({ preview: preview.id })).id)).toMatchObject({
        outcome: 'success',
      })
    expect(await readFile(file, 'utf8')).toBe('second')
    expect(await readFile(join(root, 'back', 'docs', 'a.txt'), 'utf8')).toBe('first')

    const again = await client.restore.inspect({ medium: stick(), artifact, keyPassword })
    const { id: preview } = await client.restore.preview({ inspection: again.id, existing: 'replace' })
    const restored = await ended((await client.restore.start({ preview })).id)
    expect(await readFile(file, 'utf8')).toBe('first')
    await expect(stranger.restore.undo({ id: restored.id })).rejects.toMatchObject(needed)
  })

  it('is changed and taken away by those who know it; then nothing is guarded, until there is one again', async () => {
    await expect(stranger.operator.set({ next: 'mine' })).rejects.toMatchObject(needed)
    await expect(stranger.operator.remove({ current: 'wrong' })).rejects.toMatchObject({ code: 'operator-wrong' })
    await stranger.operator.set({ current: password, next: 'changed' })
    // Whoever had given the former one has to give the new one.
    await expect(client.settings.save({ language: 'fr' })).rejects.toMatchObject(needed)
    await client.operator.remove({ current: 'changed' })
    expect((await client.app.state({})).operatorSet).toBe(false)
    for (const [noun, verb] of methods.filter(([noun]) => !['app', 'service'].includes(noun)))
      expect(await codeOf(noun, verb), `${noun}.${verb}`).not.toBe('operator-needed')
    await expect(client.operator.unlock({ password })).rejects.toMatchObject({ code: 'operator-unset' })
    await engine.close()
    await open()
    expect(await stranger.settings.save({ language: 'fr' })).toMatchObject({ language: 'fr' })
    await stranger.operator.set({ next: 'another' })
    await expect(client.settings.save({ language: 'en' })).rejects.toMatchObject(needed)
  })

  it('of a data folder that has one stays in force; a damaged file is none of “no password”', async () => {
    await engine.close()
    await writeFile(join(root, 'home', 'operator.json'), '{}')
    await expect(openOn(join(root, 'home'))).rejects.toMatchObject({ code: 'config-damaged' })
    await cp(join(template, 'operator.json'), join(root, 'home', 'operator.json'))
    await open()
    expect((await stranger.app.state({})).operatorSet).toBe(true)
    await expect(stranger.settings.save({ language: 'fr' })).rejects.toMatchObject(needed)
  })
})

describe('people of this computer', () => {
  it('are told, so that a password can be proposed', async () => {
    await engine.close()
    const passwd = join(root, 'passwd')
    const line = (name: string, uid: number) => `${name}:x:${uid}:${uid}::${root}:/bin/sh\n`
    await writeFile(passwd, line('a', 1000) + line('b', 1001))
    engine = await openOn(join(root, 'home'), { passwd })
    expect((await (await engine.connect()).app.state({})).severalPeople).toBe(true)
  })
})
