// A medium as LabBook 3.0 leaves it opens with its password and holds what it should.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseArtifactName } from '../../core/api/backup-name.ts'
import { keyIdsOf, openArchive, readKey } from '../../core/archive/archive.ts'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, read } from '../suites/fixtures/streams.ts'
import { golden, goldenKeys as medium, b30 as name, goldenPassword as password } from '../support/golden.ts'

const fingerprint = '25D5CE4B4060C35D79F06C54E3B8BB786C551F8E'
const text = (path: string) => readFileSync(path, 'utf8')
const message = readFileSync(join(medium, name))
const privateKey = text(join(medium, `kpri.${fingerprint}.asc`))

async function contents(input: Bytes): Promise<Map<string, Buffer>> {
  const archive = await openArchive(input, { privateKeys: [privateKey], password })
  const files = new Map<string, Buffer>()
  for await (const entry of archive.entries) if (entry.body) files.set(entry.path, await read(entry.body))
  return files
}

describe('the LabBook 3.0 sample', () => {
  test('opens and holds the dump and the documents', async () => {
    const files = await contents(bytesOf(message))
    expect(files.get('dump/dump.sql')?.toString()).toBe(text(join(golden, 'expected-dump.sql')))
    const lines = text(join(golden, 'expected-files.sha256')).trimEnd().split('\n')
    const sums = lines.map((line) => line.slice(66))
    const found = sums.map((path) => {
      const hash = createHash('sha256').update(files.get(path) ?? '')
      return `${hash.digest('hex')}  ${path}`
    })
    expect(found).toEqual(lines)
    expect([...files.keys()].sort()).toEqual([...sums, 'dump/dump.sql'].sort())
  })

  test('opens the same when it comes byte by byte', async () => {
    expect(await contents(inChunks(message, 1))).toEqual(await contents(bytesOf(message)))
  })

  test('names its recipients: the site and the escrow', async () => {
    const escrow = await readKey(text(join(medium, 'kpub.escrow.asc')))
    expect(await keyIdsOf(bytesOf(message))).toEqual([fingerprint.slice(24), escrow.keyIds[0]])
  })

  test('its key file tells who made it, and that it can be used', async () => {
    const facts = await readKey(privateKey)
    expect(facts).toMatchObject({ fingerprint, userIds: ['LabBook Backup Key'], private: true })
    expect(facts.unusable).toBeUndefined()
    expect(facts.expiresAt).toBeUndefined()
  })

  test('refuses another password, and an escrow key that is not there', async () => {
    const wrong = await failureOf(
      openArchive(bytesOf(message), { privateKeys: [privateKey], password: `${password} ` }),
    )
    expect(wrong.code).toBe('wrong-password')
    const none = await failureOf(openArchive(bytesOf(message), { privateKeys: [], password }))
    expect(none.toProblem()).toEqual({
      code: 'wrong-key',
      details: { keyIds: ['E3B8BB786C551F8E', 'BAE37CC29A41BBC8'] },
    })
  })

  test('has a name that tells database and time', () => {
    expect(parseArtifactName(name)).toMatchObject({ format: '3.0', name: 'SIGL', time: new Date(2026, 2, 2, 12) })
  })
})
