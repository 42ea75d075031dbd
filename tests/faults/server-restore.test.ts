// What goes wrong while a backup is restored to a server, with a real MariaDB: each is a clear failure, and what stood there stands there still.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Problem } from '../../core/api/failure.ts'
import type { ServerContext } from '../../core/restore/server/context.ts'
import { readServerJournal, removeServerJournal, serverJournalsIn } from '../../core/restore/server/journal.ts'
import { recoverServer, undoServer, unfinishedServers } from '../../core/restore/server/server.ts'
import { tmpfsFolder } from '../suites/fixtures/disks.ts'
import { contentOf } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { makeServer, newSql, planScene, restoreScene, sceneDatabase } from '../support/server-scene.ts'
import { picture } from '../support/trees.ts'

let server: Mariadb
let work: string
let old: unknown

beforeAll(async () => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'arche-server-faults-')))
  mkdirSync(join(work, 'temp'))
  server = await startMariadb()
  makeServer(server, work)
  server.sql('CREATE DATABASE other; CREATE TABLE other.precious (a INT); INSERT INTO other.precious VALUES (1)')
  old = state()
})

afterAll(async () => {
  await server.remove()
  rmSync(work, { recursive: true, force: true })
})

afterEach(() => {
  expect(state()).toEqual(old)
  expect(server.sql("SHOW DATABASES LIKE 'arche\\_%'")).toBe('')
  expect(server.sql('SELECT COUNT(*) FROM other.precious')).toBe('1')
  expect(readdirSync(join(work, 'storage')).sort()).toEqual(['report', 'upload'])
  expect(readdirSync(join(work, 'journals'))).toEqual([])
})

function state() {
  return {
    database: contentOf(server, sceneDatabase),
    storage: picture(join(work, 'storage'), { topTime: false, without: (path) => path.startsWith('.arche-') }),
  }
}

interface Watched extends ServerContext {
  readonly warnings: Problem[]
}

function context(
  during: (operation: string, step: string | undefined) => void = () => undefined,
  more: Partial<ServerContext> = {},
): Watched {
  let current = ''
  const warnings: Problem[] = []
  return {
    signal: new AbortController().signal,
    now: Date.now,
    temp: mkdtempSync(join(work, 'temp', 'work-')),
    journals: join(work, 'journals'),
    warnings,
    report: {
      operation: (name) => {
        current = name
        during(name, undefined)
      },
      advance: (_, path) => during(current, path),
      warn: (problem) => warnings.push(problem),
    },
    ...more,
  }
}

async function problemOf(ctx: ServerContext, sql?: string): Promise<Problem> {
  try {
    await restoreScene(work, server.socket, ctx, sql)
  } catch (error) {
    const { code, details } = error as Problem
    return { code, details }
  }
  throw new Error('it succeeded')
}

async function recovered(): Promise<string[]> {
  const outcomes: string[] = []
  for (const journal of unfinishedServers(join(work, 'journals')))
    outcomes.push((await recoverServer(journal, context())).outcome)
  return outcomes
}

describe('a dump that is not good', () => {
  it('stops at the first statement that the server does not accept, and says which', async () => {
    const bad = newSql.replace('INSERT INTO `child` VALUES (9);', "INSERT INTO `child` VALUES ('x', 1);\n")
    expect(await problemOf(context(), bad)).toMatchObject({
      code: 'load-failed',
      details: {
        line: 6,
        statement: expect.stringContaining('INSERT INTO `child`'),
        reason: expect.stringMatching(/column count/i),
      },
    })
  })

  it.each([
    ['\\! touch MARK\nDROP TABLE IF EXISTS x;', 'client-command'],
    ['system touch MARK;', 'client-command'],
    ["SELECT 1 INTO OUTFILE 'MARK';", 'not-of-a-dump'],
    ['USE other; DROP TABLE precious;', 'other-database'],
    ['DROP DATABASE other;', 'other-database'],
    ['DROP TABLE other.precious;', 'other-database'],
    ['DELIMITER ;;\nINSERT INTO child VALUES (9); DROP TABLE other.precious;;\nDELIMITER ;', 'not-of-a-dump'],
    ['/*!40000 DROP TABLE other.precious */;', 'other-database'],
    [
      'CREATE TRIGGER t AFTER INSERT ON child FOR EACH ROW DELETE FROM other.precious;\nINSERT INTO child VALUES (9);',
      'runs-code',
    ],
    ['CREATE VIEW v AS SELECT * FROM other.precious;\nINSERT INTO v VALUES (2);', 'runs-code'],
  ])('that wants more than its database is refused before anything is touched: %s', async (hostile, reason) => {
    const mark = join(work, 'mark')
    const sql = `${newSql}\n${hostile.replace('MARK', mark)}\n`
    expect(await problemOf(context(), sql)).toMatchObject({ code: 'dump-refused', details: { reason } })
    expect(existsSync(mark)).toBe(false)
  })

  it('holds one statement at a time for the server, whatever is believed of it', async () => {
    const sql = `${newSql}\nDELIMITER ;;\nCREATE PROCEDURE x() SELECT 1; DROP TABLE other.precious;;\nDELIMITER ;\n`
    expect(await problemOf(context(), sql)).toMatchObject({ code: 'load-failed' })
  })

  it('is refused where a statement is larger than the server takes, with the value to set', async () => {
    const limit = server.sql('SELECT @@global.max_allowed_packet')
    server.sql('SET GLOBAL max_allowed_packet = 1048576')
    const large = newSql.replace("(9,'new;", `(9,'${'x'.repeat(2_200_000)};`)
    const problem = await problemOf(context(), large)
    server.sql(`SET GLOBAL max_allowed_packet = ${limit}`)
    expect(problem).toMatchObject({
      code: 'load-failed',
      details: { line: 4, why: 'packet', limit: 1_048_575, megabytes: 3 },
    })
  })

  it('is not there', async () => {
    const plan = await planScene(work, server.socket, context().temp)
    expect(plan.findings.map(({ code }) => code)).toEqual(['replaces-server'])
    expect(await problemOf(context(), 'SELECT')).toMatchObject({ code: 'load-failed', details: { reason: 'no-end' } })
  })
})

