// Keys of another folder, which may have been in anybody's hands: shown, proven, taken; and public keys that are newer, or of no use.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as openpgp from 'openpgp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readKey } from '../../core/archive/archive.ts'
import { encrypt } from '../../core/archive/openpgp.ts'
import { type Keyring, openKeyring } from '../../core/keys/keyring.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { read } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { goldenKeys as labbook, goldenPassword as labbookPassword } from '../support/golden.ts'
import { type Gnupg, gnupg, makeKey } from './fixtures/gnupg.ts'

interface Pair {
  readonly fingerprint: string
  readonly privateKey: string
  readonly publicKey: string
}

const password = 'mot de passe'
const labbookPair = '25D5CE4B4060C35D79F06C54E3B8BB786C551F8E'

let gpg: Gnupg
let mine: Pair
let theirs: Pair
let folder: string
let other: string
let keyring: Keyring

beforeAll(async () => {
  gpg = gnupg()
  mine = await pair('Mine', password)
  theirs = await pair('Attacker', 'x')
})
afterAll(() => gpg.close())
beforeEach(async () => {
  folder = join(temporaryFolder(), 'keys')
  other = temporaryFolder()
  keyring = await openKeyring(folder)
})

/** Of a kind that is made in no time. */
async function pair(name: string, passphrase: string): Promise<Pair> {
  const made = await openpgp.generateKey({ userIDs: [{ name }], passphrase, format: 'object' })
  const fingerprint = made.publicKey.getFingerprint().toUpperCase()
  return { fingerprint, privateKey: made.privateKey.armor(), publicKey: made.publicKey.armor() }
}

function put(where: string, pair: Pair, names: { secret?: string; open?: string } = {}): void {
  const { secret = `kpri.${pair.fingerprint}.asc`, open = `kpub.${pair.fingerprint}.asc` } = names
  writeFileSync(join(where, secret), pair.privateKey)
  writeFileSync(join(where, open), pair.publicKey)
}

const nobody = { pairs: [], recipients: [] }
const pairOf = (pair: Pair, typed = password) => ({
  pairs: [{ fingerprint: pair.fingerprint, password: typed }],
  recipients: [],
})

describe('a folder of keys', () => {
  test('is only shown: nothing is taken but what was chosen', async () => {
    put(folder, mine)
    const { keys, odd } = await keyring.look(labbook)
    expect(odd).toEqual([])
    expect(keys.map(({ name, kind, state }) => [name, kind, state])).toEqual([
      ['LabBook Backup Key', 'own', 'new'],
      ['Escrow', 'recipient', 'new'],
    ])
    expect(await keyring.importFrom(labbook, nobody)).toEqual([])
    expect(await keyring.list()).toHaveLength(1)
    const escrow = keys[1]?.fingerprint ?? ''
    const pairs = [{ fingerprint: labbookPair, password: labbookPassword }]
    const added = await keyring.importFrom(labbook, { pairs, recipients: [escrow] })
    expect(added.map(({ name, active }) => [name, active])).toEqual([
      ['LabBook Backup Key', false],
      ['Escrow', true],
    ])
    expect(readdirSync(folder)).toContain('kpub.escrow.asc')
    expect((await keyring.look(labbook)).keys.map(({ state }) => state)).toEqual(['known', 'known'])
    expect(await keyring.importFrom(labbook, { pairs, recipients: [escrow] })).toEqual([])
    expect((await failureOf(keyring.importFrom(labbook, { pairs: [], recipients: [mine.fingerprint] }))).code).toBe(
      'not-found',
    )
  })

  test('of which one is refused gives none', async () => {
    put(other, mine)
    writeFileSync(join(other, 'kpub.x.asc'), theirs.publicKey)
    const choice = { ...pairOf(mine, 'wrong'), recipients: [theirs.fingerprint] }
    expect((await failureOf(keyring.importFrom(other, choice))).code).toBe('wrong-password')
    expect(await keyring.list()).toEqual([])
  })

  test('on a new computer gives the pair in use, with its password only', async () => {
    put(other, theirs)
    expect((await failureOf(keyring.importFrom(other, pairOf(theirs)))).code).toBe('wrong-password')
    expect((await failureOf(keyring.prove(other, { fingerprint: theirs.fingerprint, password }))).code).toBe(
      'wrong-password',
    )
    put(other, mine)
    expect(await keyring.importFrom(other, pairOf(mine))).toMatchObject([{ name: 'Mine', active: true }])
    expect((await keyring.use()).recipients).toHaveLength(1)
  })

  test('brings a lost pair back, and no other pair takes its place', async () => {
    put(folder, mine)
    await keyring.activate(mine.fingerprint)
    rmSync(join(folder, `kpri.${mine.fingerprint}.asc`))
    put(other, theirs)
    expect(await keyring.importFrom(other, pairOf(theirs, 'x'))).toMatchObject([{ active: false }])
    expect((await failureOf(keyring.use())).code).toBe('key-lost')
    put(other, mine)
    await keyring.importFrom(other, pairOf(mine))
    expect((await keyring.use()).lead).toBe(mine.fingerprint)
  })

  test('under names that stand for other keys takes none of theirs', async () => {
    put(folder, mine)
    put(other, theirs, { open: `kpub.${mine.fingerprint}.asc`, secret: 'not-taken' })
    writeFileSync(join(other, 'kpub.\u001b[31m\n.asc'), theirs.publicKey)
    await keyring.importFrom(other, { pairs: [], recipients: [theirs.fingerprint] })
    expect(
      readdirSync(folder)
        .filter((name) => name.startsWith('kpub.'))
        .sort(),
    ).toEqual([`kpub.${mine.fingerprint}.asc`, `kpub.${theirs.fingerprint}.asc`].sort())
    expect((await keyring.use()).lead).toBe(mine.fingerprint)
  })
})

