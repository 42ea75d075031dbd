// A LabBook server through the window: described and tested in the form, backed up, and again with the password asked for.
import type { LabbookSource } from '../../core/api/sources/labbook.ts'
import { databasePassword, labbookServer } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { type Desk, expect, test } from './desk.ts'
import { atStep, ended, finish, goTo, next, onMedium, open } from './steps.ts'

let server: Mariadb

test.beforeEach(async () => {
  server = await startMariadb()
})

test.afterEach(() => server.remove())

async function describe(desk: Desk, { storage, database }: LabbookSource): Promise<void> {
  const { page } = desk
  await page.getByTestId('source-kind').getByText('Un serveur LabBook').click()
  await page.getByTestId('labbook-storage').fill(storage)
  await page.getByTestId('labbook-database').fill(database.name)
  await page.getByTestId('labbook-user').fill(database.user)
  await page.getByTestId('labbook-server').fill(database.socket ?? '')
}

test('A LabBook server is tested, backed up, and backed up again', async ({ desk }) => {
  await desk.prepare({ label: 'STICK' })
  const source = labbookServer(server, desk.user)
  const page = await desk.launch()
  await open(desk, 'backup')
  await atStep(desk, 'what')
  await describe(desk, source)
  await page.getByTestId('labbook-test').click()
  await expect(page.getByTestId('problem-database-denied')).toBeVisible()
  await desk.accessible('denied')
  await page.getByTestId('database-password').fill(databasePassword.replace('\t', ''))
  await expect(page.getByTestId('problem-database-denied')).toBeHidden()
  server.sql("SET PASSWORD FOR labbook@localhost = PASSWORD('typed #é\\\\')")
  await page.getByTestId('database-password').fill('typed #é\\')
  await page.getByTestId('labbook-test').click()
  await expect(page.getByTestId('problem-database-ready')).toBeVisible()
  await desk.accessible('what')
  await next(desk)
  await atStep(desk, 'medium')
  await next(desk)
  await atStep(desk, 'review')
  await expect(page.getByTestId('review')).toContainText('Base de données SIGL sur')
  await desk.accessible('review')
  await next(desk)
  await ended(desk, 'success')
  await finish(desk)

  await open(desk, 'backup')
  await atStep(desk, 'medium')
  await next(desk)
  await atStep(desk, 'review')
  await expect(page.getByTestId('problem-database-denied')).toBeVisible()
  await expect(page.getByTestId('wizard-next')).toBeDisabled()
  await page.getByTestId('database-password').fill('typed #é\\')
  await page.getByTestId('database-password-try').click()
  await next(desk)
  await ended(desk, 'success')
  await finish(desk)
  const names = onMedium(desk.drives.path('STICK'))
  expect(names).toHaveLength(2)
  for (const name of names) expect(name).toMatch(/^backup_v30_SIGL_/)

  await goTo(desk, 'plans')
  await expect(page.getByTestId('plans-list')).toContainText('Base de données SIGL sur')
  await page.getByTestId('plan-edit').click()
  await expect(page.getByTestId('labbook-storage')).toHaveValue(source.storage)
  await page.getByTestId('plan-name').fill('Laboratoire')
  await page.getByTestId('plan-save').click()
  await expect(page.getByTestId('plans-list')).toContainText('Laboratoire')
})
