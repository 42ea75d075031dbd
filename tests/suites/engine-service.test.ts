// The background service through the contract, as a window asks for it: a real engine, real unit files, and a scripted systemctl at the system's border.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Engine, EngineClient, Host } from '../../core/engine/engine.ts'
import { endOf, openOn } from '../support/engine.ts'
import { knowing, type ScriptedSystem, scriptSystem } from '../support/systemd.ts'

const program = { node: process.execPath, program: '/usr/lib/arche/cli.js' }

let root: string
let units: string
let system: ScriptedSystem
let engine: Engine | undefined
let client: EngineClient
let bugs: unknown[]

async function open(more: Partial<Host> = {}): Promise<void> {
  await engine?.close()
  const onBug = (error: unknown) => void bugs.push(error)
  engine = await openOn(join(root, 'home'), { terminalProgram: async () => program, onBug, ...more })
  client = await engine.connect()
}

function script(text: string): void {
  system = scriptSystem(root, text)
  vi.stubEnv('PATH', `${system.bin}:${process.env.PATH}`)
}

beforeEach(async () => {
  bugs = []
  root = mkdtempSync(join(tmpdir(), 'arche-service-'))
  units = join(root, 'config/systemd/user')
  vi.stubEnv('XDG_CONFIG_HOME', join(root, 'config'))
  vi.stubEnv('HOME', root)
  script(knowing(root))
  await open()
  await client.operator.set({ next: 'operator' })
})

afterEach(async () => {
  await engine?.close()
  engine = undefined
  rmSync(root, { recursive: true, force: true })
  expect(bugs).toEqual([])
})

/** The names of the units, service first. */
const files = () => (existsSync(units) ? readdirSync(units).sort() : [])

/** What changed something. */
const deeds = () => system.calls().filter((call) => !/ show(-user)? /.test(call))

describe('the service in the contract', () => {
  it('is installed, told of and removed', async () => {
    expect(await client.service.status({})).toEqual({ self: false })
    expect((await client.service.install({})).steps.every(({ problem }) => problem === undefined)).toBe(true)
    const [service = '', timer = ''] = files()
    expect([service, timer]).toEqual([
      expect.stringMatching(/^arche-[0-9a-f]{8}\.service$/),
      expect.stringMatching(/\.timer$/),
    ])
    const text = readFileSync(join(units, service), 'utf8')
    expect(text).toContain(`ExecStart="${program.node}" "${program.program}" service run`)
    expect(text).toContain(`Environment="ARCHE_HOME=${join(root, 'home')}"`)
    expect(deeds()).toEqual([
      'systemctl --user daemon-reload',
      expect.stringMatching(/^loginctl enable-linger ./),
      `systemctl --user enable --now ${service} ${timer}`,
      `systemctl --user try-restart ${service}`,
    ])
    expect(await client.service.status({})).toEqual({
      self: false,
      unit: {
        path: join(units, service),
        service: 'active',
        timer: 'active',
        enabled: 'enabled',
        linger: 'yes',
        since: '2026-03-02T12:00:00Z',
      },
    })
    await client.service.remove({})
    expect(files()).toEqual([])
    expect(deeds().slice(4)).toEqual([
      `systemctl --user disable --now ${timer} ${service}`,
      'systemctl --user daemon-reload',
    ])
    expect(await client.service.status({})).toEqual({ self: false })
    await expect(client.service.remove({})).rejects.toMatchObject({ code: 'not-found' })
  })

  it('needs the operator password for what changes something', async () => {
    const stranger = await (engine as Engine).connect()
    expect(await stranger.service.status({})).toEqual({ self: false })
    await expect(stranger.service.install({})).rejects.toMatchObject({ code: 'operator-needed' })
    await expect(stranger.service.remove({})).rejects.toMatchObject({ code: 'operator-needed' })
    expect([files(), deeds()]).toEqual([[], []])
  })

  it('tells what the system did not do, with its command', async () => {
    script(`case "$*" in *enable*) echo 'Access denied' >&2; exit 1;; esac\necho active`)
    const { steps } = await client.service.install({})
    expect(steps.filter(({ problem }) => problem !== undefined)).toEqual([
      { command: expect.stringMatching(/^loginctl enable-linger/), problem: 'Access denied' },
      { command: expect.stringMatching(/^systemctl --user enable --now/), problem: 'Access denied' },
    ])
    expect(files()).toHaveLength(2)
  })

  it('leaves a unit that somebody else wrote', async () => {
    await client.service.install({})
    const path = join(units, files()[0] ?? '')
    writeFileSync(path, '[Service]\nExecStart=/bin/true\n')
    const before = deeds()
    for (const deed of [client.service.install, client.service.remove])
      await expect(deed({})).rejects.toMatchObject({ code: 'exists', details: { path } })
    expect(readFileSync(path, 'utf8')).toContain('/bin/true')
    expect(deeds()).toEqual(before)
  })

  it('says why there can be none, and then writes nothing', async () => {
    const refused = async (problem: unknown) => {
      expect(await client.service.status({})).toEqual({ self: false, problem })
      await client.operator.unlock({ password: 'operator' })
      await expect(client.service.install({})).rejects.toMatchObject(problem as object)
      expect([files(), deeds()]).toEqual([[], []])
    }
    script('echo "Failed to connect to bus" >&2; exit 1')
    await refused({ code: 'tool-failed', details: expect.objectContaining({ stderr: 'Failed to connect to bus' }) })
    // No systemctl at all; the engine itself needs lsblk.
    mkdirSync(join(root, 'none'))
    symlinkSync(execFileSync('which', ['lsblk'], { encoding: 'utf8' }).trim(), join(root, 'none/lsblk'))
    vi.stubEnv('PATH', join(root, 'none'))
    await refused({ code: 'tool-missing', details: { tool: 'systemctl' } })
    await open({ terminalProgram: async () => undefined })
    await refused({ code: 'service-program', details: {} })
  })
})

describe('a service that is asked about itself', () => {
  beforeEach(async () => {
    await client.service.install({})
    await open({ role: 'service' })
    await client.operator.unlock({ password: 'operator' })
  })

  it('does first what must be done, and does not wait for its own end', async () => {
    const before = deeds().length
    const [service = '', timer = ''] = files()
    expect(await client.service.status({})).toMatchObject({ self: true })
    await client.service.install({})
    expect(deeds().at(-1)).toBe(`systemctl --user try-restart --no-block ${service}`)
    await client.service.remove({})
    expect(deeds().slice(before + 4)).toEqual([
      `systemctl --user disable ${timer} ${service}`,
      'systemctl --user daemon-reload',
      `systemctl --user stop --no-block ${timer} ${service}`,
    ])
    expect(files()).toEqual([])
  })

  it('does not end while it works', async () => {
    const gate = join(root, 'gate')
    execFileSync('mkfifo', [gate])
    const { id: planId } = await client.plan.save({
      name: 'waits',
      source: { kind: 'folders', paths: [root], exclude: [] },
      destinations: [{ place: { kind: 'medium' } }],
      restart: { kind: 'command', command: `cat '${gate}'` },
    })
    const { id } = await client.restart.start({ planId })
    await expect(client.service.remove({})).rejects.toMatchObject({ code: 'busy', details: { subject: 'waits' } })
    await expect(client.service.install({})).rejects.toMatchObject({ code: 'busy' })
    expect(files()).toHaveLength(2)
    writeFileSync(gate, '')
    await endOf(client, id)
    await client.service.remove({})
    expect(files()).toEqual([])
  })
})
