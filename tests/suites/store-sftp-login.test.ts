// The way into a server: host keys, private keys, passwords, and every refusal in words, against real OpenSSH.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Failure } from '../../core/api/failure.ts'
import { describe as told } from '../../core/api/text/text.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { openSftp } from '../../core/stores/sftp.ts'
import type { SftpOptions, SftpSpec } from '../../core/stores/sftp-connection.ts'
import { hostKeyOf } from '../../core/stores/sftp-login.ts'
import { requireRoot } from '../support/root.ts'
import { cage, type KeyType, makeKey, type Sshd, startSshd } from '../support/sshd.ts'
import { tool } from './fixtures/disks.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { all, noise, read } from './fixtures/streams.ts'
import { temporaryFolder } from './fixtures/temp-folder.ts'

let sshd: Sshd

async function opened(spec: Partial<SftpSpec> = {}, options: Partial<SftpOptions> = { key: sshd.key }) {
  const { port, user, folder } = sshd
  const known = { host: '127.0.0.1', port, user, path: folder, hostKey: sshd.fingerprint() }
  const store = await openSftp({ ...known, ...spec }, options)
  onTestFinished(() => store.close())
  return store
}

const refused = (spec: Partial<SftpSpec>, options?: Partial<SftpOptions>) => failureOf(opened(spec, options))

/** Both languages say it with everything filled in. */
function expectSaid(failure: Failure, ...words: string[]): void {
  for (const language of ['en', 'fr'] as const) {
    const { text, hint } = told(failure.toProblem(), language)
    expect(`${text} ${hint}`).not.toMatch(/\{\{|undefined/)
    for (const word of words) expect(`${text} ${hint}`).toContain(word)
  }
}

describe('any user', () => {
  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'rsa'] })
  })
  afterAll(() => sshd.stop())

  test('the host key can be seen without logging in', async () => {
    const shown = await hostKeyOf({ host: '127.0.0.1', port: sshd.port })
    expect(shown).toEqual({ type: 'ssh-ed25519', fingerprint: sshd.fingerprint() })
  })

  test('a server with another host key is refused, and both fingerprints are named', async () => {
    const expected = `SHA256:${'A'.repeat(43)}`
    const failure = await refused({ hostKey: expected })
    expect(failure).toMatchObject({ code: 'place-host-key', retryable: false })
    expect(failure.details).toMatchObject({ expected, found: sshd.fingerprint() })
    expectSaid(failure, expected, sshd.fingerprint(), `127.0.0.1:${sshd.port}`)
  })

  test('a host key that is known is found beside a newer one of another kind', async () => {
    const store = await opened({ hostKey: sshd.fingerprint('rsa') })
    expect(await all(store.list())).toEqual([])
  })

  test('a fingerprint of another form is no fingerprint', async () => {
    for (const hostKey of ['', 'SHA256:short', 'MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48'])
      expect((await refused({ hostKey })).code).toBe('bad-input')
  })

  test.each([
    ['ed25519', []],
    ['ecdsa', []],
    ['rsa', []],
    ['rsa', ['-m', 'PEM']],
    ['ecdsa', ['-m', 'PEM']],
  ] as [KeyType, string[]][])('private key %s %j, with and without a passphrase', async (type, options) => {
    for (const passphrase of ['', 'correct horse']) {
      const file = join(temporaryFolder(), 'key')
      const key = makeKey(file, type, passphrase, options)
      sshd.allow(readFileSync(`${file}.pub`, 'utf8'))
      await opened({}, passphrase ? { key, passphrase } : { key })
      if (!passphrase) continue
      for (const wrong of [{}, { passphrase: 'battery' }]) {
        const failure = await refused({}, { key, ...wrong })
        expect(failure.code).toBe('place-passphrase')
        expectSaid(failure)
      }
    }
  })

  test('what is no private key is told before anything is connected', async () => {
    const file = join(temporaryFolder(), 'key')
    makeKey(file, 'ed25519')
    for (const key of [
      '',
      'no key',
      readFileSync(`${file}.pub`, 'utf8'),
      '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n',
    ]) {
      const failure = await refused({ port: 1 }, { key })
      expect(failure.code, key).toBe('place-key')
      expectSaid(failure)
    }
  })

  test('a key that the server does not know: denied, with what it takes', async () => {
    const failure = await refused({}, { key: makeKey(join(temporaryFolder(), 'key'), 'ed25519') })
    expect(failure.code).toBe('place-denied')
    expectSaid(failure, sshd.user, 'publickey')
    expect((await refused({}, {})).code).toBe('place-denied')
  })

  test('a folder that is missing, and one that is none', async () => {
    const missing = await refused({ path: join(sshd.folder, 'none') })
    expect(missing.code).toBe('place-folder-missing')
    expectSaid(missing, join(sshd.folder, 'none'))
    writeFileSync(join(sshd.folder, 'file'), '')
    onTestFinished(() => void tool('rm', join(sshd.folder, 'file')))
    expect((await refused({ path: join(sshd.folder, 'file') })).code).toBe('bad-input')
  })

  test('a folder that vanishes while it is open', async () => {
    const path = join(sshd.folder, 'gone')
    mkdirSync(path)
    const store = await opened({ path })
    rmdirSync(path)
    expect((await failureOf(store.put('n', bytesOf('x')))).code).toBe('place-folder-missing')
    expect((await failureOf(all(store.list()))).code).toBe('place-folder-missing')
    expect(() => readFileSync(path)).toThrow()
  })

  test('nobody at that port, and somebody who speaks something else or nothing', async () => {
    const failure = await refused({ port: 1 })
    expect(failure).toMatchObject({ code: 'place-unreachable', retryable: true })
    expectSaid(failure, '127.0.0.1:1', 'ECONNREFUSED')
    for (const greeting of ['HTTP/1.1 400 Bad Request\r\n\r\n', '']) {
      const server = createServer((socket) => {
        socket.on('error', () => undefined)
        socket.write(greeting)
        if (greeting) socket.end()
      }).listen(0, '127.0.0.1')
      onTestFinished(() => void server.close())
      await new Promise((resolve) => server.once('listening', resolve))
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      // Silence is waited for until the limit, whatever that is.
      const options = { key: sshd.key, ...(greeting ? {} : { loginLimit: 200 }) }
      expect((await refused({ port }, options)).code).toMatch(/^place-(unreachable|protocol)$/)
      expect(
        (await failureOf(hostKeyOf({ host: '127.0.0.1', port }, { limit: greeting ? 30_000 : 200 }))).code,
      ).toMatch(/^place-(unreachable|protocol)$/)
    }
    expect((await refused({ host: 'no-such-host.invalid' })).code).toBe('place-unreachable')
  })

  test('opening can be cancelled', async () => {
    expect((await refused({}, { key: sshd.key, signal: AbortSignal.abort() })).code).toBe('cancelled')
  })
})

