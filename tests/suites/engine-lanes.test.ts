// Work that goes on side by side, through the engine: a line that stalls holds up what needs the same place, and nothing else.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { conditions } from '../support/conditions.ts'
import { endOf, stateThat } from '../support/engine.ts'
import { keyPassword, placeScene } from '../support/places.ts'
import { failureOf } from './fixtures/failure-of.ts'

const at = placeScene()

/** Far more than one packet: what is in the middle of it is in the middle of the upload. */
const size = 8_000_000

const path = (name: string) => join(at.root, name)
const lying = (name: string) => readdirSync(join(path(name), 'SIGL_sauvegardes')).filter((one) => /^backup_/.test(one))

async function stick(name: string): Promise<string> {
  mkdirSync(path(name))
  return (await at.client.medium.init({ medium: path(name), name: name.toUpperCase() })).id ?? ''
}

async function plan(name: string, ids: string[]): Promise<string> {
  mkdirSync(path(name))
  await writeFile(join(path(name), 'large'), randomBytes(size))
  const source = { kind: 'folders' as const, paths: [path(name)], exclude: [] }
  const destinations = ids.map((id) => ({ place: { kind: 'medium' as const, id } }))
  return (await at.client.plan.save({ name, source, destinations })).id
}

/** The line to the server stops in the middle of what is being sent: resolves once it has. */
const stalled = () => at.line.set({ way: 'up', at: size / 2, how: 'stall' })

async function cancelled(id: string): Promise<void> {
  await at.client.run.cancel({ id })
  expect(await endOf(at.client, id)).toMatchObject({ outcome: 'cancelled' })
}

describe('a copy that does not get on', () => {
  it('holds up no backup to the medium that it reads, and what it reads stays; its own place is in use', async () => {
    const nas = (await at.save({ port: at.line.port })).place.id
    const first = await stick('first')
    const docs = await plan('Docs', [first, nas])
    await at.client.keep.save({ planId: docs, keep: { last: 1 } })
    const other = await plan('Other', [nas])
    const backup = await at.backUp(docs)
    const artifact = backup.artifact ?? ''
    const middle = stalled()
    const copy = await at.client.copy.start({ planId: docs, to: nas })
    await middle

    const again = await at.backUp(docs)
    expect(again).toMatchObject({ outcome: 'success' })
    // By its rules it would have gone.
    expect(lying('first').sort()).toEqual([artifact, again.artifact].sort())
    const { id: removal } = await at.client.artifact.previewRemoval({ medium: first, artifacts: [artifact] })
    const inUse = { code: 'place-busy', details: { subject: 'Docs' } }
    expect(await failureOf(at.client.artifact.remove({ preview: removal }))).toMatchObject(inUse)
    expect(await failureOf(at.client.backup.start({ planId: other }))).toMatchObject({
      ...inUse,
      details: { name: 'NAS', subject: 'Docs' },
    })
    expect(await failureOf(at.client.medium.eject({ medium: first }))).toMatchObject({ code: 'eject-busy' })
    const { id: inspection } = await at.client.restore.inspect({ medium: first, artifact, keyPassword })
    const { id: preview } = await at.client.restore.preview({ inspection, into: path('out'), existing: 'replace' })
    expect(await endOf(at.client, (await at.client.restore.start({ preview })).id)).toMatchObject({
      outcome: 'success',
    })

    await cancelled(copy.id)
    const last = await at.backUp(docs)
    expect(lying('first')).toEqual([last.artifact])
  })
})

describe('two plans on two places', () => {
  it('are backed up at once when both are due, and neither twice', async () => {
    let ahead = new Date(Date.now() + 86_400_000).setHours(13, 0, 0, 0) - Date.now()
    await at.engine.close()
    await at.open({ now: () => Date.now() + ahead, schedules: true, settle: 0 })
    const nas = (await at.save({ port: at.line.port })).place.id
    const slow = await plan('Slow', [nas])
    const quick = await plan('Quick', [await stick('first')])
    const when = { kind: 'daily' as const, at: '12:00' }
    for (const planId of [slow, quick]) await at.client.schedule.save({ planId, schedule: { ...conditions, when } })
    const middle = stalled()
    ahead += 24 * 3600_000
    at.engine.wake()
    await middle
    const state = await stateThat(at.client, ({ runs }) => runs.some(({ outcome }) => outcome === 'success'))
    const [going, ...others] = state.active
    expect(others).toEqual([])
    expect(going).toMatchObject({ kind: 'backup', subject: 'Slow' })
    expect(state.runs.find(({ planId }) => planId === quick)).toMatchObject({
      trigger: 'scheduled',
      outcome: 'success',
    })

    await at.client.operator.unlock({ password: 'operator' })
    // One backup of a plan at a time, wherever it goes; and nothing is replaced under a backup.
    const second = await stick('second')
    expect(await failureOf(at.client.backup.start({ planId: slow, medium: second }))).toMatchObject({
      code: 'busy',
      details: { subject: 'Slow' },
    })
    const [artifact = ''] = lying('first')
    const { id: inspection } = await at.client.restore.inspect({ medium: path('first'), artifact, keyPassword })
    const { id: preview } = await at.client.restore.preview({ inspection, into: path('out'), existing: 'replace' })
    expect(await failureOf(at.client.restore.start({ preview }))).toMatchObject({ code: 'busy' })
    await cancelled(going?.id ?? '')
  })
})

describe('two looks into backups at once', () => {
  it('are known by the ids that their callers gave them', async () => {
    const medium = await stick('first')
    const docs = await plan('Docs', [medium])
    const names = [(await at.backUp(docs)).artifact ?? '', (await at.backUp(docs)).artifact ?? '']
    const jobs = names.map(() => randomUUID())
    const seen = new Map<string, string>()
    const over = new AbortController()
    const stream = await at.client.app.follow({}, { signal: over.signal })
    const following = (async () => {
      for await (const { changes } of stream)
        for (const one of changes.active ?? []) if (one.kind === 'inspect') seen.set(one.id, one.subject)
    })().catch(() => undefined)
    const look = (artifact: string, which: number) =>
      at.client.restore.inspect({ medium, artifact, keyPassword, full: true, job: jobs[which] })
    // One id twice at a time: the later one gets another, and all end well.
    const found = await Promise.all([...names.map(look), look(names[1] ?? '', 0)])
    expect(found.map(({ complete }) => complete)).toEqual([true, true, true])
    over.abort()
    await following
    expect(seen.get(jobs[1] ?? '')).toBe(names[1])
    expect(names).toContain(seen.get(jobs[0] ?? ''))
    expect(seen.size).toBe(3)
  })
})
