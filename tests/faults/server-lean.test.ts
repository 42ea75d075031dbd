// What the program itself takes in memory for a server's backup and restore: no more for a large database than for a small one, and less than a
// server can spare. The most that the process ever had is what the system says of it when it ends.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { arche, type Place, passwords, place } from '../support/arche.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'

const limit = 200

let server: Mariadb
let at: Place
let peaks: string

beforeAll(async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'arche-server-lean-')))
  at = place(folder)
  peaks = join(folder, 'peaks')
  for (const name of ['peaks', 'storage/report', 'storage/upload', 'storage/resource', 'stick'])
    mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(
    join(folder, 'peak.cjs'),
    `if (require('node:worker_threads').isMainThread) process.on('exit', () =>
       require('node:fs').writeFileSync(${JSON.stringify(`${peaks}/`)} + process.pid, String(process.resourceUsage().maxRSS / 1024)))`,
  )
  server = await startMariadb()
  server.sql("CREATE USER lab@localhost IDENTIFIED BY 'lab'; GRANT ALL ON *.* TO lab@localhost")
  for (const words of [['init'], ['medium', 'init', 'stick', '--name', 'stick', '--yes']])
    expect(await arche(at, words)).toMatchObject({ code: 0 })
})

afterAll(async () => {
  await server.remove()
  rmSync(at.folder, { recursive: true, force: true })
})

/** The most memory of a command that must go well, in MiB. */
async function peakOf(words: readonly string[]): Promise<number> {
  for (const name of readdirSync(peaks)) rmSync(join(peaks, name))
  const env = { ...passwords, ARCHE_DATABASE_PASSWORD: 'lab', NODE_OPTIONS: `--require=${join(at.folder, 'peak.cjs')}` }
  const { code, err } = await arche(at, words, { env })
  expect(code, err).toBe(0)
  return Math.max(...readdirSync(peaks).map((name) => Number(readFileSync(join(peaks, name), 'utf8'))))
}

it('a hundred megabytes of rows are backed up and restored in less than two hundred', async () => {
  server.sql(
    `CREATE DATABASE large; USE large; CREATE TABLE t (id INT PRIMARY KEY, at DATETIME, code VARCHAR(40), text TEXT) ENGINE=InnoDB;
     INSERT INTO t SELECT seq, NOW(), MD5(seq), CONCAT('l’été n°', seq, '; -- '' ', REPEAT(MD5(seq + 1), 5)) FROM seq_1_to_400000;`,
  )
  const login = ['--db-user', 'lab', '--db-socket', server.socket]
  const backup = await peakOf([
    'backup',
    '--labbook',
    'storage',
    '--database',
    'large',
    ...login,
    '--to',
    'stick',
    '--yes',
  ])
  mkdirSync(join(at.folder, 'target'))
  const target = ['--labbook', 'target', '--database', 'copy', ...login]
  const restore = await peakOf(['restore', 'latest', '--from', 'stick', ...target, '--yes'])
  expect(server.sql('CHECKSUM TABLE copy.t')).toBe(server.sql('CHECKSUM TABLE large.t').replace('large.', 'copy.'))
  expect({ backup: backup < limit, restore: restore < limit }, `${backup}, ${restore}`).toEqual({
    backup: true,
    restore: true,
  })
})
