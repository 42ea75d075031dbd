// An SSH server of a test's own: OpenSSH on a free port of this computer, with its own keys and settings, started and stopped here.
// Guarantees: nothing of the system's own server or accounts is touched: as root, accounts are made in copies of /etc/passwd and the like that only this
// server sees (a mount name space); nothing outlives `stop`. Others than root have one account: their own, with a key.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { errnoOf } from '../../core/lib/files.ts'

export interface Account {
  readonly name: string
  readonly password: string
  /** Lines for this user in sshd_config. */
  readonly rules?: readonly string[]
}

export interface SshdOptions {
  readonly accounts?: readonly Account[]
  /** Further lines of sshd_config. */
  readonly config?: readonly string[]
  /** Options of the SFTP server, e.g. `-P posix-rename` to leave a request out. */
  readonly sftp?: string
  /** Kinds of host keys; default ed25519. */
  readonly hostKeys?: readonly KeyType[]
}

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa'

export interface Sshd {
  readonly port: number
  /** Who runs the tests, and the private key that opens that account. */
  readonly user: string
  readonly key: string
  /** A folder that all accounts may use. */
  readonly folder: string
  /** Fingerprint of its host key as ssh-keygen prints it. */
  fingerprint(type?: KeyType): string
  /** Lets whoever has the private half of this key in, as every account. */
  allow(publicKey: string): void
  /** Ends it with all its connections, until `again`. */
  halt(): Promise<void>
  /** Starts it once more, at the same port, unless it runs. */
  again(): Promise<void>
  /** Ends it for good. */
  stop(): Promise<void>
}

/** Where an account can be caged: sshd wants all folders above to be writable by root only. Below it is `files`. */
export const cage = '/mnt'

/** User ids of the accounts: nobody else's. */
const firstId = 64_100

