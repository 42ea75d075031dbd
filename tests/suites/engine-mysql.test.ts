// Databases of a MariaDB server: all of them or those named, each in a file, read back with nothing but gpg, tar and the server's own client.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openSecrets } from '../../core/access/secrets.ts'
import type { Run } from '../../core/api/model.ts'
import type { MysqlSource } from '../../core/api/sources/mysql.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'
import { contentOf, databasePassword, labbookServer } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { unpack } from '../support/unpack.ts'

const keyPassword = 'clé 鍵'

/** What may stand in the name of a database and must not in that of a file. */
const odd = 'a/b ü `x`%'

/** Who may read all databases of a server. */
const saver =
  "CREATE USER saver@localhost IDENTIFIED BY 'pass w'; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON *.* TO saver@localhost"

let base: string
let server: Mariadb
let source: MysqlSource
let root: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []

const openIn = (folder: string) => openOn(join(folder, 'home'), { onBug: (error) => bugs.push(error) })

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'arche-databases-'))
  server = await startMariadb()
  labbookServer(server, base)
  const quoted = `\`${odd.replaceAll('`', '``')}\``
  server.sql(`SET NAMES utf8mb4;
    CREATE DATABASE shop CHARACTER SET latin1 COLLATE latin1_german2_ci; CREATE DATABASE ${quoted} CHARACTER SET utf8mb4; CREATE DATABASE empty; CREATE DATABASE arche_old_27ee10130403;
    USE shop; CREATE TABLE t (id INT PRIMARY KEY, x VARCHAR(20)); INSERT INTO t VALUES (1, 'é'), (2, '€');
    USE ${quoted}; CREATE TABLE m (id INT PRIMARY KEY) ENGINE=MyISAM; INSERT INTO m VALUES (7);
    ${saver};
    CREATE USER narrow@localhost IDENTIFIED BY 'pass w'; GRANT SELECT, SHOW VIEW ON shop.* TO narrow@localhost;`)
  source = { kind: 'mysql', server: { user: 'saver', socket: server.socket }, databases: 'all' }
  await prepareHome(join(base, 'home'), 'operator', keyPassword)
})

afterAll(async () => {
  await server.remove()
  await rm(base, { recursive: true, force: true })
})

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-databases-'))
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

async function backUp(from: MysqlSource, existing?: string): Promise<Run> {
  const plan = await client.plan.save({
    ...(existing === undefined ? {} : { id: existing }),
    name: 'Server',
    source: from,
    destinations: [{ place: { kind: 'medium' } }],
  })
  const { id } = await client.backup.start({
    planId: plan.id,
    medium: join(root, 'stick'),
    databasePassword: 'pass w',
  })
  return endOf(client, id)
}

async function codes(from: MysqlSource, password = 'pass w'): Promise<[string, string, unknown][]> {
  const plan = { name: 'Server', source: from, destinations: [{ place: { kind: 'medium' as const } }] }
  const findings = await client.plan.check({ plan, databasePassword: password })
  return findings.map(({ level, code, details }) => [level, code, details.rights ?? details.database])
}

