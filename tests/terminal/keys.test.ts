// Keys and media from a terminal: a second key, recipients, the keychain that is not there, a reader that goes away.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKey } from 'openpgp'
import { describe, expect, it } from 'vitest'
import { arche, jsonLines, passwords, startArche } from '../support/arche.ts'
import { archives, preparedOnce, type Scene, scene } from './prepared.ts'

preparedOnce()

interface Key {
  readonly fingerprint: string
  readonly kind: string
  readonly active: boolean
}

async function keys(at: Scene): Promise<Key[]> {
  const [result] = jsonLines((await arche(at, ['key', 'list', '--json'])).out)
  return result?.keys as Key[]
}

describe('keys', () => {
  it('a new one becomes the active one, and the older backup still opens', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const newPassword = { ...passwords, ARCHE_KEY_PASSWORD: 'another' }
    const made = await arche(at, ['key', 'new', '--name', 'second'], { env: newPassword })
    expect(made.code, made.err).toBe(0)
    expect(made.err).toContain('CANNOT be recovered')
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
    ).toBe(2)
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
