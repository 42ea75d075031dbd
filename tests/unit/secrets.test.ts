// Needs a session bus with an unlocked Secret Service: build/test.mjs starts one for the whole run.
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openSecrets, type Secrets } from '../../core/access/secrets.ts'
import { isTrue, openSessionBus, socketOf, textOf } from '../../core/lib/session-bus.ts'
import { start } from '../support/child.ts'
import { compile } from '../support/compile.ts'
import { temporaryFolder } from '../support/folder.ts'

async function secretsOf(home: string, ...names: string[]): Promise<Secrets> {
  const secrets = openSecrets(home)
  onTestFinished(async () => {
    for (const name of names) await secrets.remove(name)
  })
  return secrets
}

describe('secrets in the keychain', () => {
  it('can be kept here', async () => {
    expect(await openSecrets(await temporaryFolder()).problem()).toBeUndefined()
  })

  it.each([
    ['plain', 'correct horse battery staple'],
    ['spaces', '  leading and trailing  '],
    ['other scripts', 'пароль 密码 كلمة \u{1F511} e\u0301'],
    ['1024 characters', '密'.repeat(1024)],
    ['quotes, newlines, controls', '"\'\\\n\r\t\u0001\u007f=;%s$(x)`'],
  ])('come back as they were: %s', async (_, value) => {
    const secrets = await secretsOf(await temporaryFolder(), 'key')
    await secrets.set('key', value)
    expect(await secrets.get('key')).toBe(value)
  })

  it('are replaced, removed, and missing without complaint', async () => {
    const secrets = await secretsOf(await temporaryFolder(), 'key')
    expect(await secrets.get('key')).toBeUndefined()
    await secrets.set('key', 'one')
    await secrets.set('key', 'two')
    expect(await secrets.get('key')).toBe('two')
    await secrets.remove('key')
    expect(await secrets.get('key')).toBeUndefined()
    await secrets.remove('key')
  })

  it('belong to one name and one data folder', async () => {
    const [home, elsewhere] = [await temporaryFolder(), await temporaryFolder()]
    const [secrets, others] = [await secretsOf(home, 'key', 'other'), await secretsOf(elsewhere, 'key')]
    await secrets.set('key', 'mine')
    await others.set('key', 'theirs')
    expect(await secrets.get('key')).toBe('mine')
    expect(await secrets.get('other')).toBeUndefined()
    expect(await openSecrets(join(home, '.')).get('key')).toBe('mine')
  })

  it('are never written into the data folder', async () => {
    const home = await temporaryFolder()
    const secrets = await secretsOf(home, 'key')
    await secrets.set('key', 'value')
    expect(await readdir(home)).toEqual([])
  })

  it.each([[''], ['with\0nul'], ['half \ud83d a pair']])(
    'that not every keychain keeps are refused: %j',
    async (value) => {
      const secrets = await secretsOf(await temporaryFolder(), 'key')
      await expect(secrets.set('key', value)).rejects.toMatchObject({ code: 'bad-input' })
      expect(await secrets.get('key')).toBeUndefined()
    },
  )

  it('asked for all at once do not get mixed up', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `key ${at}`)
    const secrets = await secretsOf(await temporaryFolder(), ...names)
    await Promise.all(names.map((name) => secrets.set(name, `value of ${name}`)))
    expect(await Promise.all(names.map((name) => secrets.get(name)))).toEqual(names.map((name) => `value of ${name}`))
  })
})