describe('databases of a server', () => {
  it('are all saved, each in its file, and all of them come back', async () => {
    const run = await backUp(source)
    expect(run).toMatchObject({ outcome: 'success', subject: 'Server', warnings: 0, files: 5 })
    expect(run.artifact).toMatch(/^backup_v30_Server_/)
    expect(run.operations.map((operation) => operation.name)).toEqual([
      ...['prepare', 'estimate', 'archive', 'dump', 'archive', 'dump', 'archive', 'dump', 'archive', 'dump', 'archive'],
      ...['copy-keys', 'verify'],
    ])
    const into = unpack(root, run.artifact ?? '', keyPassword)
    expect(readdirSync(into).sort()).toEqual(['databases.sql', 'dump'])
    const files = readdirSync(join(into, 'dump'))
    expect(files.sort()).toEqual(['SIGL.sql', 'a%2Fb ü `x`%25.sql', 'empty.sql', 'shop.sql'])

    const before = ['SIGL', 'shop', odd, 'empty'].map((name) => [name, contentOf(server, name)])
    const other = await startMariadb()
    try {
      other.load(join(into, 'databases.sql'), 'mysql')
      for (const [name = ''] of before) {
        const file = files.find((one) => decodeURIComponent(one.slice(0, -4)) === name) ?? ''
        other.load(join(into, 'dump', file), name)
      }
      expect(before.map(([name = '']) => [name, contentOf(other, name)])).toEqual(before)
      const kept = "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'"
      expect(other.sql(kept)).toBe('latin1_german2_ci')
      expect(other.sql('SELECT HEX(x) FROM t ORDER BY id', 'shop')).toBe(
        server.sql('SELECT HEX(x) FROM t ORDER BY id', 'shop'),
      )
    } finally {
      await other.remove()
    }
    expect(readdirSync(join(root, 'home/temp'))).toEqual([])
  })

  it('that have lost their tables, their rows or themselves are told', async () => {
    // A server of its own, with little in it: five backups of the other one take minutes where there is much else to do.
    const small = await startMariadb()
    onTestFinished(() => small.remove())
    small.sql(`${saver}; CREATE DATABASE lab; USE lab; CREATE TABLE a (x INT); CREATE TABLE b (x INT);
      INSERT INTO a VALUES (1); INSERT INTO b VALUES (2); CREATE DATABASE gone; CREATE TABLE gone.t (x INT)`)
    const from = { ...source, server: { ...source.server, socket: small.socket } }
    const losses = async () => {
      const run = await backUp(from, (await client.app.state({})).plans[0]?.id)
      return run.losses?.map(({ code, details }) => [code, details.database])
    }
    expect(await losses()).toBeUndefined()
    expect(await losses()).toBeUndefined()
    small.sql('DELETE FROM lab.a; DELETE FROM lab.b; DROP DATABASE gone')
    expect((await losses())?.sort()).toEqual([
      ['loss-database-emptied', 'lab'],
      ['loss-database-vanished', 'gone'],
    ])
    small.sql('INSERT INTO lab.a VALUES (1); CREATE DATABASE gone; CREATE TABLE gone.t (x INT)')
    expect(await losses()).toBeUndefined()
    small.sql('DROP TABLE lab.a, lab.b')
    expect(await losses()).toEqual([['loss-database-emptied', 'lab']])
  })

  it('are saved by name, once each', async () => {
    const run = await backUp({ ...source, databases: ['shop', 'empty', 'shop'] })
    expect(run).toMatchObject({ outcome: 'success', files: 3 })
    const into = unpack(root, run.artifact ?? '', keyPassword)
    expect(readdirSync(join(into, 'dump')).sort()).toEqual(['empty.sql', 'shop.sql'])
    expect(readFileSync(join(into, 'databases.sql'), 'utf8')).not.toContain('SIGL')
  })

  it('are tested before: what will be saved, what is missing, what may not be read', async () => {
    expect(await codes(source)).toEqual([
      ['info', 'databases-ready', '*'],
      ['info', 'database-tables', '*'],
    ])
    const plan = { name: 'Server', source, destinations: [{ place: { kind: 'medium' as const } }] }
    const [ready, tables] = await client.plan.check({ plan, databasePassword: 'pass w' })
    expect(new Set(ready?.details.databases as string[])).toEqual(new Set(['SIGL', odd, 'empty', 'shop']))
    expect(tables?.details.tables).toEqual([`${odd}.m`])
    expect(await codes({ ...source, databases: ['shop', 'nowhere', 'SHOP'] })).toEqual([
      ['error', 'database-missing', 'nowhere'],
      ['error', 'database-missing', 'SHOP'],
    ])
    expect(await codes(source, 'wrong')).toEqual([['error', 'database-denied', '*']])
    const narrow = { ...source, server: { ...source.server, user: 'narrow' } }
    expect(await codes({ ...narrow, databases: ['shop'] })).toEqual([
      ['info', 'databases-ready', '*'],
      ['error', 'database-rights', ['TRIGGER', 'EVENT', 'SELECT ON mysql.proc']],
    ])
    expect(await codes(narrow)).toContainEqual(['error', 'database-rights', ['SHOW DATABASES']])
  })

  it('with one that goes away in the meantime make no backup at all', async () => {
    server.sql('CREATE VIEW broken AS SELECT * FROM t', 'shop')
    server.sql('ALTER TABLE t RENAME TO u', 'shop')
    const run = await backUp(source)
    server.sql('ALTER TABLE u RENAME TO t; DROP VIEW broken', 'shop')
    expect(run).toMatchObject({ outcome: 'error', failure: { code: 'dump-failed' } })
    expect(run.failure?.details.database).toBe('shop')
    const shelf = readdirSync(join(root, 'stick/SIGL_sauvegardes'))
    expect(shelf.filter((name) => name.endsWith('.gpg') || name.includes('tmp'))).toEqual([])
    expect(readdirSync(join(root, 'home/temp'))).toEqual([])
  })

  it('have a password in the keychain for this server and user only, whatever databases are chosen', async () => {
    const plan = await client.plan.save({ name: 'Server', source, destinations: [{ place: { kind: 'medium' } }] })
    const { id, name, destinations } = plan
    await client.plan.remember({ id, databasePassword: 'pass w' })
    const kept = () => openSecrets(join(root, 'home')).get(`plan/${id}/database`)
    await client.plan.save({ id, name, destinations, source: { ...source, databases: ['shop'] } })
    expect(await kept()).toBe('pass w')
    const other = { ...source, server: { ...source.server, user: 'narrow' } }
    const [denied] = await client.plan.check({ plan: { id, name, destinations, source: other } })
    expect(denied).toMatchObject({ code: 'database-denied' })
    await client.plan.save({ id, name, destinations, source: other })
    expect(await kept()).toBeUndefined()
  })

  it('leave a LabBook login that reads everything of its database as it is', async () => {
    const { user, socket } = { user: 'labbook', socket: server.socket }
    const [ready, ...rest] = await client.plan.check({
      plan: {
        name: 'x',
        source: { kind: 'mysql', server: { user, socket }, databases: ['SIGL'] },
        destinations: [{ place: { kind: 'medium' } }],
      },
      databasePassword,
    })
    expect(ready).toMatchObject({ code: 'databases-ready' })
    expect(rest).toEqual([])
    expect(existsSync(join(root, 'stick'))).toBe(true)
  })
})
