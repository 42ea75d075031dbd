// Places through the engine, against a real OpenSSH server: taken up, used by everything that a medium is used by, and what happens when the server is
// another one, is away, or holds something else.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { AppState, Run } from '../../core/api/model.ts'
import type { Place, PlaceSecrets } from '../../core/api/place.ts'
import type { Engine, EngineClient, Host } from '../../core/engine/engine.ts'
import { conditions } from '../support/conditions.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'
import { requireRoot } from '../support/root.ts'
import { makeKey, type Sshd, startSshd } from '../support/sshd.ts'
import { tool } from './fixtures/disks.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { type ShakyLine, shakyLine } from './fixtures/shaky-line.ts'

const keyPassword = 'clé très longue 鍵'

let sshd: Sshd
let line: ShakyLine
let template: string
let root: string
let remote: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []

beforeAll(async () => {
  sshd = await startSshd()
  line = await shakyLine(sshd.port)
  template = await mkdtemp(join(tmpdir(), 'arche-places-'))
  await prepareHome(template, 'operator', keyPassword)
})

afterAll(async () => {
  await line.close()
  await sshd.stop()
  await rm(template, { recursive: true, force: true })
})

async function opened(home = join(root, 'home'), more: Partial<Host> = {}): Promise<[Engine, EngineClient]> {
  const one = await openOn(home, { onBug: (error) => bugs.push(error), ...more })
  const other = await one.connect()
  await other.operator.unlock({ password: 'operator' })
  return [one, other]
}

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-places-'))
  remote = mkdtempSync(join(sshd.folder, 'nas-'))
  await cp(template, join(root, 'home'), { recursive: true })
  await mkdir(join(root, 'docs'))
  await writeFile(join(root, 'docs', 'a.txt'), 'first')
  ;[engine, client] = await opened()
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

const store = (path = remote, port = sshd.port) => ({
  kind: 'sftp' as const,
  host: '127.0.0.1',
  port,
  user: sshd.user,
  path,
  hostKey: sshd.fingerprint(),
})

interface How {
  name?: string
  path?: string
  port?: number
  hostKey?: string
  secrets?: PlaceSecrets
  id?: string
}

const save = ({ name = 'NAS', path, port, hostKey, secrets = { key: sshd.key }, id }: How = {}, from = client) => {
  const known = { ...store(path, port), ...(hostKey === undefined ? {} : { hostKey }) }
  const draft = { name, store: known, ...(id === undefined ? {} : { id }) }
  return from.place.save({ draft, secrets, remember: false })
}

async function plan(place: Place, name = 'Docs'): Promise<string> {
  const source = { kind: 'folders' as const, paths: [join(root, 'docs')], exclude: [] }
  return (await client.plan.save({ name, source, destinations: [{ place: { kind: 'medium', id: place.id } }] })).id
}

async function backUp(planId: string): Promise<Run> {
  const { id } = await client.backup.start({ planId })
  return endOf(client, id)
}

const shelf = (...parts: string[]) => join(remote, 'SIGL_sauvegardes', ...parts)
const lying = () => (existsSync(shelf()) ? readdirSync(shelf()).sort() : [])

describe('a place is taken up', () => {
  it('with a marker of its own, once the host key was seen', async () => {
    expect(await client.place.look({ host: '127.0.0.1', port: sshd.port })).toEqual({
      type: 'ssh-ed25519',
      fingerprint: sshd.fingerprint(),
    })
    const { place, adopted } = await save()
    expect(adopted).toBe(false)
    expect(JSON.parse(readFileSync(shelf('.arche-medium.json'), 'utf8'))).toMatchObject({ id: place.id, name: 'NAS' })
    const [seen, ...others] = await client.place.list({ ask: true })
    expect(others).toEqual([])
    expect(seen).toMatchObject({ place, locked: false, plans: [], state: { backups: 0, free: expect.any(Number) } })
    const { media, places } = await client.app.state({})
    expect(places).toEqual([place])
    expect(media.filter(({ kind }) => kind)).toMatchObject([
      { kind: 'sftp', id: place.id, name: 'NAS', path: `sftp://${sshd.user}@127.0.0.1:${sshd.port}${remote}` },
    ])
  })

  it('and everything that is done with a medium is done with it', async () => {
    const { place } = await save()
    const planId = await plan(place)
    const run = await backUp(planId)
    expect(run).toMatchObject({ outcome: 'success', warnings: 0, medium: { id: place.id, name: 'NAS' } })
    const artifact = run.artifact ?? ''
    expect(lying()).toContain(artifact)
    const hash = createHash('sha256')
      .update(readFileSync(shelf(artifact)))
      .digest('hex')
    expect(readFileSync(shelf('SHA256SUMS'), 'utf8')).toBe(`${hash}  ${artifact}\n`)
    const { artifacts } = await client.artifact.list({ medium: 'NAS' })
    expect(artifacts).toMatchObject([{ name: artifact, subject: 'Docs', sha256: hash }])
    const verified = await endOf(client, (await client.verify.start({ medium: 'NAS', keyPassword })).id)
    expect(verified).toMatchObject({ outcome: 'success', verified: [artifact] })
    rmSync(join(root, 'docs'), { recursive: true })
    const { id: inspection } = await client.restore.inspect({ medium: place.id, artifact, keyPassword })
    const preview = await client.restore.preview({ inspection, existing: 'replace' })
    expect(await endOf(client, (await client.restore.start({ preview: preview.id })).id)).toMatchObject({
      outcome: 'success',
    })
    expect(readFileSync(join(root, 'docs', 'a.txt'), 'utf8')).toBe('first')
  })
})

