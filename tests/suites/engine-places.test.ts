// Places through the engine, against a real OpenSSH server: taken up, used by everything that a medium is used by, and what logs in there.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { endOf } from '../support/engine.ts'
import { keyPassword, placeScene } from '../support/places.ts'
import { makeKey } from '../support/sshd.ts'
import { failureOf } from './fixtures/failure-of.ts'

const at = placeScene()

describe('a place is taken up', () => {
  it('with a marker of its own, once the host key was seen', async () => {
    expect(await at.client.place.look({ host: '127.0.0.1', port: at.sshd.port })).toEqual({
      type: 'ssh-ed25519',
      fingerprint: at.sshd.fingerprint(),
    })
    const { place, adopted } = await at.save()
    expect(adopted).toBe(false)
    expect(JSON.parse(readFileSync(at.shelf('.arche-medium.json'), 'utf8'))).toMatchObject({
      id: place.id,
      name: 'NAS',
    })
    const [seen, ...others] = await at.client.place.list({ ask: true })
    expect(others).toEqual([])
    expect(seen).toMatchObject({ place, locked: false, plans: [], state: { backups: 0, free: expect.any(Number) } })
    const { media, places } = await at.client.app.state({})
    expect(places).toEqual([place])
    expect(media.filter(({ kind }) => kind)).toMatchObject([
      { kind: 'sftp', id: place.id, name: 'NAS', path: `sftp://${at.sshd.user}@127.0.0.1:${at.sshd.port}${at.remote}` },
    ])
  })

  it('and everything that is done with a medium is done with it', async () => {
    const { place } = await at.save()
    const planId = await at.plan(place)
    const run = await at.backUp(planId)
    expect(run).toMatchObject({ outcome: 'success', warnings: 0, medium: { id: place.id, name: 'NAS' } })
    const artifact = run.artifact ?? ''
    expect(at.lying()).toContain(artifact)
    const hash = createHash('sha256')
      .update(readFileSync(at.shelf(artifact)))
      .digest('hex')
    expect(readFileSync(at.shelf('SHA256SUMS'), 'utf8')).toBe(`${hash}  ${artifact}\n`)
    const { artifacts } = await at.client.artifact.list({ medium: 'NAS' })
    expect(artifacts).toMatchObject([{ name: artifact, subject: 'Docs', sha256: hash }])
    const verified = await endOf(at.client, (await at.client.verify.start({ medium: 'NAS', keyPassword })).id)
    expect(verified).toMatchObject({ outcome: 'success', verified: [artifact] })
    rmSync(join(at.root, 'docs'), { recursive: true })
    const { id: inspection } = await at.client.restore.inspect({ medium: place.id, artifact, keyPassword })
    const preview = await at.client.restore.preview({ inspection, existing: 'replace' })
    expect(await endOf(at.client, (await at.client.restore.start({ preview: preview.id })).id)).toMatchObject({
      outcome: 'success',
    })
    expect(readFileSync(join(at.root, 'docs', 'a.txt'), 'utf8')).toBe('first')
  })
})

describe('a place that is known already', () => {
  it('is taken over by another computer, with its name and its backups', async () => {
    const { place } = await at.save()
    const { artifact = '' } = await at.backUp(await at.plan(place))
    const other = await at.elsewhere()
    expect(await at.save({ name: 'Mine' }, other)).toEqual({ adopted: true, place })
    expect((await other.artifact.list({ medium: 'NAS' })).artifacts).toMatchObject([{ name: artifact }])
  })

  it('is the same by whatever way: a share that is mounted here, and its server', async () => {
    const medium = await at.client.medium.init({ medium: at.remote, name: 'SHARE' })
    const { place, adopted } = await at.save()
    expect([adopted, place.id, place.name]).toEqual([true, medium.id, 'SHARE'])
    const { media } = await at.client.app.state({})
    expect(media.filter(({ id }) => id === medium.id)).toMatchObject([{ kind: 'sftp' }])
    const planId = await at.plan(place)
    const { artifact } = await at.backUp(planId)
    for (const ref of ['SHARE', at.remote, place.id])
      expect((await at.client.artifact.list({ medium: ref })).artifacts).toMatchObject([{ name: artifact }])
    // Through the folder it is the same plan's, at the same place.
    const { id } = await at.client.backup.start({ planId, medium: at.remote })
    expect(await endOf(at.client, id)).toMatchObject({ outcome: 'success', medium: { id: medium.id, path: at.remote } })
    const draft = { name: 'Folder', store: { kind: 'folder' as const, path: at.remote } }
    expect(await failureOf(at.client.place.save({ draft }))).toMatchObject({
      code: 'exists',
      details: { name: 'SHARE' },
    })
  })

  it('is changed under its id, and never becomes another one by that', async () => {
    const { place } = await at.save()
    expect((await at.save({ id: place.id, name: 'Renamed' })).place).toEqual({ ...place, name: 'Renamed' })
    const other = mkdtempSync(join(at.sshd.folder, 'nas-'))
    expect((await failureOf(at.save({ id: place.id, path: other }))).code).toBe('not-initialised')
    await at.save({ path: other, name: 'Other' })
    expect((await failureOf(at.save({ id: place.id, path: other, name: 'Third' }))).code).toBe('medium-changed')
    expect((await failureOf(at.save({ name: 'Other' }))).code).toBe('exists')
    expect((await failureOf(at.save({ name: 'Third' }))).code).toBe('exists')
    const names = (await at.client.place.list({})).map((seen) => seen.place.name)
    expect(names).toEqual(['Other', 'Renamed'])
  })
})

