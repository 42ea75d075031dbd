// Removing old backups when the process dies or the medium refuses, at every step that changes something: what must stay is whole, the list of
// checksums names no missing file, and the next time everything is put right.
import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { writeMarker } from '../../core/drives/marker.ts'
import type { Chosen, Pruning } from '../../core/keep/prune.ts'
import { artifactName } from '../../core/targets/names.ts'
import { tmpfsFolder, tool } from '../suites/fixtures/disks.ts'
import type { Fault } from '../suites/fixtures/steps.ts'
import { noise, sha256 } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { cases, figure } from '../support/campaign.ts'
import { compile } from '../support/compile.ts'
import type { PruneOrder, PruneOutcome } from '../support/programs/prune-killed.ts'
import { requireRoot } from '../support/root.ts'

let program: string

beforeAll(async () => {
  program = await compile('prune-killed')
})

interface Scene {
  readonly mount: string
  readonly shelf: string
  readonly pruning: Pruning
  readonly goes: readonly string[]
  readonly stays: readonly string[]
}

const noFault: Fault = { at: 0, how: 'before', errno: '' }

/** Five small backups of a plan, of which two stay by the rule and one is pinned; and a file of somebody else. */
async function scene(mount = temporaryFolder()): Promise<Scene> {
  await writeMarker(mount, { arche: 1, id: randomUUID(), name: 'STICK', createdAt: new Date().toISOString() })
  const shelf = join(mount, 'SIGL_sauvegardes')
  const made = [1, 2, 3, 4, 5].map((age) => {
    const time = Date.now() - age * 24 * 3600 * 1000
    const data = noise(2000, age)
    const name = artifactName('Docs', new Date(time))
    writeFileSync(join(shelf, name), data)
    return { name, sha256: sha256(data), size: data.length, time }
  })
  const lines = made.map((one) => `${one.sha256}  ${one.name}\n`)
  writeFileSync(join(shelf, 'other.txt'), 'other')
  writeFileSync(
    join(shelf, 'SHA256SUMS'),
    ['# mine\n', ...lines, `${sha256(Buffer.from('other'))}  other.txt\n`].join(''),
  )
  const names = made.map(({ name }) => name)
  writeFileSync(join(shelf, 'PINNED'), `# pinned\n${names[3]}\n`)
  const pruning = { keep: { last: 2 }, facts: { made, bad: [] } }
  return {
    mount,
    shelf,
    pruning,
    goes: [names[4] ?? '', names[2] ?? ''],
    stays: [0, 1, 3].map((at) => names[at] ?? ''),
  }
}

async function apply(
  at: Pick<Scene, 'mount'> & { pruning: Pruning | Chosen },
  fault: Fault,
): Promise<Partial<PruneOutcome> & { killed: boolean }> {
  const order: PruneOrder = { mount: at.mount, pruning: at.pruning, fault }
  const child = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)))
  if (signal === 'SIGKILL') return { killed: true }
  return { killed: false, ...(JSON.parse(out) as PruneOutcome) }
}

const backups = ({ shelf }: Scene) => readdirSync(shelf).filter((name) => name.startsWith('backup_'))

/** `sha256sum` misses nothing and finds nothing changed, and all that must stay is listed. */
function consistent(at: Scene): void {
  execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: at.shelf, stdio: 'ignore' })
  const list = readFileSync(join(at.shelf, 'SHA256SUMS'), 'utf8')
  for (const name of [...at.stays, 'other.txt']) expect(list).toContain(`  ${name}\n`)
  expect(backups(at)).toEqual(expect.arrayContaining([...at.stays]))
}

function done(at: Scene): void {
  consistent(at)
  expect(backups(at).sort()).toEqual([...at.stays].sort())
  const list = readFileSync(join(at.shelf, 'SHA256SUMS'), 'utf8')
  expect(list.startsWith('# mine\n')).toBe(true)
  expect(list.trimEnd().split('\n')).toHaveLength(at.stays.length + 2)
  expect(readdirSync(at.shelf).filter((name) => name.startsWith('.arche-part'))).toEqual([])
}

/** Calls that change something, from 1. */
function changing(calls: readonly string[]): number[] {
  const changes = new Set(['rename', 'link', 'unlink', 'handle.write', 'handle.sync', 'handle.datasync'])
  return calls.flatMap((name, at) => (changes.has(name) ? [at + 1] : []))
}

