// Room for the next backup through the engine, on a real file system that is nearly full: what is foretold, what goes, what is told.

import { mkdir, mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Keep } from '../../core/api/plan.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'
import { oddFolder } from '../support/odd-fs.ts'
import { requireRoot } from '../support/root.ts'
import { tmpfsFolder } from './fixtures/disks.ts'
import { noise } from './fixtures/streams.ts'
import { temporaryFolder } from './fixtures/temp-folder.ts'

let root: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-room-'))
  await prepareHome(join(root, 'home'), 'operator', 'key password 鍵')
  await mkdir(join(root, 'docs'))
  engine = await openOn(join(root, 'home'), { onBug: (error) => bugs.push(error) })
  client = await engine.connect()
  await client.operator.unlock({ password: 'operator' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

async function plan(keep: Keep): Promise<string> {
  const source = { kind: 'folders' as const, paths: [join(root, 'docs')], exclude: [] }
  const destinations = [{ place: { kind: 'medium' as const }, keep }]
  return (await client.plan.save({ name: 'Docs', source, destinations })).id
}

describe('a plan that keeps its backups until the place is full', () => {
  it('makes room for the next one, as little as it needs, and says so before and after', async () => {
    requireRoot()
    const small = tmpfsFolder(6)
    await client.medium.init({ medium: small, name: 'SMALL' })
    // Does not compress: three fit with what is to spare, a fourth does not.
    await writeFile(join(root, 'docs', 'a.bin'), noise(1.5 * 1024 * 1024))
    const planId = await plan({ untilFull: true })
    const run = async () => endOf(client, (await client.backup.start({ planId, medium: small })).id)
    const first = await run()
    const { expected = 0, stored } = first
    expect(Math.abs(expected / stored - 1)).toBeLessThan(0.1)
    const names = [first.artifact, (await run()).artifact, (await run()).artifact]
    const { space = [] } = await client.app.state({})
    expect(space).toMatchObject([{ planId, name: 'SMALL', untilFull: true }])
    const preview = await client.backup.preview({ plan: planId, medium: small })
    expect(preview.findings).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ level: 'info', code: 'keep-makes-room' })]),
    )
    const fourth = await run()
    expect(fourth).toMatchObject({ outcome: 'success', removed: [names[0]] })
    const { artifacts } = await client.artifact.list({ medium: small })
    expect(artifacts.map(({ name }) => name)).toEqual([fourth.artifact, names[2], names[1]])
    // Without the rule it is refused before anything is touched.
    await client.keep.save({ planId, keep: null })
    const refused = await client.backup.preview({ plan: planId, medium: small })
    expect(refused.findings.map(({ code }) => code)).toContain('space-tight')
    // What other rules would free is said.
    await client.keep.save({ planId, keep: { last: 1 } })
    const { findings } = await client.backup.preview({ plan: planId, medium: small })
    expect(findings.find(({ code }) => code === 'keep-could-free')).toMatchObject({
      level: 'info',
      details: { count: 2 },
    })
    // Nor does a place stop it on which somebody has left nothing at all.
    await client.keep.save({ planId, keep: { untilFull: true } })
    const { bavail, bsize } = await statfs(small)
    const theirs = join(small, 'theirs')
    await writeFile(theirs, noise(bavail * bsize))
    // With the two newest kept, one that may go is not enough: nothing goes, and nothing is written in vain.
    const refused2 = await run()
    expect(refused2).toMatchObject({ outcome: 'error', failure: { code: 'no-space', details: { why: 'until-full' } } })
    expect(refused2).not.toHaveProperty('removed')
    await truncate(theirs, bavail * bsize - 1.5 * 1024 * 1024)
    const fifth = await run()
    expect(fifth).toMatchObject({ outcome: 'success', removed: [names[1]] })
  })
  it('counts and tells what the source left out once, though it is written twice', async () => {
    requireRoot()
    const small = tmpfsFolder(9)
    await client.medium.init({ medium: small, name: 'SMALL' })
    // Nobody says beforehand how large an archive of it will be: it is seen when it does not fit.
    const content = noise(1.5 * 1024 * 1024).toString('base64')
    const odd = await oddFolder(temporaryFolder(), 'odd', {
      'a.bin': { content },
      'b.bin': { content: 'half of it', failAt: 5 },
    })
    const source = { kind: 'folders' as const, paths: [odd], exclude: [] }
    const destinations = [{ place: { kind: 'medium' as const }, keep: { untilFull: true as const } }]
    const { id: planId } = await client.plan.save({ name: 'Odd', source, destinations })
    const run = async () => endOf(client, (await client.backup.start({ planId, medium: small })).id)
    let last = await run()
    const { warnings } = last
    expect(warnings).toBeGreaterThan(0)
    for (let more = 0; more < 6 && !last.removed?.length; more += 1) last = await run()
    expect(last).toMatchObject({ outcome: 'warning', warnings })
    expect(last.removed?.length).toBeGreaterThan(0)
    const { lines } = await client.run.show({ id: last.id })
    expect(lines.filter(({ level }) => level === 'warning')).toHaveLength(warnings)
    expect(lines.filter(({ problem }) => problem?.code === 'no-space')).toHaveLength(1)
  })
})