/** A private key as text. `options` of ssh-keygen, e.g. `-m PEM`. */
export function makeKey(file: string, type: KeyType, passphrase = '', options: readonly string[] = []): string {
  const size = type === 'rsa' ? ['-b', '2048'] : []
  execFileSync('ssh-keygen', ['-q', '-t', type, ...size, '-N', passphrase, '-C', 'test', '-f', file, ...options])
  return readFileSync(file, 'utf8')
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'arche-sshd-'))
  chmodSync(root, 0o755)
  const folder = join(root, 'files')
  mkdirSync(folder)
  chmodSync(folder, 0o777)
  const types = options.hostKeys ?? ['ed25519']
  for (const type of types) makeKey(join(root, `host-${type}`), type)
  const key = makeKey(join(root, 'user-key'), 'ed25519')
  writeFileSync(join(root, 'authorized'), readFileSync(join(root, 'user-key.pub')))
  const first = await started(root, options)
  const { port } = first
  let child = first.child
  const halt = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    // It must not begin another connection while its children are looked for.
    process.kill(child.pid ?? 0, 'SIGSTOP')
    for (const pid of family(child.pid ?? 0)) unlessGone(() => process.kill(pid, 'SIGKILL'))
    await ended
  }
  return {
    port,
    halt,
    async again() {
      if (child.exitCode === null && child.signalCode === null) return
      child = run(root, join(root, 'sshd_config'), options.accounts ?? [])
      const said = await listening(child)
      if (said !== undefined) throw new Error(`sshd did not come up again: ${said}`)
    },
    user: userInfo().username,
    key,
    folder,
    fingerprint: (type = 'ed25519') =>
      execFileSync('ssh-keygen', ['-l', '-f', join(root, `host-${type}.pub`)], { encoding: 'utf8' }).split(' ')[1] ??
      '',
    allow: (publicKey) => appendFileSync(join(root, 'authorized'), publicKey),
    async stop() {
      await halt()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** On a port that was free a moment ago: where somebody else has got it since (each connection of this computer takes one), on another one. */
async function started(root: string, options: SshdOptions): Promise<{ child: ChildProcess; port: number }> {
  const config = join(root, 'sshd_config')
  for (;;) {
    const port = await freePort()
    writeFileSync(config, settings(root, port, options).join('\n'))
    const child = run(root, config, options.accounts ?? [])
    const said = await listening(child)
    if (said === undefined) return { child, port }
    if (!said.includes('Address already in use')) throw new Error(`sshd ended before it was ready: ${said}`)
  }
}

function settings(
  root: string,
  port: number,
  { accounts = [], config = [], sftp = '', hostKeys = ['ed25519'] }: SshdOptions,
): string[] {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((type) => `HostKey ${join(root, `host-${type}`)}`),
    `AuthorizedKeysFile ${join(root, 'authorized')}`,
    `PidFile ${join(root, 'pid')}`,
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    `UsePAM ${accounts.length > 0 ? 'yes' : 'no'}`,
    'MaxStartups 100',
    // In a file of its own, so that its threads and options are those of an ordinary server.
    `Subsystem sftp internal-sftp ${sftp}`,
    ...config,
    ...accounts.flatMap(({ name, rules = [] }) => [`Match User ${name}`, ...rules.map((rule) => `  ${rule}`)]),
    '',
  ]
}

function run(root: string, config: string, accounts: readonly Account[]): ChildProcess {
  const sshd = execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v sshd'], { encoding: 'utf8' }).trim()
  const serve = [sshd, '-D', '-e', '-f', config]
  // Where its unprivileged part lives; the service of the system makes it at every start.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  const [command = '', ...args] =
    accounts.length > 0 ? ['unshare', '--mount', 'sh', '-c', hiding(root, accounts), 'sh', ...serve] : serve
  return spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** A script that lays files with our accounts over those of the system, for itself alone, and runs its arguments. */
function hiding(root: string, accounts: readonly Account[]): string {
  const lines = (file: string, made: (account: Account, id: number) => string) => {
    const own = accounts.map((account, index) => made(account, firstId + index))
    writeFileSync(join(root, file), `${readFileSync(`/etc/${file}`, 'utf8')}${own.join('\n')}\n`, {
      mode: file === 'shadow' ? 0o600 : 0o644,
    })
  }
  lines('passwd', ({ name }, id) => `${name}:x:${id}:${id}::${join(root, 'files')}:/bin/sh`)
  lines('group', ({ name }, id) => `${name}:x:${id}:`)
  lines('shadow', ({ name, password }) => `${name}:${hashed(password)}:19000:0:99999:7:::`)
  // What the system lets an SSH login do besides (limits, messages of the day) is no matter here.
  const pam = [
    'auth required pam_unix.so nodelay',
    'account required pam_permit.so',
    'session required pam_permit.so',
    '',
  ]
  writeFileSync(join(root, 'pam'), pam.join('\n'))
  const over = { passwd: '/etc/passwd', group: '/etc/group', shadow: '/etc/shadow', pam: '/etc/pam.d/sshd', '.': cage }
  const mounts = Object.entries(over).map(([file, path]) => `mount --bind ${join(root, file)} ${path}`)
  return [...mounts, 'exec "$@"'].join(' && ')
}

function hashed(password: string): string {
  return execFileSync('openssl', ['passwd', '-6', '-stdin'], { encoding: 'utf8', input: password }).trim()
}

/** The process and all below it: each connection is one or two, in groups of their own. */
function family(pid: number): number[] {
  const listed = unlessGone(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) ?? ''
  return [pid, ...listed.split(' ').filter(Boolean).map(Number).flatMap(family)]
}

/** A connection that a store has just closed ends while it is looked for. */
function unlessGone<T>(deed: () => T): T | undefined {
  try {
    return deed()
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

/** Resolves once connections are taken; with its words when it has ended instead. */
async function listening(child: ChildProcess): Promise<string | undefined> {
  const said: string[] = []
  if (!child.stderr) throw new Error('no pipe')
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line)
    if (!line.startsWith('Server listening')) continue
    child.stderr.resume()
    return undefined
  }
  return said.join('\n')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