describe('removing old backups', () => {
  it('killed at any step loses nothing that stays, and is finished the next time', async () => {
    const first = await scene()
    const { calls = [], removed } = await apply(first, noFault)
    expect(removed).toEqual(first.goes)
    done(first)
    const steps = changing(calls)
    expect(steps.length).toBeGreaterThan(9)
    for (const at of steps) {
      for (const how of ['before', 'after'] as const) {
        const one = await scene()
        expect(await apply(one, { at, how, errno: '' }), `${how} ${at}`).toEqual({ killed: true })
        consistent(one)
        expect(await apply(one, noFault)).toMatchObject({ killed: false, warnings: [] })
        done(one)
      }
    }
  })

  it('killed, and killed again while it is finished, is finished the third time', async () => {
    const { calls = [] } = await apply(await scene(), noFault)
    const steps = changing(calls)
    for (const first of cases(steps.slice(4, 5), steps)) {
      // What is left to do has fewer steps each time: the last kill comes too late, and the removal ends by itself.
      for (const again of steps) {
        const one = await scene()
        expect(await apply(one, { at: first, how: 'after', errno: '' })).toEqual({ killed: true })
        const { killed } = await apply(one, { at: again, how: 'after', errno: '' })
        consistent(one)
        if (killed) expect(await apply(one, noFault)).toMatchObject({ killed: false, warnings: [] })
        done(one)
        figure('kills', killed ? 2 : 1)
      }
    }
  })

  it('that a person has chosen, killed at any step, leaves all in order, and what is left is removed the next time', async () => {
    /** The newest goes too, and what remains of the list after a kill is chosen anew. */
    const choose = async () => {
      const one = await scene()
      const gone = [one.stays[0] ?? '', one.goes[1] ?? '']
      const stays = [...one.stays.slice(1), one.goes[0] ?? '']
      const left = () => backups(one).filter((name) => gone.includes(name))
      return { ...one, stays, chosen: () => ({ chosen: left().map((name) => ({ name, size: 2000 })) }) }
    }
    const first = await choose()
    const { calls = [], removed } = await apply({ ...first, pruning: first.chosen() }, noFault)
    expect(removed).toHaveLength(2)
    done(first)
    for (const at of changing(calls)) {
      const one = await choose()
      expect(await apply({ ...one, pruning: one.chosen() }, { at, how: 'after', errno: '' })).toEqual({ killed: true })
      consistent(one)
      expect(await apply({ ...one, pruning: one.chosen() }, noFault), `${at}`).toMatchObject({ warnings: [] })
      done(one)
    }
  })

  it('goes on with the others when one cannot be removed, and warns', async () => {
    const one = await scene()
    const { calls = [] } = await apply(await scene(), noFault)
    // The first unlink is that of the oldest backup: writing the list only renames.
    const at = calls.indexOf('unlink') + 1
    const outcome = await apply(one, { at, how: 'fail', errno: 'EACCES' })
    expect(outcome).toMatchObject({ removed: [one.goes[1]], warnings: ['backup-not-removed'] })
    consistent(one)
    expect(backups(one)).toContain(one.goes[0])
    expect(readFileSync(join(one.shelf, 'SHA256SUMS'), 'utf8')).toContain(`\n${one.pruning.facts.made[4]?.sha256}  `)
    expect(await apply(one, noFault)).toMatchObject({ removed: [one.goes[0]] })
    done(one)
  })

  it('is consistent whatever call fails', async () => {
    const { calls = [] } = await apply(await scene(), noFault)
    for (const at of changing(calls)) {
      const one = await scene()
      const outcome = await apply(one, { at, how: 'fail', errno: 'EIO' })
      expect(outcome.bug).toBeUndefined()
      consistent(one)
      await apply(one, noFault)
      done(one)
    }
  })

  it('touches nothing on a read-only medium, and makes room on a full one', async () => {
    requireRoot()
    const one = await scene(tmpfsFolder(1))
    tool('mount', '-o', 'remount,ro', one.mount)
    expect(await apply(one, noFault)).toMatchObject({ removed: [], code: 'medium-read-only' })
    tool('mount', '-o', 'remount,rw', one.mount)
    consistent(one)
    const filler = join(one.mount, 'filler')
    onTestFinished(() => rmSync(filler, { force: true }))
    expect(() => writeFileSync(filler, Buffer.alloc(2_000_000))).toThrow('ENOSPC')
    expect(await apply(one, noFault)).toMatchObject({ removed: one.goes, warnings: [] })
    done(one)
  })

  it('stops when the medium is pulled, without an error of its own', async () => {
    const one = await scene()
    const { calls = [] } = await apply(await scene(), noFault)
    const outcome = await apply(one, { at: calls.indexOf('unlink') + 1, how: 'fail', errno: 'ENODEV' })
    expect(outcome).toMatchObject({ removed: [], warnings: ['medium-gone'] })
    expect(outcome.code).toBeUndefined()
    consistent(one)
    await apply(one, noFault)
    done(one)
  })

  it('leaves a backup alone that has been pinned or changed a moment before', async () => {
    const one = await scene()
    const [oldest = '', other = ''] = one.goes
    writeFileSync(join(one.shelf, 'PINNED'), `${oldest}\n`)
    const agreed = { ...one, pruning: { ...one.pruning, agreed: one.goes } }
    expect(await apply(agreed, noFault)).toMatchObject({ removed: [], code: 'changed' })
    mkdirSync(join(one.shelf, 'x'))
    writeFileSync(join(one.shelf, other), 'somebody else wrote here')
    expect(await apply(one, noFault)).toMatchObject({ removed: [one.stays[2]] })
    expect(backups(one)).toEqual(expect.arrayContaining([oldest, other]))
  })
})
