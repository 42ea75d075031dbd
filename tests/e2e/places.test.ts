// Places in the settings: a server is taken up after its host key was seen, tried and forgotten; a folder beside it.
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { startSshd } from '../support/sshd.ts'
import { type Desk, expect, operatorPassword, test } from './desk.ts'
import { goTo } from './steps.ts'

async function unlock({ page }: Desk): Promise<void> {
  await page.getByTestId('operator-dialog').getByTestId('operator-password').fill(operatorPassword)
  await page.getByTestId('operator-submit').click()
}

test('A server and a folder become places in the settings', async ({ desk }) => {
  const sshd = await startSshd()
  try {
    await desk.prepare()
    const page = await desk.launch()
    await goTo(desk, 'places')
    await page.getByTestId('place-add-server').click()
    await expect(page.getByRole('heading', { name: 'Un compte sur un serveur (SFTP)' })).toBeFocused()
    await page.getByTestId('place-host').fill('127.0.0.1')
    await page.getByTestId('place-port').fill(String(sshd.port))
    await page.getByTestId('place-user').fill(sshd.user)
    await page.getByTestId('place-path').fill(sshd.folder)
    await page.getByTestId('place-name').fill('NAS')
    const form = page.getByTestId('place-server-form')
    const key = { name: 'id_ed25519', mimeType: 'text/plain', buffer: Buffer.from(sshd.key) }
    await form.locator('input[type=file]').setInputFiles(key)
    await expect(form).toContainText('id_ed25519')
    await expect(page.getByTestId('place-save')).toBeDisabled()
    await page.getByTestId('place-look').click()
    await expect(page.getByTestId('place-host-key')).toContainText(sshd.fingerprint())
    await expect(page.getByTestId('place-save')).toBeDisabled()
    await page.getByTestId('place-agreed').check()
    await page.getByTestId('place-port').fill('1')
    await expect(page.getByTestId('place-host-key')).toBeHidden()
    await expect(page.getByTestId('place-save')).toBeDisabled()
    await page.getByTestId('place-port').fill(String(sshd.port))
    await expect(page.getByTestId('place-save')).toBeEnabled()
    await page.getByTestId('place-host-key').scrollIntoViewIfNeeded()
    await desk.accessible('host-key')
    await page.getByTestId('place-save').click()
    await unlock(desk)
    const nas = page.locator('[data-testid="place"][data-place="NAS"]')
    await expect(nas.getByTestId('place-fine')).toBeVisible()
    expect(readdirSync(sshd.folder)).toContain('SIGL_sauvegardes')
    await nas.getByTestId('place-test').click()
    await expect(page.getByText('NAS fonctionne')).toBeVisible()

    const share = join(desk.folder, 'share')
    mkdirSync(share)
    await page.getByTestId('place-add-folder').click()
    await desk.chooseFiles(share)
    await page.getByTestId('place-folder-choose').click()
    await page.getByTestId('place-name').fill('OFFICE')
    await expect(page.getByTestId('findings')).toBeVisible()
    await page.getByTestId('place-save').click()
    const office = page.locator('[data-testid="place"][data-place="OFFICE"]')
    await expect(office.getByTestId('place-fine')).toBeVisible()
    await office.scrollIntoViewIfNeeded()
    await desk.accessible('places')
    await nas.getByTestId('place-remove').click()
    await page.getByTestId('place-remove-confirm').click()
    await expect(nas).toBeHidden()
    expect(readdirSync(sshd.folder)).toContain('SIGL_sauvegardes')
  } finally {
    await sshd.stop()
  }
})
