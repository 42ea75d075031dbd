// The whole engine through its contract, with a real worker, real files and a folder as medium: what window and terminal both stand on.
import { execFileSync } from 'node:child_process'
import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AppState, Run } from '../../core/api/model.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'

const operatorPassword = 'operator pass'
const keyPassword = 'clé très longue 鍵'

let root: string
let engine: Engine
let client: EngineClient
let bugs: unknown[]

const open = (home = join(root, 'home')) => openOn(home, { onBug: (error) => bugs.push(error) })

/** A data folder with operator password and backup key: making a key takes a second or two, so one serves all tests. */
let template: string

beforeAll(async () => {
  bugs = []
  template = await mkdtemp(join(tmpdir(), 'arche-engine-'))
  await prepareHome(template, operatorPassword, keyPassword)
})

afterAll(() => rm(template, { recursive: true, force: true }))

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-engine-'))
  await cp(template, join(root, 'home'), { recursive: true })
  await mkdir(join(root, 'stick'))
  engine = await open()
  client = await engine.connect()
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

const ended = (id: string, from = client) => endOf(from, id)

async function makeTree(): Promise<string> {
  const folder = join(root, 'Docs é')
  await mkdir(join(folder, 'sub', 'empty'), { recursive: true })
  await writeFile(join(folder, 'a.txt'), 'first')
  await writeFile(join(folder, 'sub', 'big.bin'), Buffer.alloc(3_000_000, 7))
  await symlink('../a.txt', join(folder, 'sub', 'link'))
  await chmod(join(folder, 'a.txt'), 0o640)
  await utimes(join(folder, 'a.txt'), 1_600_000_000, 1_600_000_000.5)
  return folder
}

/** Medium and plan, as the first-start wizard makes them. */
async function setUp(folder: string): Promise<string> {
  await client.operator.unlock({ password: operatorPassword })
  await client.medium.init({ medium: join(root, 'stick'), name: 'STICK' })
  const plan = await client.plan.save({
    name: 'Docs',
    source: { kind: 'folders', paths: [folder], exclude: [] },
    destinations: [{ place: { kind: 'medium' } }],
  })
  return plan.id
}

async function backUp(planId: string): Promise<Run> {
  const { id } = await client.backup.start({ planId, medium: join(root, 'stick') })
  return ended(id)
}

async function restoreInto(
  artifact: string,
  into: string | undefined,
  existing: 'replace' | 'skip' | 'keep-both',
  only: string[] = [],
): Promise<Run> {
  const inspection = await client.restore.inspect({ medium: join(root, 'stick'), artifact, keyPassword })
  const preview = await client.restore.preview({
    inspection: inspection.id,
    existing,
    only,
    ...(into === undefined ? {} : { into }),
  })
  const { id } = await client.restore.start({ preview: preview.id })
  return ended(id)
}

