// Keys and media from a terminal: a second key, recipients, the keychain that is not there, a reader that goes away.
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKey } from 'openpgp'
import { describe, expect, it } from 'vitest'
import { arche, passwords, startArche } from '../support/arche.ts'
import { archives, keys, preparedOnce, scene } from './prepared.ts'

preparedOnce()

describe('keys', () => {
  it('a new one becomes the active one, and the older backup still opens', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const newPassword = { ...passwords, ARCHE_KEY_PASSWORD: 'another' }
    // Nobody can be asked, and nothing is made.
    expect((await arche(at, ['key', 'new'], { env: newPassword })).code).toBe(2)
    const [before] = await keys(at)
    const made = await arche(at, ['key', 'new', '--name', 'second', '--yes'], { env: newPassword })
    expect(made.code, made.err).toBe(0)
    expect(made.err).toContain('CANNOT be recovered')
    expect(made.err.replaceAll(' ', '')).toContain(before?.fingerprint)
    expect(await keys(at)).toMatchObject([{ active: true }, { active: false }])
    expect((await arche(at, ['restore', 'latest', '--from', 'stick', '--into', 'back', '--yes'])).code).toBe(0)
  })

  it('recipients come and go', async () => {
    const at = scene()
    const { publicKey, privateKey } = await generateKey({ userIDs: [{ name: 'Escrow' }], format: 'armored' })
    writeFileSync(join(at.folder, 'public.asc'), publicKey)
    writeFileSync(join(at.folder, 'private.asc'), privateKey)
    expect(await arche(at, ['key', 'recipient', 'add', 'public.asc'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('Escrow'),
    })
    expect((await arche(at, ['key', 'recipient', 'add', 'public.asc'])).code).toBe(10)
    expect((await arche(at, ['key', 'recipient', 'add', 'private.asc'])).code).toBe(10)
    expect(await arche(at, ['key', 'recipient', 'add', 'none.asc'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('ENOENT'),
    })
    const escrow = (await keys(at)).find((key) => key.kind === 'recipient')?.fingerprint ?? ''
    expect((await arche(at, ['key', 'recipient', 'remove', escrow.slice(-16).toLowerCase()])).code).toBe(0)
    expect((await arche(at, ['key', 'recipient', 'remove', escrow])).code).toBe(2)
    expect(await keys(at)).toHaveLength(1)
  })

  it('without a keychain nothing is remembered anywhere', async () => {
    const at = scene()
    expect((await arche(at, ['key', 'remember'])).code).toBe(10)
    expect(
      (
        await arche(at, ['verify', '--from', 'stick', '--yes'], {
          env: { ARCHE_OPERATOR_PASSWORD: passwords.ARCHE_OPERATOR_PASSWORD },
        })
      ).code,
      // Nothing lies on the medium.
    ).toBe(5)
  })
})

describe('a reader that goes away', () => {
  it('stops neither the work nor changes its end', async () => {
    const at = scene()
    const child = startArche(at, ['backup', 'docs', '--to', 'stick', '--json'])
    child.stdout?.destroy()
    expect(await once(child, 'close')).toEqual([0, null])
    expect(archives(at.stick)).toHaveLength(1)
  })
})

it('programs that Arche and its packages start do not see the passwords of its environment', async () => {
  const at = scene()
  const tools = join(at.folder, 'tools')
  const seen = join(at.folder, 'seen')
  mkdirSync(tools)
  for (const tool of ['lsblk', 'sync']) {
    writeFileSync(join(tools, tool), `#!/bin/sh\nenv >> '${seen}'\nPATH=/usr/bin:/bin exec ${tool} "$@"\n`)
    chmodSync(join(tools, tool), 0o755)
  }
  const env = { ...passwords, ARCHE_DATABASE_PASSWORD: 'base', PATH: `${tools}:${process.env.PATH}` }
  expect((await arche(at, ['backup', 'docs', '--to', 'stick'], { env })).code).toBe(0)
  expect((await arche(at, ['restore', 'latest', '--from', 'stick', '--into', 'back', '--yes'], { env })).code).toBe(0)
  const environment = readFileSync(seen, 'utf8')
  expect(environment).toContain('ARCHE_HOME=')
  expect(environment).not.toMatch(/ARCHE_\w+_PASSWORD/)
})
