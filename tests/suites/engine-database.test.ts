// A LabBook server is backed up in LabBook 3's format: with a real MariaDB, and read back with nothing but gpg, tar and the database's own client.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSecrets } from '../../core/access/secrets.ts'
import type { Run } from '../../core/api/model.ts'
import type { LabbookSource } from '../../core/api/sources/labbook.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'
import { goldenKeys, goldenPassword } from '../support/golden.ts'
import { contentOf, databasePassword, labbookServer } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { unpack } from '../support/unpack.ts'

const keyPassword = 'clé 鍵'

let base: string
let server: Mariadb
let source: LabbookSource
let root: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []

const openIn = (folder: string) => openOn(join(folder, 'home'), { onBug: (error) => bugs.push(error) })

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'arche-database-'))
  server = await startMariadb()
  source = labbookServer(server, base)
  await prepareHome(join(base, 'home'), 'operator', keyPassword)
})

afterAll(async () => {
  await server.remove()
  await rm(base, { recursive: true, force: true })
})

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-database-'))
  cpSync(join(base, 'home'), join(root, 'home'), { recursive: true })
  mkdirSync(join(root, 'stick'))
  engine = await openIn(root)
  client = await engine.connect()
  await client.operator.unlock({ password: 'operator' })
  await client.medium.init({ medium: join(root, 'stick'), name: 'STICK' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

async function backUp(from: LabbookSource, password?: string): Promise<Run> {
  const plan = await client.plan.save({ name: 'Labo', source: from, destinations: [{ place: { kind: 'medium' } }] })
  const given = password === undefined ? {} : { databasePassword: password }
  const { id } = await client.backup.start({ planId: plan.id, medium: join(root, 'stick'), ...given })
  return outcomeOf(id)
}

const outcomeOf = (id: string) => endOf(client, id)

describe('a LabBook server', () => {
  it('is saved as LabBook 3 does, and everything comes back', async () => {
    const run = await backUp(source, databasePassword)
    expect(run).toMatchObject({ outcome: 'success', subject: 'Labo', warnings: 0 })
    expect(run.artifact).toMatch(/^backup_v30_SIGL_\d{4}-\d\d-\d\d_\d\dh\d\dm\d\ds\.tar\.gz\.gpg$/)
    expect(run.operations.map((operation) => operation.name)).toEqual([
      'prepare',
      'estimate',
      'dump',
      'archive',
      'copy-keys',
      'verify',
    ])
    const into = unpack(root, run.artifact ?? '', keyPassword)
    expect(readdirSync(into).sort()).toEqual(['dump', 'report', 'resource', 'upload'])
    expect(readdirSync(join(into, 'dump'))).toEqual(['dump.sql'])
    for (const name of ['report', 'upload', 'resource'])
      execFileSync('diff', ['-r', join(source.storage, name), join(into, name)])

    const dump = readFileSync(join(into, 'dump/dump.sql'))
    expect(Buffer.from(dump.toString('utf8')).equals(dump)).toBe(true)
    expect(dump.subarray(0, 200).toString()).not.toContain('999999')
    expect(dump.includes('CREATE DATABASE')).toBe(false)
    server.sql('DROP DATABASE IF EXISTS copy; CREATE DATABASE copy CHARACTER SET utf8 COLLATE utf8_unicode_ci')
    server.load(join(into, 'dump/dump.sql'), 'copy')
    expect(contentOf(server, 'copy')).toBe(contentOf(server, 'SIGL'))
    expect(server.sql('CALL twice(4, @m); SELECT @m, greet("x"), COUNT(*) FROM seen', 'copy')).toBe(
      '8\tBonjour, x ç\t1',
    )
    expect(server.sql('SELECT HEX(o), LENGTH(u), inv FROM kinds WHERE id = 1', 'copy')).toBe(
      server.sql('SELECT HEX(o), LENGTH(u), inv FROM kinds WHERE id = 1', 'SIGL'),
    )
    expect(readdirSync(join(root, 'home/temp'))).toEqual([])
  })

  it('says before what will be saved, and by which program', async () => {
    const draft = { name: 'Labo', source, destinations: [{ place: { kind: 'medium' as const } }] }
    const preview = await client.backup.preview({ plan: draft, medium: join(root, 'stick'), databasePassword })
    expect(preview.files).toBe(7)
    expect(preview.findings.map((finding) => [finding.level, finding.code])).toEqual([
      ['info', 'database-ready'],
      ['info', 'labbook-password'],
      ['warning', 'fixed-disk'],
    ])
    expect(preview.findings[0]?.details.tool).toMatch(/^(?:mariadb-dump|mysqldump) \d+\.\d+/)
    expect(await client.plan.check({ plan: draft, databasePassword })).toMatchObject([{ code: 'database-ready' }])
  })

  it('without one of its folders gets an empty one, told as an omission', async () => {
    const storage = join(root, 'storage')
    cpSync(source.storage, storage, { recursive: true })
    rmSync(join(storage, 'resource'), { recursive: true })
    const run = await backUp({ ...source, storage }, databasePassword)
    expect(run).toMatchObject({ outcome: 'warning', warnings: 1 })
    const { lines } = await client.run.show({ id: run.id })
    expect(lines.flatMap((line) => line.problem ?? [])).toEqual([
      { code: 'folder-missing', details: { path: join(storage, 'resource') } },
    ])
    const into = unpack(root, run.artifact ?? '', keyPassword)
    expect(existsSync(join(into, 'resource')) && readdirSync(join(into, 'resource'))).toEqual([])
    expect(
      await client.plan.check({
        plan: {
          name: 'x',
          source: { ...source, storage: join(root, 'no') },
          destinations: [{ place: { kind: 'medium' } }],
        },
      }),
    ).toMatchObject([{ level: 'error', code: 'source-missing' }])
  })

  it('keeps the password in the keychain when asked to, for this server and user only', async () => {
    const plan = await client.plan.save({ name: 'Labo', source, destinations: [{ place: { kind: 'medium' } }] })
    const { id, name, destinations } = plan
    await expect(client.plan.remember({ id, databasePassword: 'wrong' })).rejects.toMatchObject({
      code: 'database-denied',
    })
    await client.plan.remember({ id, databasePassword })
    const codes = async (from: LabbookSource) =>
      (await client.plan.check({ plan: { id, name, destinations, source: from } })).map((finding) => finding.code)
    expect(await codes(source)).toEqual(['database-ready'])
    const other = { ...source, database: { ...source.database, name: 'mysql' } }
    expect(await codes(other)).toEqual(['database-denied'])
    const { id: run } = await client.backup.start({ planId: id, medium: join(root, 'stick') })
    expect(await outcomeOf(run)).toMatchObject({ outcome: 'success' })
    const { json } = await client.plan.export({})
    expect(json).not.toContain('assword')
    for (const path of readdirSync(join(root, 'home'), { recursive: true, withFileTypes: true }))
      if (path.isFile()) expect(readFileSync(join(path.parentPath, path.name)).includes(databasePassword)).toBe(false)

    const secrets = openSecrets(join(root, 'home'))
    const kept = () => secrets.get(`plan/${id}/database`)
    expect(await kept()).toBe(databasePassword)
    await client.plan.save({ id, name, destinations, source: other })
    expect(await kept()).toBeUndefined()
    await client.plan.save({ id, name, destinations, source })
    await client.plan.remember({ id, databasePassword })
    await client.plan.forget({ id })
    expect(await kept()).toBeUndefined()
    await client.plan.remember({ id, databasePassword })
    await client.plan.remove({ id })
    expect(await kept()).toBeUndefined()
  })

  it('finds a password that was kept under the name of earlier versions, and keeps it under the present one only', async () => {
    const plan = await client.plan.save({ name: 'Labo', source, destinations: [{ place: { kind: 'medium' } }] })
    const { id, name, destinations } = plan
    const secrets = openSecrets(join(root, 'home'))
    const earlier = `database-password/${id}`
    const codes = async () =>
      (await client.plan.check({ plan: { id, name, destinations, source } })).map((finding) => finding.code)
    await secrets.set(earlier, databasePassword)
    expect(await codes()).toEqual(['database-ready'])
    await client.plan.remember({ id, databasePassword })
    expect(await secrets.get(earlier)).toBeUndefined()
    expect(await codes()).toEqual(['database-ready'])
    await secrets.set(earlier, databasePassword)
    await client.plan.forget({ id })
    expect(await codes()).toEqual(['database-denied'])
    await secrets.set(earlier, databasePassword)
    await client.plan.remove({ id })
    expect(await secrets.get(earlier)).toBeUndefined()
  })

  it('takes over the keys of LabBook, with its escrow key', async () => {
    const [folder, password] = [goldenKeys, goldenPassword]
    const { keys } = await client.key.look({ folder })
    const prints = (kind: string) => keys.filter((key) => key.kind === kind).map(({ fingerprint }) => fingerprint)
    const choice = {
      pairs: prints('own').map((fingerprint) => ({ fingerprint, password })),
      recipients: prints('recipient'),
    }
    const added = await client.key.import({ folder, ...choice })
    expect(added.map((key) => key.kind).sort()).toEqual(['own', 'recipient'])
    await client.key.activate({ fingerprint: '25D5CE4B4060C35D79F06C54E3B8BB786C551F8E' })
    const run = await backUp(source, databasePassword)
    expect(run.outcome).toBe('success')
    expect(readdirSync(join(root, 'stick/SIGL_sauvegardes'))).toEqual(
      expect.arrayContaining(['kpub.escrow.asc', 'kpri.25D5CE4B4060C35D79F06C54E3B8BB786C551F8E.asc']),
    )
    expect((await client.key.look({ folder })).keys.map(({ state }) => state)).toEqual(['known', 'known'])
    expect(await client.key.import({ folder, ...choice })).toEqual([])
    await expect(client.key.look({ folder: join(root, 'nowhere') })).rejects.toMatchObject({ code: 'not-found' })
  })
})
