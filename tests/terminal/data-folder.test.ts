// A data folder in which something is wrong: every command ends, with a sentence; and what a killed writer left there is removed.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryName } from '../../core/lib/files.ts'
import { arche, lineThat, outcome, type Place, passwords, startArche } from '../support/arche.ts'
import { requireRoot } from '../support/root.ts'
import { archives, ownerOf, preparedOnce, scene, slowFolder } from './prepared.ts'

preparedOnce()

/** A number that no system has in passwd. */
const nobody = 812_399

const pipeAt = (path: string) => void execFileSync('mkfifo', [path])

/** Moves the data folder of a scene onto a file system of its own. */
function onTmpfs(at: Place, size: string): string {
  requireRoot()
  const disk = join(at.folder, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', disk])
  onTestFinished(() => void execFileSync('umount', ['--lazy', disk]))
  cpSync(at.home, join(disk, 'data'), { recursive: true })
  return disk
}

describe('what stands where Arche has its socket', () => {
  for (const [kind, make] of [
    ['a file', (path: string) => writeFileSync(path, 'x')],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a pipe', pipeAt],
  ] as const)
    it(`${kind}: a sentence, exit 12, and the command ends`, async () => {
      const at = scene()
      const path = join(at.home, 'engine.sock')
      make(path)
      const { code, err } = await arche(at, ['status'])
      expect(code).toBe(12)
      expect(err).toContain(path)
      // The owner that could not serve has given the folder free.
      rmSync(path, { recursive: true })
      expect((await arche(at, ['plan', 'list'])).code).toBe(0)
    })

  it('a data folder with a long path is served in a folder of its own, whoever holds a name that could be guessed', async () => {
    const at = scene()
    const home = join(at.folder, 'long-'.repeat(30), 'data')
    cpSync(at.home, home, { recursive: true })
    // Short, unlike the folder of this test.
    const shared = mkdtempSync('/tmp/arche-t-')
    onTestFinished(() => rmSync(shared, { recursive: true }))
    mkdirSync(join(shared, `arche-${process.getuid?.()}`))
    if (process.getuid?.() === 0) chownSync(join(shared, `arche-${process.getuid()}`), nobody, nobody)
    const { code, err } = await arche(at, ['plan', 'list'], { env: { ARCHE_HOME: home, TMPDIR: shared } })
    expect(err).toBe('')
    expect(code).toBe(0)
    expect(readdirSync(shared)).toEqual([`arche-${process.getuid?.()}`])
  })
})

describe('a pipe in the data folder', () => {
  it.each(['owner-900.json', 'operator.json', 'history.jsonl', 'outbox.jsonl', 'journals/x.restore.jsonl'])(
    'as %s holds up no start',
    async (name) => {
      const at = scene()
      rmSync(join(at.home, name), { force: true })
      mkdirSync(join(at.home, 'journals'), { recursive: true })
      pipeAt(join(at.home, name))
      const { code } = await arche(at, ['plan', 'list'])
      expect(code).toBeTypeOf('number')
      expect(code).not.toBe(1)
    },
  )
})

describe('temporary files of a writer that was killed', () => {
  it('are removed at the next start, those of living ones stay', async () => {
    const at = scene()
    const living = spawn('sleep', ['1000'])
    onTestFinished(() => void living.kill())
    // The name that this very system gives them.
    const own = temporaryName()
    const dead = own.replace(`-${process.pid}-`, '-4000000-')
    const alive = own.replace(`-${process.pid}-`, `-${living.pid}-`)
    for (const name of [dead, alive]) writeFileSync(join(at.home, name), 'x')
    expect((await arche(at, ['plan', 'list'])).code).toBe(0)
    expect(readdirSync(at.home).filter((name) => name.startsWith('.arche-part-'))).toEqual([alive])
  })
})

describe('temporary files that cannot be removed', () => {
  it('do not turn a good backup into an error, nor keep Arche from starting', async () => {
    requireRoot()
    const at = scene()
    const disk = join(at.home, 'temp', 'left')
    mkdirSync(disk, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', disk])
    onTestFinished(() => void execFileSync('umount', ['--lazy', disk]))
    const { code, err } = await arche(at, ['backup', 'docs', '--to', 'stick'])
    expect(err).not.toContain('unexpected')
    expect(code).toBe(0)
  })
})

describe('a user whom the system does not know', () => {
  const through = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', 'env', '-u', 'HOME']

  it('works with ARCHE_HOME', async () => {
    requireRoot()
    const at = scene({ fresh: true })
    mkdirSync(at.home)
    chownSync(at.home, nobody, nobody)
    execFileSync('chmod', ['-R', 'a+rX', realpathSync(at.folder)])
    const { code, err } = await arche(at, ['init'], { through, cwd: '/' })
    expect(err).not.toContain('Error')
    expect(code).toBe(0)
    expect((await arche(at, ['status'], { through, cwd: '/' })).code).toBe(0)
  })

  it('is told of ARCHE_HOME without', async () => {
    requireRoot()
    const at = scene({ fresh: true })
    const without = [...through, '-u', 'ARCHE_HOME']
    for (const args of [['status'], ['backup', '~/docs', '--to', 'stick'], ['service', 'run']]) {
      const { code, err } = await arche(at, args, { through: without, cwd: '/' })
      expect(err).toContain('ARCHE_HOME=')
      expect(code).toBe(12)
    }
    expect((await arche(at, ['--help'], { through: without, cwd: '/' })).code).toBe(0)
  })
})

describe('the disk of the data folder', () => {
  it('full: every command says so and names the way out, which works; with room again all goes on', async () => {
    const at = scene()
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
    const disk = onTmpfs(at, '4m')
    const env = { ...passwords, ARCHE_HOME: join(disk, 'data') }
    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(join(disk, 'fill'), Buffer.alloc(bavail * bsize, 1))
    const restore = ['restore', 'latest', '--from', at.stick, '--into', join(at.folder, 'restored'), '--yes']
    for (const args of [['list', '--from', at.stick], ['status'], restore]) {
      const { code, err } = await arche(at, args, { env })
      expect(err).toContain('ARCHE_HOME=/elsewhere')
      expect(code).toBe(6)
    }
    const elsewhere = await arche(at, restore, { env: { ...passwords, ARCHE_HOME: join(at.folder, 'elsewhere') } })
    expect(elsewhere.err).not.toContain('Error')
    expect(existsSync(join(at.folder, 'restored', 'docs', 'run.sh'))).toBe(true)
    rmSync(join(disk, 'fill'))
    expect((await arche(at, ['plan', 'list'], { env })).out).toContain('docs')
  })

  it('full while a run goes on: its end is told all the same, with the result that it had', async () => {
    const at = scene()
    const home = join(onTmpfs(at, '4m'), 'data')
    const env = { ...passwords, ARCHE_HOME: home }
    const child = startArche(at, ['backup', slowFolder(at, 1), '--to', at.stick, '--json'], { env })
    const err = new Promise<string>((resolve) => {
      let text = ''
      child.stderr?.setEncoding('utf8').on('data', (more) => {
        text += more
      })
      child.once('close', () => resolve(text))
    })
    await lineThat(child, (line) => line.type === 'progress' && line.operation === 'archive')
    // Empty lines up to the end of a page: no further line has room.
    const history = join(home, 'history.jsonl')
    appendFileSync(history, '\n'.repeat(4096 - (statSync(history).size % 4096)))
    const { bavail, bsize } = statfsSync(home)
    writeFileSync(join(home, 'fill'), Buffer.alloc(bavail * bsize, 1))
    const [code] = await once(child, 'close')
    expect(await err).not.toContain('unexpected')
    expect(code).toBe(12)
    expect(archives(at.stick)).toHaveLength(1)
    rmSync(join(home, 'fill'))
    // Nobody could write it before the process ended.
    expect((await arche(at, ['history'], { env })).out).toContain('Interrupted')
    expect((await arche(at, ['verify', '--all', '--from', at.stick], { env })).code).toBe(0)
  })

  it('read-only: the same', async () => {
    const at = scene()
    const disk = onTmpfs(at, '4m')
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const { code, err } = await arche(at, ['status'], { env: { ...passwords, ARCHE_HOME: join(disk, 'data') } })
    expect(err).toContain('ARCHE_HOME=/elsewhere')
    expect(code).toBe(12)
  })
})

describe('an owner that is stopped', () => {
  it('is named, with its process, within a few seconds; let go on, it ends its work', async () => {
    const at = scene()
    const first = startArche(at, ['service', 'run'])
    // "Works": the folder is its own by then.
    await once(first.stderr ?? first, 'data')
    const { pid } = ownerOf(at)
    process.kill(pid, 'SIGSTOP')
    const { code, err } = await arche(at, ['plan', 'list'])
    expect(err).toContain(`process ${pid} `)
    expect(err).toContain('stopped')
    expect(code).toBe(11)
    process.kill(pid, 'SIGCONT')
    expect((await arche(at, ['plan', 'list'])).code).toBe(0)
    first.kill('SIGTERM')
    expect((await once(first, 'close'))[0]).toBe(0)
  })
})

describe('ten commands at once', () => {
  it('each does its work, or is told that another one is at work', async () => {
    const at = scene()
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
    const lines = [
      ...Array.from({ length: 3 }, () => ['backup', '--plan', 'docs', '--to', 'stick', '--yes']),
      ['verify', '--from', 'stick', '--yes'],
      ['keep', 'set', 'docs', '--last', '60', '--yes'],
      ...[['status'], ['plan', 'list'], ['list', '--from', 'stick'], ['history'], ['key', 'list']],
    ]
    const ends = await Promise.all(lines.map((args) => outcome(startArche(at, args))))
    for (const [index, { code, err }] of ends.entries()) expect([0, 11], `${lines[index]}: ${err}`).toContain(code)
    // Those that were refused had no effect, those that succeeded are in the history.
    const runs = readFileSync(join(at.home, 'history.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const done = runs.filter(({ kind, outcome }) => kind === 'backup' && outcome === 'success').length
    expect(done).toBe(1 + ends.slice(0, 3).filter(({ code }) => code === 0).length)
  })
})
