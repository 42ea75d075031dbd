// How a plan's archives are packed, chosen in the window: the words in both languages, what comes out, and that the standard tools open it.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unpack } from '../support/unpack.ts'
import { type Desk, expect, keyPassword, operatorPassword, test } from './desk.ts'
import { atStep, ended, finish, next, onMedium, open } from './steps.ts'

/** Large enough to show how well it was packed. */
const letter = 'Cher monsieur,\n'.repeat(20_000)

const words = {
  compression: {
    fr: ['aucune', 'rapide', 'équilibrée', 'petite taille'],
    en: ['none', 'fast', 'balanced', 'small'],
  },
  format: {
    fr: [/^tar\.gz\.gpg\s:/u, /^tar\.zst\.gpg\s:.* demande zstd/u],
    en: [/^tar\.gz\.gpg: /, /^tar\.zst\.gpg: .* needs zstd/],
  },
}

/** Opens a choice, sees that it offers these and no others, and takes one. */
async function choose(desk: Desk, field: string, offered: readonly (string | RegExp)[], index: number): Promise<void> {
  await desk.page.getByTestId(field).click()
  const options = desk.page.getByRole('option')
  await expect(options).toHaveText([...offered])
  await options.nth(index).click()
  await expect(desk.page.getByTestId(field)).toHaveValue(offered[index] ?? '')
}

/** Saves the plan that is shown, and makes a backup of it. Its name is the one that was not there before. */
async function saveAndBackUp(desk: Desk, before: readonly string[]): Promise<string> {
  const { page } = desk
  await page.getByTestId('plan-save').click()
  await expect(page.getByTestId('plans-list')).toBeVisible()
  await page.getByTestId('home').click()
  await open(desk, 'backup')
  await atStep(desk, 'medium')
  await next(desk)
  await atStep(desk, 'review')
  await next(desk)
  await ended(desk, 'success')
  await finish(desk)
  const made = onMedium(desk.drives.path('STICK')).filter((name) => !before.includes(name))
  expect(made).toHaveLength(1)
  return made[0] ?? ''
}

function sizeOf(desk: Desk, artifact: string): number {
  return statSync(join(desk.drives.path('STICK'), 'SIGL_sauvegardes', artifact)).size
}

/** What a person without Arche finds in it. */
function read(desk: Desk, artifact: string): string {
  const content = unpack(desk.folder, artifact, keyPassword, desk.drives.path('STICK'))
  return readFileSync(join(content, 'Documents/letter'), 'utf8')
}

test('How archives are packed is chosen in the window, and the standard tools open them', async ({ desk }) => {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  writeFileSync(join(documents, 'letter'), letter)
  const page = await desk.launch()
  await page.getByTestId('settings-link').click()
  await page.getByTestId('language-select').click()
  await page.getByRole('option', { name: 'English' }).click()
  await page.getByTestId('operator-dialog').getByTestId('operator-password').fill(operatorPassword)
  await page.getByTestId('operator-submit').click()
  await page.getByTestId('plan-new').click()
  await desk.chooseFiles(documents)
  await page.getByTestId('add-folders').click()
  await page.getByTestId('plan-name').fill('Bureau')
  await expect(page.getByTestId('plan-compression')).toHaveValue('balanced')
  await expect(page.getByTestId('plan-format')).toHaveValue(words.format.en[0] as RegExp)
  await choose(desk, 'plan-compression', words.compression.en, 3)
  await choose(desk, 'plan-format', words.format.en, 1)
  await desk.accessible('chosen')
  const small = await saveAndBackUp(desk, [])
  expect(small).toMatch(/^backup_v30_Bureau_.*\.tar\.zst\.gpg$/)
  expect(read(desk, small)).toBe(letter)

  await page.getByTestId('settings-link').click()
  await page.getByTestId('language-select').click()
  await page.getByRole('option', { name: 'Français' }).click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr')
  await page.getByTestId('plan-edit').click()
  await expect(page.getByTestId('plan-compression')).toHaveValue('petite taille')
  await expect(page.getByTestId('plan-format')).toHaveValue(words.format.fr[1] as RegExp)
  await choose(desk, 'plan-compression', words.compression.fr, 0)
  await choose(desk, 'plan-format', words.format.fr, 0)
  const none = await saveAndBackUp(desk, [small])
  expect(none).toMatch(/^backup_v30_Bureau_.*\.tar\.gz\.gpg$/)
  expect(read(desk, none)).toBe(letter)
  expect(sizeOf(desk, none)).toBeGreaterThan(letter.length)
  expect(sizeOf(desk, small)).toBeLessThan(letter.length / 10)

  await page.getByTestId('settings-link').click()
  await page.getByTestId('plan-edit').click()
  await choose(desk, 'plan-compression', words.compression.fr, 1)
  const fast = await saveAndBackUp(desk, [small, none])
  expect(read(desk, fast)).toBe(letter)
  expect(sizeOf(desk, fast)).toBeLessThan(letter.length / 10)
})
