// Copies through the window: a plan gets a further place with rules of its own, a backup runs, its copy follows and is seen to be done; one that waits
// says why, and one that is late is told.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, test } from './desk.ts'
import { atStep, chooseMedium, ended, finish, goTo, next, open } from './steps.ts'

const folderOf = (stick: string) => join(stick, 'SIGL_sauvegardes')
const backups = (stick: string) =>
  readdirSync(folderOf(stick))
    .filter((name) => name.startsWith('backup_'))
    .sort()

async function choose(desk: Desk, testId: string, option: string): Promise<void> {
  await desk.page.getByTestId(testId).click()
  await desk.page.getByRole('option', { name: option, exact: true }).click()
}

async function save(desk: Desk): Promise<void> {
  const { page } = desk
  await page.getByTestId('plan-save').click()
  await expect(page.getByTestId('plans-list')).toBeVisible()
}

async function editPlan(desk: Desk): Promise<void> {
  await goTo(desk, 'plans')
  await desk.page.getByTestId('plan-edit').click()
}

test('A plan gets a copy destination in the window; a backup is copied there', async ({ desk }) => {
  await desk.prepare({ label: 'STICK' })
  const second = desk.drives.plugIn('SECOND')
  await desk.run('medium', 'init', second, '--name', 'SECOND', '--yes')
  const documents = join(desk.user, 'Documents')
  writeFileSync(join(documents, 'a.txt'), 'first')
  const stick = desk.drives.path('STICK')
  await desk.run('backup', documents, '--to', stick, '--plan', 'Documents', '--yes')
  const { page } = await desk.launch().then(() => desk)
  await expect(page.getByTestId('copies')).toBeHidden()

  await editPlan(desk)
  await choose(desk, 'destination-first', 'STICK')
  await choose(desk, 'copy-place', 'SECOND')
  await page.keyboard.press('Escape')
  await page.getByTestId('copy-add').click()
  const copy = page.getByTestId('copy-destination')
  await expect(copy).toHaveAttribute('data-place', 'SECOND')
  await expect(page.getByTestId('copy-none-free')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Copiées vers' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(copy.getByTestId('copy-keep')).toBeFocused()
  await copy.getByTestId('copy-keep').click()
  await copy.getByTestId('keep-last').check()
  await copy.getByTestId('keep-count-last').fill('3')
  await expect(copy).toContainText('les 3 plus récentes')
  await copy.scrollIntoViewIfNeeded()
  await desk.accessible('where-to')
  await save(desk)
  await page.getByTestId('home').click()

  await open(desk, 'backup')
  await atStep(desk, 'medium')
  await chooseMedium(desk, 'STICK')
  await next(desk)
  await atStep(desk, 'review')
  await next(desk)
  await ended(desk, 'success')
  await finish(desk)
  const done = page.getByTestId('copies').getByTestId('copy')
  const newest = backups(stick).at(-1) ?? ''
  const row = page.getByTestId('run-row').filter({ has: page.getByTestId('run-places').getByText('STICK → SECOND') })
  await expect(row.first()).toHaveAttribute('data-outcome', 'success', { timeout: 60_000 })
  await expect.poll(() => backups(second).includes(newest), { timeout: 60_000 }).toBe(true)
  await expect(done).toHaveAttribute('data-state', 'done', { timeout: 60_000 })
  await expect(done).toContainText('copiée')
  await desk.accessible('done')
  expect(readFileSync(join(folderOf(second), newest))).toEqual(readFileSync(join(folderOf(stick), newest)))

  await row.first().getByTestId('run-open').click()
  await expect(page.getByTestId('run-title')).toContainText('Copie')
  await expect(page.getByText('Copiée depuis')).toBeVisible()
  await desk.accessible('run')
  await page.getByTestId('home').click()

  await editPlan(desk)
  await expect(copy).toContainText('les 3 plus récentes')
  await page.getByTestId('copy-remove').click()
  await expect(copy).toBeHidden()
  await page.getByTestId('plan-save').click()
  await expect(page.getByTestId('plans-list')).toBeVisible()
  await page.getByTestId('home').click()
  await expect(page.getByTestId('status-block')).toBeVisible()
  await expect(page.getByTestId('copies')).toBeHidden()
  expect(backups(second)).toContain(newest)
})

test('A place that is full or away keeps a copy waiting, several can take turns, and a late copy is told', async ({
  desk,
}) => {
  await desk.prepare({ label: 'STICK' })
  const small = desk.drives.plugIn('SMALL', { tmpfs: '2m' })
  await desk.run('medium', 'init', small, '--name', 'SMALL', '--yes')
  const away = desk.drives.plugIn('AWAY', { tmpfs: '8m' })
  await desk.run('medium', 'init', away, '--name', 'AWAY', '--yes')
  desk.drives.pull('AWAY')
  const documents = join(desk.user, 'Documents')
  writeFileSync(join(documents, 'a.bin'), randomBytes(4_000_000))
  await desk.run('backup', documents, '--to', desk.drives.path('STICK'), '--plan', 'Documents', '--yes')
  madeDaysAgo(desk, 9)
  const { page } = await desk.launch().then(() => desk)

  await editPlan(desk)
  await choose(desk, 'destination-first', 'STICK')
  await choose(desk, 'copy-place', 'SMALL')
  await page.keyboard.press('Escape')
  await page.getByTestId('copy-add').click()
  await expect(page.getByTestId('copy-destination')).toHaveAttribute('data-place', 'SMALL')
  await save(desk)
  await page.getByTestId('home').click()
  const copy = page.getByTestId('copies').getByTestId('copy')
  await expect(copy.getByTestId('copy-now')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByTestId('alarm-copy-late')).toBeVisible()
  await copy.scrollIntoViewIfNeeded()
  await desk.accessible('full-and-late')

  await editPlan(desk)
  await page.getByTestId('copy-remove').click()
  await choose(desk, 'copy-place', 'AWAY')
  await page.getByRole('option', { name: 'SMALL', exact: true }).click()
  await page.keyboard.press('Escape')
  await page.getByTestId('copy-add').click()
  await expect(page.getByTestId('copy-destination')).toContainText('À tour de rôle')
  await page.getByTestId('copy-destination').scrollIntoViewIfNeeded()
  await desk.accessible('in-turn')
  await page.getByTestId('plan-save').click()
  await expect(page.getByTestId('plans-list')).toBeVisible()
  const { plans } = JSON.parse(readFileSync(join(desk.home, 'config.json'), 'utf8'))
  expect(plans[0].destinations[1].place.rotation).toHaveLength(2)
  desk.drives.pull('SMALL')
  await page.getByTestId('home').click()
  await expect(copy).toHaveAttribute('data-state', 'waiting')
  await expect(copy.getByTestId('copy-now')).toBeHidden()
  await desk.accessible('away')
})

/** As if what was done had been done so long ago. */
function madeDaysAgo({ home }: Desk, days: number): void {
  const path = join(home, 'history.jsonl')
  const earlier = (_line: string, name: string, time: string) =>
    `"${name}":"${new Date(Date.parse(time) - days * 86_400_000).toISOString()}"`
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"(startedAt|endedAt)":"([^"]+)"/g, earlier))
}
