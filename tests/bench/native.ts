// The standard tools: the pipelines that Arche is measured against, and the checks of what it made.
// Guarantees: a pipeline counts only when every program in it succeeded; GnuPG has a home of its own with only the backup key.
import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

export interface Native {
  /** GnuPG's home; short, because it holds sockets. */
  readonly gnupg: string
  readonly fingerprint: string
  readonly keyPassword: string
}

/** Seconds on the clock, and of all processors together. */
export interface Times {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Runs a shell line in which each word of `values` stands as "$name". Returns its times and what it printed. */
function shell(line: string, values: Readonly<Record<string, string>>): Times & { output: string } {
  const started = performance.now()
  const result = spawnSync('bash', ['-c', `set -o pipefail; ${line}\nstatus=$?; times >&3; exit $status`], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ...values },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  const seconds = (performance.now() - started) / 1000
  if (result.error) throw result.error
  if (result.status !== 0)
    throw new Error(
      `${line}\nended with ${result.status}: ${result.stderr.slice(-2000)}${result.stdout.slice(0, 2000)}`,
    )
  return { seconds, cpuSeconds: cpuOf(result.output[3] ?? ''), output: result.stdout }
}

/** What bash's `times` says of its children: `0m1.500s 0m0.250s` in the second line. */
function cpuOf(times: string): number {
  const parts = [...(times.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}

const gpg = 'gpg --batch --quiet --trust-model always'
const decrypt = `${gpg} --pinentry-mode loopback --passphrase "$password" --decrypt "$archive"`

function gpgValues({ gnupg, fingerprint, keyPassword }: Native): Record<string, string> {
  return { GNUPGHOME: gnupg, fingerprint, password: keyPassword }
}

/** Imports the key pair that Arche made; `keys`: the folder of its data folder. */
export function importKeys(native: Native, keys: string): void {
  mkdirSync(native.gnupg, { mode: 0o700 })
  for (const name of readdirSync(keys).filter((file) => file.endsWith('.asc')))
    shell(`${gpg} --pinentry-mode loopback --passphrase "$password" --import "$file"`, {
      ...gpgValues(native),
      file: join(keys, name),
    })
}

/** Ends the agent that GnuPG started for our home. */
export function endAgent({ gnupg }: Pick<Native, 'gnupg'>): void {
  spawnSync('gpgconf', ['--kill', 'all'], { env: { PATH: process.env.PATH, GNUPGHOME: gnupg } })
}

/** `tar | gzip -6 | gpg` or the same with pigz, to the same keys as ours. */
export function create(native: Native, compressor: 'gzip' | 'pigz', source: string, archive: string) {
  rmSync(archive, { force: true })
  const { seconds, cpuSeconds } = shell(
    `tar -C "$parent" -c "$name" | ${compressor} -6 | ${gpg} --compress-algo none -r "$fingerprint" -o "$archive" --encrypt`,
    { ...gpgValues(native), parent: dirname(source), name: basename(source), archive },
  )
  return { seconds, cpuSeconds, size: statSync(archive).size }
}

/** `gpg -d | tar xp`, with owners where we are root, modes and times. */
export function restore(native: Native, archive: string, into: string): Times {
  mkdirSync(into)
  return shell(`${decrypt} | tar -C "$into" -xpz`, { ...gpgValues(native), archive, into })
}

/** A shell line beside which others may run; nothing is measured meanwhile. Returns what it printed. */
async function check(line: string, values: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-c', `set -o pipefail; ${line}`], {
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ...values },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  return stdout
}

/** tar's own comparison of an archive with the tree it was made from: contents, modes, owners, times, link targets. */
export async function compareArchive(native: Native, archive: string, source: string): Promise<void> {
  const option = archive.endsWith('.tar.zst.gpg') ? '--zstd' : '-z'
  const values = { ...gpgValues(native), archive, parent: dirname(source) }
  await check(`${decrypt} | tar -C "$parent" --compare ${option}`, values)
}

/** Contents by diff, and kind, mode, owner, time and link target of every path by find. */
export async function compareTrees(one: string, other: string): Promise<void> {
  await check('diff -r --no-dereference "$one" "$other"', { one, other })
  if ((await listing(one)) !== (await listing(other))) throw new Error(`${other} differs in modes, owners or times`)
}

async function listing(folder: string): Promise<string> {
  const output = await check(`cd "$folder" && find . -printf '%P\\t%y\\t%m\\t%U:%G\\t%T@\\t%l\\n'`, { folder })
  return output.split('\n').sort().join('\n')
}

/** The level-0 snapshot of GNU tar's incremental backups. */
export function takeSnapshot(tree: string, snapshot: string): void {
  shell('tar -C "$parent" -c --listed-incremental="$snapshot" -f /dev/null "$name"', treeValues(tree, snapshot))
}

/** Level 1 of a tree that has not changed. With /dev/null GNU tar reads no file's content. */
export function scan(tree: string, snapshot: string): Times {
  const copy = `${snapshot}.1`
  copyFileSync(snapshot, copy)
  return shell('tar -C "$parent" -c --listed-incremental="$snapshot" -f /dev/null "$name"', treeValues(tree, copy))
}

/** That level 1 really finds nothing changed: only folders are listed. */
export function requireUnchanged(tree: string, snapshot: string): void {
  const copy = `${snapshot}.1`
  copyFileSync(snapshot, copy)
  const { output } = shell(
    'tar -C "$parent" -cv --listed-incremental="$snapshot" -f /dev/null "$name"',
    treeValues(tree, copy),
  )
  if (output.split('\n').some((line) => line !== '' && !line.endsWith('/'))) throw new Error('tar found changed files')
}

function treeValues(tree: string, snapshot: string): Record<string, string> {
  return { parent: dirname(tree), name: basename(tree), snapshot }
}

/** Waits until everything written is on the disk, so that one program does not pay for another's writing. */
export function settle(folder: string): void {
  shell('sync -f "$folder"', { folder })
}

/** Removes a folder, several of its parts at once: there are as many files as were restored. */
export function remove(folder: string): void {
  spawnSync('bash', [
    '-c',
    'find "$0" -mindepth 1 -maxdepth 1 -print0 | xargs -0 -r -n 1 -P 4 rm -rf; rm -rf "$0"',
    folder,
  ])
}

/** Versions for the record: first lines only. */
export function versions(programs: readonly string[]): string[] {
  return programs.flatMap((program) => {
    const result = spawnSync(program, ['--version'], { encoding: 'utf8' })
    return result.status === 0 ? [`${result.stdout || result.stderr}`.split('\n')[0] ?? ''] : []
  })
}

export function memoryTotalMiB(): number {
  return Math.round(Number(/^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) / 1024)
}