/** What another computer has: a data folder of its own with the same key. */
async function elsewhere(): Promise<EngineClient> {
  await cp(template, join(root, 'other'), { recursive: true })
  const [other, its] = await opened(join(root, 'other'))
  onTestFinished(() => other.close())
  return its
}

describe('a place that is known already', () => {
  it('is taken over by another computer, with its name and its backups', async () => {
    const { place } = await save()
    const { artifact = '' } = await backUp(await plan(place))
    const other = await elsewhere()
    expect(await save({ name: 'Mine' }, other)).toEqual({ adopted: true, place })
    expect((await other.artifact.list({ medium: 'NAS' })).artifacts).toMatchObject([{ name: artifact }])
  })

  it('is the same by whatever way: a share that is mounted here, and its server', async () => {
    const medium = await client.medium.init({ medium: remote, name: 'SHARE' })
    const { place, adopted } = await save()
    expect([adopted, place.id, place.name]).toEqual([true, medium.id, 'SHARE'])
    const { media } = await client.app.state({})
    expect(media.filter(({ id }) => id === medium.id)).toMatchObject([{ kind: 'sftp' }])
    const planId = await plan(place)
    const { artifact } = await backUp(planId)
    for (const ref of ['SHARE', remote, place.id])
      expect((await client.artifact.list({ medium: ref })).artifacts).toMatchObject([{ name: artifact }])
    // Through the folder it is the same plan's, at the same place.
    const { id } = await client.backup.start({ planId, medium: remote })
    expect(await endOf(client, id)).toMatchObject({ outcome: 'success', medium: { id: medium.id, path: remote } })
    const draft = { name: 'Folder', store: { kind: 'folder' as const, path: remote } }
    expect(await failureOf(client.place.save({ draft }))).toMatchObject({ code: 'exists', details: { name: 'SHARE' } })
  })

  it('is changed under its id, and never becomes another one by that', async () => {
    const { place } = await save()
    expect((await save({ id: place.id, name: 'Renamed' })).place).toEqual({ ...place, name: 'Renamed' })
    const other = mkdtempSync(join(sshd.folder, 'nas-'))
    expect((await failureOf(save({ id: place.id, path: other }))).code).toBe('not-initialised')
    await save({ path: other, name: 'Other' })
    expect((await failureOf(save({ id: place.id, path: other, name: 'Third' }))).code).toBe('medium-changed')
    expect((await failureOf(save({ name: 'Other' }))).code).toBe('exists')
    expect((await failureOf(save({ name: 'Third' }))).code).toBe('exists')
    const names = (await client.place.list({})).map((seen) => seen.place.name)
    expect(names).toEqual(['Other', 'Renamed'])
  })
})

