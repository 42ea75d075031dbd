// A large dump goes through to the server with little memory: in a process of its own, so that nobody else's memory counts.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { figure, rounds } from '../support/campaign.ts'
import { compile } from '../support/compile.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { makeServer, sceneDatabase } from '../support/server-scene.ts'

const megabytes = rounds(200, 4000)

let server: Mariadb
let work: string

beforeAll(async () => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'arche-server-large-')))
  mkdirSync(join(work, 'temp'))
  server = await startMariadb()
  makeServer(server, work)
})

afterAll(async () => {
  await server.remove()
  rmSync(work, { recursive: true, force: true })
})

it('a large dump needs no more memory than a small one', async () => {
  const program = await compile('server-large')
  const out = execFileSync(process.execPath, [program, work, server.socket, String(megabytes)], { encoding: 'utf8' })
  const { size, memory, before } = JSON.parse(out) as { size: number; memory: number; before: number }
  expect(size).toBeGreaterThan(megabytes * 1024 * 1024)
  expect(memory - before, out).toBeLessThan(48)
  const [rows = '', text = ''] = server
    .sql('SELECT COUNT(*), MAX(text) FROM large WHERE LENGTH(body) = 32768', sceneDatabase)
    .split('\t')
  expect(Number(rows)).toBeGreaterThan(megabytes)
  figure('MB restored', megabytes)
  expect(text.startsWith("l’été n°1; -- ' '")).toBe(true)
})