describe('a pair whose password proves nothing', () => {
  const armored = (key: openpgp.Key) => key.armor()

  async function refused(secret: string): Promise<string> {
    const { fingerprint } = await readKey(secret)
    writeFileSync(join(other, `kpri.${fingerprint}.asc`), secret)
    const failure = await failureOf(keyring.importFrom(other, { pairs: [{ fingerprint, password }], recipients: [] }))
    expect(await keyring.list()).toEqual([])
    return failure.code
  }

  test('is refused when it has none', async () => {
    const { privateKey } = await openpgp.generateKey({ userIDs: [{ name: 'Open' }], format: 'armored' })
    expect(await refused(privateKey)).toBe('key-unprotected')
  })

  test('is refused when a part of it has none', async () => {
    const key = await openpgp.readPrivateKey({ armoredKey: theirs.privateKey })
    const opened = await openpgp.decryptKey({ privateKey: key, passphrase: 'x' })
    const [part] = opened.subkeys
    if (!part) throw new Error('no subkey')
    key.subkeys.splice(0, 1, part)
    expect(await refused(armored(key))).toBe('key-unprotected')
  })

  test('is refused when the secret is left out of what would encrypt', async () => {
    const key = await openpgp.readPrivateKey({ armoredKey: mine.privateKey })
    for (const { keyPacket } of key.subkeys) {
      if (!(keyPacket instanceof openpgp.SecretSubkeyPacket)) throw new Error('no secret')
      await keyPacket.decrypt(password)
      keyPacket.makeDummy()
    }
    expect(await refused(armored(key))).toBe('bad-key-file')
  })
})

describe('a folder that somebody made to be in the way', () => {
  test('is read past pipes, devices, giants, folders and what is no key: each is named', async () => {
    put(other, mine)
    execFileSync('mkfifo', [join(other, 'kpri.pipe.asc'), join(other, 'kpub.pipe.asc')])
    symlinkSync('/dev/zero', join(other, 'kpub.zero.asc'))
    symlinkSync('/etc/passwd', join(other, 'kpub.link.asc'))
    mkdirSync(join(other, 'kpub.folder.asc'))
    writeFileSync(join(other, 'kpub.giant.asc'), 'x')
    truncateSync(join(other, 'kpub.giant.asc'), 3 * 1024 ** 3)
    writeFileSync(join(other, 'kpub.none.asc'), 'nothing')
    writeFileSync(join(other, 'kpub.private.asc'), theirs.privateKey)
    const { keys, odd } = await keyring.look(other)
    expect(keys.map(({ name }) => name)).toEqual(['Mine'])
    expect(odd.map(({ code, details }) => [code, details.name, details.reason])).toEqual([
      ['key-file-unreadable', 'kpri.pipe.asc', 'kind'],
      ['key-file-unreadable', 'kpub.folder.asc', 'kind'],
      ['key-file-unreadable', 'kpub.giant.asc', 'size'],
      ['key-file-unreadable', 'kpub.link.asc', 'kind'],
      ['key-file-unreadable', 'kpub.none.asc', 'no-key-text'],
      ['key-file-unreadable', 'kpub.pipe.asc', 'kind'],
      ['key-file-unreadable', 'kpub.private.asc', 'no-key-text'],
      ['key-file-unreadable', 'kpub.zero.asc', 'kind'],
    ])
  })

  test('is not read to its end when it holds too many', async () => {
    for (let number = 0; number < 700; number += 1) writeFileSync(join(other, `kpub.${number}.asc`), 'x')
    put(other, mine)
    const { keys, odd } = await keyring.look(other)
    expect(keys.map(({ name }) => name)).toEqual(['Mine'])
    expect(odd.at(-1)).toEqual({ code: 'key-files-many', details: { count: 702, path: other } })
    expect(odd.length).toBeLessThan(30)
  })

  test('without a key says what lies there instead', async () => {
    expect((await failureOf(keyring.look(other))).code).toBe('key-folder-empty')
    writeFileSync(join(other, 'kpub.x.asc'), '')
    expect((await failureOf(keyring.look(other))).toProblem()).toMatchObject({
      code: 'key-file-unreadable',
      details: { name: 'kpub.x.asc' },
    })
    expect((await failureOf(keyring.look(join(other, 'nowhere')))).code).toBe('not-found')
  })

  test('as our own key folder stops backups, and no more', async () => {
    put(folder, mine)
    execFileSync('mkfifo', [join(folder, 'kpub.x.asc')])
    expect((await keyring.list()).map(({ name }) => name)).toEqual(['Mine'])
    expect((await failureOf(keyring.use())).toProblem()).toMatchObject({ details: { name: 'kpub.x.asc' } })
    chmodSync(folder, 0o700)
  })
})

