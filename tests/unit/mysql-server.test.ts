// How a database server is reached, by whose programs, and what is said of its errors: with stand-ins for the client programs, without a server.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Database, hostOf, sameDatabase } from '../../core/api/database.ts'
import { describe as inWords } from '../../core/api/text/text.ts'
import { openClient } from '../../core/databases/mysql/client.ts'
import { StatementError } from '../../core/databases/mysql/session.ts'
import { causeOf } from '../../core/restore/cause.ts'
import { loginNamed } from '../../core/terminal/commands/server-options.ts'

const login = { name: 'SIGL', user: 'labbook' }

describe('the address of a server', () => {
  it('localhost without a port is its socket, as for the programs of MySQL', () => {
    expect(hostOf({ ...login, host: 'localhost' })).toBeUndefined()
    expect(hostOf(login)).toBeUndefined()
    expect(hostOf({ ...login, host: 'localhost', port: 3306 })).toBe('localhost')
    expect(hostOf({ ...login, port: 3307 })).toBe('127.0.0.1')
    expect(hostOf({ ...login, host: '127.0.0.1' })).toBe('127.0.0.1')
    expect(sameDatabase({ ...login, host: 'localhost' }, login)).toBe(true)
    expect(sameDatabase({ ...login, host: 'localhost', port: 3306 }, login)).toBe(false)
    expect(sameDatabase(undefined, login)).toBe(false)
  })

  it('localhost with a socket says nothing twice', () => {
    expect(loginNamed({ dbUser: 'u', dbHost: 'localhost', dbSocket: '/s' }, 'arche backup')).toMatchObject({
      socket: '/s',
    })
    expect(() => loginNamed({ dbHost: 'localhost', dbPort: '1', dbSocket: '/s' }, 'arche backup')).toThrow()
    expect(() => loginNamed({ dbHost: 'db', dbSocket: '/s' }, 'arche backup')).toThrow()
    expect(Database.safeParse({ ...login, host: 'localhost', socket: '/s' }).success).toBe(true)
    expect(Database.safeParse({ ...login, host: 'db', socket: '/s' }).success).toBe(false)
  })
})

describe('the client programs', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'arche-clients-'))
  })

  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  /** A program that tells its version, or what the server is; `server` undefined: it cannot log in. */
  function program(name: string, version: string, server: string | undefined): void {
    const answer = server === undefined ? 'echo "ERROR 2059 (HY000): plugin" >&2; exit 1' : `echo '${server}'`
    writeFileSync(
      join(folder, name),
      `#!/bin/sh\ncase "$*" in *--version*) echo '${version}';; *) ${answer};; esac\n`,
      {
        mode: 0o755,
      },
    )
  }

  async function chosen(mariadb: string | undefined, mysql: string | undefined): Promise<string> {
    for (const name of ['mariadb', 'mariadb-dump'])
      program(name, `${name} Ver 15.1 Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)`, mariadb)
    for (const name of ['mysql', 'mysqldump']) program(name, `${name}  Ver 9.7.4 for Linux on x86_64`, mysql)
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
    const client = await openClient({ database: login, temp: folder })
    await client.close()
    return client.tools.dump
  }

  it("are those of the server's own maker", async () => {
    expect(await chosen('9.7.4', '9.7.4')).toBe('mysqldump')
    expect(await chosen('10.11.19-MariaDB', '10.11.19-MariaDB')).toBe('mariadb-dump')
    // One of them may not know how this server lets people in.
    expect(await chosen(undefined, '8.4.0')).toBe('mysqldump')
    expect(await chosen(undefined, undefined)).toBe('mariadb-dump')
  })
})

describe('what the server says', () => {
  it('has a hint of its own where people can do something', () => {
    const busy = new StatementError(1205, 'Lock wait timeout exceeded', { cause: undefined })
    expect(busy.details).toEqual({ reason: 'Lock wait timeout exceeded', why: 'busy' })
    const about = causeOf({ code: 'x' })
    expect(about).not.toHaveProperty('why')
    for (const [language, words] of [
      ['en', /stop LabBook/],
      ['fr', /arrêtez LabBook/],
    ] as const)
      for (const code of ['load-failed', 'switch-failed', 'restore-rolled-back'] as const)
        expect(inWords({ code, details: busy.details }, language).hint).toMatch(words)
    expect(inWords({ code: 'switch-failed', details: { reason: 'x' } }, 'en').hint).not.toMatch(/LabBook/)
  })
})
