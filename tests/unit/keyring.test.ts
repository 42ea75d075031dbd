// The key folder: pairs are kept, the active one is noted last, and what is copied to a medium opens with gpg.
import { copyFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { KeyInfo } from '../../core/api/model.ts'
import { checkKeyPassword, generateKeyPair, readKey } from '../../core/archive/archive.ts'
import { decrypt, encrypt } from '../../core/archive/openpgp.ts'
import { type Keyring, openKeyring } from '../../core/keys/keyring.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { read } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { goldenKeys as labbook } from '../support/golden.ts'
import { type Gnupg, type GnupgKey, gnupg, makeKey } from './fixtures/gnupg.ts'

const password = ' Mot de passe n°7 — пароль 日本 '

let gpg: Gnupg
let other: GnupgKey
let made: Awaited<ReturnType<typeof generateKeyPair>>
let folder: string
let keyring: Keyring

beforeAll(async () => {
  gpg = gnupg()
  other = makeKey(gpg, { parameters: 'Key-Type: RSA\nKey-Length: 2048\nName-Real: Escrow', password: 'other' })
  made = await generateKeyPair({ name: 'Arche 😀', password })
})
afterAll(() => gpg.close())
beforeEach(async () => {
  folder = join(temporaryFolder(), 'keys')
  keyring = await openKeyring(folder)
})

/** A folder with a pair in it, made without waiting for a new one. */
function put(pair: { fingerprint: string; privateKey: string; publicKey: string }): void {
  writeFileSync(join(folder, `kpri.${pair.fingerprint}.asc`), pair.privateKey)
  writeFileSync(join(folder, `kpub.${pair.fingerprint}.asc`), pair.publicKey)
}

describe('a new pair', () => {
  test('opens in gpg with its password, both ways', async () => {
    const home = gnupg()
    try {
      const wrong = home.try(['--import'], { input: made.privateKey, password })
      expect(wrong.status).toBe(0)
      const listed = home.run(['--list-secret-keys', '--with-colons']).toString()
      expect(listed).toMatch(/^sec:[^:]*:3072:1:/m)
      expect(listed).toMatch(/^ssb:[^:]*:3072:1:/m)
      expect(listed).toContain(made.fingerprint)
      expect(listed).toContain('Arche 😀')
      const sent = await read(encrypt([made.publicKey])(bytesOf('text')))
      expect(home.run(['--decrypt'], { input: sent, password }).toString()).toBe('text')
      const theirs = home.run(['--encrypt', '-r', made.fingerprint], { input: 'text' })
      expect((await read(decrypt({ privateKeys: [made.privateKey], password })(bytesOf(theirs)))).toString()).toBe(
        'text',
      )
      home.run(['--pinentry-mode', 'loopback', '--export-secret-keys', '--armor', made.fingerprint], { password })
      expect(home.try(['--import'], { input: made.privateKey, password: 'x' }).stdout).toHaveLength(0)
    } finally {
      home.close()
    }
  })

  test('is RSA-3072 without end, protected so that gpg 2.2 reads it', async () => {
    const facts = await readKey(made.publicKey)
    expect(facts).toMatchObject({ fingerprint: made.fingerprint, userIds: ['Arche 😀'], private: false })
    expect(facts.fingerprint).toMatch(/^[0-9A-F]{40}$/)
    expect(facts.expiresAt).toBeUndefined()
    expect(facts.keyIds[0]).toBe(made.fingerprint.slice(24))
    const packets = gpg.run(['--list-packets'], { input: made.privateKey }).toString()
    expect(packets.match(/iter\+salt S2K, algo: 9, SHA1 protection, hash: 8/g)).toHaveLength(2)
    expect(made.privateKey).toMatch(/^-----BEGIN PGP PRIVATE KEY BLOCK-----/)
  })

  test('tells a right password from a wrong one', async () => {
    await checkKeyPassword(made.privateKey, password)
    expect((await failureOf(checkKeyPassword(made.privateKey, password.trim()))).code).toBe('wrong-password')
    expect((await failureOf(checkKeyPassword(made.publicKey, password))).code).toBe('bad-key-file')
  })

  test('needs a password that gpg can be given', async () => {
    const create = (typed: string) => keyring.create({ name: 'x', password: typed })
    expect((await failureOf(create(''))).code).toBe('password-empty')
    expect((await failureOf(create('two\nlines'))).code).toBe('bad-input')
    expect((await failureOf(create('é'.repeat(128)))).code).toBe('bad-input')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('the folder', () => {
  test('begins empty', async () => {
    expect(await keyring.list()).toEqual([])
    expect((await failureOf(keyring.use())).code).toBe('no-key')
    expect((await failureOf(keyring.use())).code).toBe('no-key')
    expect(await keyring.privateKeys()).toEqual([])
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  test('keeps the older pair when a new one becomes active, and can go back', async () => {
    put(made)
    const key = await keyring.create({ name: 'Second', password: 'second' })
    const listed = await keyring.list()
    for (const info of listed) KeyInfo.parse(info)
    expect(listed.map(({ fingerprint, active, kind }) => [fingerprint, active, kind])).toEqual([
      [key.fingerprint, true, 'own'],
      [made.fingerprint, false, 'own'],
    ])
    expect(key).toMatchObject({ name: 'Second', active: true })
    expect(statSync(join(folder, `kpri.${key.fingerprint}.asc`)).mode & 0o777).toBe(0o600)
    expect(await keyring.privateKeys()).toHaveLength(2)
    await checkKeyPassword(await keyring.privateKey(key.fingerprint), 'second')
    await keyring.activate(made.fingerprint)
    const again = await openKeyring(folder)
    expect((await again.list())[0]).toMatchObject({ fingerprint: made.fingerprint, active: true })
    expect((await failureOf(keyring.activate('0'.repeat(40)))).code).toBe('not-found')
    expect((await failureOf(keyring.privateKey('0'.repeat(40)))).code).toBe('not-found')
  })

  test('a pair that was only half written, or not yet noted, does not take over', async () => {
    put({ fingerprint: other.fingerprint, privateKey: other.privateKey, publicKey: other.publicKey })
    await keyring.activate(other.fingerprint)
    writeFileSync(join(folder, `kpri.${made.fingerprint}.asc`), made.privateKey)
    expect((await keyring.list()).map(({ fingerprint, active }) => [fingerprint, active])).toEqual([
      [other.fingerprint, true],
      [made.fingerprint, false],
    ])
    writeFileSync(join(folder, `kpri.${made.fingerprint}.asc`), made.privateKey.slice(0, 500))
    expect((await keyring.use()).recipients).toHaveLength(1)
  })

  test('an active pair that is lost or damaged is named, and not replaced by another unasked', async () => {
    put(made)
    put(other)
    await keyring.activate(made.fingerprint)
    const pair = `kpri.${made.fingerprint}.asc`
    const damaged = { code: 'key-damaged', details: { name: pair } }
    writeFileSync(join(folder, pair), 'damaged')
    expect((await failureOf(keyring.use())).toProblem()).toEqual(damaged)
    expect((await failureOf(keyring.create({ name: 'x', password: 'x' }))).toProblem()).toEqual(damaged)
    rmSync(join(folder, pair))
    rmSync(join(folder, `kpub.${made.fingerprint}.asc`))
    const lost = { code: 'key-lost', details: { fingerprint: made.fingerprint } }
    expect(await keyring.trouble()).toEqual(lost)
    expect((await failureOf(keyring.use())).toProblem()).toEqual(lost)
    expect((await failureOf(keyring.create({ name: 'x', password: 'x' }))).toProblem()).toEqual(lost)
    expect((await keyring.list()).map(({ active }) => active)).toEqual([false])
    await keyring.activate(other.fingerprint)
    expect((await keyring.use()).recipients).toHaveLength(1)
    rmSync(join(folder, `kpri.${other.fingerprint}.asc`))
    const fresh = await keyring.create({ name: 'x', password: 'x', instead: true })
    expect(await keyring.trouble()).toBeUndefined()
    expect((await keyring.list())[0]).toMatchObject({ fingerprint: fresh.fingerprint, active: true })
  })

  test('what says which pair is in use may itself be damaged', async () => {
    put(made)
    writeFileSync(join(folder, 'active'), 'x'.repeat(10_000))
    expect((await keyring.use()).lead).toBe(made.fingerprint)
    put(other)
    expect(await keyring.trouble()).toEqual({ code: 'key-damaged', details: { name: 'active' } })
    await keyring.activate(made.fingerprint)
    expect((await keyring.use()).lead).toBe(made.fingerprint)
  })

  test('copies what opens the backups elsewhere: the pair and the public keys of others', async () => {
    put(made)
    writeFileSync(join(folder, 'kpub.fondation-merieux.asc'), other.publicKey)
    const { keyFiles: files } = await keyring.use()
    expect(files.map(({ name }) => name)).toEqual([
      `kpri.${made.fingerprint}.asc`,
      `kpub.${made.fingerprint}.asc`,
      'kpub.fondation-merieux.asc',
    ])
    expect(files[0]?.text).toBe(made.privateKey)
    const sent = await read(encrypt((await keyring.use()).recipients)(bytesOf('text')))
    expect(gpg.run(['--decrypt'], { input: sent, password: 'other' }).toString()).toBe('text')
  })

  test('LabBook’s own folder works as it is', async () => {
    for (const name of readdirSync(labbook))
      if (name.startsWith('k')) copyFileSync(join(labbook, name), join(folder, name))
    expect((await keyring.list()).map(({ name, kind, active }) => [name, kind, active])).toEqual([
      ['LabBook Backup Key', 'own', true],
      ['Escrow', 'recipient', true],
    ])
    expect((await keyring.use()).recipients).toHaveLength(2)
  })
})

describe('recipients', () => {
  beforeEach(() => put(made))

  test('are added, listed, and removed', async () => {
    const key = await keyring.addRecipient(other.publicKey)
    expect(key).toMatchObject({ fingerprint: other.fingerprint, kind: 'recipient', active: true, name: 'Escrow' })
    expect((await keyring.use()).recipients).toHaveLength(2)
    expect((await failureOf(keyring.addRecipient(other.publicKey))).code).toBe('key-exists')
    expect((await failureOf(keyring.addRecipient(made.publicKey))).code).toBe('key-exists')
    await keyring.removeRecipient(other.fingerprint)
    expect((await keyring.use()).recipients).toHaveLength(1)
    expect((await failureOf(keyring.removeRecipient(other.fingerprint))).code).toBe('not-found')
    expect((await failureOf(keyring.removeRecipient(made.fingerprint))).code).toBe('not-found')
    expect(await keyring.privateKeys()).toHaveLength(1)
  })

  test('a private key, an expired key and no key are refused, and nothing is kept of them', async () => {
    const before = readdirSync(folder)
    expect((await failureOf(keyring.addRecipient(other.privateKey))).toProblem()).toEqual({
      code: 'bad-key-file',
      details: { reason: 'PRIVATE KEY' },
    })
    expect((await failureOf(keyring.addRecipient('nothing'))).code).toBe('bad-key-file')
    const signs = makeKey(gpg, { parameters: 'Key-Type: eddsa\nKey-Curve: ed25519\nName-Real: Signs', password: '' })
    expect((await failureOf(keyring.addRecipient(signs.publicKey))).toProblem()).toEqual({
      code: 'key-unusable',
      details: { name: 'Signs', fingerprint: signs.fingerprint, reason: 'key-signs-only' },
    })
    const two = `${other.publicKey}\n${made.publicKey}`
    expect((await failureOf(keyring.addRecipient(two))).code).toBe('bad-key-file')
    expect(readdirSync(folder)).toEqual(before)
  })

  test('one whose file became unreadable stops backups instead of being left out', async () => {
    await keyring.addRecipient(other.publicKey)
    writeFileSync(join(folder, `kpub.${other.fingerprint}.asc`), 'damaged')
    expect((await failureOf(keyring.use())).toProblem()).toEqual({
      code: 'key-file-unreadable',
      details: { name: `kpub.${other.fingerprint}.asc`, reason: 'no-key-text' },
    })
  })
})
