// From a word to the file: the search over all backups, versions, several files at once, what the search does not know, and the calendar.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, keyPassword, test } from './desk.ts'
import { atStep, confirmRestore, ended, goTo, onMedium } from './steps.ts'
import { makeTree } from './tree.ts'

/** Documents with two backups on the stick: the letter differs in the second. The window is open where restoring begins. */
async function begin(desk: Desk): Promise<{ documents: string; letter: string; stick: string }> {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  makeTree(documents)
  const letter = join(documents, 'Résultats', 'Lettre à Zoé.txt')
  writeFileSync(letter, 'first\n')
  const stick = desk.drives.path('STICK')
  const backUp = () => desk.run('backup', documents, '--to', stick, '--plan', 'Documents', '--yes')
  await backUp()
  writeFileSync(letter, 'second, longer\n')
  await backUp()
  await desk.launch()
  await goTo(desk, 'backups')
  return { documents, letter, stick }
}

const row = (desk: Desk, path: string) => desk.page.locator(`[data-testid="found"][data-path=${JSON.stringify(path)}]`)

async function typePassword(desk: Desk): Promise<void> {
  await atStep(desk, 'password')
  await desk.page.getByTestId('key-password').fill(keyPassword)
  await desk.page.getByTestId('wizard-next').click()
}

const found = 'Documents/Résultats/Lettre à Zoé.txt'

test('A file is found by words of its path and is back in its place within six clicks', async ({ desk }) => {
  const { letter } = await begin(desk)
  const { page } = desk
  rmSync(letter)
  // The first click has led here; the search box has the keyboard.
  await expect(page.getByTestId('find-text')).toBeFocused()
  await expect(page.getByTestId('backup-row')).toHaveCount(2)
  await desk.accessible('calendar')
  await page.keyboard.type('ZOE lettre')
  await expect(row(desk, found)).toBeVisible()
  await expect(page.getByTestId('find-count')).toHaveText('1 résultat.')
  await desk.accessible('found')
  // Second.
  await row(desk, found).getByTestId('found-file').click()
  await expect(page.getByTestId('version')).toHaveCount(2)
  await expect(page.getByTestId('version').first()).toBeChecked()
  await desk.accessible('versions')
  // Third; the fourth goes on from the password.
  await page.getByTestId('version-restore').click()
  await typePassword(desk)
  await atStep(desk, 'review')
  await expect(page.getByTestId('restore-preview')).toBeVisible()
  await expect(page.getByTestId('chosen-files')).toContainText('Lettre à Zoé.txt')
  await desk.accessible('confirm')
  // Fifth.
  await confirmRestore(desk)
  await ended(desk, 'success')
  await desk.picture('done')
  expect(readFileSync(letter, 'utf8')).toBe('second, longer\n')
})

test('An older version is chosen by its date, and several files come back from as many backups as they need', async ({
  desk,
}) => {
  await begin(desk)
  const { page } = desk
  const into = join(desk.folder, 'ailleurs')
  mkdirSync(into)
  await page.getByTestId('find-text').fill('lettre')
  await row(desk, found).getByTestId('found-file').click()
  await page.getByTestId('version').nth(1).click()
  await page.getByTestId('version-basket').click()
  await expect(page.getByTestId('basket-item')).toHaveCount(1)
  await page.getByTestId('find-text').fill('cassé')
  await row(desk, 'Documents/cassé').getByTestId('found-basket').click()
  await expect(page.getByTestId('basket-item')).toHaveCount(2)
  // What has not changed stands in both backups: one is enough.
  await page.getByTestId('find-text').fill('lisez')
  await row(desk, 'Documents/lisez-moi.txt').getByTestId('found-basket').click()
  await expect(page.getByTestId('basket-item')).toHaveCount(3)
  await desk.accessible('basket')
  await page.locator('[data-testid="basket-item"][data-path="Documents/cassé"]').getByTestId('basket-take').click()
  await expect(page.getByTestId('basket-item')).toHaveCount(2)
  await page.getByTestId('basket-restore').click()
  await typePassword(desk)
  await expect(page.getByTestId('chosen-files')).toHaveCount(1)
  await page.getByTestId('where-folder').check()
  await desk.chooseFiles(into)
  await page.getByTestId('choose-destination').click()
  await expect(page.getByTestId('restore-preview')).toBeVisible()
  await desk.picture('confirm')
  await confirmRestore(desk)
  await ended(desk, 'success')
  expect(readFileSync(join(into, 'Documents/Résultats/Lettre à Zoé.txt'), 'utf8')).toBe('first\n')
  expect(existsSync(join(into, 'Documents/lisez-moi.txt'))).toBe(true)
  expect(existsSync(join(into, 'Documents/cassé'))).toBe(false)
  // It was emptied by that.
  await page.getByTestId('wizard-finish').click()
  await expect(page.getByTestId('find-text')).toBeVisible()
  await expect(page.getByTestId('basket')).toBeHidden()
})

test('Files of which no one backup has all come back one restore after the other', async ({ desk }) => {
  const { documents, letter, stick } = await begin(desk)
  rmSync(join(documents, 'lisez-moi.txt'))
  writeFileSync(join(documents, 'new.txt'), 'only in the third\n')
  await desk.quit()
  await desk.run('backup', documents, '--to', stick, '--plan', 'Documents', '--yes')
  rmSync(join(documents, 'new.txt'))
  rmSync(letter)
  await desk.launch()
  await goTo(desk, 'backups')
  for (const name of ['new.txt', 'lisez-moi.txt']) {
    await desk.page.getByTestId('find-text').fill(name)
    await row(desk, `Documents/${name}`).getByTestId('found-basket').click()
  }
  await expect(desk.page.getByTestId('basket-item')).toHaveCount(2)
  await desk.page.getByTestId('basket-restore').click()
  await typePassword(desk)
  await expect(desk.page.getByTestId('chosen-files')).toHaveCount(2)
  await expect(desk.page.getByTestId('restore-preview')).toHaveCount(2)
  await confirmRestore(desk)
  await ended(desk, 'success')
  await desk.picture('first-of-two')
  await expect.poll(() => existsSync(join(documents, 'lisez-moi.txt'))).toBe(true)
  expect(readFileSync(join(documents, 'new.txt'), 'utf8')).toBe('only in the third\n')
})

