// `arche service`: the units it writes, what it asks of the system (a scripted systemctl stands at the border), and the service at work.
import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { arche, jsonLines, lineThat, passwords, startArche } from '../support/arche.ts'
import { scriptSystem } from '../support/systemd.ts'
import { archives, ownerOf, preparedOnce, type Scene, scene, slowFolder } from './prepared.ts'

preparedOnce()

/** `systemctl` says and ends as told. */
function system(at: Scene, script = 'echo active'): { env: Record<string, string>; calls(): string[] } {
  const { bin, calls } = scriptSystem(at.folder, script)
  return { env: { ...passwords, PATH: `${bin}:${process.env.PATH}` }, calls }
}

const unitFolder = (at: Scene) => join(at.env.HOME ?? '', '.config/systemd/user')

/** What systemd-analyze says of the units in a folder, and how it ends. */
function verify(folder: string, scope: '--user' | '--system'): { status: number | null; said: string } {
  const files = readdirSync(folder).map((name) => join(folder, name))
  const env = { ...process.env, XDG_RUNTIME_DIR: temporaryFolder() }
  const { status, stderr } = spawnSync('systemd-analyze', [scope, 'verify', '--man=no', ...files], {
    env,
    encoding: 'utf8',
  })
  return {
    status,
    said: stderr
      .split('\n')
      .filter((line) => line.includes('arche'))
      .join('\n'),
  }
}

describe('arche service install', () => {
  it('writes units that systemd accepts, enables them, and takes them away again', async () => {
    const at = scene()
    const { env, calls } = system(at)
    expect((await arche(at, ['service', 'status'], { env })).out).toContain('No service is installed')
    const installed = await arche(at, ['service', 'install'], { env })
    expect(installed).toMatchObject({ code: 0, out: expect.stringContaining('starts with the computer') })
    const [service = '', timer = ''] = readdirSync(unitFolder(at)).sort()
    expect([service, timer]).toEqual([
      expect.stringMatching(/^arche-[0-9a-f]{8}\.service$/),
      service.replace('service', 'timer'),
    ])
    expect(verify(unitFolder(at), '--user')).toEqual({ status: 0, said: '' })
    const text = readFileSync(join(unitFolder(at), service), 'utf8')
    expect(text).toContain(`Environment="ARCHE_HOME=${at.home}"`)
    const user = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()
    expect(calls()).toEqual([
      'systemctl --user daemon-reload',
      `loginctl enable-linger ${user}`,
      `systemctl --user enable --now ${service} ${timer}`,
      `systemctl --user try-restart ${service}`,
    ])
    expect((await arche(at, ['service', 'install'], { env })).code).toBe(0)
    expect(readFileSync(join(unitFolder(at), service), 'utf8')).toBe(text)
    const [status] = jsonLines((await arche(at, ['service', 'status', '--json'], { env })).out)
    expect(status).toMatchObject({ installed: true, service: 'active', timer: 'active', home: at.home })
    expect((await arche(at, ['service', 'remove'], { env })).code).toBe(0)
    expect(readdirSync(unitFolder(at))).toEqual([])
    expect(calls().slice(-2)).toEqual([
      `systemctl --user disable --now ${timer} ${service}`,
      'systemctl --user daemon-reload',
    ])
    expect((await arche(at, ['service', 'remove'], { env })).out).toContain('No service is installed')
  })

  it('names what the system did not do, to be typed by hand', async () => {
    const at = scene()
    const { env } = system(at, 'echo "Failed to connect to bus" >&2; exit 1')
    const { code, err } = await arche(at, ['service', 'install'], { env })
    expect(code).toBe(3)
    expect(err).toMatch(/systemctl --user enable --now arche-[0-9a-f]{8}\.service .*Failed to connect to bus/)
    expect(readdirSync(unitFolder(at))).toHaveLength(2)
  })

  it('leaves a unit that somebody else wrote', async () => {
    const at = scene()
    const { env, calls } = system(at)
    await arche(at, ['service', 'install'], { env })
    const [service = ''] = readdirSync(unitFolder(at)).sort()
    writeFileSync(join(unitFolder(at), service), '[Service]\nExecStart=/bin/true\n')
    const before = calls().length
    for (const command of ['install', 'remove'])
      expect(await arche(at, ['service', command], { env })).toMatchObject({
        code: 2,
        err: expect.stringContaining(service),
      })
    expect(readFileSync(join(unitFolder(at), service), 'utf8')).toContain('/bin/true')
    expect(calls()).toHaveLength(before)
  })

  it('writes a unit of the system for a user, elsewhere if wished, and touches nothing then', async () => {
    const at = scene()
    const { env, calls } = system(at)
    const args = ['service', 'install', '--system', '--user', 'root', '--out', 'units']
    expect((await arche(at, args, { env })).code).toBe(0)
    const units = join(at.folder, 'units')
    expect(verify(units, '--system')).toEqual({ status: 0, said: '' })
    const service = readdirSync(units).find((name) => name.endsWith('.service')) ?? ''
    expect(readFileSync(join(units, service), 'utf8')).toMatch(/^User=root$/m)
    expect(calls()).toEqual([])
    for (const [wrong, says] of [
      [['--system'], 'belong together'],
      [['--user', 'root'], 'belong together'],
      [['--system', '--user', 'no such user'], 'not possible for --user'],
      [['--system', '--user', 'no-such-user-here'], 'not possible for --user'],
    ] as const)
      expect(await arche(at, ['service', 'install', ...wrong], { env })).toMatchObject({
        code: 2,
        err: expect.stringContaining(says),
      })
  })
})

