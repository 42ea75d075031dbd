// `arche place` as people and scripts use it, against a real OpenSSH server: taken up, backed up to, listed, verified, restored from, tried and forgotten; with
// and without a keychain.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { shakyLine } from '../suites/fixtures/shaky-line.ts'
import {
  arche,
  atTerminal,
  jsonLines,
  type Line,
  operatorPassword,
  type Place,
  passwords,
  startArche,
} from '../support/arche.ts'
import { requireRoot } from '../support/root.ts'
import { makeKey, type Sshd, startSshd } from '../support/sshd.ts'
import { picture } from '../support/trees.ts'
import { preparedOnce, type Scene, scene } from './prepared.ts'

preparedOnce()

const account = { name: 'arche-keeper', password: 'right "horse" é' }
let sshd: Sshd

beforeAll(async () => {
  requireRoot()
  sshd = await startSshd({ accounts: [account] })
})
afterAll(() => sshd.stop())

interface Server extends Scene {
  readonly remote: string
  /** For the account with a password, and for the one with a key. */
  readonly url: string
  readonly keyUrl: string
  readonly keyFile: string
}

/** With the keychain of the session that the tests run in, or without any. */
function withServer(keychain = true): Server {
  const at = scene()
  const { DBUS_SESSION_BUS_ADDRESS = '', XDG_RUNTIME_DIR = '' } = process.env
  const env = keychain ? { ...at.env, DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } : at.env
  const remote = mkdtempSync(join(sshd.folder, 'nas-'))
  // Also the account with a password may write there.
  chmodSync(remote, 0o777)
  const keyFile = join(at.folder, 'id')
  writeFileSync(keyFile, sshd.key, { mode: 0o600 })
  const url = (user: string) => `sftp://${user}@127.0.0.1:${sshd.port}${remote}`
  return { ...at, env, remote, keyFile, url: url(account.name), keyUrl: url(sshd.user) }
}

const shelf = ({ remote }: Server, ...parts: string[]) => join(remote, 'SIGL_sauvegardes', ...parts)

async function result(at: Place, args: readonly string[], env: Record<string, string> = {}): Promise<Line> {
  const { code, out, err } = await arche(at, [...args, '--json'], { env: { ...passwords, ...env } })
  expect(code, err + out).toBe(0)
  return jsonLines(out).at(-1) as Line
}

async function failure(at: Place, args: readonly string[], env: Record<string, string> = {}): Promise<Line> {
  const { code, out } = await arche(at, [...args, '--json'], { env: { ...passwords, ...env } })
  const last = jsonLines(out).at(-1) as Line
  expect(last.exitCode).toBe(code)
  return last
}

