// What logs in to a place: in memory for as long as Arche runs, and handed over by systemd. The keychain's part is in tests/terminal/place.test.ts.
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isAny, openPlaceAccounts } from '../../core/access/place-accounts.ts'
import { openSecrets } from '../../core/access/secrets.ts'
import { temporaryFolder } from '../support/folder.ts'

async function scene() {
  const folder = await temporaryFolder()
  const accounts = openPlaceAccounts(openSecrets(folder), { CREDENTIALS_DIRECTORY: folder })
  return { folder, accounts, id: randomUUID() }
}

const nas = { host: 'nas', user: 'me' }

describe('what logs in to a place', () => {
  it('is handed over by systemd, each part in a file of its own', async () => {
    const { folder, accounts, id } = await scene()
    expect(await accounts.of(id, nas)).toEqual({})
    await writeFile(join(folder, `arche-place-${id}-password`), ' pass é \n')
    await writeFile(join(folder, `arche-place-${id}-key`), '-----BEGIN\nx\n-----END\n')
    expect(await accounts.of(id, nas)).toEqual({ password: ' pass é ', key: '-----BEGIN\nx\n-----END\n' })
    expect(await accounts.of(randomUUID(), nas)).toEqual({})
  })

  it('is what was given for this once before anything else, until it is forgotten', async () => {
    const { folder, accounts, id } = await scene()
    await writeFile(join(folder, `arche-place-${id}-password`), 'handed over')
    await accounts.keep(id, nas, { password: 'given' }, false)
    expect(await accounts.of(id, nas)).toEqual({ password: 'given' })
    await accounts.forget(id)
    expect(await accounts.of(id, nas)).toEqual({ password: 'handed over' })
  })

  it('is never what was given for another account', async () => {
    const { accounts, id } = await scene()
    await accounts.keep(id, nas, { password: 'given' }, false)
    expect(await accounts.of(id, { ...nas, port: 22 })).toEqual({ password: 'given' })
    for (const other of [
      { ...nas, host: 'other' },
      { ...nas, user: 'you' },
      { ...nas, port: 2222 },
    ])
      expect(await accounts.of(id, other)).toEqual({})
  })

  it('is a password or a key: a passphrase alone opens nothing', () => {
    expect([{}, { passphrase: 'x' }, { password: 'x' }, { key: 'x' }].map(isAny)).toEqual([false, false, true, true])
  })
})
