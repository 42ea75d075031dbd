// Two programs with a schedule on one data folder, and the death of the one that does the work: no due time is carried out twice, none is lost,
// and a backup that was killed alarms.
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AppState, Run } from '../../core/api/model.ts'
import { dataFolder } from '../../core/config/config.ts'
import { openEngine } from '../../core/engine/engine.ts'
import { type Child, start } from '../support/child.ts'
import { compile } from '../support/compile.ts'
import { temporaryFolder } from '../support/folder.ts'

const worker = join(import.meta.dirname, '../../out/main/worker.js')
const hour = 3600_000

let program: string
beforeAll(async () => {
  program = await compile('scheduling')
})

type Seen = Partial<Pick<AppState, 'runs' | 'alarms' | 'schedules' | 'protection'>> & {
  owned?: boolean
  clock?: number
}

/** What a program sees, whole, once it fits. */
async function until(child: Child, seen: Seen, fits: (seen: Seen) => boolean): Promise<Seen> {
  while (!fits(seen)) {
    const line = await child.line()
    if (line === undefined) throw new Error(`ended: ${JSON.stringify(seen)}`)
    Object.assign(seen, JSON.parse(line))
  }
  return seen
}

/** A data folder with a medium and a plan that is due every day an hour from now. */
async function prepared(): Promise<{ home: string; source: string }> {
  const root = await temporaryFolder()
  const home = await dataFolder({ ARCHE_HOME: join(root, 'home') })
  const source = join(root, 'Docs')
  for (const folder of [source, join(root, 'stick')]) await mkdir(folder)
  await writeFile(join(source, 'a.txt'), 'first')
  const engine = await openEngine({ home, version: 'test', workerUrl: pathToFileURL(worker), language: 'en' })
  const client = await engine.connect()
  await client.operator.set({ next: 'operator pass' })
  await client.key.create({ password: 'key pass' })
  const medium = await client.medium.init({ medium: join(root, 'stick'), name: 'STICK' })
  const plan = await client.plan.save({
    name: 'Docs',
    source: { kind: 'folders', paths: [source], exclude: [] },
    destinations: [{ place: { kind: 'medium', ...(medium.id === undefined ? {} : { id: medium.id }) } }],
  })
  const soon = new Date(Date.now() + hour)
  const at = [soon.getHours(), soon.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')
  const schedule = { when: { kind: 'daily' as const, at } }
  await client.schedule.save({ planId: plan.id, schedule })
  await engine.close()
  return { home, source }
}

/** The last state of every run in the history file. */
async function history(home: string): Promise<Run[]> {
  const lines = (await readFile(join(home, 'history.jsonl'), 'utf8')).split('\n').filter((line) => line.endsWith('}'))
  return [...new Map(lines.map((line) => JSON.parse(line) as Run).map((run) => [run.id, run])).values()]
}

function begun(home: string): { child: Child; seen: Seen } {
  return { child: start(program, [home, worker]), seen: {} }
}

const good = (run: Run) => run.outcome === 'success'

describe('two programs on one data folder', () => {
  it('carry out a due time once, whoever of them looks', async () => {
    const { home } = await prepared()
    const all = [begun(home), begun(home), begun(home)]
    for (const { child, seen } of all) await until(child, seen, ({ schedules }) => schedules?.[0]?.state === 'planned')
    expect(all.filter(({ seen }) => seen.owned)).toHaveLength(1)
    for (const { child } of all) child.say(`clock ${2 * hour}`)
    for (const { child, seen } of all) await until(child, seen, ({ runs }) => runs?.some(good) === true)
    for (const { child } of all) child.say(`clock ${3 * hour}`)
    for (const { child, seen } of all) await until(child, seen, ({ clock }) => clock === 3 * hour)
    expect(await history(home)).toMatchObject([{ outcome: 'success', trigger: 'scheduled' }])
  })

  it('go on where one was killed: it alarms, and the due time is made up once', async () => {
    const { home, source } = await prepared()
    execFileSync('fallocate', ['-l', '3000000000', join(source, 'a.txt')])
    const first = begun(home)
    await until(
      first.child,
      first.seen,
      ({ owned, schedules }) => owned === true && schedules?.[0]?.state === 'planned',
    )
    const second = begun(home)
    await until(second.child, second.seen, ({ owned }) => owned === false)
    first.child.say(`clock ${2 * hour}`)
    second.child.say(`clock ${2 * hour}`)
    await until(second.child, second.seen, ({ runs }) => runs?.[0] !== undefined)
    await first.child.kill('SIGKILL')
    await truncate(join(source, 'a.txt'), 5)
    const { alarms } = await until(
      second.child,
      second.seen,
      (seen) => seen.owned === true && seen.schedules?.[0]?.state === 'retrying' && (seen.alarms?.length ?? 0) > 0,
    )
    expect(alarms).toMatchObject([{ kind: 'failed', subject: 'Docs' }])
    second.child.say(`clock ${2.5 * hour}`)
    const after = await until(second.child, second.seen, ({ runs }) => runs?.some(good) === true)
    expect(after.runs?.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
      ['success', 2],
      ['abandoned', 1],
    ])
    expect(new Set(after.runs?.map(({ dueAt }) => dueAt)).size).toBe(1)
    await until(second.child, second.seen, (seen) => seen.alarms?.length === 0)
    expect((await history(home)).filter(good)).toHaveLength(1)
  })
})
