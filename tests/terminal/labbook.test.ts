// A LabBook server backed up from a terminal: one line, the database's password in every way it can come, and the plan that stays.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabbookSource } from '../../core/api/sources/labbook.ts'
import { arche, atTerminal, jsonLines, passwords } from '../support/arche.ts'
import { goldenKeys, goldenPassword } from '../support/golden.ts'
import { databasePassword, labbookServer } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { archives, preparedOnce, type Scene, scene } from './prepared.ts'

preparedOnce()

const given = { ...passwords, ARCHE_DATABASE_PASSWORD: databasePassword }
let base: string
let server: Mariadb
let source: LabbookSource

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'arche-labbook-'))
  server = await startMariadb()
  source = labbookServer(server, base)
})

afterAll(async () => {
  await server.remove()
  rmSync(base, { recursive: true, force: true })
})

function line(...more: string[]): string[] {
  const { name, user, socket = '' } = source.database
  return ['backup', '--labbook', source.storage, '--database', name, '--db-user', user, '--db-socket', socket, ...more]
}

async function plans(at: Scene): Promise<unknown> {
  return jsonLines((await arche(at, ['plan', 'list', '--json'])).out)[0]?.plans
}

describe('a LabBook server', () => {
  it('is backed up in one line, and again by the name of its plan', async () => {
    const at = scene()
    const first = await arche(at, line('--to', 'stick', '--yes'), { env: given })
    expect(first, first.err).toMatchObject({ code: 0 })
    expect(archives(at.stick)).toEqual([expect.stringMatching(/^backup_v30_SIGL_/)])
    expect(await plans(at)).toMatchObject([{ name: 'LabBook', source }])
    const { err, code, out } = await arche(
      at,
      ['backup', '--plan', 'LabBook', '--to', 'stick', '--yes', '--json', '--database-password-fd', '3'],
      { descriptors: [databasePassword] },
    )
    expect(code, err).toBe(0)
    expect(jsonLines(out).at(-1)).toMatchObject({ type: 'result', outcome: 'success' })
    expect((await arche(at, line('--to', 'stick', '--yes'), { env: given })).code).toBe(0)
    expect(await plans(at)).toHaveLength(1)
    expect(archives(at.stick)).toHaveLength(3)

    const shown = await arche(at, ['plan', 'show', 'LabBook'])
    expect(shown.out).toContain(source.storage)
    expect(shown.out).toContain(`labbook@${server.socket}`)
    expect((await arche(at, ['plan', 'list'])).out).toContain(`${source.storage}, SIGL`)
    expect((await arche(at, ['plan', 'forget', 'LabBook'])).code).toBe(10)
    expect((await arche(at, ['plan', 'remove', 'LabBook', '--yes'])).code).toBe(0)
  })

  it('asks for the password of the database where the server wants one, and again after a wrong one', async () => {
    const at = scene()
    const terminal = atTerminal(at, line('--to', 'stick'))
    await terminal.seen('Password of “labbook” for the database “SIGL”:')
    terminal.type('wrong')
    await terminal.seen('refuses this password')
    await terminal.seen('Password of “labbook” for the database “SIGL”:')
    // A terminal takes Tab for itself.
    server.sql("SET PASSWORD FOR labbook@localhost = PASSWORD('by hand é')")
    terminal.type('by hand é')
    await terminal.seen('read back and compared')
    const { code, screen } = await terminal.ended
    expect(code).toBe(0)
    expect(screen).not.toContain('by hand')
    const hex = Buffer.from(databasePassword).toString('hex')
    server.sql(
      `SET NAMES utf8mb4; SET @set = CONCAT('ALTER USER labbook@localhost IDENTIFIED BY ', QUOTE(CONVERT(0x${hex} USING utf8mb4)));
       PREPARE statement FROM @set; EXECUTE statement`,
    )
  })

  it('without anybody to ask says which password is missing, or wrong; nothing is written', async () => {
    const at = scene()
    const missing = await arche(at, line('--to', 'stick', '--yes'))
    expect(missing).toMatchObject({ code: 4, err: expect.stringContaining('ARCHE_DATABASE_PASSWORD') })
    const wrong = await arche(at, line('--to', 'stick', '--yes'), {
      env: { ...passwords, ARCHE_DATABASE_PASSWORD: 'wrong' },
    })
    expect(wrong).toMatchObject({ code: 4, err: expect.stringContaining('refuses the user “labbook”') })
    expect(archives(at.stick)).toEqual([])
    expect(await plans(at)).toEqual([])
  })

  it('is described completely or not at all', async () => {
    const at = scene()
    for (const [words, said] of [
      [['backup', '--labbook', 'docs'], '--database'],
      [['backup', 'docs', '--database', 'SIGL'], '--labbook'],
      [line('docs'), '--labbook'],
      [line('--db-host', 'here'), '--db-socket'],
      [['backup', '--labbook', 'docs', '--database', 'S', '--db-port', 'x'], '--db-port'],
    ] as const)
      expect(await arche(at, words), words.join(' ')).toMatchObject({ code: 2, err: expect.stringContaining(said) })
  })

  it('brings its keys along', async () => {
    const at = scene()
    cpSync(goldenKeys, join(at.folder, 'keys'), { recursive: true })
    const env = { ...passwords, ARCHE_KEY_PASSWORD: goldenPassword }
    const imported = await arche(at, ['key', 'import', 'keys', '--no-recipients'], { env })
    expect(imported, imported.err).toMatchObject({ code: 0, out: expect.stringContaining('25D5CE4B4060C35D79F06C54') })
    expect(imported.err).toContain('arche key use')
    const used = await arche(at, ['key', 'use', '786C551F8E'])
    expect(used, used.err).toMatchObject({ code: 0, out: expect.stringContaining('25D5 CE4B') })
    expect(await arche(at, ['key', 'import', 'keys', '--no-recipients'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('No key was imported'),
    })
  })
})