describe('a server or a login that does not let us', () => {
  it('is found beforehand', async () => {
    server.sql(`CREATE USER poor@localhost; GRANT ALL ON \`${sceneDatabase}\`.* TO poor@localhost`)
    const poor = await planScene(work, server.socket, context().temp, 'poor')
    expect(poor.findings).toMatchObject([
      {
        level: 'error',
        code: 'restore-rights',
        details: { grant: expect.stringContaining("`arche\\_%`.* TO 'poor'@'localhost'") },
      },
      { code: 'replaces-server' },
    ])
    server.sql("GRANT ALL ON `arche\\_%`.* TO poor@localhost; ALTER USER poor@localhost IDENTIFIED BY 'secret'")
    const denied = await planScene(work, server.socket, context().temp, 'poor')
    expect(denied.findings).toMatchObject([{ level: 'error', code: 'database-denied' }, {}])
    const gone = await planScene(work, join(work, 'nowhere.sock'), context().temp)
    expect(gone.findings).toMatchObject([{ level: 'error', code: 'database-unreachable' }, {}])
    server.sql('DROP USER poor@localhost')
  })

  it('gone in the middle of the load leaves nothing, once it is there again', async () => {
    let steps = 0
    const failed = problemOf(
      context((operation) => {
        if (operation === 'load' && ++steps === 5) void server.kill()
      }),
    )
    expect(await failed).toMatchObject({ code: 'database-unreachable' })
    expect(await recovered()).toEqual(['waiting'])
    await server.start()
    expect(await recovered()).toEqual(['rolled-back'])
  })

  it.each(['tables', 'objects', 'switched'])(
    'gone in the middle of the changing over (%s) is taken back later',
    async (at) => {
      let killed: Promise<void> | undefined
      const ctx = context((operation, step) => {
        if (operation === 'switch' && step === at) killed = server.kill()
      })
      const failed = await problemOf(ctx).catch((error) => error)
      await killed
      if (at === 'switched') {
        // Everything was changed over already: only tidying up is left.
        await server.start()
        expect(await recovered()).toEqual(['kept-new'])
        for (const journal of serverJournalsIn(join(work, 'journals'))) {
          const { kept, folders } = await undoServer(journal, context())
          server.sql(`DROP DATABASE ${kept}`)
          for (const folder of folders) rmSync(join(folder, '..'), { recursive: true, force: true })
          removeServerJournal(journal)
        }
        return
      }
      expect(failed).toMatchObject({ code: 'restore-waiting', details: { database: sceneDatabase } })
      expect(await recovered()).toEqual(['waiting'])
      await server.start()
      expect(await recovered()).toEqual(['rolled-back'])
      // Where the restored tables were in place already, somebody may have worked with them.
      for (const journal of serverJournalsIn(join(work, 'journals'))) {
        server.sql(`DROP DATABASE ${readServerJournal(journal)?.head.scratch}`)
        for (const name of readdirSync(join(work, 'storage')).filter((one) => one.startsWith('.arche-')))
          rmSync(join(work, 'storage', name), { recursive: true })
        removeServerJournal(journal)
      }
    },
  )
})

describe('this computer', () => {
  it('without room for the dump says so', async () => {
    const small = tmpfsFolder(2)
    const filler = `INSERT INTO \`fresh\` VALUES ${'(1),'.repeat(800_000)}(1);\n`
    const sql = newSql.replace('/*!50001 CREATE VIEW', `${filler}/*!50001 CREATE VIEW`)
    const ctx = { ...context(), temp: small }
    expect(await problemOf(ctx, sql)).toMatchObject({ code: 'temporary-space' })
  })

  it('changed something meanwhile: nothing is touched', async () => {
    const ctx = context((operation) => {
      if (operation === 'safety') writeFileSync(join(work, 'storage/resource'), 'in the way')
    })
    expect(await problemOf(ctx)).toMatchObject({ code: 'changed' })
    rmSync(join(work, 'storage/resource'))
  })

  it('asked to cancel before the changing over has touched nothing', async () => {
    const controller = new AbortController()
    const ctx = context(
      (operation) => {
        if (operation === 'safety') controller.abort()
      },
      { signal: controller.signal },
    )
    expect(await problemOf(ctx)).toMatchObject({ code: 'cancelled' })
  })
})
