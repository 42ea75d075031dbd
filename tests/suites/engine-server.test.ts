// LabBook backups restored to a server, with a real MariaDB, through the engine: every sample medium into an empty server, a server of ours with
// everything that databases can hold, taken back again, and what speaks against it beforehand.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RestorePreview } from '../../core/api/contract.ts'
import type { Run } from '../../core/api/model.ts'
import type { RestoreServer } from '../../core/api/plan.ts'
import type { LabbookSource } from '../../core/api/sources/labbook.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { compile } from '../support/compile.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'
import { b25, b29, b30, golden, goldenPassword } from '../support/golden.ts'
import { contentOf, databasePassword, labbookServer } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { makeServer, sceneDatabase } from '../support/server-scene.ts'

const keyPassword = 'clé 鍵'

let base: string
let server: Mariadb
let root: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []
let expected: string

const openIn = (folder: string) => openOn(join(folder, 'home'), { onBug: (error) => bugs.push(error) })

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'arche-server-'))
  server = await startMariadb()
  server.sql('CREATE DATABASE expected CHARACTER SET utf8 COLLATE utf8_unicode_ci')
  server.load(join(golden, 'expected-dump.sql'), 'expected')
  expected = contentOf(server, 'expected')
  await prepareHome(join(base, 'home'), 'operator')
})

afterAll(async () => {
  await server.remove()
  await rm(base, { recursive: true, force: true })
})

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-server-'))
  cpSync(join(base, 'home'), join(root, 'home'), { recursive: true })
  cpSync(golden, join(root, 'media'), { recursive: true })
  engine = await openIn(root)
  client = await engine.connect()
  await client.operator.unlock({ password: 'operator' })
})

