// A MariaDB server of a test's own: data folder and socket in a temporary folder, no network, started and stopped here.
// Guarantees: nothing of the system's own server is touched; it runs as the user mysql where the tests run as root; nothing outlives `remove`.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Mariadb {
  readonly socket: string
  /** Runs SQL as root and gives what is printed, columns divided by tabs. */
  sql(text: string, database?: string): string
  /** Loads a file of SQL as LabBook's own tool does; an error is thrown with the client's words. */
  load(file: string, database: string): void
  start(): Promise<void>
  /** Ends it at once, in the middle of what it does. */
  kill(): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

const asMysql = process.getuid?.() === 0 ? ['--user=mysql'] : []

export async function startMariadb(): Promise<Mariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'arche-mariadb-'))
  chmodSync(folder, 0o755)
  const data = join(folder, 'data')
  const socket = join(folder, 'server.sock')
  const client = ['--no-defaults', `--socket=${socket}`, '--user=root', '--default-character-set=utf8mb4']
  let server: ChildProcess | undefined

  if (asMysql.length > 0) execFileSync('chown', ['mysql', folder])
  const made = spawnSync(
    'mariadb-install-db',
    [
      '--no-defaults',
      ...asMysql,
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ],
    { encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`mariadb-install-db: ${made.error ?? made.stdout + made.stderr}`)

  async function start(): Promise<void> {
    const child = spawn(
      'mariadbd',
      ['--no-defaults', ...asMysql, `--datadir=${data}`, '--skip-networking', `--socket=${socket}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    server = child
    for await (const line of createInterface({ input: child.stderr })) {
      if (!line.includes('ready for connections')) continue
      child.stderr.resume()
      return
    }
    throw new Error('mariadbd ended before it was ready')
  }

  async function stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill(signal)
    await ended
  }

  await start()
  return {
    socket,
    start,
    kill: () => stop('SIGKILL'),
    sql: (text, database = '') =>
      execFileSync('mariadb', [...client, '--batch', '--raw', '--skip-column-names', ...(database ? [database] : [])], {
        encoding: 'utf8',
        input: text,
        stdio: ['pipe', 'pipe', 'pipe'],
      }).trimEnd(),
    load: (file, database) =>
      void execFileSync('mariadb', [...client, '--max-allowed-packet=512M', database], {
        input: readFileSync(file),
        stdio: ['pipe', 'ignore', 'pipe'],
      }),
    async remove() {
      await stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