test('What the search does not know is told, and added with the password of the key', async ({ desk }) => {
  await begin(desk)
  await desk.quit()
  rmSync(join(desk.home, 'catalogue'), { recursive: true })
  const page = await desk.launch()
  await goTo(desk, 'backups')
  const gap = page.getByTestId('search-gap')
  await expect(gap).toContainText('2 sauvegardes sur STICK')
  await page.getByTestId('find-text').fill('lettre')
  await expect(page.getByTestId('find-count')).toHaveText('0 résultat.')
  await gap.getByTestId('gap-password').fill('not this one')
  await gap.getByTestId('gap-add').click()
  await expect(page.getByTestId('problem-wrong-password')).toBeVisible()
  await desk.accessible('gap')
  await gap.getByTestId('gap-password').fill(keyPassword)
  await gap.getByTestId('gap-add').click()
  await expect(gap).toBeHidden()
  await page.getByTestId('find-text').fill('lettre zo')
  await expect(row(desk, found)).toBeVisible()
})

test('The calendar shows which days have backups, and a day its backups; in French, in a small window', async ({
  desk,
}) => {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  makeTree(documents)
  const stick = desk.drives.path('STICK')
  await desk.run('backup', documents, '--to', stick, '--plan', 'Documents', '--yes')
  const [archive = ''] = onMedium(stick).filter((name) => name.endsWith('.gpg'))
  const folder = join(stick, 'SIGL_sauvegardes')
  for (const [subject, day, hour] of [
    ['Documents', '2026-03-02', '12'],
    ['Documents', '2026-03-02', '18'],
    ['Photos', '2026-03-05', '09'],
  ])
    copyFileSync(join(folder, archive), join(folder, `backup_v30_${subject}_${day}_${hour}h00m00s.tar.gz.gpg`))
  const page = await desk.launch()
  await desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(760, 560))
  await goTo(desk, 'backups')
  const rows = page.getByTestId('backup-row')
  // The day of the newest.
  await expect(rows).toHaveCount(1)
  await page.getByTestId('calendar-dayBefore').click()
  await expect(page.getByTestId('calendar')).toHaveAttribute('data-month', '2026-03')
  await expect(page.getByTestId('day-title')).toHaveText('jeudi 5 mars 2026')
  const day = page.locator('[data-testid="calendar-day"][data-day="2026-03-02"]')
  await expect(day).toHaveAccessibleName('lundi 2 mars 2026 : 2 sauvegardes')
  await day.click()
  await expect(rows).toHaveCount(2)
  await desk.accessible('day')
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
  expect(wide).toBe(false)
  await page.getByTestId('backups-plan').click()
  await page.getByRole('option', { name: 'Photos' }).click()
  await expect(rows).toHaveCount(1)
  await expect(page.locator('[data-testid="calendar-day"][data-day="2026-03-02"]')).toHaveCount(0)
  await page.getByTestId('month-before').click()
  await expect(page.getByTestId('calendar')).toHaveAttribute('data-month', '2026-02')
  await page.getByTestId('find-text').fill('lisez')
  await expect(page.getByTestId('found').first()).toBeVisible()
  await desk.accessible('narrow')
})

test('A folder of 5,000 files is sorted and ticked, few of its rows are drawn, and what is chosen is listed', async ({
  desk,
}) => {
  await desk.prepare({ label: 'STICK' })
  const many = join(desk.user, 'Many')
  mkdirSync(many)
  for (let at = 0; at < 5000; at += 1) writeFileSync(join(many, `file ${at}.txt`), 'x'.repeat(at % 97))
  writeFileSync(join(many, 'largest.bin'), Buffer.alloc(5000))
  await desk.run('backup', many, '--to', desk.drives.path('STICK'), '--plan', 'Many', '--yes')
  const page = await desk.launch()
  await goTo(desk, 'backups')
  await page.getByTestId('backup-restore').click()
  await page.getByTestId('wizard-next').click()
  await typePassword(desk)
  await atStep(desk, 'what')
  await page.getByTestId('what-some').check()
  const entries = page.getByTestId('entry')
  await entries.first().getByRole('button').click()
  await expect(page.getByRole('table')).toHaveAttribute('aria-rowcount', '5002')
  expect(await entries.count()).toBeLessThan(60)
  const bySize = page.getByRole('columnheader', { name: 'Taille' }).getByRole('button')
  await bySize.click()
  await bySize.click()
  await expect(entries.first()).toHaveAttribute('data-path', 'Many/largest.bin')
  const start = Date.now()
  await entries.first().getByRole('checkbox').check()
  test.info().annotations.push({ type: 'ms for a tick', description: String(Date.now() - start) })
  await entries.nth(1).getByRole('checkbox').check()
  await expect(page.getByTestId('chosen-list').getByRole('listitem')).toHaveCount(2)
  await desk.accessible('many')
  await page.getByTestId('chosen-list').getByRole('button').first().click()
  await expect(entries.first().getByRole('checkbox')).not.toBeChecked()
  await page.getByTestId('chosen-none').click()
  await expect(page.getByTestId('chosen-list')).toBeHidden()
})