describe('engine', () => {
  it('packs as the plan says, and remembers it when the plan is saved without saying it again', async () => {
    const folder = await makeTree()
    const planId = await setUp(folder)
    const [before] = (await client.app.state({})).plans
    const { name, source, destinations } = before as NonNullable<typeof before>
    const method = { kind: 'archive' as const, format: 'tar.zst.gpg' as const, compression: 'small' as const }
    await client.plan.save({ id: planId, name, source, destinations, method })
    expect((await client.plan.save({ id: planId, name, source, destinations })).method).toEqual(method)
    const run = await backUp(planId)
    expect(run).toMatchObject({
      outcome: 'success',
      artifact: expect.stringMatching(/^backup_v30_Docs_.*\.tar\.zst\.gpg$/),
    })
    const listed = await client.artifact.list({ medium: join(root, 'stick') })
    expect(listed.artifacts.map((artifact) => artifact.name)).toEqual([run.artifact])
    const verified = await client.verify.start({
      medium: join(root, 'stick'),
      artifacts: [run.artifact ?? ''],
      keyPassword,
    })
    expect(await ended(verified.id)).toMatchObject({ outcome: 'success', bytes: 3_000_005 })
    const into = join(root, 'restored')
    expect((await restoreInto(run.artifact ?? '', into, 'replace')).outcome).toBe('success')
    const back = await readFile(join(into, 'Docs é', 'sub', 'big.bin'))
    expect(back.equals(Buffer.alloc(3_000_000, 7))).toBe(true)
    const labbook = {
      kind: 'labbook' as const,
      storage: folder,
      database: { name: 'SIGL', user: 'labbook' },
    }
    await expect(client.plan.save({ name: 'LabBook', source: labbook, destinations, method })).rejects.toMatchObject({
      code: 'bad-input',
    })
  })

  it('backs up, lists, verifies, restores and undoes', async () => {
    const folder = await makeTree()
    const planId = await setUp(folder)
    const preview = await client.backup.preview({ plan: planId, medium: join(root, 'stick') })
    expect(preview).toMatchObject({ files: 3, bytes: 3_000_005 })
    expect(preview.findings.map((finding) => [finding.level, finding.code])).toEqual([['warning', 'fixed-disk']])

    const run = await backUp(planId)
    expect(run).toMatchObject({ outcome: 'success', kind: 'backup', subject: 'Docs', bytes: 3_000_005, warnings: 0 })
    expect(run.operations.map((operation) => operation.name)).toEqual([
      'prepare',
      'estimate',
      'archive',
      'copy-keys',
      'verify',
    ])
    expect((await client.app.state({})).protection).toMatchObject({ level: 'protected' })

    const { artifacts } = await client.artifact.list({ medium: join(root, 'stick') })
    expect(artifacts).toMatchObject([{ name: run.artifact, subject: 'Docs', format: '3.0', sha256: run.sha256 }])
    const verified = await ended((await client.verify.start({ medium: join(root, 'stick'), keyPassword })).id)
    expect(verified).toMatchObject({ outcome: 'success', verified: [run.artifact] })

    await writeFile(join(folder, 'a.txt'), 'changed since')
    const restored = await restoreInto(run.artifact ?? '', undefined, 'replace')
    expect(restored).toMatchObject({ outcome: 'success', kind: 'restore' })
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('first')
    const stat = await lstat(join(folder, 'a.txt'))
    expect([stat.mode & 0o7777, stat.mtimeMs]).toEqual([0o640, 1_600_000_000_500])

    const undone = await ended((await client.restore.undo({ id: restored.id })).id)
    expect(undone).toMatchObject({ outcome: 'success', kind: 'undo' })
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('changed since')
    await expect(client.restore.undo({ id: restored.id })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('restores chosen files elsewhere, without touching the rest', async () => {
    const planId = await setUp(await makeTree())
    const run = await backUp(planId)
    const artifact = run.artifact ?? ''
    const inspectAll = () => client.restore.inspect({ medium: join(root, 'stick'), artifact, keyPassword, full: true })
    const inspection = await inspectAll()
    expect(inspection).toMatchObject({
      complete: true,
      listedFrom: 'index',
      files: 3,
      roots: [{ name: 'Docs é', origin: join(root, 'Docs é') }],
    })
    const top = await client.restore.browse({ inspection: inspection.id, folder: 'Docs é' })
    expect(top.entries.map((entry) => [entry.name, entry.type, entry.files])).toEqual([
      ['sub', 'folder', 2],
      ['a.txt', 'file', 1],
    ])
    // Without its index the backup is read, to the same end, and gets one; from a verification too.
    const indexes = join(root, 'stick', 'SIGL_sauvegardes', 'contents')
    const [index = ''] = await readdir(indexes)
    for (const again of [inspectAll, () => client.verify.start({ medium: join(root, 'stick'), keyPassword })]) {
      await rm(join(indexes, index))
      const found = await again()
      if ('roots' in found) expect(found).toMatchObject({ ...inspection, id: found.id, listedFrom: 'archive' })
      else expect(await ended(found.id)).toMatchObject({ outcome: 'success' })
      expect(await readdir(indexes)).toEqual([index])
      const listed = await inspectAll()
      expect(listed.listedFrom).toBe('index')
      expect(await client.restore.browse({ inspection: listed.id, folder: 'Docs é' })).toEqual(top)
    }
    const into = join(root, 'elsewhere')
    expect(await restoreInto(run.artifact ?? '', into, 'skip', ['Docs é/a.txt'])).toMatchObject({
      outcome: 'success',
      files: 1,
    })
    expect(await readdir(into, { recursive: true })).toEqual(['Docs é', 'Docs é/a.txt'])
  })

  it('restores on another computer with only the medium and the key password', async () => {
    const run = await backUp(await setUp(await makeTree()))
    const other = await open(join(root, 'other'))
    const there = await other.connect()
    await there.operator.set({ next: 'somebody else' })
    const inspection = await there.restore.inspect({
      medium: join(root, 'stick'),
      artifact: run.artifact ?? '',
      keyPassword,
    })
    const preview = await there.restore.preview({
      inspection: inspection.id,
      into: join(root, 'there'),
      existing: 'skip',
    })
    expect(preview).toMatchObject({ files: 3, conflicts: { count: 0 } })
    const { id } = await there.restore.start({ preview: preview.id })
    expect(await ended(id, there)).toMatchObject({ outcome: 'success' })
    expect(await readFile(join(root, 'there', 'Docs é', 'a.txt'), 'utf8')).toBe('first')
    await other.close()
  })

  it('refuses a wrong key password and a damaged archive before anything is touched', async () => {
    const folder = await makeTree()
    const run = await backUp(await setUp(folder))
    const artifact = run.artifact ?? ''
    await expect(
      client.restore.inspect({ medium: join(root, 'stick'), artifact, keyPassword: 'wrong' }),
    ).rejects.toMatchObject({ code: 'wrong-password' })
    const inspection = await client.restore.inspect({ medium: join(root, 'stick'), artifact, keyPassword })
    const preview = await client.restore.preview({
      inspection: inspection.id,
      into: join(root, 'out'),
      existing: 'replace',
    })
    await truncate(join(root, 'stick', 'SIGL_sauvegardes', artifact), run.stored - 10)
    const { id } = await client.restore.start({ preview: preview.id })
    expect(await ended(id)).toMatchObject({ outcome: 'error', failure: { code: 'truncated' } })
    expect(await readdir(join(root, 'out')).catch(() => [])).toEqual([])
    const verified = await ended((await client.verify.start({ medium: join(root, 'stick'), artifacts: [artifact] })).id)
    expect(verified).toMatchObject({ outcome: 'error', failure: { code: 'damaged' } })
  })

  it('lets everybody back up, and nobody change settings without the administrator password', async () => {
    const planId = await setUp(await makeTree())
    const stranger = await engine.connect()
    expect(await ended((await stranger.backup.start({ planId })).id)).toMatchObject({ outcome: 'success' })
    await expect(stranger.settings.save({ language: 'fr' })).rejects.toMatchObject({ code: 'operator-needed' })
    await expect(stranger.operator.unlock({ password: 'guess' })).rejects.toMatchObject({ code: 'operator-wrong' })
    await stranger.operator.unlock({ password: operatorPassword })
    await expect(stranger.settings.save({ language: 'fr' })).resolves.toMatchObject({ language: 'fr' })
    await stranger.operator.lock({})
    await expect(stranger.settings.save({ language: 'en' })).rejects.toMatchObject({ code: 'operator-needed' })
  })

  it('is shared: a second process-to-be becomes a client of the first', async () => {
    const planId = await setUp(await makeTree())
    const second = await open()
    expect(second.owned).toBe(false)
    const guest = await second.connect()
    await expect(guest.plan.remove({ id: planId })).rejects.toMatchObject({ code: 'operator-needed' })
    const { id } = await guest.backup.start({ planId, medium: join(root, 'stick') })
    expect(await ended(id)).toMatchObject({ outcome: 'success' })
    await engine.close()
    await second.closed
    engine = await open()
    expect(engine.owned).toBe(true)
  })

  it('cancels consistently, does one run at a time, and leaves no file behind', async () => {
    const folder = await makeTree()
    // Far more than is read before the cancel comes, however late that is. Given its room at once: a hole would be skipped.
    execFileSync('fallocate', ['--length', '4GB', join(folder, 'zeros')])
    const planId = await setUp(folder)
    const { id } = await client.backup.start({ planId, medium: join(root, 'stick') })
    await expect(client.backup.start({ planId, medium: join(root, 'stick') })).rejects.toMatchObject({ code: 'busy' })
    await client.run.cancel({ id })
    expect(await ended(id)).toMatchObject({ outcome: 'cancelled' })
    const left = (await readdir(join(root, 'stick', 'SIGL_sauvegardes'))).filter(
      (name) => name.includes('backup') || name.includes('part'),
    )
    expect(left).toEqual([])
    await rm(join(folder, 'zeros'))
    expect(await backUp(planId)).toMatchObject({ outcome: 'success' })
  })

  it('warns of what it could not read, file by file', async () => {
    const folder = await makeTree()
    const planId = await setUp(folder)
    const { createServer } = await import('node:net')
    const server = createServer().listen(join(folder, 'socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    const quiet = await backUp(planId)
    expect(quiet).toMatchObject({ outcome: 'success', warnings: 0 })
    const log = (await client.run.show({ id: quiet.id })).lines
    const noted = { level: 'info', problem: { code: 'file-socket', details: { path: join(folder, 'socket') } } }
    expect(log).toContainEqual(expect.objectContaining(noted))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const run = await backUp(planId)
    server.close()
    expect(run).toMatchObject({ outcome: 'warning', warnings: 1 })
    const { lines } = await client.run.show({ id: run.id })
    expect(lines.filter((line) => line.level === 'warning').map((line) => line.problem)).toEqual([
      { code: 'file-special', details: { path: join(folder, 'pipe') } },
    ])
    expect((await client.app.state({})).protection).toMatchObject({ level: 'attention', reason: 'omissions' })
  })

  it('refuses a source that is not there, a medium that is not ready, and a malformed call', async () => {
    const planId = await setUp(await makeTree())
    await rm(join(root, 'Docs é'), { recursive: true })
    const { findings } = await client.backup.preview({ plan: planId, medium: join(root, 'stick') })
    expect(findings).toContainEqual(expect.objectContaining({ level: 'error', code: 'source-missing' }))
    expect(await backUp(planId)).toMatchObject({ outcome: 'error', failure: { code: 'source-missing' } })
    await mkdir(join(root, 'bare'))
    await expect(client.backup.start({ planId, medium: join(root, 'bare') })).rejects.toMatchObject({
      code: 'not-initialised',
    })
    await expect(
      client.plan.save({
        name: '',
        source: { kind: 'folders', paths: [], exclude: [] },
        destinations: [{ place: { kind: 'medium' } }],
      }),
    ).rejects.toMatchObject({ code: 'bad-input' })
  })

  it('finds before the work what speaks against it', async () => {
    const stick = join(root, 'stick')
    const planId = await setUp(await makeTree())
    const codes = async (path: string) => {
      const source = { kind: 'folders' as const, paths: [path], exclude: [] }
      const plan = { name: 'draft', source, destinations: [{ place: { kind: 'medium' as const } }] }
      const { findings } = await client.backup.preview({ plan, medium: stick })
      return findings.map((finding) => `${finding.level} ${finding.code}`)
    }
    expect(await codes(stick)).toContain('error source-is-medium')
    expect((await codes(root)).join()).toContain('source-contains-medium')
    await mkdir(join(root, 'nothing'))
    expect(await codes(join(root, 'nothing'))).toContain('warning source-empty')
    await writeFile(join(stick, 'SIGL_sauvegardes', 'backup_v30_Docs_2091-01-01_00h00m00s.tar.gz.gpg'), '')
    const { findings } = await client.backup.preview({ plan: planId, medium: stick })
    expect(findings.map((finding) => finding.code)).toContain('clock-back')
  })

  it('adopts a folder that LabBook made, and keeps what is in it', async () => {
    const folder = join(root, 'labbook', 'SIGL_sauvegardes')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'backup_SIGL_2018-04-13_15h58m51s.tar.gz'), 'old')
    const planId = await setUp(await makeTree())
    const { id } = await client.backup.start({ planId, medium: join(root, 'labbook') })
    expect(await ended(id)).toMatchObject({ outcome: 'success' })
    const { medium, artifacts } = await client.artifact.list({ medium: join(root, 'labbook') })
    expect(medium.id).toBeDefined()
    expect(artifacts.map((artifact) => artifact.format)).toEqual(['3.0', '2.x'])
    expect(await readFile(join(folder, 'backup_SIGL_2018-04-13_15h58m51s.tar.gz'), 'utf8')).toBe('old')
  })

  it('backs up its own data folder without tripping over itself', async () => {
    const planId = await setUp(join(root, 'home'))
    expect(await backUp(planId)).toMatchObject({ outcome: 'success', warnings: 0 })
  })

  it('tells its state whole at first and then what changed', async () => {
    const stream = await client.app.follow({})
    const first = await stream.next()
    expect(Object.keys((first.value as { changes: AppState }).changes)).toContain('protection')
    await client.operator.unlock({ password: operatorPassword })
    await client.settings.save({ language: 'fr' })
    for await (const { changes } of stream) if (changes.language === 'fr') break
  })
})