describe('a newer copy of a key', () => {
  const parameters =
    'Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign\nSubkey-Type: RSA\nSubkey-Length: 2048\nSubkey-Usage: encrypt'
  const exported = (print: string) => gpg.run(['--armor', '--export', print]).toString()

  /** The same key before and after its owner prolonged it. */
  function prolonged(): { fingerprint: string; older: string; newer: string } {
    const { fingerprint, publicKey } = makeKey(gpg, {
      parameters: `${parameters}\nName-Real: Escrow\nExpire-Date: 5d\nCreation-Date: 20261101T000000`,
      password: '',
    })
    gpg.run(['--quick-set-expire', fingerprint, '2y'])
    const listed = gpg.run(['--list-keys', '--with-colons', fingerprint]).toString()
    const parts = [...listed.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map((found) => found[1] ?? '')
    gpg.run(['--quick-set-expire', fingerprint, '2y', ...parts.slice(1)])
    return { fingerprint, older: publicKey, newer: exported(fingerprint) }
  }

  test('takes the place of the older one, given or imported, and never the other way round', async () => {
    const { fingerprint, older, newer } = prolonged()
    put(folder, mine)
    expect((await failureOf(keyring.addRecipient(older))).toProblem()).toMatchObject({
      code: 'key-expired',
      details: { name: 'Escrow', fingerprint },
    })
    writeFileSync(join(folder, 'kpub.escrow.asc'), older)
    expect((await failureOf(keyring.use())).code).toBe('key-expired')
    expect(await keyring.addRecipient(newer)).toMatchObject({ fingerprint, replaced: true })
    expect(readdirSync(folder).filter((name) => name.startsWith('kpub.'))).toHaveLength(2)
    expect((await keyring.use()).recipients).toHaveLength(2)
    expect((await failureOf(keyring.addRecipient(newer))).code).toBe('key-exists')

    writeFileSync(join(other, 'kpub.escrow.asc'), older)
    expect((await keyring.look(other)).keys[0]?.state).toBe('known')
    await keyring.importFrom(other, { pairs: [], recipients: [fingerprint] })
    expect((await keyring.use()).recipients).toHaveLength(2)

    writeFileSync(join(folder, 'kpub.escrow.asc'), older)
    writeFileSync(join(other, 'kpub.escrow.asc'), newer)
    expect((await keyring.look(other)).keys[0]?.state).toBe('newer')
    await keyring.importFrom(other, { pairs: [], recipients: [fingerprint] })
    expect((await keyring.use()).recipients).toHaveLength(2)
  })

  test('says when it ends, by the part that encrypts', async () => {
    const { fingerprint } = makeKey(gpg, {
      parameters: `${parameters}\nName-Real: Part\nExpire-Date: 20d`,
      password: '',
    })
    gpg.run(['--quick-set-expire', fingerprint, '0'])
    const { expiresAt } = await readKey(exported(fingerprint))
    expect(Math.round(((expiresAt?.getTime() ?? 0) - Date.now()) / 86_400_000)).toBe(20)
  })

  test('is not what somebody else has signed, or claims', async () => {
    const { fingerprint, newer } = prolonged()
    writeFileSync(join(folder, 'kpub.escrow.asc'), newer)
    const key = await openpgp.readKey({ armoredKey: newer })
    // One of its own signatures, made to look a day younger: it does not hold any more.
    const raw = Buffer.from(key.write())
    const made = key.users[0]?.selfCertifications[0]?.created?.getTime() ?? 0
    for (let at = 0; at < raw.length - 6; at += 1)
      if (raw[at] === 5 && raw[at + 1] === 2 && raw.readUInt32BE(at + 2) === made / 1000)
        raw.writeUInt32BE(made / 1000 + 86_400, at + 2)
    const touched = await openpgp.readKey({ binaryKey: raw })
    const forged = touched.users[0]?.selfCertifications[0]
    if (!forged || forged.created?.getTime() !== made + 86_400_000) throw new Error('no signature')
    key.users[0]?.selfCertifications.push(forged)
    writeFileSync(join(other, 'kpub.escrow.asc'), key.armor())
    expect((await keyring.look(other)).keys).toMatchObject([{ fingerprint, state: 'known' }])
  })
})

describe('a public key that is of no use', () => {
  const refusal = async (armored: string) => (await failureOf(keyring.addRecipient(armored))).toProblem()
  const made = (
    options: Omit<openpgp.KeyOptions, 'userIDs' | 'format' | 'config'>,
    config: openpgp.PartialConfig = {},
  ) => openpgp.generateKey({ userIDs: [{ name: 'Them' }], format: 'object', ...options, config })

  test('is refused by its name, each with its own reason', async () => {
    const named = (reason: string) => ({ code: 'key-unusable', details: { name: 'Them', reason } })
    const short = await made({ type: 'rsa', rsaBits: 1024 }, { minRSABits: 1024 })
    expect(await refusal(short.publicKey.armor())).toMatchObject(named('key-too-short'))
    const plain = await made({})
    const revoked = await openpgp.revokeKey({ key: plain.privateKey, format: 'object' })
    expect(await refusal(revoked.publicKey.armor())).toMatchObject(named('key-revoked'))
    const signs = await made({ subkeys: [{ sign: true }] })
    expect(await refusal(signs.publicKey.armor())).toMatchObject(named('key-signs-only'))
    const old = await made({ date: new Date('2020-01-01'), keyExpirationTime: 86_400 })
    expect(await refusal(old.publicKey.armor())).toMatchObject({ code: 'key-expired', details: { name: 'Them' } })
    const [part] = plain.publicKey.subkeys
    if (part) part.bindingSignatures.length = 0
    expect(await refusal(plain.publicKey.armor())).toMatchObject({ code: 'key-unusable' })
    expect(await keyring.list()).toEqual([])
  })

  test('on a curve that cannot be checked is refused for that, and used where it only encrypts', async () => {
    for (const curve of ['brainpoolP256r1', 'secp256k1']) {
      const key = makeKey(gpg, {
        parameters: `Key-Type: ECDSA\nKey-Curve: ${curve}\nSubkey-Type: ECDH\nSubkey-Curve: ${curve}\nName-Real: Curve`,
        password: '',
      })
      expect(await refusal(key.publicKey)).toMatchObject({ code: 'key-unusable', details: { reason: 'key-curve' } })
      const mixed = makeKey(gpg, {
        parameters: `Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign\nSubkey-Type: ECDH\nSubkey-Curve: ${curve}\nName-Real: Mixed`,
        password: '',
      })
      await keyring.addRecipient(mixed.publicKey)
      const sent = await read(encrypt([mixed.publicKey])(bytesOf('text')))
      expect(gpg.run(['--decrypt'], { input: sent }).toString()).toBe('text')
    }
  })
})

describe('for whom a backup is', () => {
  const labbookToo = { pairs: [{ fingerprint: labbookPair, password: labbookPassword }], recipients: [] }

  test('LabBook gets its own pair, and that pair alone lies beside', async () => {
    put(folder, mine)
    await keyring.activate(mine.fingerprint)
    await keyring.importFrom(labbook, labbookToo)
    const plain = await keyring.use()
    expect([plain.lead, plain.recipients.length]).toEqual([mine.fingerprint, 1])
    const use = await keyring.use({ labbook: true })
    expect([use.lead, use.recipients.length]).toEqual([labbookPair, 2])
    expect(use.keyFiles.map(({ name }) => name)).toEqual([
      `kpri.${labbookPair}.asc`,
      `kpub.${labbookPair}.asc`,
      `kpub.${mine.fingerprint}.asc`,
    ])
  })

  test('our pairs that lie on the medium open it as well, those of others do not', async () => {
    put(folder, mine)
    await keyring.activate(mine.fingerprint)
    await keyring.importFrom(labbook, labbookToo)
    const use = await keyring.use({ beside: [labbookPair, theirs.fingerprint] })
    expect([use.lead, use.recipients.length]).toEqual([mine.fingerprint, 2])
  })
})
