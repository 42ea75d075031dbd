// LabBook backups restored to a server from a terminal: each sample medium into an empty server with one line, the questions before something is
// replaced, the password of the database, and the way back.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { arche, atTerminal, passwords } from '../support/arche.ts'
import { golden, goldenPassword as key } from '../support/golden.ts'
import { contentOf } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { preparedOnce, type Scene, scene } from './prepared.ts'

preparedOnce()

const env = { ...passwords, ARCHE_KEY_PASSWORD: key }

let server: Mariadb
let base: string
let expected: string

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'arche-restore-server-'))
  server = await startMariadb()
  server.sql('CREATE DATABASE expected CHARACTER SET utf8 COLLATE utf8_unicode_ci')
  server.load(join(golden, 'expected-dump.sql'), 'expected')
  expected = contentOf(server, 'expected')
  server.sql("CREATE USER labbook@localhost IDENTIFIED BY 'geheim é'; GRANT ALL ON SIGL.* TO labbook@localhost")
})

afterAll(async () => {
  await server.remove()
  rmSync(base, { recursive: true, force: true })
})

afterEach(() => {
  const names = server.sql(
    "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'SIGL' OR SCHEMA_NAME LIKE 'arche%'",
  )
  for (const name of names.split('\n').filter((one) => one !== '')) server.sql(`DROP DATABASE ${name}`)
})

function empty(fresh = true): Scene {
  const at = scene({ fresh })
  cpSync(golden, join(at.folder, 'media'), { recursive: true })
  return at
}

function line(artifact: string, medium: string, user = 'root'): string[] {
  return [
    ...['restore', artifact, '--from', `media/${medium}`, '--labbook', 'storage', '--database', 'SIGL'],
    ...['--db-user', user, '--db-socket', server.socket],
  ]
}

describe('restore to a server', () => {
  it.each([
    ['latest', 'v30', true],
    ['latest', 'v29', true],
    ['latest', 'v25', false],
    ['backup_SIGL_2018-04-13_15h58m51s.tar.gz', 'mixed', false],
  ])('%s of %s, into an empty server, with nothing set up before', async (artifact, medium, documents) => {
    const at = empty()
    const { code, err, out } = await arche(at, [...line(artifact, medium), '--yes'], { env })
    expect(code, err).toBe(0)
    expect(err).toContain('no such database yet')
    expect(out).toContain('arche restore --undo')
    expect(contentOf(server, 'SIGL')).toBe(expected)
    expect(existsSync(join(at.folder, 'storage/report/cr_1.pdf'))).toBe(documents)
  })

  it('asks for the database password, names missing rights, wants a typed word before it replaces, and goes back', async () => {
    const at = empty(false)
    const fresh = atTerminal(at, line('latest', 'v30', 'labbook'), { env })
    await fresh.seen('Password of “labbook” for the database “SIGL”:')
    fresh.type('geheim é')
    const refused = await fresh.ended
    expect(refused.code).toBe(9)
    expect(refused.screen).toContain('GRANT ALL PRIVILEGES ON `arche\\_%`.*')
    server.sql(
      'GRANT ALL ON `arche\\_%`.* TO labbook@localhost; CREATE DATABASE SIGL; CREATE TABLE SIGL.mine (a INT); INSERT INTO SIGL.mine VALUES (7)',
    )
    mkdirSync(join(at.folder, 'storage/report'), { recursive: true })
    writeFileSync(join(at.folder, 'storage/report/mine'), 'mine')

    const given = { env: { ...env, ARCHE_DATABASE_PASSWORD: 'geheim é' } }
    const again = atTerminal(at, line('latest', 'v30', 'labbook'), given)
    await again.seen('Type “replace” to go on')
    again.type('replace')
    await again.seen('Restore of')
    expect(await again.ended).toMatchObject({ code: 0, screen: expect.stringContaining('Copy made before') })
    expect(contentOf(server, 'SIGL')).toBe(expected)
    const listed = await arche(at, ['list', '--from', join(at.home, 'safety')])
    expect(listed.out).toContain('SIGL, before the restore of backup_v30_SIGL_2026-03-02')

    const undo = await arche(at, ['restore', '--undo', 'latest', '--yes'], given)
    expect(undo.code, undo.err).toBe(0)
    // What was there until now may have been worked with: it is kept, and told.
    expect(undo.out).toContain(join(at.folder, 'storage/.arche-restored-'))
    expect(server.sql('SELECT a FROM SIGL.mine')).toBe('7')
    expect(readFileSync(join(at.folder, 'storage/report/mine'), 'utf8')).toBe('mine')
  })

  it('is described completely or not at all', async () => {
    const at = empty()
    for (const [words, said] of [
      [['restore', 'latest', '--from', 'media/v25', '--server'], '--labbook'],
      [['restore', 'latest', '--from', 'media/v25', '--labbook', 'storage'], '--database'],
      [[...line('latest', 'v25'), '--into', 'x'], '--into'],
      [[...line('latest', 'v25'), '--server', 'x'], '--server'],
    ] as const)
      expect(await arche(at, words, { env }), words.join(' ')).toMatchObject({
        code: 2,
        err: expect.stringContaining(said),
      })
  })
})