/** Everything a process says on stderr, to be waited for. */
function listening(child: ChildProcess): { says(text: string): Promise<void>; all(): string } {
  let all = ''
  let wake: (() => void)[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    all += text
    for (const resolve of wake.splice(0)) resolve()
  })
  const ended = once(child, 'close').then(() => {
    for (const resolve of wake.splice(0)) resolve()
    return true
  })
  let over = false
  void ended.then(() => {
    over = true
  })
  return {
    all: () => all,
    async says(text) {
      while (!all.includes(text)) {
        if (over) throw new Error(`ended without “${text}”: ${all}`)
        await new Promise<void>((resolve) => wake.push(resolve))
      }
      wake = []
    },
  }
}

const working = 'works without a window'

async function ended(child: ChildProcess): Promise<number | null> {
  return child.exitCode ?? ((await once(child, 'close'))[0] as number | null)
}

describe('arche service run', () => {
  it('is one engine whatever else starts: a terminal is its client, a second service stands by and takes over', async () => {
    const at = scene()
    const first = startArche(at, ['service', 'run'])
    await listening(first).says(working)
    expect(ownerOf(at)).toMatchObject({ role: 'service' })
    const second = startArche(at, ['service', 'run'])
    const heard = listening(second)
    await heard.says('standing by')
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
    await heard.says('Backup — docs: Success')
    expect(heard.all()).not.toContain(working)
    first.kill('SIGKILL')
    await heard.says(working)
    expect((await arche(at, ['status'])).code).toBe(0)
    second.kill('SIGTERM')
    expect(await ended(second)).toBe(0)
    expect(heard.all()).toContain('Arche has ended')
  })

  it('takes over from a terminal that ends, and hands over again', async () => {
    const at = scene()
    const backup = startArche(at, ['backup', slowFolder(at), '--to', 'stick', '--json'])
    await lineThat(backup, (line) => line.type === 'progress' && line.operation === 'archive')
    const service = startArche(at, ['service', 'run'])
    const heard = listening(service)
    await heard.says('standing by')
    backup.kill('SIGTERM')
    expect(await ended(backup)).toBe(130)
    await heard.says(working)
    service.kill('SIGTERM')
    expect(await ended(service)).toBe(0)
  })

  it('cancels what runs in good order when it is ended', async () => {
    const at = scene()
    const service = startArche(at, ['service', 'run'])
    await listening(service).says(working)
    const backup = startArche(at, ['backup', slowFolder(at), '--to', 'stick', '--json'])
    await lineThat(backup, (line) => line.type === 'progress' && line.operation === 'archive' && Number(line.done) > 0)
    service.kill('SIGTERM')
    expect(await ended(service)).toBe(0)
    await ended(backup)
    expect(archives(at.stick)).toEqual([])
    const [history] = jsonLines((await arche(at, ['history', '--json'])).out)
    expect(history).toMatchObject({ runs: [{ kind: 'backup', outcome: 'cancelled' }] })
  })
})
