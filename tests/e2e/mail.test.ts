// E-mail in the settings: described, tested until the server is content, saved; a backup is told; what cannot be sent shows.
import { authority, certificateFor, startMailServer } from '../support/mail-server.ts'
import { expect, test } from './desk.ts'
import { goTo } from './steps.ts'

const account = { user: 'labo@example.org', password: 'mail pass é' }
const certificate = certificateFor('DNS:localhost')

test('E-mail is tested, saved and used', async ({ desk }) => {
  await desk.prepare({ label: 'STICK' })
  const server = await startMailServer({ security: 'starttls', certificate, account })
  const page = await desk.launch()
  await goTo(desk, 'notifications')
  const form = page.getByTestId('mail-settings')
  await expect(page.getByTestId('mail-save')).toBeHidden()
  await page.getByTestId('mail-host').fill('localhost')
  await page.getByTestId('mail-port').fill(String(server.port))
  await page.getByTestId('mail-from').fill('arche@example.org')
  await page.getByTestId('mail-account').fill(account.user)
  await page.getByTestId('mail-password').fill('wrong')
  await page.getByTestId('mail-address').fill('anna@example.org')
  await page.getByTestId('mail-on-success').check()
  await page.getByTestId('mail-test').click()
  await expect(page.getByTestId('problem-mail-tls')).toBeVisible()
  await page.getByTestId('mail-authority').fill(authority().cert)
  await expect(page.getByTestId('problem-mail-tls')).toBeHidden()
  await page.getByTestId('mail-test').click()
  await expect(page.getByTestId('problem-mail-denied')).toBeVisible()
  await desk.accessible('denied')
  await page.getByTestId('mail-password').fill(account.password)
  await page.getByTestId('mail-test').click()
  await expect(page.getByTestId('mail-test-good')).toContainText('anna@example.org')
  await server.seen(1)
  await page.getByTestId('mail-save').click()
  await expect(form).toContainText('Le mot de passe est conservé')
  await expect(page.getByTestId('mail-password')).toHaveValue('')

  await desk.run('backup', desk.user, '--to', 'STICK', '--plan', 'Maison', '--yes')
  const [, told] = await server.seen(2)
  expect(told?.headers).toContain('Réussi\u00a0: Sauvegarde de «\u202fMaison\u202f»')
  await expect(page.getByTestId('mail-state')).toContainText('Dernier message envoyé')

  await server.close()
  await desk.run('backup', '--plan', 'Maison', '--to', 'STICK', '--yes')
  await expect(page.getByTestId('mail-waiting')).toContainText('1')
  await expect(page.getByTestId('problem-mail-unreachable')).toBeVisible()
  await desk.accessible('waiting')

  await page.getByTestId('ping-url').fill('ftp://nowhere')
  await expect(page.getByTestId('mail-save')).toBeDisabled()
  await page.getByTestId('ping-url').fill('http://127.0.0.1:9/abc')
  await page.getByTestId('mail-save').click()
  await expect(page.getByTestId('ping-test')).toBeEnabled()
  await expect(page.getByTestId('mail-save')).toBeHidden()

  await page.getByTestId('mail-off').click()
  await page.getByTestId('mail-off-confirm').click()
  await expect(page.getByTestId('mail-waiting')).toBeHidden()
  await expect(page.getByTestId('mail-host')).toHaveValue('')
})