describe('what logs in', () => {
  it('wrong, unknown or missing: told before anything is there or written down', async () => {
    const other = makeKey(join(at.root, 'key'), 'ed25519')
    const hostKey = `SHA256:${'A'.repeat(43)}`
    expect((await failureOf(at.save({ secrets: { key: other } }))).code).toBe('place-denied')
    expect((await failureOf(at.save({ secrets: { password: 'guessed' } }))).code).toBe('place-denied')
    expect((await failureOf(at.save({ secrets: {} }))).code).toBe('place-locked')
    expect(await failureOf(at.save({ hostKey }))).toMatchObject({
      code: 'place-host-key',
      details: { found: at.sshd.fingerprint(), expected: hostKey },
    })
    expect((await failureOf(at.save({ path: join(at.remote, 'none') }))).code).toBe('place-folder-missing')
    expect(at.lying()).toEqual([])
    expect(await at.client.place.list({})).toEqual([])
  })

  it('goes nowhere but to the account it was given for, and is told to nobody', async () => {
    const { place } = await at.save()
    await at.backUp(await at.plan(place))
    const told = JSON.stringify([
      await at.client.app.state({}),
      await at.client.place.list({ ask: true }),
      await at.client.plan.export({}),
      await at.client.run.history({}),
    ])
    const secret = at.sshd.key.split('\n')[2] ?? ''
    const written = ['config.json', 'history.jsonl'].map((name) => readFileSync(join(at.root, 'home', name), 'utf8'))
    for (const text of [told, ...written]) expect(text).not.toContain(secret)
    const draft = { id: place.id, store: { ...at.store(), user: 'somebody' } }
    expect((await failureOf(at.client.place.save({ draft, remember: false }))).code).toBe('place-locked')
    expect((await at.client.place.save({ draft: { ...draft, store: at.store() }, remember: false })).place).toEqual(
      place,
    )
  })

  it('stays where it is known from when a place is changed without giving it again', async () => {
    const { place } = await at.save()
    const draft = { id: place.id, name: 'Renamed', store: at.store() }
    expect((await at.client.place.save({ draft, remember: true })).place.name).toBe('Renamed')
    await at.backUp(await at.plan(place))
    await at.engine.close()
    await at.open()
    expect(await at.client.place.list({ ask: true })).toMatchObject([{ locked: true }])
  })

  it('that was not kept is asked for once more, and forgotten with the place', async () => {
    const { place } = await at.save()
    const planId = await at.plan(place)
    await at.backUp(planId)
    await at.engine.close()
    await at.open()
    expect(await at.client.place.list({ ask: true })).toMatchObject([
      { locked: true, state: { problem: { code: 'place-locked' } } },
    ])
    expect(await failureOf(at.client.artifact.list({ medium: 'NAS' }))).toMatchObject({
      code: 'place-locked',
      details: { name: 'NAS', user: at.sshd.user },
    })
    expect((await failureOf(at.client.backup.start({ planId }))).code).toBe('place-locked')
    const wrong = { id: place.id, secrets: { password: 'wrong' } }
    expect((await failureOf(at.client.place.unlock(wrong))).code).toBe('place-denied')
    await at.client.place.unlock({ id: place.id, secrets: { key: at.sshd.key } })
    expect(await at.backUp(planId)).toMatchObject({ outcome: 'success' })
    const before = at.lying()
    expect(await failureOf(at.client.place.remove({ id: place.id }))).toMatchObject({
      code: 'place-in-use',
      details: { name: 'NAS', plans: ['Docs'] },
    })
    await at.client.plan.remove({ id: planId })
    await at.client.place.remove({ id: place.id })
    expect(at.lying()).toEqual(before)
    expect((await at.client.app.state({})).media.filter(({ kind }) => kind)).toEqual([])
    expect((await failureOf(at.client.artifact.list({ medium: 'NAS' }))).code).toBe('no-medium')
    expect((await failureOf(at.save({ secrets: {} }))).code).toBe('place-locked')
  })
})

describe('a folder that holds the place itself', () => {
  it('is saved without the backups in it, whether it was used here or is known by its marker alone', async () => {
    writeFileSync(join(at.remote, 'a.txt'), 'saved')
    const { place } = await at.save()
    const source = { kind: 'folders' as const, paths: [at.remote], exclude: [] }
    const destinations = [{ place: { kind: 'medium' as const, id: place.id } }]
    const { id } = await at.client.plan.save({ name: 'Share', source, destinations })
    for (const files of [1, 1]) expect(await at.backUp(id)).toMatchObject({ outcome: 'success', files })
    expect(at.lying().filter((name) => name.startsWith('backup_'))).toHaveLength(2)
  })
})

describe('whichever medium is connected', () => {
  it('is never a place in the network that nobody has named', async () => {
    await at.save()
    const source = { kind: 'folders' as const, paths: [join(at.root, 'docs')], exclude: [] }
    const draft = { name: 'Any', source, destinations: [{ place: { kind: 'medium' as const } }] }
    expect((await failureOf(at.client.backup.preview({ plan: draft }))).code).toBe('no-medium')
    await mkdir(join(at.root, 'stick'))
    await at.client.medium.init({ medium: join(at.root, 'stick'), name: 'STICK' })
    expect((await at.client.backup.preview({ plan: draft })).medium).toMatchObject({ name: 'STICK' })
    const named = await at.client.backup.preview({ plan: draft, medium: 'NAS' })
    expect(named.medium).toMatchObject({ kind: 'sftp', free: expect.any(Number) })
    expect(named.findings.map(({ code }) => code)).toEqual([])
  })
})
