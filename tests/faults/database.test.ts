// What goes wrong with a database while it is backed up, with a real MariaDB: each is a clear failure, nothing is under a final name, and no password
// or dump stays anywhere.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../core/api/database.ts'
import type { Failure, Problem } from '../../core/api/failure.ts'
import type { PlanSource } from '../../core/api/plan.ts'
import type { LabbookSource } from '../../core/api/sources/labbook.ts'
import { generateKeyPair } from '../../core/archive/archive.ts'
import { openSession } from '../../core/databases/mysql/session.ts'
import type { Context } from '../../core/lib/work.ts'
import { execute } from '../../core/runs/run.ts'
import { openSource } from '../../core/sources/open.ts'
import { tmpfsFolder } from '../suites/fixtures/disks.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { databasePassword, labbookServer } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { requireRoot } from '../support/root.ts'

let base: string
let server: Mariadb
let source: LabbookSource
let recipient: string

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'arche-database-'))
  server = await startMariadb()
  source = labbookServer(server, base)
  // More than all pipes and sockets on the way can hold.
  server.sql(
    'CREATE TABLE big (id INT PRIMARY KEY, body LONGBLOB); INSERT INTO big SELECT seq, REPEAT(0xFF00, 100000) FROM seq_1_to_100',
    'SIGL',
  )
  recipient = (await generateKeyPair({ name: 'test', password: 'key password' })).publicKey
})

afterAll(async () => {
  await server.remove()
  rmSync(base, { recursive: true, force: true })
})

interface Scene {
  readonly stick: string
  readonly temp: string
  /** What a run wrote to the medium. */
  written(): string[]
  run(from?: PlanSource, password?: string, during?: () => void): Promise<unknown>
  context(during?: () => void): Context<never>
}

function scene(temp = temporaryFolder()): Scene {
  const stick = temporaryFolder()
  const shelf = join(stick, 'SIGL_sauvegardes')
  mkdirSync(shelf)
  const context = (during: () => void = () => undefined): Context<never> => {
    let dumped: number | undefined
    return {
      signal: new AbortController().signal,
      now: Date.now,
      temp,
      report: {
        operation: (name) => {
          dumped = name === 'dump' ? 0 : undefined
        },
        advance: (bytes) => {
          if (dumped !== undefined) dumped += bytes
          if (dumped !== undefined && dumped > 1_000_000) during()
        },
        warn: (problem: Problem) => {
          throw new Error(problem.code)
        },
      },
    }
  }
  return {
    stick,
    temp,
    context,
    written: () => readdirSync(shelf),
    run: (from = source, password = databasePassword, during) =>
      execute(
        {
          kind: 'backup',
          plan: {
            id: '00000000-0000-4000-8000-000000000000',
            name: 'Labo',
            source: from,
            method: { kind: 'archive', format: 'tar.gz.gpg' },
            destinations: [{ id: '00000000-0000-4000-8000-00000000000d', place: { kind: 'medium' }, via: 'run' }],
            createdAt: '2026-01-01T00:00:00.000Z',
          },
          at: { store: { kind: 'medium', path: stick }, path: stick, name: 'STICK' },
          recipients: [recipient],
          keyFiles: [],
          leaveOut: [],
          guard: { folder: join(temporaryFolder(), 'guard') },
          host: 'here',
          databasePassword: password,
        },
        context(during),
      ),
  }
}

/** Runs, and looks at what was left behind. */
async function failing(at: Scene, work: Promise<unknown>): Promise<Failure> {
  const failure = await failureOf(work)
  expect(at.written()).toEqual([])
  expect(readdirSync(at.temp)).toEqual([])
  expect(JSON.stringify(failure.toProblem())).not.toContain(JSON.stringify(databasePassword).slice(1, -1))
  return failure
}

function as(database: Partial<Database>): LabbookSource {
  return { ...source, database: { ...source.database, ...database } }
}

/** A user of the database with these rights and without a password. */
function user(name: string, ...grants: string[]): LabbookSource {
  server.sql(
    [`CREATE USER ${name}@localhost`, ...grants.map((grant) => `GRANT ${grant} TO ${name}@localhost`)].join(';'),
  )
  return as({ user: name })
}

