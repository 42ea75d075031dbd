// How a plan's archives are made, chosen in the window: the words in both languages, what comes out, and that the standard tools open it; and that
// without encryption nobody is asked for a key or its password.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unpack } from '../support/unpack.ts'
import { type Desk, expect, keyPassword, test } from './desk.ts'
import {
  atStep,
  confirmRestore,
  ended,
  finish,
  goTo,
  next,
  onMedium,
  open,
  reviewKnownPlan,
  reviewRestore,
} from './steps.ts'

/** Large enough to show how well it was packed. */
const letter = 'Cher monsieur,\n'.repeat(20_000)

const words = {
  level: {
    fr: ['aucune', 'rapide', 'équilibrée', 'petite taille'],
    en: ['none', 'fast', 'balanced', 'small'],
  },
  codec: {
    fr: [/^aucune\s: .*partout$/u, /^gzip\s: s’ouvre partout$/u, /^Zstandard\s: .* demande zstd/u],
    en: [/^none: .*everywhere$/, /^gzip: opens everywhere$/, /^Zstandard: .* needs zstd/],
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

async function speak(desk: Desk, language: 'English' | 'Français'): Promise<void> {
  await goTo(desk, 'settings')
  await desk.page.getByTestId('language-select').click()
  await desk.page.getByRole('option', { name: language }).click()
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
  await speak(desk, 'English')
  await goTo(desk, 'plans')
  await page.getByTestId('plan-new').click()
  await desk.chooseFiles(documents)
  await page.getByTestId('add-folders').click()
  await page.getByTestId('plan-name').fill('Bureau')
  await expect(page.getByTestId('plan-compression')).toHaveValue('balanced')
  await expect(page.getByTestId('plan-codec')).toHaveValue(words.codec.en[1] as RegExp)
  await expect(page.getByTestId('plan-encrypt')).toBeChecked()
  await choose(desk, 'plan-compression', words.level.en, 3)
  await choose(desk, 'plan-codec', words.codec.en, 2)
  await desk.accessible('chosen')
  const small = await saveAndBackUp(desk, [])
  expect(small).toMatch(/^backup_v30_Bureau_.*\.tar\.zst\.gpg$/)
  expect(read(desk, small)).toBe(letter)

  await speak(desk, 'Français')
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr')
  await goTo(desk, 'plans')
  await page.getByTestId('plan-edit').click()
  await expect(page.getByTestId('plan-compression')).toHaveValue('petite taille')
  await expect(page.getByTestId('plan-codec')).toHaveValue(words.codec.fr[2] as RegExp)
  await choose(desk, 'plan-compression', words.level.fr, 0)
  await choose(desk, 'plan-codec', words.codec.fr, 1)
  const none = await saveAndBackUp(desk, [small])
  expect(none).toMatch(/^backup_v30_Bureau_.*\.tar\.gz\.gpg$/)
  expect(read(desk, none)).toBe(letter)
  expect(sizeOf(desk, none)).toBeGreaterThan(letter.length)
  expect(sizeOf(desk, small)).toBeLessThan(letter.length / 10)

  await goTo(desk, 'plans')
  await page.getByTestId('plan-edit').click()
  await choose(desk, 'plan-codec', words.codec.fr, 0)
  await expect(page.getByTestId('plan-compression')).toHaveCount(0)
  const bare = await saveAndBackUp(desk, [small, none])
  expect(bare).toMatch(/^backup_v30_Bureau_.*\.tar\.gpg$/)
  expect(read(desk, bare)).toBe(letter)
})

test('Encryption is switched off in the window, with a warning, and such a backup opens with tar alone', async ({
  desk,
}) => {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  writeFileSync(join(documents, 'letter'), letter)
  const stick = desk.drives.path('STICK')
  await desk.run('backup', documents, '--to', stick, '--plan', 'Bureau', '--yes')
  const page = await desk.launch()
  await goTo(desk, 'plans')
  await page.getByTestId('plan-edit').click()
  await expect(page.getByTestId('plan-clear')).toHaveCount(0)
  await page.getByTestId('plan-encrypt').uncheck()
  await expect(page.getByTestId('plan-clear')).toContainText('Sans chiffrement')
  await page.getByTestId('plan-clear').scrollIntoViewIfNeeded()
  await desk.accessible('clear-fr')
  await page.getByTestId('plan-save').click()
  await expect(page.getByTestId('plans-list')).toBeVisible()
  await speak(desk, 'English')
  await goTo(desk, 'plans')
  await page.getByTestId('plan-edit').click()
  await expect(page.getByTestId('plan-clear')).toContainText('Without encryption')
  await page.getByTestId('plan-clear').scrollIntoViewIfNeeded()
  await desk.picture('clear-en')
  await page.getByTestId('home').click()
  await open(desk, 'backup')
  await atStep(desk, 'medium')
  await next(desk)
  await atStep(desk, 'review')
  await expect(page.getByTestId('review')).toContainText('tar.gz, balanced, not encrypted')
  await expect(page.getByText('These backups are not encrypted: whoever gets at STICK')).toBeVisible()
  await desk.accessible('review')
  await next(desk)
  await ended(desk, 'success')
  await finish(desk)
  const [archive = ''] = onMedium(stick).filter((name) => name.endsWith('.tar.gz'))
  const into = join(desk.folder, 'by hand')
  mkdirSync(into)
  execFileSync('tar', ['xf', join(stick, 'SIGL_sauvegardes', archive), '-C', into])
  expect(readFileSync(join(into, 'Documents/letter'), 'utf8')).toBe(letter)

  await open(desk, 'restore')
  await atStep(desk, 'medium')
  await next(desk)
  await expect(page.getByTestId('artifact-format')).toHaveText(['Not encrypted', 'Encrypted archive'])
  await desk.accessible('list')
})

test('Without encryption neither a key nor its password is asked for', async ({ desk }) => {
  const documents = join(desk.user, 'Documents')
  writeFileSync(join(documents, 'letter'), letter)
  const stick = desk.drives.plugIn('STICK')
  await desk.run('medium', 'init', stick, '--name', 'STICK', '--yes')
  await desk.run('backup', documents, '--to', stick, '--plan', 'Bureau', '--format', 'tar.zst', '--yes')
  expect(await desk.run('key', 'list', '--json')).toContain('"keys":[]')
  const page = await desk.launch()
  await expect(page.getByTestId('status-block')).toHaveAttribute('data-level', 'protected')
  await desk.picture('main')
  await reviewKnownPlan(desk)
  await next(desk)
  await ended(desk, 'success')
  await finish(desk)
  expect(onMedium(stick).filter((name) => name.endsWith('.tar.zst'))).toHaveLength(2)

  const into = join(desk.folder, 'ailleurs')
  mkdirSync(into)
  await reviewRestore(desk, { into, withoutPassword: true })
  await page.getByTestId('wizard-back').click()
  await atStep(desk, 'where')
  await next(desk)
  await atStep(desk, 'review')
  await confirmRestore(desk)
  await ended(desk, 'success')
  expect(readFileSync(join(into, 'Documents/letter'), 'utf8')).toBe(letter)
  await finish(desk)
  await page.getByTestId('medium-verify').click()
  await ended(desk, 'success')
})