describe('what logs in', () => {
  it('wrong, unknown or missing: told before anything is there or written down', async () => {
    const other = makeKey(join(root, 'key'), 'ed25519')
    const hostKey = `SHA256:${'A'.repeat(43)}`
    expect((await failureOf(save({ secrets: { key: other } }))).code).toBe('place-denied')
    expect((await failureOf(save({ secrets: { password: 'guessed' } }))).code).toBe('place-denied')
    expect((await failureOf(save({ secrets: {} }))).code).toBe('place-locked')
    expect(await failureOf(save({ hostKey }))).toMatchObject({
      code: 'place-host-key',
      details: { found: sshd.fingerprint(), expected: hostKey },
    })
    expect((await failureOf(save({ path: join(remote, 'none') }))).code).toBe('place-folder-missing')
    expect(lying()).toEqual([])
    expect(await client.place.list({})).toEqual([])
  })

  it('goes nowhere but to the account it was given for, and is told to nobody', async () => {
    const { place } = await save()
    await backUp(await plan(place))
    const told = JSON.stringify([
      await client.app.state({}),
      await client.place.list({ ask: true }),
      await client.plan.export({}),
      await client.run.history({}),
    ])
    const secret = sshd.key.split('\n')[2] ?? ''
    const written = ['config.json', 'history.jsonl'].map((name) => readFileSync(join(root, 'home', name), 'utf8'))
    for (const text of [told, ...written]) expect(text).not.toContain(secret)
    const draft = { id: place.id, store: { ...store(), user: 'somebody' } }
    expect((await failureOf(client.place.save({ draft, remember: false }))).code).toBe('place-locked')
    expect((await client.place.save({ draft: { ...draft, store: store() }, remember: false })).place).toEqual(place)
  })

  it('that was not kept is asked for once more, and forgotten with the place', async () => {
    const { place } = await save()
    const planId = await plan(place)
    await backUp(planId)
    await engine.close()
    ;[engine, client] = await opened()
    expect(await client.place.list({ ask: true })).toMatchObject([
      { locked: true, state: { problem: { code: 'place-locked' } } },
    ])
    expect(await failureOf(client.artifact.list({ medium: 'NAS' }))).toMatchObject({
      code: 'place-locked',
      details: { name: 'NAS', user: sshd.user },
    })
    expect((await failureOf(client.backup.start({ planId }))).code).toBe('place-locked')
    const wrong = { id: place.id, secrets: { password: 'wrong' } }
    expect((await failureOf(client.place.unlock(wrong))).code).toBe('place-denied')
    await client.place.unlock({ id: place.id, secrets: { key: sshd.key } })
    expect(await backUp(planId)).toMatchObject({ outcome: 'success' })
    const before = lying()
    expect(await failureOf(client.place.remove({ id: place.id }))).toMatchObject({
      code: 'place-in-use',
      details: { name: 'NAS', plans: ['Docs'] },
    })
    await client.plan.remove({ id: planId })
    await client.place.remove({ id: place.id })
    expect(lying()).toEqual(before)
    expect((await client.app.state({})).media.filter(({ kind }) => kind)).toEqual([])
    expect((await failureOf(client.artifact.list({ medium: 'NAS' }))).code).toBe('no-medium')
    expect((await failureOf(save({ secrets: {} }))).code).toBe('place-locked')
  })
})

describe('whichever medium is connected', () => {
  it('is never a place in the network that nobody has named', async () => {
    await save()
    const source = { kind: 'folders' as const, paths: [join(root, 'docs')], exclude: [] }
    const draft = { name: 'Any', source, destinations: [{ place: { kind: 'medium' as const } }] }
    expect((await failureOf(client.backup.preview({ plan: draft }))).code).toBe('no-medium')
    await mkdir(join(root, 'stick'))
    await client.medium.init({ medium: join(root, 'stick'), name: 'STICK' })
    expect((await client.backup.preview({ plan: draft })).medium).toMatchObject({ name: 'STICK' })
    const named = await client.backup.preview({ plan: draft, medium: 'NAS' })
    expect(named.medium).toMatchObject({ kind: 'sftp', free: expect.any(Number) })
    expect(named.findings.map(({ code }) => code)).toEqual([])
  })
})

/** Far more than one packet: what is in the middle of it is in the middle of the upload. */
const size = 40_000_000

