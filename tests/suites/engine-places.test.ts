// Places through the engine, against a real OpenSSH server: taken up, used by everything that a medium is used by, and what happens when the server is
// another one, is away, or holds something else.
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import type { Place, PlaceSecrets } from '../../core/api/place.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn, prepareHome } from '../support/engine.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

const keyPassword = 'clé très longue 鍵'

let sshd: Sshd
let template: string
let root: string
let remote: string
let engine: Engine
let client: EngineClient
let bugs: unknown[] = []

beforeAll(async () => {
  sshd = await startSshd()
  template = await mkdtemp(join(tmpdir(), 'arche-places-'))
  await prepareHome(template, 'operator', keyPassword)
})

afterAll(async () => {
  await sshd.stop()
  await rm(template, { recursive: true, force: true })
})

async function opened(home = join(root, 'home')): Promise<[Engine, EngineClient]> {
  const one = await openOn(home, { onBug: (error) => bugs.push(error) })
  const other = await one.connect()
  await other.operator.unlock({ password: 'operator' })
  return [one, other]
}

beforeEach(async () => {
  bugs = []
  root = await mkdtemp(join(tmpdir(), 'arche-places-'))
  remote = mkdtempSync(join(sshd.folder, 'nas-'))
  await cp(template, join(root, 'home'), { recursive: true })
  await mkdir(join(root, 'docs'))
  await writeFile(join(root, 'docs', 'a.txt'), 'first')
  ;[engine, client] = await opened()
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

const store = (path = remote) => ({
  kind: 'sftp' as const,
  host: '127.0.0.1',
  port: sshd.port,
  user: sshd.user,
  path,
  hostKey: sshd.fingerprint(),
})

const save = (more: { name?: string; path?: string; secrets?: PlaceSecrets; id?: string } = {}, from = client) => {
  const { name = 'NAS', path, secrets = { key: sshd.key }, id } = more
  const draft = { name, store: store(path), ...(id === undefined ? {} : { id }) }
  return from.place.save({ draft, secrets, remember: false })
}

async function plan(place: Place, name = 'Docs'): Promise<string> {
  const source = { kind: 'folders' as const, paths: [join(root, 'docs')], exclude: [] }
  return (await client.plan.save({ name, source, destinations: [{ place: { kind: 'medium', id: place.id } }] })).id
}

async function backUp(planId: string): Promise<Run> {
  const { id } = await client.backup.start({ planId })
  return endOf(client, id)
}

const shelf = (...parts: string[]) => join(remote, 'SIGL_sauvegardes', ...parts)
const lying = () => (existsSync(shelf()) ? readdirSync(shelf()).sort() : [])

describe('a place is taken up', () => {
  it('with a marker of its own, once the host key was seen', async () => {
    expect(await client.place.look({ host: '127.0.0.1', port: sshd.port })).toEqual({
      type: 'ssh-ed25519',
      fingerprint: sshd.fingerprint(),
    })
    const { place, adopted } = await save()
    expect(adopted).toBe(false)
    expect(JSON.parse(readFileSync(shelf('.arche-medium.json'), 'utf8'))).toMatchObject({ id: place.id, name: 'NAS' })
    const [seen, ...others] = await client.place.list({ ask: true })
    expect(others).toEqual([])
    expect(seen).toMatchObject({ place, locked: false, plans: [], state: { backups: 0, free: expect.any(Number) } })
    const { media, places } = await client.app.state({})
    expect(places).toEqual([place])
    expect(media.filter(({ kind }) => kind)).toMatchObject([
      { kind: 'sftp', id: place.id, name: 'NAS', path: `sftp://${sshd.user}@127.0.0.1:${sshd.port}${remote}` },
    ])
  })

  it('and everything that is done with a medium is done with it', async () => {
    const { place } = await save()
    const planId = await plan(place)
    const run = await backUp(planId)
    expect(run).toMatchObject({ outcome: 'success', warnings: 0, medium: { id: place.id, name: 'NAS' } })
    const artifact = run.artifact ?? ''
    expect(lying()).toContain(artifact)
    const hash = createHash('sha256')
      .update(readFileSync(shelf(artifact)))
      .digest('hex')
    expect(readFileSync(shelf('SHA256SUMS'), 'utf8')).toBe(`${hash}  ${artifact}\n`)
    const { artifacts } = await client.artifact.list({ medium: 'NAS' })
    expect(artifacts).toMatchObject([{ name: artifact, subject: 'Docs', sha256: hash }])
    const verified = await endOf(client, (await client.verify.start({ medium: 'NAS', keyPassword })).id)
    expect(verified).toMatchObject({ outcome: 'success', verified: [artifact] })
    rmSync(join(root, 'docs'), { recursive: true })
    const { id: inspection } = await client.restore.inspect({ medium: place.id, artifact, keyPassword })
    const preview = await client.restore.preview({ inspection, existing: 'replace' })
    expect(await endOf(client, (await client.restore.start({ preview: preview.id })).id)).toMatchObject({
      outcome: 'success',
    })
    expect(readFileSync(join(root, 'docs', 'a.txt'), 'utf8')).toBe('first')
  })
})
