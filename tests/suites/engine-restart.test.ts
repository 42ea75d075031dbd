// After a restore, the restart command of its plan: which restores call for it, how it runs, and that its end is told as it was.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import type { Plan, Restart } from '../../core/api/plan.ts'
import { restartAfter } from '../../core/api/restart.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn } from '../support/engine.ts'

let root: string
let stick: string
let engine: Engine
let client: EngineClient

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'arche-restart-'))
  stick = join(root, 'stick')
  mkdirSync(stick)
  mkdirSync(join(root, 'docs'))
  writeFileSync(join(root, 'docs/letter'), 'first')
  engine = await openOn(join(root, 'home'))
  client = await engine.connect()
  await client.operator.set({ next: 'operator' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
})

function save(restart: Restart, more: Partial<Plan> = {}): Promise<Plan> {
  const source = { kind: 'folders' as const, paths: [join(root, 'docs')], exclude: [] }
  return client.plan.save({
    name: 'Bücher: / x',
    source,
    destinations: [{ place: { kind: 'medium' } }],
    restart,
    ...more,
  })
}

const command = (line: string): Restart => ({ kind: 'command', command: line })

const ended = (id: string) => endOf(client, id)

async function restarted(planId: string): Promise<Run> {
  return ended((await client.restart.start({ planId })).id)
}

async function restored(artifact: string, into?: string): Promise<Run> {
  const inspection = await client.restore.inspect({ medium: stick, artifact, keyPassword: 'key' })
  const preview = await client.restore.preview({
    inspection: inspection.id,
    existing: 'replace',
    ...(into === undefined ? {} : { into }),
  })
  return ended((await client.restore.start({ preview: preview.id })).id)
}

describe('a restart command', () => {
  it('runs as a task of its own: its words are in the log, its end is in the history', async () => {
    const plan = await save(command(`echo "é 1"; echo two >&2; pwd; touch '${root}/done'`))
    const run = await restarted(plan.id)
    expect(run).toMatchObject({ kind: 'restart', outcome: 'success', subject: plan.name, planId: plan.id, warnings: 0 })
    expect(run.operations.map((operation) => operation.name)).toEqual(['prepare', 'restart'])
    expect(existsSync(join(root, 'done'))).toBe(true)
    const { lines } = await client.run.show({ id: run.id })
    const said = lines.flatMap((line) => line.text ?? [])
    expect(said).toEqual(expect.arrayContaining(['é 1', 'two', process.cwd()]))
    expect(await client.run.history({})).toMatchObject([{ id: run.id, outcome: 'success' }])
  })

  it('that fails says so, with its status and its words', async () => {
    const plan = await save(command('echo no such service >&2; exit 5'))
    const run = await restarted(plan.id)
    expect(run).toMatchObject({ outcome: 'error', failure: { code: 'restart-failed', details: { reason: '5' } } })
    const { lines } = await client.run.show({ id: run.id })
    expect(lines.map((line) => line.text)).toContain('no such service')
  })

  it('is shown while it works, and can be cancelled', async () => {
    const plan = await save(command('echo working; exec sleep 600'))
    const { id } = await client.restart.start({ planId: plan.id })
    for await (const { changes } of await client.app.follow({})) {
      const active = changes.active?.find((one) => one.id === id)
      if (active?.path !== 'working') continue
      expect(active).toMatchObject({ kind: 'restart', operation: 'restart', subject: plan.name })
      expect((await client.run.show({ id })).lines.map((line) => line.text)).toContain('working')
      await client.run.cancel({ id })
      break
    }
    expect(await ended(id)).toMatchObject({ outcome: 'cancelled' })
  })

  it('is set with the operator password only, and is the saved one', async () => {
    const plan = await save(command('true'))
    await client.operator.lock({})
    await expect(client.restart.start({ planId: plan.id })).rejects.toMatchObject({ code: 'operator-needed' })
    await expect(save(command('false'), { id: plan.id })).rejects.toMatchObject({ code: 'operator-needed' })
    await client.operator.unlock({ password: 'operator' })
    const { id, name, source, destinations } = plan
    await client.plan.save({ id, name, source, destinations })
    await expect(client.restart.start({ planId: id })).rejects.toMatchObject({ code: 'not-found' })
    await client.plan.save({ id, name, source, destinations, restart: { kind: 'arche' } })
    await expect(client.restart.start({ planId: id })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is called for after a restore to the original place and its undoing, once, and not after one elsewhere', async () => {
    await client.key.create({ password: 'key' })
    await client.medium.init({ medium: stick, name: 'STICK' })
    const plan = await save(command('true'))
    const backup = await ended((await client.backup.start({ planId: plan.id, medium: stick })).id)
    const proposed = async (run: Run) => {
      const { plans, runs } = await client.app.state()
      return restartAfter(run, plans, runs)?.plan.id
    }
    expect(await proposed(backup)).toBeUndefined()
    const elsewhere = await restored(backup.artifact ?? '', join(root, 'elsewhere'))
    expect(elsewhere).toMatchObject({ outcome: 'success' })
    expect(await proposed(elsewhere)).toBeUndefined()

    writeFileSync(join(root, 'docs/letter'), 'second')
    const inPlace = await restored(backup.artifact ?? '')
    expect(inPlace).toMatchObject({ outcome: 'success', planId: plan.id })
    expect(await proposed(inPlace)).toBe(plan.id)
    expect(await restarted(plan.id)).toMatchObject({ outcome: 'success' })
    expect(await proposed(inPlace)).toBeUndefined()

    const undone = await ended((await client.restore.undo({ id: inPlace.id })).id)
    expect(readFileSync(join(root, 'docs/letter'), 'utf8')).toBe('second')
    expect(undone).toMatchObject({ kind: 'undo', outcome: 'success' })
    expect(await proposed(undone)).toBe(plan.id)
    expect(await proposed(inPlace)).toBeUndefined()
  })
})
