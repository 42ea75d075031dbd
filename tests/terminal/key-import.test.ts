// Keys of a medium that was in other hands, a key that is gone, names and passwords that are not UTF-8: from a terminal.
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { generateKey } from 'openpgp'
import { describe, expect, it } from 'vitest'
import { arche, atTerminal, jsonLines, operatorPassword, passwords } from '../support/arche.ts'
import { golden } from '../support/golden.ts'
import { archives, keys, preparedOnce, type Scene, scene } from './prepared.ts'

preparedOnce()

const shelf = (at: Scene) => join(at.stick, 'SIGL_sauvegardes')

async function stranger(name: string) {
  const { privateKey, publicKey } = await generateKey({
    userIDs: [{ name }],
    passphrase: 'of the stranger',
    format: 'object',
  })
  const fingerprint = publicKey.getFingerprint().toUpperCase()
  return { fingerprint, secret: privateKey.armor(), open: publicKey.armor() }
}

describe('a medium that was in other hands', () => {
  it('adds nobody as a reader without a yes to the fingerprint', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const { fingerprint, open } = await stranger('Not asked')
    writeFileSync(join(shelf(at), 'kpub.escrow.asc'), open)
    for (const words of [[], ['--yes']]) {
      const refused = await arche(at, ['key', 'import', shelf(at), ...words])
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining(`--recipient ${fingerprint}`) })
    }
    expect((await arche(at, ['key', 'import', shelf(at), '--no-recipients'])).code).toBe(0)
    expect(await keys(at)).toHaveLength(1)
    expect((await arche(at, ['key', 'import', shelf(at), '--recipient', fingerprint.slice(-16)])).code).toBe(2)
    const named = await arche(at, ['key', 'import', shelf(at), '--recipient', fingerprint])
    expect(named, named.err).toMatchObject({ code: 0, out: expect.stringContaining('Not asked') })
    expect(await keys(at)).toHaveLength(2)
  })

  it('asks a person about each, and means no by Enter alone', async () => {
    const at = scene()
    const { fingerprint, open } = await stranger('Asked')
    writeFileSync(join(shelf(at), 'kpub.x.asc'), open)
    const asked = async (answer: string) => {
      const session = atTerminal(at, ['key', 'import', shelf(at)], {
        env: { ARCHE_OPERATOR_PASSWORD: operatorPassword },
      })
      await session.seen(fingerprint.replace(/(.{4})(?=.)/g, '$1 '))
      session.type(answer)
      return (await session.ended).code
    }
    expect(await asked('')).toBe(0)
    expect(await keys(at)).toHaveLength(1)
    expect(await asked('yes')).toBe(0)
    expect(await keys(at)).toHaveLength(2)
  })

  it('gives a new computer no pair whose password is not known', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const { fingerprint, secret, open } = await stranger('Swapped')
    for (const name of readdirSync(shelf(at)).filter((one) => one.startsWith('k')))
      renameSync(join(shelf(at), name), join(at.folder, name))
    writeFileSync(join(shelf(at), `kpri.${fingerprint}.asc`), secret)
    writeFileSync(join(shelf(at), `kpub.${fingerprint}.asc`), open)
    const elsewhere = { ...at, env: { ...at.env, ARCHE_HOME: join(at.folder, 'elsewhere') } }
    expect(await arche(elsewhere, ['--yes', 'key', 'import', shelf(at)])).toMatchObject({ code: 4 })
    expect(await keys(elsewhere)).toEqual([])
    for (const name of readdirSync(at.folder).filter((one) => one.startsWith('k')))
      copyFileSync(join(at.folder, name), join(shelf(at), name))
    const taken = await arche(elsewhere, ['--yes', 'key', 'import', shelf(at)])
    expect(taken, taken.err).toMatchObject({ code: 0, err: expect.stringContaining('Left out') })
    expect(await keys(elsewhere)).toMatchObject([{ kind: 'own', active: true }])
    expect((await keys(elsewhere))[0]?.fingerprint).not.toBe(fingerprint)
  })
})