describe('without a keychain', () => {
  let program: string
  beforeAll(async () => {
    program = await compile('secretive')
  })

  /** What a process says that finds this environment; it must end by itself. */
  async function inEnvironment(env: NodeJS.ProcessEnv, options: { through?: string[]; reach?: number } = {}) {
    const home = await temporaryFolder()
    const child = start(program, [home, String(options.reach ?? 5000)], {
      env: { PATH: process.env.PATH, HOME: home, ...env },
      through: options.through ?? [],
    })
    const said: unknown[] = []
    while (said.length < 4) {
      const line = await child.line()
      if (line === undefined) break
      // What is not JSON, a service says that D-Bus started on the way.
      if (/^["{]/.test(line)) said.push(JSON.parse(line))
    }
    expect(await child.ended).toBe(0)
    expect(await readdir(home, { recursive: true })).not.toContain('value')
    return said
  }

  const noKeychain = (reason: unknown) =>
    Array.from({ length: 4 }, () => ({ code: 'no-keychain', details: { reason } }))

  it('(no D-Bus at all) everything says so, with the reason', async () => {
    expect(await inEnvironment({})).toEqual(noKeychain('no D-Bus session'))
  })

  it('(no D-Bus, but a screen) no bus is started to find out', async () => {
    expect(await inEnvironment({ DISPLAY: ':4711' })).toEqual(noKeychain('no D-Bus session'))
  })

  it('(a D-Bus address with nobody behind it) everything says so', async () => {
    const reason = expect.stringContaining('ENOENT')
    expect(await inEnvironment({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' })).toEqual(noKeychain(reason))
    expect(await inEnvironment({ XDG_RUNTIME_DIR: '/nonexistent' })).toEqual(noKeychain(reason))
  })

  it('(a D-Bus that does not answer) nothing hangs, and the process can end', async () => {
    const path = join(await temporaryFolder(), 'bus')
    const silent = createServer((socket) => socket.on('error', () => socket.destroy()).resume()).listen(path)
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    const said = await inEnvironment({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` }, { reach: 200 })
    expect(said).toEqual(noKeychain('D-Bus does not answer'))
  })

  it('(a session bus without a Secret Service) everything says so', async () => {
    const home = await temporaryFolder()
    const session = ['dbus-run-session', '--config-file', await emptyBusConfig(home), '--']
    const said = await inEnvironment({}, { through: session })
    expect(said).toEqual(noKeychain(expect.stringContaining('org.freedesktop.secrets')))
  })

  it('(a locked keyring, and no screen to unlock it) everything says so', async () => {
    const home = await temporaryFolder()
    const said = await inEnvironment({ XDG_DATA_HOME: home }, { through: ['dbus-run-session', '--'], reach: 15_000 })
    expect(said).toEqual(noKeychain(expect.stringMatching(/no keyring yet|locked/)))
  })
})

/** A session bus that knows no services: dbus-daemon(1), "Configuration file". */
async function emptyBusConfig(folder: string): Promise<string> {
  const path = join(folder, 'bus.conf')
  await writeFile(
    path,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
  )
  return path
}

describe('calls on the session bus', () => {
  it('find the socket as the library of the keychain does', () => {
    expect(socketOf({})).toBeUndefined()
    expect(socketOf({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/bus')
    expect(socketOf({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/a%20b,guid=1' })).toBe('/a b')
    expect(socketOf({ DBUS_SESSION_BUS_ADDRESS: 'unix:abstract=/tmp/x,guid=1' })).toBe('\0/tmp/x')
    expect(socketOf({ DBUS_SESSION_BUS_ADDRESS: 'tcp:host=x;unix:guid=1,path=/b' })).toBe('/b')
    expect(socketOf({ DBUS_SESSION_BUS_ADDRESS: 'unix:runtime=yes', XDG_RUNTIME_DIR: '/r' })).toBe('/r/bus')
    expect(socketOf({ DBUS_SESSION_BUS_ADDRESS: 'autolaunch:' })).toBeUndefined()
  })

  it('are answered, with errors as such', async () => {
    const bus = await openSessionBus(process.env, 10_000)
    onTestFinished(bus.close)
    const daemon = {
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
    }
    expect(textOf(await bus.call({ ...daemon, member: 'GetNameOwner', args: ['org.freedesktop.DBus'] }))).toBe(
      'org.freedesktop.DBus',
    )
    await expect(bus.call({ ...daemon, member: 'GetNameOwner', args: ['no.such'] })).rejects.toThrow('no.such')
    const collection = { destination: 'org.freedesktop.secrets', path: '/org/freedesktop/secrets/collection/session' }
    const get = { ...collection, interface: 'org.freedesktop.DBus.Properties', member: 'Get' }
    expect(isTrue(await bus.call({ ...get, args: ['org.freedesktop.Secret.Collection', 'Locked'] }))).toBe(false)
  })

  it.each([
    ['refuses', 'REJECTED EXTERNAL\r\n', 'REJECTED'],
    ['ends', undefined, 'closed'],
    ['sends nonsense', `OK 1\r\n${'l'.padEnd(16, '\xff')}`, 'too long'],
  ])('tell when the bus %s', async (_, answer, reason) => {
    const path = join(await temporaryFolder(), 'bus')
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => socket.destroy()))
      socket.once('data', () => (answer === undefined ? socket.end() : socket.write(Buffer.from(answer, 'latin1'))))
    }).listen(path)
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    await once(server, 'listening')
    await expect(openSessionBus({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` }, 10_000)).rejects.toThrow(reason)
  })
})
