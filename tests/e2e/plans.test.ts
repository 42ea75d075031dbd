// Plans through the window: a LabBook server from the first start on, databases of a server, and what is restarted after a restore.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { golden, goldenKeys, goldenPassword } from '../support/golden.ts'
import { labbookServer } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { expect, operatorPassword, test } from './desk.ts'
import {
  atStep,
  chooseMedium,
  confirmRestore,
  ended,
  finish,
  goTo,
  newPassword,
  next,
  onMedium,
  open,
  reviewRestore,
} from './steps.ts'

test.describe('With a database server', () => {
  let server: Mariadb

  test.beforeEach(async () => {
    server = await startMariadb()
  })

  test.afterEach(() => server.remove())

  test('a LabBook server moves in: its keys, its medium, its first backup', async ({ desk }) => {
    const source = labbookServer(server, desk.user)
    server.sql("SET PASSWORD FOR labbook@localhost = PASSWORD('typed')")
    desk.copy(join(golden, 'v30'), desk.drives.plugIn('LABBOOK'))
    const page = await desk.launch()
    await page.getByTestId('first-backup').click()
    await atStep(desk, 'what')
    await page.getByTestId('source-kind').getByText('Un serveur LabBook').click()
    await page.getByTestId('labbook-storage').fill(source.storage)
    await page.getByTestId('labbook-user').fill('labbook')
    await page.getByTestId('labbook-server').fill(server.socket)
    await page.getByTestId('database-password').fill('typed')
    await chooseMedium(desk, 'LABBOOK')
    await next(desk)

    await atStep(desk, 'key')
    // Others may be at a server.
    await expect(page.getByTestId('first-operator')).toContainText('Un serveur LabBook est protégé ici')
    await page.getByTestId('first-operator-tick').check()
    await newPassword(desk, 'new-operator-password', operatorPassword)
    await page.getByTestId('key-import').check()
    await expect(page.getByTestId('wizard-next')).toBeDisabled()
    await page.getByTestId('key-folder').fill(join(desk.user, 'Documents'))
    await page.getByTestId('key-look').click()
    // Not the key folder: another one can be named.
    await expect(page.getByTestId('problem-key-folder-empty')).toBeVisible()
    await desk.accessible('no-keys')
    await page.getByTestId('key-folder').fill(join(desk.drives.path('LABBOOK'), 'SIGL_sauvegardes'))
    await page.getByTestId('key-look').click()
    await expect(page.getByTestId('key-pick-pair').getByTestId('fingerprint')).toContainText('25D5 CE4B')
    await expect(page.getByTestId('wizard-next')).toBeDisabled()
    await page.getByTestId('key-pick-password').fill('not its password')
    await page.getByTestId('key-pick-agree').check()
    await desk.accessible('key-folder')
    await next(desk)
    await atStep(desk, 'review')
    await expect(page.getByTestId('review-name')).toContainText('LabBook')
    await expect(page.getByTestId('taken-keys').getByTestId('fingerprint')).toHaveCount(2)
    await next(desk)
    await expect(page.getByTestId('problem-wrong-password')).toBeVisible()
    await page.getByTestId('wizard-back').click()
    await atStep(desk, 'key')
    await page.getByTestId('key-pick-password').fill(goldenPassword)
    await next(desk)
    await next(desk)
    await atStep(desk, 'done')
    await ended(desk, 'success')
    expect(existsSync(join(desk.home, 'operator.json'))).toBe(true)
    await finish(desk)
    const names = onMedium(desk.drives.path('LABBOOK'))
    expect(names).toHaveLength(2)
    expect(readdirSync(join(desk.home, 'keys'))).toEqual(
      expect.arrayContaining(['kpri.25D5CE4B4060C35D79F06C54E3B8BB786C551F8E.asc', 'kpub.escrow.asc']),
    )

    await goTo(desk, 'keys')
    await desk.chooseFiles(goldenKeys)
    await page.getByTestId('import-keys').click()
    await expect(page.getByText('Toutes les clés de ce dossier sont déjà ici.')).toBeVisible()
    await desk.accessible('settings')
  })

  test('databases are described, tested and backed up', async ({ desk }) => {
    await desk.prepare({ label: 'STICK' })
    server.sql(
      `CREATE DATABASE shop; CREATE DATABASE wiki; CREATE USER saver@localhost IDENTIFIED BY 'é';
       GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON *.* TO saver@localhost`,
    )
    const page = await desk.launch()
    await open(desk, 'backup')
    await atStep(desk, 'what')
    await page.getByTestId('source-kind').getByText('Des bases de données').click()
    await page.getByTestId('mysql-user').fill('saver')
    await page.getByTestId('mysql-server').fill(server.socket)
    await page.getByTestId('database-password').fill('é')
    await page.getByTestId('mysql-test').click()
    await expect(page.getByTestId('problem-databases-ready')).toContainText('shop, wiki')
    await desk.accessible('databases')
    await page.getByTestId('mysql-some').check()
    await page.getByTestId('mysql-names').fill('nowhere')
    await page.getByTestId('mysql-names').press('Enter')
    await page.getByTestId('mysql-test').click()
    await expect(page.getByTestId('problem-database-missing')).toBeVisible()
    await page.getByTestId('mysql-names').press('Backspace')
    await page.getByTestId('mysql-names').fill('wiki')
    await page.getByTestId('mysql-names').press('Enter')
    await page.getByTestId('plan-name').fill('Base')
    await next(desk)
    await atStep(desk, 'medium')
    await next(desk)
    await atStep(desk, 'review')
    await expect(page.getByTestId('review')).toContainText('Bases de données wiki sur')
    await next(desk)
    await ended(desk, 'success')
    await finish(desk)
    expect(onMedium(desk.drives.path('STICK'))).toEqual([expect.stringMatching(/^backup_v30_Base_/)])
  })
})