describe('a key that was in use', () => {
  const pair = (at: Scene) => readdirSync(join(at.home, 'keys')).find((name) => name.startsWith('kpri.')) ?? ''

  it('is named when it is lost or damaged, and not replaced by a new one', async () => {
    for (const harm of [
      (path: string) => rmSync(path),
      (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 500)),
    ]) {
      const at = scene()
      await arche(at, ['backup', 'docs', '--to', 'stick'])
      harm(join(at.home, 'keys', pair(at)))
      for (const words of [['init'], ['key', 'new'], ['backup', 'docs', '--to', 'stick']]) {
        const refused = await arche(at, ['--yes', ...words])
        expect(refused, words.join(' ')).toMatchObject({ code: 10, err: expect.stringContaining('key import') })
      }
      expect(await arche(at, ['status'])).toMatchObject({ code: 3, err: expect.stringContaining('key import') })
      expect(await keys(at)).not.toContainEqual(expect.objectContaining({ kind: 'own' }))
      expect((await arche(at, ['--yes', 'key', 'import', shelf(at)])).code).toBe(0)
      expect((await arche(at, ['--yes', 'backup', 'docs', '--to', 'stick'])).code).toBe(0)
      expect(archives(at.stick)).toHaveLength(2)
    }
  })

  it('is missed even when the whole folder of keys is gone', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    rmSync(join(at.home, 'keys'), { recursive: true })
    expect((await arche(at, ['--yes', 'init'])).code).toBe(10)
    expect(await keys(at)).toEqual([])
  })

  it('is replaced by another only after a yes at the terminal', async () => {
    const at = scene()
    const session = atTerminal(at, ['key', 'new'], { env: { ARCHE_OPERATOR_PASSWORD: operatorPassword } })
    await session.seen('It stays')
    await session.seen('Create another backup key?')
    session.type('')
    expect((await session.ended).code).toBe(130)
    expect(await keys(at)).toHaveLength(1)
  })

  it('lies on the medium for its owner alone, also where it was open before', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const path = join(shelf(at), pair(at))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const mode = (wanted: number, content = readFileSync(path)) => {
      rmSync(path)
      writeFileSync(path, content, { mode: wanted })
    }
    mode(0o644)
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
})

