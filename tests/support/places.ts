// What the suites of places start from: a real OpenSSH server with a line to it that can break, an empty folder there, and an engine with a key and a folder
// to save, all anew for each test.
import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import type { Place, PlaceSecrets } from '../../core/api/place.ts'
import type { Engine, EngineClient, Host } from '../../core/engine/engine.ts'
import { type ShakyLine, shakyLine } from '../suites/fixtures/shaky-line.ts'
import { endOf, openOn, prepareHome } from './engine.ts'
import { type Sshd, startSshd } from './sshd.ts'

export const keyPassword = 'clé très longue 鍵'

interface How {
  name?: string
  path?: string
  port?: number
  hostKey?: string
  secrets?: PlaceSecrets
  id?: string
}

export class PlaceScene {
  sshd!: Sshd
  line!: ShakyLine
  /** Of this computer. */
  root!: string
  /** Of the server. */
  remote!: string
  engine!: Engine
  client!: EngineClient
  bugs: unknown[] = []
  template!: string

  /** A new engine on the data folder. */
  async open(more: Partial<Host> = {}): Promise<void> {
    ;[this.engine, this.client] = await this.#opened(join(this.root, 'home'), more)
  }

  /** What another computer has: a data folder of its own with the same key. */
  async elsewhere(): Promise<EngineClient> {
    await cp(this.template, join(this.root, 'other'), { recursive: true })
    const [engine, client] = await this.#opened(join(this.root, 'other'))
    onTestFinished(() => engine.close())
    return client
  }

  async #opened(home: string, more: Partial<Host> = {}): Promise<[Engine, EngineClient]> {
    const engine = await openOn(home, { onBug: (error) => this.bugs.push(error), ...more })
    const client = await engine.connect()
    await client.operator.unlock({ password: 'operator' })
    return [engine, client]
  }

  store(path = this.remote, port = this.sshd.port) {
    const { user } = this.sshd
    return { kind: 'sftp' as const, host: '127.0.0.1', port, user, path, hostKey: this.sshd.fingerprint() }
  }

  /** Takes up the place, without the keychain. */
  save({ name = 'NAS', path, port, hostKey, secrets = { key: this.sshd.key }, id }: How = {}, from = this.client) {
    const known = { ...this.store(path, port), ...(hostKey === undefined ? {} : { hostKey }) }
    const draft = { name, store: known, ...(id === undefined ? {} : { id }) }
    return from.place.save({ draft, secrets, remember: false })
  }

  /** Resolves with the id of a plan that saves `docs` there. */
  async plan(place: Place): Promise<string> {
    const source = { kind: 'folders' as const, paths: [join(this.root, 'docs')], exclude: [] }
    const destinations = [{ place: { kind: 'medium' as const, id: place.id } }]
    return (await this.client.plan.save({ name: 'Docs', source, destinations })).id
  }

  async backUp(planId: string): Promise<Run> {
    const { id } = await this.client.backup.start({ planId })
    return endOf(this.client, id)
  }

  /** In the folder of the backups, on the server. */
  shelf(...parts: string[]): string {
    return join(this.remote, 'SIGL_sauvegardes', ...parts)
  }

  lying(): string[] {
    return existsSync(this.shelf()) ? readdirSync(this.shelf()).sort() : []
  }
}

/** Call once at the top of a file. */
export function placeScene(): PlaceScene {
  const at = new PlaceScene()
  beforeAll(async () => {
    at.sshd = await startSshd()
    at.line = await shakyLine(at.sshd.port)
    at.template = await mkdtemp(join(tmpdir(), 'arche-places-'))
    await prepareHome(at.template, 'operator', keyPassword)
  })
  afterAll(async () => {
    await at.line.close()
    await at.sshd.stop()
    await rm(at.template, { recursive: true, force: true })
  })
  beforeEach(async () => {
    at.bugs = []
    at.root = await mkdtemp(join(tmpdir(), 'arche-places-'))
    at.remote = mkdtempSync(join(at.sshd.folder, 'nas-'))
    await cp(at.template, join(at.root, 'home'), { recursive: true })
    await mkdir(join(at.root, 'docs'))
    await writeFile(join(at.root, 'docs', 'a.txt'), 'first')
    await at.open()
  })
  afterEach(async () => {
    await at.engine.close()
    await rm(at.root, { recursive: true, force: true })
    expect(at.bugs).toEqual([])
  })
  return at
}