test('After a restore the plan’s command is proposed, run, and its failure said', async ({ desk }) => {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  const up = join(desk.folder, 'up')
  writeFileSync(join(documents, 'letter'), 'first')
  await desk.run('backup', documents, '--to', desk.drives.path('STICK'), '--plan', 'Bureau', '--yes')
  writeFileSync(join(documents, 'letter'), 'second')
  const page = await desk.launch()
  await goTo(desk, 'plans')
  await page.getByTestId('plan-edit').click()
  await page.getByTestId('restart-kind-command').check()
  await expect(page.getByTestId('plan-save')).toBeDisabled()
  // What was typed is not lost by a click on something else.
  await page.getByTestId('places-link').click()
  await expect(page.getByTestId('leave-dialog')).toBeVisible()
  await desk.accessible('leave')
  await page.getByTestId('leave-stay').click()
  await expect(page.getByTestId('restart-kind-command')).toBeChecked()
  await page.getByTestId('restart-command').fill(`echo "essai é"; test -e '${up}' && echo prêt`)
  await desk.accessible('plan')
  await page.getByTestId('plan-save').click()
  await expect(page.getByTestId('plans-list')).toBeVisible()
  await page.getByTestId('home').click()

  await reviewRestore(desk, { existing: 'replace' })
  await confirmRestore(desk)
  await ended(desk, 'success')
  expect(readFileSync(join(documents, 'letter'), 'utf8')).toBe('first')
  const proposal = page.getByTestId('restart-proposal')
  await expect(proposal).toContainText('test -e')
  await desk.accessible('proposed')
  await page.getByTestId('restart-now').click()
  expect(existsSync(up)).toBe(false)
  await page.getByTestId('restart-confirm').click()
  const outcome = page.getByTestId('restart-outcome')
  await expect(outcome).toHaveAttribute('data-outcome', 'error')
  await expect(page.getByTestId('restart-output')).toContainText('essai é')
  await expect(page.getByTestId('problem-restart-failed')).toBeVisible()
  await desk.accessible('failed')

  writeFileSync(up, '')
  await page.getByRole('button', { name: 'Réessayer' }).click()
  await page.getByTestId('restart-now').click()
  await page.getByTestId('restart-confirm').click()
  await expect(outcome).toHaveAttribute('data-outcome', 'success')
  await expect(page.getByTestId('restart-output')).toContainText('prêt')
  await expect(outcome).toContainText('Rechargez')
  await desk.accessible('restarted')
  await finish(desk)
  // Done: it is not proposed again; undoing calls for it again.
  await page.getByTestId('run-open').nth(2).click()
  await expect(page.getByTestId('operations-table')).toContainText('Réussi')
  await expect(proposal).toBeHidden()
  await page.getByTestId('undo-restore').click()
  await page.getByTestId('undo-confirm').click()
  await expect(page.getByTestId('run-title')).toContainText('Retour à l’état d’avant')
  await ended(desk, 'success')
  await expect(proposal).toBeVisible()
  await desk.accessible('undone')
})

test('Plans from a file show what they would change before they are read', async ({ desk }) => {
  await desk.prepare({ label: 'STICK' })
  await desk.run('backup', join(desk.user, 'Documents'), '--to', desk.drives.path('STICK'), '--plan', 'Bureau', '--yes')
  const file = join(desk.folder, 'plans.json')
  await desk.run('plan', 'export', '--out', file)
  const { plans, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
  const [plan] = plans
  const destinations = [{ ...plan.destinations[0], keep: { last: 1 } }]
  const changed = { ...plan, destinations, restart: { kind: 'command', command: 'touch /tmp/here' } }
  const fresh = { ...plan, id: 'a6a1bd2c-55a5-4b6b-9b8f-0d4c1f0b7a11', name: 'Photos' }
  writeFileSync(file, JSON.stringify({ ...rest, plans: [changed, fresh] }))
  const page = await desk.launch()
  await goTo(desk, 'plans')
  await desk.chooseFiles(file)
  await page.getByTestId('plan-import').click()
  const dialog = page.getByTestId('plan-changes')
  await expect(dialog).toContainText('touch /tmp/here')
  await expect(dialog).toContainText('la plus récente')
  await expect(dialog).toContainText('Photos')
  await desk.accessible('changes')
  await page.getByRole('button', { name: 'Annuler' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByTestId('plan-edit')).toHaveCount(1)
  await page.getByTestId('plan-import').click()
  await page.getByTestId('plan-changes-confirm').click()
  await expect(page.getByTestId('plan-edit')).toHaveCount(2)
  await expect(dialog).toBeHidden()
})
