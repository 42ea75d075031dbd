// What lies on a medium, through the engine: backups of every age verified for what they are, and odd things beside them that stop nothing.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, open, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import type { Engine, EngineClient } from '../../core/engine/engine.ts'
import { endOf, openOn } from '../support/engine.ts'
import { b25, b29, b30, golden, goldenPassword as keyPassword } from '../support/golden.ts'

let root: string
let engine: Engine
let client: EngineClient

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'arche-medium-'))
  engine = await openOn(join(root, 'home'))
  client = await engine.connect()
  await client.operator.set({ next: 'operator' })
})

afterEach(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
})

const shelf = (...parts: string[]) => join(root, 'stick', 'SIGL_sauvegardes', ...parts)
const stick = () => join(root, 'stick')

const ended = (id: string) => endOf(client, id)

async function verified(more: { artifacts?: string[]; keyPassword?: string } = { keyPassword }): Promise<Run> {
  return ended((await client.verify.start({ medium: stick(), ...more })).id)
}

/** Backups of 3.0, 2.9 and 2.5 beside each other, as LabBook left them. */
async function labbook(): Promise<void> {
  for (const one of ['v30', 'mixed']) await cp(join(golden, one), stick(), { recursive: true })
}

async function damage(name: string): Promise<void> {
  const handle = await open(shelf(name), 'r+')
  await handle.write(Buffer.alloc(50), 0, 50, 3000)
  await handle.close()
}

const depths = ({ checked = [] }: Run) => checked.map(({ name, good, opened }) => [name, good, opened])

describe('verification', () => {
  it('comes to backups of every age, and one that is damaged costs no other', async () => {
    await labbook()
    expect(depths(await verified())).toEqual([
      [b30, true, true],
      [b29, true, true],
      [b25, true, true],
    ])
    await damage(b29)
    const run = await verified()
    expect(run).toMatchObject({ outcome: 'error', failure: { code: 'damaged', details: { name: [b29] } } })
    expect(depths(run)).toEqual([
      [b30, true, true],
      [b29, false, false],
      [b25, true, true],
    ])
    const { artifacts } = await client.artifact.list({ medium: stick() })
    expect(artifacts.map((one) => one.verifiedAt !== undefined)).toEqual([true, false, true])
  })

  it('without the password opens what opens, and says which one needs it', async () => {
    await labbook()
    const run = await verified({})
    expect(run).toMatchObject({ outcome: 'warning', verified: [b25], warnings: 2 })
    expect(await verified({ artifacts: [b29] })).toMatchObject({ failure: { code: 'key-password-needed' } })
    const sha256 = createHash('sha256')
      .update(await readFile(shelf(b29)))
      .digest('hex')
    await writeFile(shelf('SHA256SUMS'), `${sha256}  ${b29}\n`)
    expect(depths(await verified({ artifacts: [b29] }))).toEqual([[b29, true, false]])
  })

  it('is said of the same bytes only', async () => {
    await labbook()
    await verified()
    const shown = async () => (await client.artifact.list({ medium: stick() })).artifacts.map((one) => !!one.verifiedAt)
    expect(await shown()).toEqual([true, true, true])
    await truncate(shelf(b30), 10_000)
    await damage(b25)
    expect(await shown()).toEqual([false, true, false])
  })

  it('says that there is nothing where there is nothing', async () => {
    await mkdir(shelf(), { recursive: true })
    await expect(client.verify.start({ medium: stick() })).rejects.toMatchObject({ code: 'no-backups' })
  })
})

/** Something else in the place of a file. */
const odd = {
  folder: (name: string) => mkdir(shelf(name, 'inside'), { recursive: true }),
  endless: (name: string) => symlink('/dev/zero', shelf(name)),
  async giant(name: string) {
    await writeFile(shelf(name), '')
    await truncate(shelf(name), 2 ** 32)
  },
  pipe: (name: string) => execFileSync('mkfifo', [shelf(name)]),
}

describe('odd things beside the backups', () => {
  it('stop neither a backup that is written well, nor a list, nor a restore', async () => {
    await client.key.create({ password: 'key' })
    await mkdir(join(root, 'docs'))
    await writeFile(join(root, 'docs', 'letter'), 'dear')
    await mkdir(stick())
    await client.medium.init({ medium: stick(), name: 'STICK' })
    const plan = await client.plan.save({
      name: 'Docs',
      source: { kind: 'folders', paths: [join(root, 'docs')], exclude: [] },
      destinations: [{ place: { kind: 'medium' } }],
    })
    const backUp = async () => ended((await client.backup.start({ planId: plan.id, medium: stick() })).id)
    for (const [what, put] of Object.entries(odd)) {
      for (const name of [
        'SHA256SUMS',
        'SHA256SUMS.times',
        'PINNED',
        'kpri.X.asc',
        `backup_v30_${what}_2031-01-01_00h00m00s.tar.gz.gpg`,
      ]) {
        await rm(shelf(name), { recursive: true, force: true })
        if (what !== 'giant' || !name.startsWith('backup')) await put(name)
      }
      const run = await backUp()
      expect(['success', 'warning'], `${what}: ${JSON.stringify(run.failure)}`).toContain(run.outcome)
      const { artifacts, odd: told = [] } = await client.artifact.list({ medium: stick() })
      expect(artifacts.map(({ name }) => name)).toContain(run.artifact)
      expect(artifacts.every(({ name }) => !name.includes('2031'))).toBe(true)
      expect(
        told.map(({ code }) => code),
        what,
      ).toContain('beside-unreadable')
      const artifact = run.artifact ?? ''
      const { id } = await client.restore.inspect({ medium: stick(), artifact, keyPassword: 'key' })
      const preview = await client.restore.preview({ inspection: id, into: join(root, what), existing: 'skip' })
      await ended((await client.restore.start({ preview: preview.id })).id)
      expect(await readFile(join(root, what, 'docs', 'letter'), 'utf8')).toBe('dear')
    }
  })
})
