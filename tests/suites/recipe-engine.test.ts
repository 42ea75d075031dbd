// Backups that are not encrypted, through the engine's contract: no key, no password, anywhere on the way; a warning where they leave the computer; and
// what the bytes themselves cannot tell is found by the checksums beside them.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppState, Run } from '../../core/api/model.ts'
import { PackFormat } from '../../core/api/plan.ts'
import { isEncrypted } from '../../core/api/recipe.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn } from '../support/engine.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { scriptedLsblk } from './fixtures/scripted-lsblk.ts'
import { noise } from './fixtures/streams.ts'

const operatorPassword = 'operator pass'
const clear = PackFormat.options.filter((format) => !isEncrypted(format))

let root: string
let engine: Engine
let client: EngineClient
let bugs: unknown[]

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-recipe-'))
  for (const name of ['stick', 'Docs']) await mkdir(join(root, name))
  await writeFile(join(root, 'Docs', 'letter'), 'Cher monsieur,\n'.repeat(1000))
  await writeFile(join(root, 'Docs', 'photo'), noise(3_000_000))
  scriptedLsblk().plug({ path: join(root, 'stick'), label: 'STICK' })
  engine = await openOn(join(root, 'home'), { onBug: (error) => bugs.push(error) })
  client = await engine.connect()
  await client.operator.set({ next: operatorPassword })
  await client.medium.init({ medium: join(root, 'stick'), name: 'STICK' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

const state = (): Promise<AppState> => client.app.state({})
const shelf = (name = '') => join(root, 'stick', 'SIGL_sauvegardes', name)

async function reopen(): Promise<void> {
  await engine.close()
  engine = await openOn(join(root, 'home'), { onBug: (error) => bugs.push(error) })
  client = await engine.connect()
  await client.operator.unlock({ password: operatorPassword })
}

async function planOf(format: PackFormat, name: string = format): Promise<string> {
  const source = { kind: 'folders' as const, paths: [join(root, 'Docs')], exclude: [] }
  const destinations = [{ place: { kind: 'medium' as const } }]
  const plan = { name, source, destinations, method: { kind: 'archive' as const, format } }
  return (await client.plan.save(plan)).id
}

async function backUp(planId: string): Promise<Run> {
  const { id } = await client.backup.start({ planId })
  return endOf(client, id)
}

async function verify(...artifacts: string[]): Promise<Run> {
  const { id } = await client.verify.start({ medium: 'STICK', artifacts })
  return endOf(client, id)
}

describe('without a key', () => {
  it.each(clear)('%s is previewed with a warning, made, verified to its end and restored', async (format) => {
    const planId = await planOf(format)
    expect((await state()).protection).toMatchObject({ reason: 'never' })
    const preview = await client.backup.preview({ plan: planId })
    expect(preview.findings).toEqual([{ level: 'warning', code: 'unencrypted', details: { name: ['STICK'] } }])
    const run = await backUp(planId)
    expect(run).toMatchObject({ outcome: 'success', artifact: expect.stringMatching(new RegExp(`s\\.${format}$`)) })
    expect((await readdir(shelf())).filter((name) => name.endsWith('.asc'))).toEqual([])

    // At a start the keys are looked for: that there are none is no loss.
    await reopen()
    const after = await state()
    expect([after.keys, after.keyTrouble, after.protection.level]).toEqual([[], null, 'protected'])
    const { artifacts } = await client.artifact.list({ medium: 'STICK' })
    expect(artifacts).toMatchObject([{ name: run.artifact, pack: format, format: '3.0' }])

    const verified = await verify()
    expect(verified).toMatchObject({ outcome: 'success', checked: [{ good: true, opened: true, sha256: run.sha256 }] })

    const artifact = run.artifact ?? ''
    const inspection = await client.restore.inspect({ medium: 'STICK', artifact, full: true })
    const into = join(root, 'back')
    const seen = await client.restore.preview({ inspection: inspection.id, existing: 'replace', only: [], into })
    const { id } = await client.restore.start({ preview: seen.id })
    expect(await endOf(client, id)).toMatchObject({ outcome: 'success' })
    for (const name of ['letter', 'photo'])
      expect((await readFile(join(into, 'Docs', name))).equals(await readFile(join(root, 'Docs', name)))).toBe(true)
  })

  it('a plan that encrypts still says what it lacks, before and when it starts', async () => {
    await backUp(await planOf('tar'))
    const planId = await planOf('tar.gz.gpg')
    expect((await state()).protection).toMatchObject({ level: 'unset', reason: 'no-key', action: 'key', planId })
    const { findings, files } = await client.backup.preview({ plan: planId })
    expect(findings).toMatchObject([{ level: 'error', code: 'no-key' }])
    expect(files).toBe(2)
    expect(await failureOf(client.backup.start({ planId }))).toMatchObject({ code: 'no-key' })
    // Without the key that was used before it is lost, whatever other plans do.
    await client.key.create({ password: 'key password' })
    await backUp(planId)
    await rm(join(root, 'home', 'keys'), { recursive: true })
    await reopen()
    expect((await state()).keyTrouble).toMatchObject({ code: 'key-lost' })
  })

  it('on a disk of this computer there is nothing to warn about but the disk, unless a copy leaves it', async () => {
    const [stick] = (await state()).media
    const fixed = join(root, 'fixed')
    await mkdir(fixed)
    const here = await client.medium.init({ medium: fixed, name: 'FIXED' })
    const planId = await planOf('tar.gz')
    const look = async () => (await client.backup.preview({ plan: planId, medium: fixed })).findings
    expect((await look()).map(({ code }) => code)).toEqual(['fixed-disk'])
    const plan = (await state()).plans.find(({ id }) => id === planId)
    if (!plan || !stick?.id || !here.id) throw new Error('no plan, or no medium')
    const destinations = [here.id, stick.id].map((id) => ({ place: { kind: 'medium' as const, id } }))
    await client.plan.save({ ...plan, destinations })
    expect(await look()).toContainEqual({ level: 'warning', code: 'unencrypted', details: { name: ['STICK'] } })
    // Pulled out, it is still somewhere else.
    scriptedLsblk()
    expect(await look()).toContainEqual({ level: 'warning', code: 'unencrypted', details: { name: ['STICK'] } })
  })

  it('what was compressed otherwise does not say what to expect: uncompressed, all that is read', async () => {
    const planId = await planOf('tar.gz')
    await backUp(planId)
    const preview = () => client.backup.preview({ plan: planId })
    const packed = await preview()
    expect(packed.expected).toBeGreaterThan(0)
    const plan = (await state()).plans.find(({ id }) => id === planId)
    if (!plan) throw new Error('no plan')
    await client.plan.save({ ...plan, method: { kind: 'archive', format: 'tar' } })
    const { expected = 0, bytes } = await preview()
    expect(expected).toBeGreaterThanOrEqual(bytes)
    expect(expected).toBeGreaterThanOrEqual(packed.expected ?? 0)
  })
})

describe('damage', () => {
  it.each(clear)(
    'a byte flipped in a file of %s, and an end that is missing, are found by a verification',
    async (format) => {
      const { artifact = '' } = await backUp(await planOf(format))
      const whole = await readFile(shelf(artifact))
      const flipped = Buffer.from(whole)
      const at = Math.floor(whole.length / 2)
      flipped[at] = (flipped[at] as number) ^ 1
      for (const bytes of [flipped, whole.subarray(0, at), whole.subarray(0, -1)]) {
        await writeFile(shelf(artifact), bytes)
        expect(await verify(artifact)).toMatchObject({
          outcome: 'error',
          failure: { code: 'damaged', details: { name: artifact, reason: 'SHA-256' } },
        })
      }
      await writeFile(shelf(artifact), whole)
      expect(await verify(artifact)).toMatchObject({ outcome: 'success' })
    },
  )

  it('without its checksum a bare tar still tells that its end is missing, and no more', async () => {
    const { artifact = '' } = await backUp(await planOf('tar'))
    const whole = await readFile(shelf(artifact))
    await rm(shelf('SHA256SUMS'))
    await writeFile(shelf(artifact), whole.subarray(0, whole.length / 2))
    expect(await verify(artifact)).toMatchObject({ outcome: 'error', failure: { code: 'truncated' } })
    const at = whole.indexOf('Cher monsieur')
    whole[at] = 0
    await writeFile(shelf(artifact), whole)
    expect(await verify(artifact)).toMatchObject({ outcome: 'success', checked: [{ good: true, opened: true }] })
  })

  it('what is not encrypted is never taken for what is, nor the other way round', async () => {
    const { artifact = '' } = await backUp(await planOf('tar.gz'))
    await rename(shelf(artifact), shelf(`${artifact}.gpg`))
    const inspect = (name: string, keyPassword?: string) =>
      failureOf(client.restore.inspect({ medium: 'STICK', artifact: name, ...(keyPassword && { keyPassword }) }))
    for (const password of [undefined, 'any'])
      expect(await inspect(`${artifact}.gpg`, password)).toMatchObject({
        code: 'damaged',
        details: { name: `${artifact}.gpg`, reason: 'not-encrypted' },
      })
    await client.key.create({ password: 'key password' })
    const { artifact: sealed = '' } = await backUp(await planOf('tar.gz.gpg'))
    const bare = sealed.replace(/\.gpg$/, '')
    await rename(shelf(sealed), shelf(bare))
    expect(await inspect(bare)).toMatchObject({ code: 'damaged', details: { name: bare, reason: 'encrypted' } })
    expect(await verify(bare)).toMatchObject({ outcome: 'error', failure: { code: 'damaged' } })
  })
})