afterEach(async () => {
  await engine.close()
  for (const name of databases().filter((one) => /^(?:SIGL|arche_.*)$/.test(one)))
    server.sql(`DROP DATABASE \`${name}\``)
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

function databases(): string[] {
  return server.sql('SHOW DATABASES').split('\n')
}

const outcomeOf = (id: string) => endOf(client, id)

async function look(
  medium: string,
  artifact: string,
  to: RestoreServer,
  given: { key?: string; database?: string } = {},
): Promise<RestorePreview> {
  const inspection = await client.restore.inspect({
    medium,
    artifact,
    ...(given.key === undefined ? {} : { keyPassword: given.key }),
  })
  return client.restore.preview({
    inspection: inspection.id,
    existing: 'replace',
    server: to,
    ...(given.database === undefined ? {} : { databasePassword: given.database }),
  })
}

async function restored(...args: Parameters<typeof look>): Promise<{ preview: RestorePreview; run: Run }> {
  const preview = await look(...args)
  expect(preview.findings.filter((finding) => finding.level === 'error')).toEqual([])
  const { id } = await client.restore.start({ preview: preview.id })
  return { preview, run: await outcomeOf(id) }
}

function sums(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .map(
      (path) => `${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${path.slice(folder.length + 1)}\n`,
    )
    .sort((a, b) => (a.slice(64) < b.slice(64) ? -1 : 1))
    .join('')
}

const asRoot = (name = 'SIGL') => ({ name, user: 'root', socket: server.socket })
const expectedFiles = readFileSync(join(golden, 'expected-files.sha256'), 'utf8')

describe('the sample media, into an empty server', () => {
  it.each([
    ['v30', b30, goldenPassword],
    ['v29', b29, goldenPassword],
    ['mixed', b29, goldenPassword],
  ])('%s gives back database and documents', async (medium, artifact, key) => {
    const storage = join(root, 'storage')
    const { preview, run } = await restored(
      join(root, 'media', medium),
      artifact,
      { storage, database: asRoot() },
      { key },
    )
    expect(run, JSON.stringify(run.failure)).toMatchObject({ outcome: 'success', files: 9 })
    expect(preview).toMatchObject({ findings: [], database: { name: 'SIGL', exists: false, tables: 0, bytes: 0 } })
    expect(preview.safetyCopy).toBeUndefined()
    expect(contentOf(server, 'SIGL')).toBe(expected)
    expect(sums(storage)).toBe(expectedFiles)
    expect(readdirSync(storage).sort()).toEqual(['report', 'resource', 'upload'])
    expect(databases().filter((name) => name.startsWith('arche_new'))).toEqual([])
  })

  it.each(['v25', 'mixed'])(
    '%s (2.5) gives back the database without a password, and leaves documents alone',
    async (medium) => {
      const storage = join(root, 'storage')
      mkdirSync(join(storage, 'report'), { recursive: true })
      writeFileSync(join(storage, 'report/kept'), 'kept')
      const { preview, run } = await restored(join(root, 'media', medium), b25, { storage, database: asRoot() })
      expect(preview.findings.map(({ code }) => code)).toEqual(['documents-missing'])
      expect(run, JSON.stringify(run.failure)).toMatchObject({ outcome: 'success', files: 1 })
      expect(run.operations.map(({ name }) => name)).toEqual(['prepare', 'extract', 'load', 'switch', 'finish'])
      expect(contentOf(server, 'SIGL')).toBe(expected)
      expect(readFileSync(join(storage, 'report/kept'), 'utf8')).toBe('kept')
    },
  )

  it('an undo takes all of it away again', async () => {
    const storage = join(root, 'storage')
    const { run } = await restored(
      join(root, 'media/v30'),
      b30,
      { storage, database: asRoot() },
      { key: goldenPassword },
    )
    const undo = await outcomeOf((await client.restore.undo({ id: run.id })).id)
    expect(undo).toMatchObject({ outcome: 'success' })
    expect(databases()).not.toContain('SIGL')
    expect(existsSync(join(storage, 'report'))).toBe(false)
    expect(contentOf(server, undo.keptDatabase ?? '')).toBe(expected)
  })
})

describe('a server with everything in it', () => {
  let source: LabbookSource
  let artifact: string
  let stick: string

  beforeEach(async () => {
    stick = join(root, 'stick')
    mkdirSync(stick)
    await client.key.create({ password: keyPassword })
    await client.medium.init({ medium: stick, name: 'STICK' })
    server.sql('DROP USER IF EXISTS labbook@localhost')
    source = labbookServer(server, root)
    const plan = await client.plan.save({ name: 'Labo', source, destinations: [{ place: { kind: 'medium' } }] })
    const { id } = await client.backup.start({ planId: plan.id, medium: stick, databasePassword })
    artifact = (await outcomeOf(id)).artifact ?? ''
  })

  function changeEverything(): void {
    server.sql(
      `DROP TRIGGER noted; DROP EVENT nightly; DROP PROCEDURE twice; DELETE FROM patient WHERE id < 3; DROP TABLE log;
       CREATE TABLE later (id INT PRIMARY KEY, kind BIGINT UNSIGNED, CONSTRAINT parent2 FOREIGN KEY (kind) REFERENCES kinds (id)) ENGINE=InnoDB;
       CREATE OR REPLACE VIEW seen AS SELECT id FROM kinds; CREATE VIEW fresh AS SELECT * FROM later;
       CREATE TRIGGER other BEFORE INSERT ON later FOR EACH ROW SET NEW.kind = 1;
       CREATE DEFINER=nobody@nowhere EVENT hourly ON SCHEDULE EVERY 1 HOUR STARTS '2031-01-01 00:00:00' DO SET @x = 1;
       ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci`,
      'SIGL',
    )
    writeFileSync(join(source.storage, 'report/new.pdf'), 'new')
    writeFileSync(join(source.storage, 'report/cr_1.pdf'), 'changed')
  }

  it('comes back exactly, can be taken back exactly, and the copy made before restores too', async () => {
    const before = contentOf(server, 'SIGL')
    const files = sums(source.storage)
    changeEverything()
    const changed = contentOf(server, 'SIGL')
    const changedFiles = sums(source.storage)

    const to = { storage: source.storage, database: asRoot() }
    const { preview, run } = await restored(stick, artifact, to, { key: keyPassword })
    expect(preview.findings.map(({ code }) => code)).toEqual(['replaces-server'])
    expect(preview.safetyCopy?.bytes).toBeGreaterThan(0)
    expect(run).toMatchObject({
      outcome: 'success',
      warnings: 0,
      safety: { undone: false, copy: preview.safetyCopy?.path && { path: preview.safetyCopy.path } },
    })
    expect(run.operations.map(({ name }) => name)).toEqual(['prepare', 'extract', 'load', 'safety', 'switch', 'finish'])
    expect(contentOf(server, 'SIGL')).toBe(before)
    expect(
      sums(source.storage)
        .split('\n')
        .filter((line) => !line.includes('.arche-')),
    ).toEqual(files.split('\n'))
    expect(contentOf(server, run.safety?.database?.kept ?? '')).toContain('`later`')

    const undo = await outcomeOf((await client.restore.undo({ id: run.id })).id)
    expect(undo).toMatchObject({ outcome: 'success' })
    expect(contentOf(server, 'SIGL')).toBe(changed)
    expect(
      server.sql("SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'SIGL'"),
    ).toBe('latin1_swedish_ci')
    expect(
      sums(source.storage)
        .split('\n')
        .filter((line) => !line.includes('.arche-')),
    ).toEqual(changedFiles.split('\n'))

    const copy = run.safety?.copy ?? { path: '', artifact: '' }
    server.sql('DROP DATABASE SIGL')
    await rm(source.storage, { recursive: true })
    const again = await restored(copy.path, copy.artifact, to, { key: keyPassword })
    expect(again.run).toMatchObject({ outcome: 'success' })
    expect(contentOf(server, 'SIGL')).toBe(changed)
    expect(databases().filter((name) => name.startsWith('arche_'))).toEqual([])
  })
})

describe('a server whose database cannot be read', () => {
  it('is restored without a copy of it, if a person says so, and taken back', async () => {
    const medium = join(root, 'media/v30')
    server.sql('CREATE DATABASE SIGL')
    // Its part is gone: it can neither be read nor dumped, but moved.
    server.sql(
      'CREATE TABLE x (a INT) ENGINE=MyISAM; CREATE TABLE m (a INT) ENGINE=MRG_MyISAM UNION=(x); DROP TABLE x',
      'SIGL',
    )
    const { run } = await restored(medium, b30, { database: asRoot() }, { key: goldenPassword })
    expect(run).toMatchObject({
      outcome: 'error',
      failure: { code: 'safety-copy-failed', details: { why: 'unreadable' } },
    })
    expect(server.sql('SHOW TABLES', 'SIGL')).toBe('m')

    const inspection = await client.restore.inspect({ medium, artifact: b30, keyPassword: goldenPassword })
    const about = { inspection: inspection.id, existing: 'replace' as const, server: { database: asRoot() } }
    const preview = await client.restore.preview({ ...about, withoutCopy: true })
    expect(preview.safetyCopy).toBeUndefined()
    expect(preview.findings).toMatchObject([{ code: 'replaces-server', details: { why: 'uncopied' } }])
    const again = await outcomeOf((await client.restore.start({ preview: preview.id })).id)
    expect(again).toMatchObject({ outcome: 'success' })
    expect(again.safety?.copy).toBeUndefined()
    expect(contentOf(server, 'SIGL')).toBe(expected)
    expect(await outcomeOf((await client.restore.undo({ id: again.id })).id)).toMatchObject({ outcome: 'success' })
    expect(server.sql('SHOW TABLES', 'SIGL')).toBe('m')
  })
})

describe('a restore that was killed', () => {
  it('waits for its server, is told, and is taken back when that answers again', async () => {
    const program = await compile('server-killed')
    await engine.close()
    const work = join(root, 'work')
    mkdirSync(work)
    symlinkSync(join(root, 'home/journals'), join(work, 'journals'))
    makeServer(server, work)
    const before = contentOf(server, sceneDatabase)
    const killed = spawnSync(process.execPath, [program, 'restore', work, server.socket, 'switch', '12'], {
      stdio: 'inherit',
    })
    expect(killed.signal).toBe('SIGKILL')
    await server.kill()
    engine = await openIn(root)
    client = await engine.connect()
    await client.operator.unlock({ password: 'operator' })
    const { unfinished = [] } = await client.app.state({})
    expect(unfinished).toMatchObject([
      { database: sceneDatabase, user: 'root', problem: { code: 'database-unreachable' } },
    ])
    const [{ id } = { id: '' }] = unfinished
    await expect(client.restore.recover({ id })).rejects.toMatchObject({ code: 'database-unreachable' })
    await server.start()
    await client.restore.recover({ id })
    expect((await client.app.state({})).unfinished).toEqual([])
    expect(contentOf(server, sceneDatabase)).toBe(before)
    const visible = readdirSync(join(work, 'storage')).filter((name) => !name.startsWith('.arche-'))
    expect(visible.sort()).toEqual(['report', 'upload'])
    server.sql(`DROP DATABASE \`${sceneDatabase}\``)
  })
})
