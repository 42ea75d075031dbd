// Backups of LabBook 2.5 and 2.9 as their servers left them: the golden media open to the expected files, broken ones are refused.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type OlderBackup, openOlder } from '../../core/archive/labbook-old.ts'
import { type Bytes, collect } from '../../core/lib/bytes.ts'
import { b25, b29, golden, goldenPassword as password } from '../support/golden.ts'

const read = (medium: string, name: string) => readFile(join(golden, medium, 'SIGL_sauvegardes', name))

async function* pieces(data: Uint8Array, size: number): Bytes {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
}

async function backup(
  medium: string,
  name: string,
  password?: string,
  size = 65536,
  change = (data: Buffer) => data,
): Promise<OlderBackup> {
  const names = ['clef_sauvegarde.privee.crypt', 'clef_sauvegarde.privee.gpg', 'files.tar.gz.gpg']
  const files = new Map<string, Buffer>()
  for (const file of names) {
    const data = await read(medium, file).catch(() => undefined)
    if (data) files.set(file, data)
  }
  const archive = change(await read(medium, name))
  const key = await read(medium, 'kpri.25D5CE4B4060C35D79F06C54E3B8BB786C551F8E.asc').catch(() => undefined)
  return {
    archive: () => pieces(archive, size),
    newest: name === b29 || medium === 'v25',
    beside: (file) => (files.has(file) ? pieces(files.get(file) as Buffer, size) : undefined),
    ...(password !== undefined && key ? { unlock: { privateKeys: [key.toString()], password } } : {}),
  }
}

async function content(source: OlderBackup): Promise<{ version: string; sums: Record<string, string> }> {
  const { version, entries } = await openOlder(source)
  const sums: Record<string, string> = {}
  for await (const entry of entries) {
    if (entry.body)
      sums[entry.path] = createHash('sha256')
        .update(await collect(entry.body))
        .digest('hex')
  }
  return { version, sums }
}

const dump = createHash('sha256')
  .update(await readFile(join(golden, 'expected-dump.sql')))
  .digest('hex')
const lines = (await readFile(join(golden, 'expected-files.sha256'), 'utf8')).trimEnd().split('\n')
const documents = Object.fromEntries(lines.map((line) => [line.slice(66), line.slice(0, 64)]))

describe('LabBook 2.x', () => {
  it('opens 2.5 without any password, and it holds no documents', async () => {
    expect(await content(await backup('v25', b25))).toEqual({ version: '2.5', sums: { 'dump/dump.sql': dump } })
  })

  it('opens 2.9 with the key password, documents where LabBook 3 has them', async () => {
    expect(await content(await backup('v29', b29, password))).toEqual({
      version: '2.9',
      sums: { 'dump/dump.sql': dump, ...documents },
    })
  })

  it('decides by what opens where both kinds of key lie on one medium', async () => {
    expect((await content(await backup('mixed', b25, password))).version).toBe('2.5')
    expect(await content(await backup('mixed', b29, password))).toEqual({
      version: '2.9',
      sums: { 'dump/dump.sql': dump, ...documents },
    })
  })

  it('reads the same one byte at a time', async () => {
    expect((await content(await backup('v25', b25, undefined, 1))).sums).toEqual({ 'dump/dump.sql': dump })
    expect((await content(await backup('v29', b29, password, 1))).sums).toEqual({ 'dump/dump.sql': dump, ...documents })
  })

  it('asks for the key password where it is needed, and refuses a wrong one', async () => {
    await expect(openOlder(await backup('v29', b29))).rejects.toMatchObject({ code: 'secret-missing' })
    await expect(openOlder(await backup('v29', b29, 'wrong'))).rejects.toMatchObject({ code: 'wrong-password' })
    await expect(
      openOlder(await backup('v25', b25).then((b) => ({ ...b, beside: () => undefined }))),
    ).rejects.toMatchObject({ code: 'key-file-missing' })
  })

  it('gives the documents beside with every backup of 2.9, and says what is wrong with them by their name', async () => {
    const older = { ...(await backup('v29', b29, password)), newest: false }
    expect((await content(older)).sums).toEqual({ 'dump/dump.sql': dump, ...documents })
    expect((await content({ ...(await backup('mixed', b29, password)), newest: false })).version).toBe('2.9')
    await expect(openOlder({ ...(await backup('mixed', b29)), newest: false })).rejects.toMatchObject({
      code: 'secret-missing',
    })
    expect(await content({ ...older, documents: false })).toEqual({ version: '2.9', sums: { 'dump/dump.sql': dump } })
    const file = (await read('v29', 'files.tar.gz.gpg')).subarray(0, 2000)
    const cut = (name: string) => (name === 'files.tar.gz.gpg' ? pieces(file, 65536) : older.beside(name))
    await expect(content({ ...older, beside: cut })).rejects.toMatchObject({ details: { name: 'files.tar.gz.gpg' } })
    expect((await content({ ...older, beside: cut, documents: false })).sums).toEqual({ 'dump/dump.sql': dump })
  })

  it('names the key file that is missing', async () => {
    const only = async (medium: string, name: string, file?: string) => {
      const whole = await backup(medium, name, password)
      return openOlder({ ...whole, beside: (one) => (one === file ? whole.beside(one) : undefined) })
    }
    const [crypt, gpg] = ['clef_sauvegarde.privee.crypt', 'clef_sauvegarde.privee.gpg']
    await expect(only('v25', b25)).rejects.toMatchObject({ code: 'key-file-missing', details: { file: [crypt, gpg] } })
    expect((await only('mixed', b29, crypt)).version).toBe('2.5')
    expect((await only('mixed', b25, gpg)).version).toBe('2.9')
  })

  it('refuses what is cut short', async () => {
    const whole = await read('v25', b25)
    for (const length of [0, 100, 512, 700, 1024, 2000, 4000, 5000]) {
      const cut = await backup('v25', b25, undefined, 65536, (data) => data.subarray(0, Math.min(length, whole.length)))
      await expect(content(cut), String(length)).rejects.toMatchObject({ name: 'Failure' })
    }
  })
})