describe('before anything is read', () => {
  test('a wrong password, or none', async () => {
    for (const password of ['wrong', '']) {
      const at = scene()
      expect(await failing(at, at.run(source, password))).toMatchObject({
        code: 'database-denied',
        details: { user: 'labbook', server: server.socket },
      })
    }
  })

  test('no such database', async () => {
    const at = scene()
    const failure = await failing(at, at.run(as({ name: 'NOPE', user: 'root' }), ''))
    expect(failure).toMatchObject({ code: 'database-missing', details: { database: 'NOPE' } })
  })

  test('no server', async () => {
    const at = scene()
    for (const where of [
      { socket: join(at.temp, 'nothing.sock') },
      { socket: undefined, host: '127.0.0.1', port: 1 },
    ]) {
      const { socket, ...rest } = source.database
      const failure = await failing(at, at.run({ ...source, database: { ...rest, ...definedOnly(where) } }))
      expect(failure).toMatchObject({ code: 'database-unreachable' })
    }
  })

  test('localhost is the socket that the environment names', async () => {
    const { socket = '', ...rest } = source.database
    vi.stubEnv('MYSQL_UNIX_PORT', socket)
    const at = scene()
    await at.run({ ...source, database: { ...rest, host: 'localhost' } })
    const session = await openSession({
      database: { ...rest, host: 'localhost' },
      password: databasePassword,
      temp: at.temp,
    })
    expect(await session.rows('SELECT 1')).toEqual([['1']])
    await session.close()
  })

  test('no client program', async () => {
    const at = scene()
    vi.stubEnv('PATH', temporaryFolder())
    expect(await failing(at, at.run())).toMatchObject({ code: 'tool-missing', details: { tool: 'mariadb-dump' } })
  })

  test('rights that are missing are named: without them a dump would silently be incomplete', async () => {
    const cases: [LabbookSource, string[]][] = [
      [user('some', 'SELECT ON SIGL.patient'), ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT', 'SELECT ON mysql.proc']],
      [user('reader', 'SELECT, SHOW VIEW, EVENT ON SIGL.*', 'SELECT ON mysql.proc'), ['TRIGGER']],
      [user('blind', 'SELECT, SHOW VIEW, EVENT, TRIGGER ON SIGL.*'), ['SELECT ON mysql.proc']],
      [user('every', 'ALL ON SIGL.*'), ['SELECT ON mysql.proc']],
    ]
    for (const [from, rights] of cases) {
      const at = scene()
      expect(await failing(at, at.run(from, ''))).toMatchObject({ code: 'database-rights', details: { rights } })
    }
    const at = scene()
    expect(await failing(at, at.run(user('nobody_'), ''))).toMatchObject({ code: 'database-missing' })
  })

  test('who has all rights on a database that is his own needs no more', async () => {
    server.sql('CREATE DATABASE own_1; CREATE TABLE own_1.t (a INT) ENGINE=MyISAM')
    const from = user('owner', 'ALL ON `own\\_1`.*')
    const findings = await openSource(
      { ...from, database: { ...from.database, name: 'own_1' } },
      { leaveOut: [], temp: temporaryFolder() },
    ).check()
    expect(findings.map((finding) => [finding.level, finding.code])).toEqual([
      ['info', 'database-ready'],
      ['info', 'database-tables'],
    ])
  })

  test('a login that no option file can carry', async () => {
    const at = scene()
    expect(await failing(at, at.run(source, 'x'.repeat(5000)))).toMatchObject({ code: 'bad-input' })
  })
})

function definedOnly<T extends object>(value: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never
}

describe('in the middle of it', () => {
  test('the server is killed', async () => {
    const at = scene()
    let killed: Promise<void> | undefined
    const during = () => {
      killed ??= server.kill()
    }
    const failure = await failing(at, at.run(source, databasePassword, during))
    await killed
    await server.start()
    expect(failure).toMatchObject({ code: 'dump-failed', details: { database: 'SIGL' } })
    expect(failure.details.reason).toMatch(/Lost connection.*`big`/)
  })

  test('a view that does not work any more is named', async () => {
    server.sql('CREATE TABLE gone (a INT); CREATE VIEW broken AS SELECT a FROM gone; DROP TABLE gone', 'SIGL')
    const at = scene()
    const failure = await failing(at, at.run())
    expect(failure).toMatchObject({ code: 'dump-failed' })
    expect(failure.details.reason).toContain('broken')
    server.sql('DROP VIEW broken', 'SIGL')
  })

  test('it is cancelled', async () => {
    const at = scene()
    const controller = new AbortController()
    const context = { ...at.context(() => controller.abort()), signal: controller.signal }
    const work = openSource(source, { leaveOut: [], temp: at.temp, databasePassword }).items(context)
    expect(await failing(at, work[Symbol.asyncIterator]().next())).toMatchObject({ code: 'cancelled' })
  })

  test('the temporary space is too small, or fills up', async () => {
    requireRoot()
    const at = scene(tmpfsFolder(4))
    expect(await failing(at, at.run())).toMatchObject({ code: 'temporary-space', details: { path: at.temp } })
    const source4 = openSource(source, { leaveOut: [], temp: at.temp, databasePassword })
    const begun = source4.items(at.context())[Symbol.asyncIterator]().next()
    expect(await failing(at, begun)).toMatchObject({ code: 'temporary-space', details: { path: at.temp } })
  })

  test('several databases need the room of the largest one, whatever they have together', async () => {
    requireRoot()
    server.sql('CREATE DATABASE twin; CREATE TABLE twin.big AS SELECT * FROM SIGL.big')
    const { database } = user('reads_all', 'SELECT, SHOW VIEW, TRIGGER, EVENT ON *.*')
    const { name: _, ...login } = database
    // Each dump has 40 MB.
    const at = scene(tmpfsFolder(60))
    const saved = await at.run({ kind: 'mysql', server: login, databases: ['SIGL', 'twin'] }, '')
    server.sql('DROP DATABASE twin')
    expect(saved).toMatchObject({ files: 3 })
    expect((saved as { bytes: number }).bytes).toBeGreaterThan(80_000_000)
    expect(readdirSync(at.temp)).toEqual([])
  })
})

describe('the password', () => {
  test('is in a private file while the database is saved, in no argument and no environment, and afterwards nowhere', async () => {
    const at = scene()
    let looks = 0
    const during = () => {
      if (looks++ > 0) return
      const lines = commandLines()
      const clients = lines.filter((text) => text.includes('mariadb-dump\0--defaults-file='))
      expect(clients.length).toBeGreaterThan(0)
      for (const text of lines) expect(text).not.toContain(databasePassword)
      const [file] = files(at.temp).filter((path) => path.endsWith('.cnf'))
      expect(statSync(file ?? '').mode & 0o777).toBe(0o600)
      expect(files(at.temp).filter((path) => path.endsWith('.sql'))).toEqual([])
    }
    const calls = recordedCalls()
    await at.run(source, databasePassword, during)
    const told = readFileSync(calls, 'utf8')
    expect(told.match(/--defaults-file=/g)?.length).toBeGreaterThan(3)
    expect(told).not.toContain(databasePassword)
    expect(looks).toBeGreaterThan(1)
    expect(files(at.temp)).toEqual([])
    expect(at.written()).toContainEqual(expect.stringMatching(/^backup_v30_SIGL_/))
    for (const path of files(at.stick)) expect(readFileSync(path).includes(databasePassword)).toBe(false)
  })

  test.each([
    ['a space', ' '],
    ['a quote', '"'],
    ['single quotes', "'quoted'"],
    ['double quotes', '"quoted"'],
    ['a backslash', '\\'],
    ['an escape', 'a\\nb'],
    ['control characters', 'a\nb\tc\rd\be'],
    ['a comment', '# no comment ; %s = [client]'],
    ['many characters', 'x'.repeat(900)],
    ['letters of all kinds', 'é漢🙂\u00a0'],
  ])('with %s reaches the server as it is', async (_, password) => {
    const hex = Buffer.from(password).toString('hex')
    server.sql(
      `SET NAMES utf8mb4; SET @set = CONCAT('ALTER USER labbook@localhost IDENTIFIED BY ', QUOTE(CONVERT(0x${hex} USING utf8mb4)));
       PREPARE statement FROM @set; EXECUTE statement`,
    )
    const means = { leaveOut: [], temp: temporaryFolder(), databasePassword: password }
    expect((await openSource(source, means).check())[0]).toMatchObject({ code: 'database-ready' })
    const denied = await openSource(source, { ...means, databasePassword: `${password}x` }).check()
    expect(denied).toMatchObject([{ code: 'database-denied' }])
  })
})

/** The clients hide a password among their arguments as soon as they run: so these note what they were given, and become the real ones. */
function recordedCalls(): string {
  const folder = temporaryFolder()
  const log = join(folder, 'log')
  for (const name of ['mariadb', 'mariadb-dump']) {
    const program = execFileSync('which', [name], { encoding: 'utf8' }).trim()
    const script = `#!/bin/sh\n{ printf '%s\\n' "$@"; env; } >> '${log}'\nexec '${program}' "$@"\n`
    writeFileSync(join(folder, name), script, { mode: 0o755 })
  }
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
  return log
}

/** Of every process. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [readFileSync(`/proc/${name}/cmdline`, 'utf8')]
      } catch {
        // It has ended, or belongs to somebody else.
        return []
      }
    })
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
