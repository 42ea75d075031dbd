// Where the password of the mail account comes from: the keychain, or what systemd hands to a service.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openMailAccount } from '../../core/access/mail-account.ts'
import { openSecrets } from '../../core/access/secrets.ts'
import { MailSettings } from '../../core/api/mail.ts'
import { temporaryFolder } from '../support/folder.ts'

const settings = MailSettings.parse({
  host: 'smtp.example.org',
  port: 587,
  security: 'starttls',
  account: 'me',
  from: 'arche@example.org',
  recipients: [],
})

describe('the password of the mail account', () => {
  it('comes from the credentials of a service, as they are but for the line end', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'arche-mail-password'), ' pass é \n')
    const account = openMailAccount(openSecrets(folder), { CREDENTIALS_DIRECTORY: folder })
    expect(await account.password(settings)).toBe(' pass é ')
    expect(account.kept).toBeUndefined()
    await account.look(settings)
    expect(account.kept).toBe(true)
    await account.look(undefined)
    expect(account.kept).toBe(false)
  })

  it('comes from the keychain of its own server and account, where nothing was handed over', async () => {
    const folder = await temporaryFolder()
    const account = openMailAccount(openSecrets(folder), { CREDENTIALS_DIRECTORY: join(folder, 'none') })
    await account.keep(settings, 'kept')
    expect(await account.password(settings)).toBe('kept')
    expect(await account.password({ ...settings, host: 'evil.example.org' })).toBeUndefined()
    expect(await account.password({ ...settings, account: 'other' })).toBeUndefined()
    await account.forget(settings)
    expect(await account.password(settings)).toBeUndefined()
    expect(account.kept).toBe(false)
  })
})