describe('arche place', () => {
  it('does all that a medium does, from the first line to the restore after everything here is lost', async () => {
    const at = withServer()
    const add = ['place', 'add', at.keyUrl, '--name', 'NAS', '--key-file', at.keyFile]
    const added = await result(at, [...add, '--host-key', sshd.fingerprint()])
    expect(added).toMatchObject({ command: 'place add', adopted: false, place: { name: 'NAS' } })
    const saved = await result(at, ['backup', 'docs', '--to', 'NAS', '--yes'])
    expect(saved).toMatchObject({ outcome: 'success', run: { medium: { name: 'NAS', path: at.keyUrl } } })
    const { plans } = await result(at, ['plan', 'list'])
    expect(plans).toMatchObject([{ destinations: [{ place: { id: (added.place as { id: string }).id } }] }])
    const again = await arche(at, ['backup', '--plan', 'docs', '--yes'])
    expect(again.code, again.err).toBe(0)
    expect(again.out).toContain('arche restore latest --from')
    expect((await arche(at, ['list', '--from', 'NAS'])).out.match(/backup_v30_docs/g)).toHaveLength(2)
    expect((await result(at, ['list', '--from', at.keyUrl])).artifacts).toHaveLength(2)
    expect(await result(at, ['verify', '--all', '--from', 'NAS'])).toMatchObject({ outcome: 'success' })
    const [first = ''] = readdirSync(shelf(at)).filter((name) => name.startsWith('backup_'))
    await result(at, ['pin', first, '--from', 'NAS'])
    expect(readFileSync(shelf(at, 'PINNED'), 'utf8')).toContain(`\n${first}\n`)
    await result(at, ['unpin', first, '--from', 'NAS'])
    await result(at, ['backup', 'delete', first, '--from', 'NAS', '--yes'])
    expect(existsSync(shelf(at, first))).toBe(false)
    await result(at, ['keep', 'set', 'docs', '--last', '1'])
    expect(await result(at, ['backup', '--plan', 'docs', '--yes'])).toMatchObject({
      run: { removed: [expect.any(String)] },
    })

    const before = picture(at.docs)
    rmSync(at.docs, { recursive: true })
    await result(at, ['restore', 'latest', '--from', 'NAS', '--into', 'back', '--yes'])
    expect(picture(join(at.folder, 'back/docs'))).toEqual(before)
  })

  it('shows a host key that is not known, and takes no --yes for an answer', async () => {
    const at = withServer()
    for (const more of [[], ['--yes']]) {
      const told = await failure(at, ['place', 'add', at.keyUrl, '--key-file', at.keyFile, ...more])
      expect(told).toMatchObject({
        code: 'place-host-key-new',
        exitCode: 12,
        details: { found: sshd.fingerprint(), name: `127.0.0.1:${sshd.port}` },
      })
    }
    const other = `SHA256:${'A'.repeat(43)}`
    const wrong = await failure(at, ['place', 'add', at.keyUrl, '--key-file', at.keyFile, '--host-key', other])
    expect(wrong).toMatchObject({ code: 'place-host-key', exitCode: 12, details: { found: sshd.fingerprint() } })
    expect(await failure(at, ['place', 'add', at.keyUrl, '--host-key', 'aa:bb'])).toMatchObject({ exitCode: 2 })
    expect(existsSync(shelf(at))).toBe(false)
    expect(await result(at, ['place', 'list'])).toMatchObject({ places: [] })
  })

  it('asks a person: the host key first, then the password, again after a wrong one', async () => {
    const at = withServer()
    const terminal = atTerminal(at, ['place', 'add', at.url, '--name', 'NAS', '--yes'])
    await terminal.seen(sshd.fingerprint())
    await terminal.seen('Is this the server’s host key? (y/N)')
    terminal.type('y')
    await terminal.seen('Administrator password:')
    terminal.type(operatorPassword)
    await terminal.seen(`Password of “${account.name}” on 127.0.0.1:`)
    terminal.type('wrong')
    await terminal.seen('The server refuses this login.')
    await terminal.seen(`Password of “${account.name}” on 127.0.0.1:`)
    terminal.type(account.password)
    await terminal.seen('keeps backups from now on')
    const { code, screen } = await terminal.ended
    expect(code).toBe(0)
    expect(screen).not.toContain(account.password)
    // Kept: nothing is asked or given any more.
    const tested = await arche(at, ['place', 'test', 'nas'])
    expect(tested.code, tested.err).toBe(0)
    expect(tested.out).toMatch(/NAS works[\s\S]*Speed[\s\S]*\/s there/)
    expect(readdirSync(shelf(at))).toEqual(['.arche-medium.json'])
    const listed = await arche(at, ['place', 'list', '--test', '--lang', 'fr'])
    expect(listed.out).toMatch(/NAS .*joignable/)
    expect(JSON.stringify(readdirSync(at.home).flatMap((name) => read(join(at.home, name))))).not.toContain('horse')
    const left = atTerminal(at, ['place', 'add', at.url.replace('127.0.0.1', 'localhost'), '--name', 'Other'])
    await left.seen('(y/N)')
    left.type('')
    expect((await left.ended).code).toBe(130)
  })

  it('works where there is no keychain: what logs in is given each time', async () => {
    const at = withServer(false)
    const key = { ARCHE_PLACE_KEY_FILE: at.keyFile }
    const add = ['place', 'add', at.keyUrl, '--name', 'NAS', '--host-key', sshd.fingerprint()]
    const added = await arche(at, add, { env: { ...passwords, ...key } })
    expect(added.code, added.err).toBe(0)
    expect(added.err).toContain('give it each time')
    expect((await failure(at, ['list', '--from', 'NAS'])).code).toBe('password-missing')
    expect(await result(at, ['backup', 'docs', '--to', 'NAS', '--yes'], key)).toMatchObject({ outcome: 'success' })
    expect((await result(at, ['list', '--from', 'NAS'], key)).artifacts).toHaveLength(1)
    expect(await result(at, ['place', 'list'])).toMatchObject({ places: [{ locked: true }] })
  })

  it('killed in the middle of an upload: nothing under its name, and the next backup is good and leaves nothing', async () => {
    const at = withServer()
    const line = await shakyLine(sshd.port)
    onTestFinished(() => line.close())
    const url = at.keyUrl.replace(`:${sshd.port}`, `:${line.port}`)
    await result(at, ['place', 'add', url, '--name', 'NAS', '--key-file', at.keyFile, '--host-key', sshd.fingerprint()])
    writeFileSync(join(at.docs, 'large'), randomBytes(20_000_000))
    const hit = line.set({ way: 'up', at: 10_000_000, how: 'stall' })
    const child = startArche(at, ['backup', 'docs', '--to', 'NAS', '--yes'])
    await hit
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    const lying = () => readdirSync(shelf(at))
    expect(lying().filter((name) => name.startsWith('backup_'))).toEqual([])
    expect(lying().some((name) => name.startsWith('.arche-part-'))).toBe(true)
    expect(await result(at, ['backup', 'docs', '--to', 'NAS', '--yes'])).toMatchObject({ outcome: 'success' })
    expect(lying().filter((name) => name.startsWith('.arche-'))).toEqual(['.arche-medium.json'])
    expect(await result(at, ['verify', '--all', '--from', 'NAS'])).toMatchObject({ outcome: 'success' })
  })

  it('a locked key, a changed place, one that is in use, and what cannot be', async () => {
    const at = withServer()
    const locked = join(at.folder, 'locked')
    makeKey(locked, 'ed25519', 'open sesame')
    sshd.allow(readFileSync(`${locked}.pub`, 'utf8'))
    const add = ['place', 'add', at.keyUrl, '--name', 'NAS', '--key-file', locked, '--host-key', sshd.fingerprint()]
    expect(await failure(at, add)).toMatchObject({ code: 'place-passphrase', exitCode: 4 })
    await result(at, add, { ARCHE_PLACE_PASSPHRASE: 'open sesame' })
    await result(at, ['backup', 'docs', '--to', 'NAS', '--yes'])
    // Under the same name: another account of the same server leads to the same place.
    const change = ['place', 'add', at.keyUrl, '--name', 'NAS', '--key-file', at.keyFile, '--yes']
    expect(await result(at, change)).toMatchObject({ adopted: true })
    const elsewhere = ['place', 'add', at.keyUrl.replace(at.remote, sshd.folder), '--name', 'NAS', '--yes']
    expect(await failure(at, elsewhere)).toMatchObject({ code: 'not-initialised' })
    expect(await failure(at, ['place', 'remove', 'NAS', '--yes'])).toMatchObject({
      code: 'place-in-use',
      exitCode: 2,
      details: { plans: ['docs'] },
    })
    expect(await failure(at, ['medium', 'eject', 'NAS'])).toMatchObject({ code: 'place-no-eject', exitCode: 2 })
    await result(at, ['plan', 'remove', 'docs', '--yes'])
    await result(at, ['place', 'remove', 'NAS', '--yes'])
    expect(readdirSync(shelf(at)).some((name) => name.startsWith('backup_'))).toBe(true)
    for (const url of ['sftp://me:secret@host/srv', 'ftp://me@host/srv'])
      expect(await failure(at, ['place', 'add', url])).toMatchObject({ code: 'bad-input', exitCode: 2 })
    expect(await failure(at, ['place', 'test', 'NAS'])).toMatchObject({ exitCode: 2 })
    // Taken up once more, it is what it was.
    const back = await result(at, [...add, '--yes'], { ARCHE_PLACE_PASSPHRASE: 'open sesame' })
    expect(back).toMatchObject({ adopted: true, place: { name: 'NAS' } })
  })

  it('a folder is a place too, and says so when it is away', async () => {
    const at = withServer()
    mkdirSync(join(at.folder, 'share'))
    const added = await result(at, ['place', 'add', 'share', '--name', 'OFFICE', '--yes'])
    expect(added).toMatchObject({ adopted: false, place: { name: 'OFFICE', store: { kind: 'folder' } } })
    await result(at, ['backup', 'docs', '--to', 'OFFICE', '--yes'])
    expect(await result(at, ['place', 'list', '--test'])).toMatchObject({
      places: [{ state: { backups: 1 }, space: [{ name: 'OFFICE', room: expect.any(Number) }] }],
    })
    expect((await arche(at, ['place', 'note', 'office', 'dans', 'le', 'coffre', '--lang', 'fr'])).code).toBe(0)
    const listed = await arche(at, ['place', 'list', '--lang', 'fr'])
    expect(listed.out).toMatch(/^.*OFFICE.*dans le coffre$/m)
    expect(listed.out).toMatch(/docs.*: Place pour des centaines de sauvegardes de plus.*\(OFFICE\)/s)
    expect(await result(at, ['place', 'test', 'OFFICE'])).toMatchObject({ trial: { bytes: 1024 * 1024 } })
    rmSync(join(at.folder, 'share'), { recursive: true })
    const { code, err } = await arche(at, ['place', 'list', '--test'])
    expect(code).toBe(3)
    expect(err).toContain('share')
  })
})

function read(path: string): string[] {
  try {
    return [readFileSync(path, 'utf8')]
  } catch {
    // A folder or a socket.
    return []
  }
}