describe('accounts', () => {
  const password = 'right "horse" é'
  beforeAll(async () => {
    requireRoot()
    sshd = await startSshd({
      accounts: [
        { name: 'arche-keeper', password },
        { name: 'arche-asked', password, rules: ['PasswordAuthentication no', 'KbdInteractiveAuthentication yes'] },
        { name: 'arche-both', password, rules: ['AuthenticationMethods publickey,password'] },
        { name: 'arche-reader', password, rules: ['ForceCommand internal-sftp -R'] },
        { name: 'arche-caged', password, rules: [`ChrootDirectory ${cage}`, 'ForceCommand internal-sftp'] },
        { name: 'arche-shell', password, rules: ['ForceCommand /bin/echo this account is not available'] },
      ],
    })
  })
  afterAll(() => sshd.stop())

  test('a password, also where the server asks for it', async () => {
    for (const user of ['arche-keeper', 'arche-asked']) {
      const store = await opened({ user }, { password })
      await store.put(user, bytesOf('x'))
      expect(await store.stat(user)).toMatchObject({ size: 1 })
      await store.remove(user)
    }
  })

  test('a key and a password, where the server wants both', async () => {
    const user = 'arche-both'
    await opened({ user }, { key: sshd.key, password })
    expect((await refused({ user }, { key: sshd.key })).code).toBe('place-denied')
    expect((await refused({ user }, { password })).code).toBe('place-denied')
  })

  test('a wrong password and an unknown user: denied, and no word about which', async () => {
    for (const [user, secret] of [
      ['arche-keeper', 'wrong'],
      ['arche-asked', 'wrong'],
      ['arche-keeper', ''],
      ['arche-nobody', password],
    ] as const) {
      const failure = await refused({ user }, { password: secret })
      expect(failure, user).toMatchObject({ code: 'place-denied', retryable: false })
      expectSaid(failure, user)
    }
  })

  test('an account that may only read', async () => {
    await (await opened()).put('there', bytesOf('x'))
    const store = await opened({ user: 'arche-reader' }, { password })
    expect(String(await read(store.get('there')))).toBe('x')
    const put = await failureOf(store.put('n', bytesOf('x')))
    expect(put.code).toBe('denied')
    expectSaid(put, 'n')
    expect((await failureOf(store.put('a/b', bytesOf('x')))).code).toBe('denied')
    expect((await failureOf(store.remove('there'))).code).toBe('denied')
    expect((await all(store.list())).map(({ name }) => name)).toEqual(['there'])
    await (await opened()).remove('there')
  })

  test('an account that is caged in a folder', async () => {
    const store = await opened({ user: 'arche-caged', path: 'files' }, { password })
    await store.put('caged', bytesOf('x'))
    expect(readFileSync(join(sshd.folder, 'caged'), 'utf8')).toBe('x')
    await store.remove('caged')
  })

  test('an account without SFTP', async () => {
    const failure = await refused({ user: 'arche-shell' }, { password })
    expect(failure.code).toMatch(/^place-(protocol|unreachable)$/)
    expectSaid(failure)
  })

  test('a folder in which the account may not write, and one that it may not read', async () => {
    for (const mode of [0o755, 0o700]) {
      const path = join(sshd.folder, `mode-${mode}`)
      mkdirSync(path, { mode })
      const store = await opened({ user: 'arche-keeper', path }, { password })
      const failure = await failureOf(store.put('n', bytesOf('x')))
      expect(failure.code).toBe('denied')
      expectSaid(failure, path)
      if (mode === 0o700) expect((await failureOf(all(store.list()))).code).toBe('denied')
      rmdirSync(path)
    }
  })

  test('a full disk: no-space, the room is given back, and the next object that fits is taken', async () => {
    // Mounted where its server sees it: one that hides no accounts.
    const server = await startSshd()
    onTestFinished(() => server.stop())
    const path = join(server.folder, 'small')
    mkdirSync(path)
    tool('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', path)
    onTestFinished(() => void tool('umount', '--lazy', path))
    const store = await opened({ port: server.port, path, hostKey: server.fingerprint() }, { key: server.key })
    await store.put('earlier', bytesOf('x'))
    const free = (await store.free()) ?? 0
    expect(free).toBeLessThan(17_000_000)
    const failure = await failureOf(store.put('n', bytesOf(noise(20_000_000))))
    expect(failure).toMatchObject({ code: 'no-space', details: { name: `127.0.0.1:${server.port}` } })
    expectSaid(failure)
    expect((await all(store.list())).map(({ name }) => name)).toEqual(['earlier'])
    expect(await store.free()).toBe(free)
    await store.put('fits', bytesOf('x'))
  })
})
