// Places in trouble, through the engine: a server that is away, dies, is full or holds another place; a line that breaks.
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AppState } from '../../core/api/model.ts'
import { conditions } from '../support/conditions.ts'
import { endOf } from '../support/engine.ts'
import { keyPassword, placeScene } from '../support/places.ts'
import { requireRoot } from '../support/root.ts'
import { tool } from './fixtures/disks.ts'
import { failureOf } from './fixtures/failure-of.ts'

const at = placeScene()

/** Far more than one packet: what is in the middle of it is in the middle of the upload. */
const size = 40_000_000

describe('a server', () => {
  it('that is away is told at once, and its scheduled backup is made when it is back', async () => {
    let ahead = new Date(Date.now() + 86_400_000).setHours(13, 0, 0, 0) - Date.now()
    await at.engine.close()
    const now = () => Date.now() + ahead
    await at.open({ now, schedules: true, settle: 0 })
    const { place } = await at.save()
    const planId = await at.plan(place)
    await at.client.schedule.save({ planId, schedule: { ...conditions, when: { kind: 'daily', at: '12:00' } } })
    await at.sshd.halt()
    onTestFinished(() => at.sshd.again().catch(() => undefined))
    expect((await failureOf(at.client.backup.preview({ plan: planId }))).code).toBe('place-unreachable')
    expect(await at.client.place.list({ ask: true })).toMatchObject([
      { state: { problem: { code: 'place-unreachable' } } },
    ])
    const until = async (fits: (state: AppState) => boolean) => {
      let state: Partial<AppState> = {}
      for await (const { changes } of await at.client.app.follow({})) {
        state = Object.assign({}, state, changes)
        if (fits(state as AppState)) return state as AppState
      }
      throw new Error('the stream ended')
    }
    ahead += 24 * 3600_000
    at.engine.wake()
    const failed = await until(({ runs, schedules }) => runs.length > 0 && schedules[0]?.state === 'retrying')
    expect(failed.runs).toMatchObject([{ outcome: 'error', attempt: 1, failure: { code: 'place-unreachable' } }])
    expect(failed.alarms).toEqual([])
    await at.sshd.again()
    ahead += 360_000
    at.engine.wake()
    const good = await until(({ runs }) => runs[0]?.outcome === 'success')
    expect(good.runs[0]).toMatchObject({ attempt: 2, trigger: 'scheduled', medium: { name: 'NAS' } })
  })

  it('whose line breaks in the middle of a backup: nothing is left of it', async () => {
    const { place } = await at.save({ port: at.line.port })
    const planId = await at.plan(place)
    await writeFile(join(at.root, 'docs', 'large'), randomBytes(size))
    void at.line.set({ way: 'up', at: size / 2, how: 'cut' })
    expect(await at.backUp(planId)).toMatchObject({ outcome: 'error', failure: { code: 'place-unreachable' } })
    expect(at.lying()).toEqual(['.arche-medium.json'])
    expect(await at.backUp(planId)).toMatchObject({ outcome: 'success', warnings: 0 })
  })

  it('that dies in the middle of a backup: nothing under its name, and the next one is good', async () => {
    const { place } = await at.save({ port: at.line.port })
    const planId = await at.plan(place)
    const first = await at.backUp(planId)
    await writeFile(join(at.root, 'docs', 'large'), randomBytes(size))
    const hit = at.line.set({ way: 'up', at: size / 2, how: 'cut' })
    const { id } = await at.client.backup.start({ planId })
    await hit
    await at.sshd.halt()
    const broken = await endOf(at.client, id)
    await at.sshd.again()
    expect(broken).toMatchObject({ outcome: 'error', failure: { code: 'place-unreachable' } })
    expect(at.lying().filter((name) => name.startsWith('backup_'))).toEqual([first.artifact])
    const next = await at.backUp(planId)
    expect(next).toMatchObject({ outcome: 'success', warnings: 0 })
    expect(await endOf(at.client, (await at.client.verify.start({ medium: 'NAS', keyPassword })).id)).toMatchObject({
      outcome: 'success',
      verified: [next.artifact, first.artifact],
    })
  })

  it('whose line breaks while it is read costs a moment, not the verification', async () => {
    const { place } = await at.save({ port: at.line.port })
    await writeFile(join(at.root, 'docs', 'large'), randomBytes(size))
    const { artifact } = await at.backUp(await at.plan(place))
    const hit = at.line.set({ way: 'down', at: size / 2, how: 'cut' })
    const { id } = await at.client.verify.start({ medium: 'NAS' })
    await hit
    expect(await endOf(at.client, id)).toMatchObject({ verified: [artifact] })
  })

  it('with a full disk: the backup fails as a whole, the earlier ones stay, and what fits afterwards is taken', async () => {
    requireRoot()
    tool('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', at.remote)
    onTestFinished(() => void tool('umount', '--lazy', at.remote))
    const { place } = await at.save()
    const planId = await at.plan(place)
    const first = await at.backUp(planId)
    await writeFile(join(at.root, 'docs', 'large'), randomBytes(size))
    const { findings } = await at.client.backup.preview({ plan: planId })
    expect(findings).toMatchObject([{ level: 'error', code: 'no-space' }])
    const run = await at.backUp(planId)
    expect(run).toMatchObject({ outcome: 'error', failure: { code: 'no-space' } })
    expect(at.lying().filter((name) => !/^k|^SHA|^\.arche-medium|^contents$/.test(name))).toEqual([first.artifact])
    await rm(join(at.root, 'docs', 'large'))
    expect(await at.backUp(planId)).toMatchObject({ outcome: 'success' })
  })

  it('on which another place lies than before is not written to', async () => {
    const { place } = await at.save()
    const planId = await at.plan(place)
    await at.backUp(planId)
    const marker = JSON.parse(readFileSync(at.shelf('.arche-medium.json'), 'utf8'))
    writeFileSync(
      at.shelf('.arche-medium.json'),
      JSON.stringify({ ...marker, id: '00000000-0000-4000-8000-000000000000' }),
    )
    const before = at.lying()
    expect((await failureOf(at.client.backup.start({ planId }))).code).toBe('medium-changed')
    rmSync(at.shelf('.arche-medium.json'))
    expect((await failureOf(at.client.backup.start({ planId }))).code).toBe('not-initialised')
    expect((await failureOf(at.client.artifact.list({ medium: 'NAS' }))).code).toBe('not-initialised')
    expect(at.lying()).toEqual(before.filter((name) => name !== '.arche-medium.json'))
  })

  it('is tried with something small, of which nothing is left', async () => {
    const { place } = await at.save()
    writeFileSync(at.shelf('arche-test-left'), 'x')
    const trial = await at.client.place.test({ id: place.id })
    expect(trial).toMatchObject({ bytes: 1024 * 1024, free: expect.any(Number) })
    expect(Math.min(trial.up, trial.down)).toBeGreaterThan(0)
    expect(at.lying()).toEqual(['.arche-medium.json', 'arche-test-left'])
  })
})
