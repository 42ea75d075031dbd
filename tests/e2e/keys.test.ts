// Keys of a medium that was in other hands, through the window: shown with their fingerprints, taken only as far as a person answered.
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Gnupg, gnupg, makeKey } from '../unit/fixtures/gnupg.ts'
import { expect, keyPassword, test } from './desk.ts'
import { goTo } from './steps.ts'

let gpg: Gnupg

test.beforeAll(() => {
  gpg = gnupg()
})

test.afterAll(() => gpg.close())

const grouped = (fingerprint: string) => fingerprint.replace(/(.{4})(?=.)/g, '$1 ')

test('Keys of a touched medium are shown and asked about; a lost key comes back with its password only', async ({
  desk,
}) => {
  await desk.prepare({ label: 'STICK' })
  await desk.run('backup', desk.user, '--to', 'STICK', '--yes')
  const shelf = join(desk.drives.path('STICK'), 'SIGL_sauvegardes')
  const parameters = 'Key-Type: RSA\nKey-Length: 2048\nSubkey-Type: RSA\nSubkey-Length: 2048'
  const swapped = makeKey(gpg, { parameters: `${parameters}\nName-Real: Arche mine`, password: 'x' })
  const reader = makeKey(gpg, { parameters: `${parameters}\nName-Real: Fondation`, password: 'x' })
  writeFileSync(join(shelf, `kpri.${swapped.fingerprint}.asc`), swapped.privateKey)
  writeFileSync(join(shelf, 'kpub.fondation.asc'), reader.publicKey)
  writeFileSync(join(shelf, 'kpub.rest.asc'), 'no key')
  const keys = join(desk.home, 'keys')
  const [pair = ''] = readdirSync(keys).filter((name) => name.startsWith('kpri.'))
  rmSync(join(keys, pair))

  const page = await desk.launch()
  await expect(page.getByTestId('key-notices').getByTestId('problem-key-lost')).toBeVisible()
  await desk.accessible('lost')
  await goTo(desk, 'keys')
  await desk.chooseFiles(shelf)
  await page.getByTestId('import-keys').click()
  await expect(page.getByTestId('key-pick-pair')).toHaveCount(2)
  await expect(page.getByTestId('key-pick-person').getByTestId('fingerprint')).toHaveText(grouped(reader.fingerprint))
  await expect(page.getByTestId('problem-key-file-unreadable')).toBeVisible()
  await expect(page.getByTestId('key-pick-take')).toBeDisabled()
  const passwordOf = (name: string) =>
    page
      .getByTestId('key-pick-pair')
      .filter({ hasText: grouped(name) })
      .getByTestId('key-pick-password')
  await passwordOf(swapped.fingerprint).fill(keyPassword)
  await page.getByTestId('key-pick-take').click()
  await expect(page.getByTestId('problem-wrong-password')).toBeVisible()
  await desk.accessible('import')
  await passwordOf(swapped.fingerprint).fill('')
  await passwordOf(pair.slice(5, -4)).fill(keyPassword)
  await page.getByTestId('key-pick-take').click()
  await expect(page.getByTestId('key-pick')).toBeHidden()
  await expect(page.getByTestId('own-keys').getByTestId('fingerprint')).toHaveText(grouped(pair.slice(5, -4)))
  await expect(page.getByTestId('recipients').getByTestId('fingerprint')).toHaveCount(0)

  await page.getByTestId('import-keys').click()
  await page.getByTestId('key-pick-agree').check()
  await page.getByTestId('key-pick-take').click()
  await expect(page.getByTestId('recipients').getByTestId('fingerprint')).toHaveText(grouped(reader.fingerprint))
})