describe('a server', () => {
  it('that is away is told at once, and its scheduled backup is made when it is back', async () => {
    let ahead = new Date(Date.now() + 86_400_000).setHours(13, 0, 0, 0) - Date.now()
    await engine.close()
    const now = () => Date.now() + ahead
    ;[engine, client] = await opened(join(root, 'home'), { now, schedules: true, settle: 0 })
    const { place } = await save()
    const planId = await plan(place)
    await client.schedule.save({ planId, schedule: { ...conditions, when: { kind: 'daily', at: '12:00' } } })
    await sshd.halt()
    onTestFinished(() => sshd.again().catch(() => undefined))
    expect((await failureOf(client.backup.preview({ plan: planId }))).code).toBe('place-unreachable')
    expect(await client.place.list({ ask: true })).toMatchObject([
      { state: { problem: { code: 'place-unreachable' } } },
    ])
    const until = async (fits: (state: AppState) => boolean) => {
      let state: Partial<AppState> = {}
      for await (const { changes } of await client.app.follow({})) {
        state = Object.assign({}, state, changes)
        if (fits(state as AppState)) return state as AppState
      }
      throw new Error('the stream ended')
    }
    ahead += 24 * 3600_000
    engine.wake()
    const failed = await until(({ runs, schedules }) => runs.length > 0 && schedules[0]?.state === 'retrying')
    expect(failed.runs).toMatchObject([{ outcome: 'error', attempt: 1, failure: { code: 'place-unreachable' } }])
    expect(failed.alarms).toEqual([])
    await sshd.again()
    ahead += 360_000
    engine.wake()
    const good = await until(({ runs }) => runs[0]?.outcome === 'success')
    expect(good.runs[0]).toMatchObject({ attempt: 2, trigger: 'scheduled', medium: { name: 'NAS' } })
  })

  it('whose line breaks in the middle of a backup: nothing is left of it', async () => {
    const { place } = await save({ port: line.port })
    const planId = await plan(place)
    await writeFile(join(root, 'docs', 'large'), randomBytes(size))
    void line.set({ way: 'up', at: size / 2, how: 'cut' })
    expect(await backUp(planId)).toMatchObject({ outcome: 'error', failure: { code: 'place-unreachable' } })
    expect(lying()).toEqual(['.arche-medium.json'])
    expect(await backUp(planId)).toMatchObject({ outcome: 'success', warnings: 0 })
  })

  it('that dies in the middle of a backup: nothing under its name, and the next one is good', async () => {
    const { place } = await save({ port: line.port })
    const planId = await plan(place)
    const first = await backUp(planId)
    await writeFile(join(root, 'docs', 'large'), randomBytes(size))
    const hit = line.set({ way: 'up', at: size / 2, how: 'cut' })
    const { id } = await client.backup.start({ planId })
    await hit
    await sshd.halt()
    const broken = await endOf(client, id)
    await sshd.again()
    expect(broken).toMatchObject({ outcome: 'error', failure: { code: 'place-unreachable' } })
    expect(lying().filter((name) => name.startsWith('backup_'))).toEqual([first.artifact])
    const next = await backUp(planId)
    expect(next).toMatchObject({ outcome: 'success', warnings: 0 })
    expect(await endOf(client, (await client.verify.start({ medium: 'NAS', keyPassword })).id)).toMatchObject({
      outcome: 'success',
      verified: [next.artifact, first.artifact],
    })
  })

  it('whose line breaks while it is read costs a moment, not the verification', async () => {
    const { place } = await save({ port: line.port })
    await writeFile(join(root, 'docs', 'large'), randomBytes(size))
    const { artifact } = await backUp(await plan(place))
    const hit = line.set({ way: 'down', at: size / 2, how: 'cut' })
    const { id } = await client.verify.start({ medium: 'NAS' })
    await hit
    expect(await endOf(client, id)).toMatchObject({ verified: [artifact] })
  })

  it('with a full disk: the backup fails as a whole, the earlier ones stay, and what fits afterwards is taken', async () => {
    requireRoot()
    tool('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', remote)
    onTestFinished(() => void tool('umount', '--lazy', remote))
    const { place } = await save()
    const planId = await plan(place)
    const first = await backUp(planId)
    await writeFile(join(root, 'docs', 'large'), randomBytes(size))
    const { findings } = await client.backup.preview({ plan: planId })
    expect(findings).toMatchObject([{ level: 'error', code: 'no-space' }])
    const run = await backUp(planId)
    expect(run).toMatchObject({ outcome: 'error', failure: { code: 'no-space' } })
    expect(lying().filter((name) => !/^k|^SHA|^\.arche-medium/.test(name))).toEqual([first.artifact])
    await rm(join(root, 'docs', 'large'))
    expect(await backUp(planId)).toMatchObject({ outcome: 'success' })
  })

  it('on which another place lies than before is not written to', async () => {
    const { place } = await save()
    const planId = await plan(place)
    await backUp(planId)
    const marker = JSON.parse(readFileSync(shelf('.arche-medium.json'), 'utf8'))
    writeFileSync(
      shelf('.arche-medium.json'),
      JSON.stringify({ ...marker, id: '00000000-0000-4000-8000-000000000000' }),
    )
    const before = lying()
    expect((await failureOf(client.backup.start({ planId }))).code).toBe('medium-changed')
    rmSync(shelf('.arche-medium.json'))
    expect((await failureOf(client.backup.start({ planId }))).code).toBe('not-initialised')
    expect((await failureOf(client.artifact.list({ medium: 'NAS' }))).code).toBe('not-initialised')
    expect(lying()).toEqual(before.filter((name) => name !== '.arche-medium.json'))
  })

  it('is tried with something small, of which nothing is left', async () => {
    const { place } = await save()
    writeFileSync(shelf('arche-test-left'), 'x')
    const trial = await client.place.test({ id: place.id })
    expect(trial).toMatchObject({ bytes: 1024 * 1024, free: expect.any(Number) })
    expect(Math.min(trial.up, trial.down)).toBeGreaterThan(0)
    expect(lying()).toEqual(['.arche-medium.json', 'arche-test-left'])
  })
})
