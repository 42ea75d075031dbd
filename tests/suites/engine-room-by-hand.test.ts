// Room that a person makes on a place, through the engine, on a real file system that is nearly full: shown first, then exactly that, or nothing.
import { mkdir, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'
import { requireRoot } from '../support/root.ts'
import { tmpfsFolder } from './fixtures/disks.ts'
import { noise } from './fixtures/streams.ts'

const megabyte = 1024 * 1024

let root: string
let engine: Engine
let client: EngineClient
let medium: string
let bugs: unknown[] = []

beforeEach(async () => {
  requireRoot()
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-make-room-'))
  await prepareHome(join(root, 'home'), 'operator', 'key password 鍵')
  engine = await openOn(join(root, 'home'), { onBug: (error) => bugs.push(error) })
  client = await engine.connect()
  await client.operator.unlock({ password: 'operator' })
  medium = tmpfsFolder(9)
  await client.medium.init({ medium, name: 'SMALL' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

/** A plan of a folder whose backups take a megabyte each. */
async function plan(name: string): Promise<string> {
  await mkdir(join(root, name))
  await writeFile(join(root, name, 'a.bin'), noise(megabyte))
  for (const folder of ['letters', 'pictures']) {
    await mkdir(join(root, name, folder))
    for (let at = 0; at < 10; at += 1) await writeFile(join(root, name, folder, `${at}.txt`), `${folder} ${at}`)
  }
  const source = { kind: 'folders' as const, paths: [join(root, name)], exclude: [] }
  return (await client.plan.save({ name, source, destinations: [{ place: { kind: 'medium' } }] })).id
}

const backUp = async (planId: string) => endOf(client, (await client.backup.start({ planId, medium })).id)

async function several(planId: string, count: number): Promise<string[]> {
  const names: string[] = []
  for (let at = 0; at < count; at += 1) names.push((await backUp(planId)).artifact ?? '')
  return names
}

/** So many bytes more than are free. */
async function moreThanFree(bytes: number): Promise<number> {
  const { bavail, bsize } = await statfs(medium)
  return bavail * bsize + bytes
}

const lying = async () =>
  (await readdir(join(medium, 'SIGL_sauvegardes'))).filter((name) => name.startsWith('backup_')).sort()

describe('room that a person makes', () => {
  it('is shown with whose backups go and whether that is enough, and exactly that goes', async () => {
    const planId = await plan('Docs')
    const [first = '', second = '', third = '', fourth = '', fifth = ''] = await several(planId, 5)
    const preview = await client.artifact.previewRoom({ medium, planId, backups: 3 })
    expect(preview).toMatchObject({ enough: true, heldBack: [], medium: { name: 'SMALL' } })
    expect(preview.going.map(({ plan: name, artifact }) => [name, artifact.name])).toEqual([['Docs', first]])
    expect(preview.need).toBeGreaterThan(3 * 1.1 * megabyte)
    expect(preview.free + preview.freed).toBeGreaterThanOrEqual(preview.need)
    expect(await lying()).toHaveLength(5)
    const run = await endOf(client, (await client.artifact.remove({ preview: preview.id })).id)
    expect(run).toMatchObject({ kind: 'prune', outcome: 'success', planId, removed: [first] })
    expect(await lying()).toEqual([second, third, fourth, fifth].sort())
    // There is room now.
    const again = await client.artifact.previewRoom({ medium, planId, backups: 3 })
    expect(again).toMatchObject({ enough: true, going: [] })
    await expect(client.artifact.remove({ preview: again.id })).rejects.toMatchObject({ code: 'nothing-selected' })
    // All that may go would not do: nothing is proposed.
    const vain = await client.artifact.previewRoom({ medium, planId, need: 100 * megabyte })
    expect(vain).toMatchObject({ enough: false, going: [], freed: 0 })
    expect(vain.could).toBeGreaterThan(2 * megabyte)
    expect(vain.could).toBeLessThan(2.5 * megabyte)
  })

  it('is refused when something has changed since it was shown; nothing is touched', async () => {
    const planId = await plan('Docs')
    const [first = '', second = ''] = await several(planId, 5)
    const need = await moreThanFree(1.5 * megabyte)
    const preview = await client.artifact.previewRoom({ medium, planId, need })
    expect(preview.going.map(({ artifact }) => artifact.name)).toEqual([second, first])
    await client.artifact.pin({ medium, artifact: first, pinned: true })
    await expect(client.artifact.remove({ preview: preview.id })).rejects.toMatchObject({ code: 'backup-pinned' })
    await client.artifact.pin({ medium, artifact: first, pinned: false })
    // Somebody else has written there: that would not be enough any more.
    const theirs = join(medium, 'theirs')
    await writeFile(theirs, noise(1.5 * megabyte))
    await expect(client.artifact.remove({ preview: preview.id })).rejects.toMatchObject({ code: 'changed' })
    expect(await lying()).toHaveLength(5)
    await rm(theirs)
    const run = await endOf(client, (await client.artifact.remove({ preview: preview.id })).id)
    expect(run).toMatchObject({ outcome: 'success', removed: [first, second] })
  })

  it('takes of other plans only what a person wants, and of none that waits for a person to look', async () => {
    const docs = await plan('Docs')
    const photos = await plan('Photos')
    await several(docs, 3)
    await several(photos, 2)
    const need = await moreThanFree(megabyte / 2)
    expect(await client.artifact.previewRoom({ medium, planId: photos, need })).toMatchObject({
      enough: false,
      could: 0,
    })
    const found = await client.artifact.previewRoom({ medium, planId: photos, need, others: true })
    expect(found.going.map((one) => one.plan)).toEqual(['Docs'])
    // What the newest backup of that plan may lack is only in older ones.
    await rm(join(root, 'Docs', 'pictures'), { recursive: true })
    expect(await backUp(docs)).toMatchObject({ outcome: 'warning', losses: [expect.anything()] })
    await expect(client.artifact.remove({ preview: found.id })).rejects.toMatchObject({ code: 'changed' })
    const held = await client.artifact.previewRoom({ medium, need })
    expect(held).toMatchObject({
      enough: false,
      going: [],
      heldBack: [{ planId: docs, plan: 'Docs', problem: { code: 'keep-held-back', details: { reason: 'loss' } } }],
    })
  })

  it('is wanted in bytes where nobody knows what the next backup takes', async () => {
    await plan('Docs')
    await expect(client.artifact.previewRoom({ medium })).rejects.toMatchObject({ code: 'room-unknown' })
    expect(await client.artifact.previewRoom({ medium, need: megabyte })).toMatchObject({ enough: true, going: [] })
  })
})