describe('bytes that are not UTF-8', () => {
  const latin = Buffer.from('caf\xe9 au lait', 'latin1')

  it('make no password, whatever it is for', async () => {
    const at = scene({ fresh: true })
    for (const name of ['ARCHE_OPERATOR_PASSWORD', 'ARCHE_KEY_PASSWORD']) {
      const others = Object.entries(passwords).map(([key, value]) => `${key}='${value}'`)
      const shell = `${others.join(' ')} ${name}=$(printf 'caf\\351 au lait') exec "$@"`
      const refused = await arche(at, ['--yes', 'init'], { through: ['sh', '-c', shell, 'sh'], env: {} })
      expect(refused, name).toMatchObject({ code: 4, err: expect.stringContaining('UTF-8') })
    }
    const refused = await arche(at, ['--yes', '--key-password-fd', '3', 'init'], {
      env: { ARCHE_OPERATOR_PASSWORD: operatorPassword },
      descriptors: [latin],
    })
    expect(refused).toMatchObject({ code: 4, err: expect.stringContaining('UTF-8') })
    const mark = await arche(at, ['--yes', '--key-password-fd', '3', 'init'], {
      env: { ARCHE_OPERATOR_PASSWORD: operatorPassword },
      descriptors: ['a\ufffdb'],
    })
    expect(mark).toMatchObject({ code: 4, err: expect.stringContaining('UTF-8') })
    expect(await keys(at)).toEqual([])
  })

  it('name a folder to be saved, restored from, and left out', async () => {
    const at = scene()
    const odd = Buffer.concat([Buffer.from(join(at.folder, 'lat')), Buffer.from([0xe9])])
    mkdirSync(odd)
    writeFileSync(Buffer.concat([odd, Buffer.from('/one')]), 'one')
    writeFileSync(Buffer.concat([odd, Buffer.from([0x2f, 0xe8])]), 'two')
    const shell = (words: string) => ['sh', '-c', `cd "$(printf '${at.folder}')" && exec "$@" ${words}`, 'sh']
    const byShell = (args: string[], words: string) => arche(at, args, { through: shell(words) })
    const name = `"$(printf 'lat\\351')"`
    const saved = await byShell(['backup', '--to', 'stick', '--plan', 'P'], name)
    expect(saved, saved.err).toMatchObject({ code: 0 })
    const part = `--only "$(printf 'lat\\351/\\350')" --into "$(printf 'into\\351')"`
    const restored = await byShell(['--yes', 'restore', 'latest', '--from', 'stick'], part)
    expect(restored, restored.err).toMatchObject({ code: 0 })
    const back = Buffer.concat([
      Buffer.from(join(at.folder, 'into')),
      Buffer.from([0xe9]),
      Buffer.from('/lat'),
      Buffer.from([0xe9, 0x2f, 0xe8]),
    ])
    expect(readFileSync(back, 'utf8')).toBe('two')
    const excluded = `${name} --exclude "$(printf '\\350')"`
    const less = await byShell(['--yes', '--json', 'backup', '--to', 'stick', '--plan', 'Q'], excluded)
    expect(jsonLines(less.out).at(-1)).toMatchObject({ run: { files: 1 } })
  })

  it('that npm has lost are told, with the way out', async () => {
    const at = scene()
    const lost = await arche(at, ['backup', 'lat\ufffd', '--to', 'stick'], {
      env: { ...passwords, npm_lifecycle_event: 'start' },
    })
    expect(lost).toMatchObject({ code: 2, err: expect.stringContaining('the folder above') })
    mkdirSync(join(at.folder, 'real\ufffd'))
    writeFileSync(join(at.folder, 'real\ufffd', 'a'), 'a')
    const real = await arche(at, ['backup', 'real\ufffd', '--to', 'stick'], {
      env: { ...passwords, npm_lifecycle_event: 'start' },
    })
    expect(real, real.err).toMatchObject({ code: 0 })
  })
})

it('a second private key beside backups of LabBook is a question once, and the password for LabBook is told', async () => {
  const at = scene()
  const lab = join(at.folder, 'lab')
  cpSync(join(golden, 'v30'), lab, { recursive: true })
  const asked = await arche(at, ['backup', 'docs', '--to', 'lab'])
  expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('LabBook’s own tool opens only') })
  expect(readdirSync(join(lab, 'SIGL_sauvegardes')).filter((name) => name.startsWith('kpri.'))).toHaveLength(1)
  const agreed = await arche(at, ['--yes', 'backup', 'docs', '--to', 'lab'])
  expect(agreed, agreed.err).toMatchObject({ code: 0, err: expect.stringContaining('LabBook’s own tool opens only') })
  expect((await arche(at, ['backup', 'docs', '--to', 'lab'])).err).not.toContain('LabBook')
})

it('a recipient that is of no use stops a backup before it begins, by name; one that soon will be is told by status', async () => {
  const at = scene()
  const soon = await generateKey({ userIDs: [{ name: 'Soon' }], keyExpirationTime: 20 * 86_400, format: 'object' })
  writeFileSync(join(at.folder, 'soon.asc'), soon.publicKey.armor())
  expect((await arche(at, ['key', 'recipient', 'add', 'soon.asc'])).code).toBe(0)
  expect(await arche(at, ['status'])).toMatchObject({ code: 3, err: expect.stringContaining('Soon') })
  // Nobody needs to agree to that: it is told.
  expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
  const signs = await generateKey({ userIDs: [{ name: 'Signs only' }], subkeys: [{ sign: true }], format: 'object' })
  writeFileSync(join(at.home, 'keys/kpub.signs.asc'), signs.publicKey.armor())
  const stopped = await arche(at, ['--yes', 'backup', 'docs', '--to', 'stick'])
  expect(stopped).toMatchObject({ code: 10, err: expect.stringContaining('Signs only') })
  expect(stopped.err).toContain('signing only')
  expect(archives(at.stick)).toHaveLength(1)
})
