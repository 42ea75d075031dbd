// Every medium that LabBook left, restored through the wizard into a real MariaDB: database and documents are those expected, and come back.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabbookSource } from '../../core/api/sources/labbook.ts'
import { golden, goldenPassword } from '../support/golden.ts'
import { contentOf, labbookServer } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { makeServer, restoreScene, sceneDatabase } from '../support/server-scene.ts'
import { type Desk, expect, test } from './desk.ts'
import { atStep, chooseMedium, confirmRestore, ended, finish, next, open } from './steps.ts'

const documents = readFileSync(join(golden, 'expected-files.sha256'), 'utf8').trimEnd().split('\n').sort()
const password = 'mot de passe é'

// Two restores each, with a database server beside: longer than most.
test.setTimeout(240_000)

let server: Mariadb
let expected: string

test.beforeEach(async () => {
  server = await startMariadb()
  server.sql('CREATE DATABASE expected CHARACTER SET utf8 COLLATE utf8_unicode_ci')
  server.load(join(golden, 'expected-dump.sql'), 'expected')
  expected = contentOf(server, 'expected')
})

test.afterEach(() => server.remove())

/** Of the three folders of documents. */
function documentsIn(storage: string): string[] {
  return ['report', 'upload', 'resource']
    .flatMap((name) => readdirSync(join(storage, name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map(
      (path) => `${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${path.slice(storage.length + 1)}`,
    )
    .sort()
}

/** Someone who may do all that a restore needs. */
function administrator(name: string): void {
  server.sql(`CREATE OR REPLACE USER ${name}@localhost IDENTIFIED BY '${password}';
    GRANT ALL PRIVILEGES ON *.* TO ${name}@localhost WITH GRANT OPTION`)
}

interface Backup {
  medium: string
  /** Which one of the list, newest first. */
  nth?: number
  /** LabBook 2.5 opens without. */
  keyless?: boolean
}

/** Up to the question where to. */
async function openBackup(desk: Desk, { medium, nth = 0, keyless = false }: Backup): Promise<void> {
  const { page } = desk
  await open(desk, 'restore')
  await atStep(desk, 'medium')
  await chooseMedium(desk, medium)
  await next(desk)
  await atStep(desk, 'backup')
  await page.getByTestId('artifact-option').nth(nth).click()
  await next(desk)
  if (!keyless) {
    await atStep(desk, 'password')
    await page.getByTestId('key-password').fill(goldenPassword)
    await next(desk)
  }
  await atStep(desk, 'what')
  await next(desk)
  await atStep(desk, 'where')
}

/** From the question where to, to the review with the password accepted. */
async function review(desk: Desk): Promise<void> {
  const { page } = desk
  await next(desk)
  await atStep(desk, 'review')
  await expect(page.getByTestId('problem-database-denied')).toBeVisible()
  await expect(page.getByTestId('wizard-next')).toBeDisabled()
  await page.getByTestId('database-password').fill(password)
  await page.getByTestId('database-password-try').click()
  await expect(page.getByTestId('problem-database-denied')).toBeHidden()
  await expect(page.getByTestId('database-now')).toBeVisible()
}

async function leave(desk: Desk): Promise<void> {
  await finish(desk)
  expect(desk.errors()).toEqual([])
}

test('LabBook 3.0 goes into a new server that is described, and the restore is taken back', async ({ desk }) => {
  await desk.prepare()
  administrator('admin')
  desk.copy(join(golden, 'v30'), desk.drives.plugIn('V30'))
  desk.copy(join(golden, 'v29'), desk.drives.plugIn('V29'))
  const storage = join(desk.user, 'stockage é')
  mkdirSync(storage)
  const page = await desk.launch()

  await openBackup(desk, { medium: 'V30' })
  await page.getByTestId('where-server').check()
  await expect(page.getByTestId('wizard-next')).toBeDisabled()
  await expect(page.getByTestId('server-database')).toHaveValue('SIGL')
  await page.getByTestId('server-storage').fill(storage)
  await page.getByTestId('server-user').fill('admin')
  await page.getByTestId('server-server').fill(server.socket)
  await desk.accessible('form')
  await review(desk)
  await desk.accessible('empty')
  await next(desk)
  await ended(desk, 'success')
  await desk.accessible('restored')
  expect(contentOf(server, 'SIGL')).toBe(expected)
  expect(documentsIn(storage)).toEqual(documents)
  await leave(desk)

  server.sql('CREATE TABLE since (id INT); INSERT INTO since VALUES (1)', 'SIGL')
  writeFileSync(join(storage, 'report/new.pdf'), 'since')
  const before = contentOf(server, 'SIGL')
  const filesBefore = documentsIn(storage)
  await openBackup(desk, { medium: 'V29' })
  await page.getByTestId('where-server').check()
  await page.getByTestId('server-storage').fill(storage)
  await page.getByTestId('server-user').fill('admin')
  await page.getByTestId('server-server').fill(server.socket)
  await review(desk)
  await expect(page.getByTestId('safety-copy')).toBeVisible()
  await desk.accessible('replaces')
  await confirmRestore(desk, 'remplacer')
  await ended(desk, 'success')
  expect(contentOf(server, 'SIGL')).toBe(expected)
  expect(documentsIn(storage)).toEqual(documents)
  await desk.accessible('replaced')
  await page.getByTestId('run-details').click()
  await expect(page.getByTestId('operations-table')).toContainText('Chargement de la base de données')
  await desk.accessible('run')
  await page.getByTestId('undo-restore').click()
  await page.getByTestId('undo-confirm').click()
  await expect(page.getByTestId('problem-database-denied')).toBeVisible()
  await page.getByTestId('database-password').fill(password)
  await desk.accessible('undo')
  await page.getByTestId('undo-confirm').click()
  await expect(page.getByTestId('run-title')).toContainText('Retour à l’état d’avant')
  await ended(desk, 'success')
  expect(contentOf(server, 'SIGL')).toBe(before)
  expect(documentsIn(storage)).toEqual(filesBefore)
})

/** A server with a database and documents of its own, a plan for it, and the media plugged in. */
async function plannedServer(desk: Desk, media: string[], restart?: string): Promise<LabbookSource> {
  await desk.prepare()
  const source = labbookServer(server, desk.user)
  administrator('labbook')
  const plan = {
    id: 'a6a1bd2c-55a5-4b6b-9b8f-0d4c1f0b7a11',
    name: 'Laboratory',
    source,
    method: { kind: 'archive', format: 'tar.gz.gpg' },
    store: { kind: 'medium' },
    createdAt: '2026-03-02T12:00:00.000Z',
    ...(restart === undefined ? {} : { restart: { kind: 'command', command: restart } }),
  }
  const file = join(desk.folder, 'plan.json')
  writeFileSync(file, JSON.stringify({ arche: 'plans', version: 1, plans: [plan] }))
  await desk.run('plan', 'import', file)
  for (const name of media) desk.copy(join(golden, name), desk.drives.plugIn(name.toUpperCase()))
  await desk.launch({ locale: 'en_US.UTF-8' })
  return source
}

test('LabBook 2.5, alone and beside 2.9, goes into the server of the plan; documents stay', async ({ desk }) => {
  const source = await plannedServer(desk, ['v25', 'mixed'])
  const own = documentsIn(source.storage)
  const { page } = desk
  await openBackup(desk, { medium: 'V25', keyless: true })
  await expect(page.getByTestId('where-server')).toBeChecked()
  await expect(page.getByTestId('server-plan')).toBeChecked()
  await desk.accessible('plan')
  await review(desk)
  await expect(page.getByTestId('problem-documents-missing')).toBeVisible()
  await desk.accessible('no-documents')
  await confirmRestore(desk, 'replace')
  await ended(desk, 'success')
  expect(contentOf(server, 'SIGL')).toBe(expected)
  expect(documentsIn(source.storage)).toEqual(own)
  await leave(desk)

  server.sql('CREATE TABLE since (id INT)', 'SIGL')
  await openBackup(desk, { medium: 'MIXED', keyless: true, nth: 1 })
  await review(desk)
  await expect(page.getByTestId('problem-documents-missing')).toBeVisible()
  await confirmRestore(desk, 'replace')
  await ended(desk, 'success')
  expect(contentOf(server, 'SIGL')).toBe(expected)
  expect(documentsIn(source.storage)).toEqual(own)
  await leave(desk)
})

test('LabBook 2.9, alone and beside 2.5, goes into the server of the plan, which is restarted', async ({ desk }) => {
  const up = join(desk.folder, 'up')
  const source = await plannedServer(desk, ['v29', 'mixed'], `echo restarting; echo up >> '${up}'`)
  const { page } = desk
  await openBackup(desk, { medium: 'V29' })
  await review(desk)
  await confirmRestore(desk, 'replace')
  await ended(desk, 'success')
  expect(contentOf(server, 'SIGL')).toBe(expected)
  expect(documentsIn(source.storage)).toEqual(documents)
  await expect(page.getByTestId('restart-proposal')).toBeVisible()
  await desk.accessible('restored')
  await leave(desk)

  writeFileSync(join(source.storage, 'report/new.pdf'), 'since')
  server.sql('DROP DATABASE SIGL; CREATE DATABASE SIGL')
  await openBackup(desk, { medium: 'MIXED' })
  await review(desk)
  await confirmRestore(desk, 'replace')
  await ended(desk, 'success')
  expect(contentOf(server, 'SIGL')).toBe(expected)
  expect(documentsIn(source.storage)).toEqual(documents)
  await page.getByTestId('restart-now').click()
  await page.getByTestId('restart-confirm').click()
  await expect(page.getByTestId('restart-outcome')).toHaveAttribute('data-outcome', 'success')
  await expect(page.getByTestId('restart-output')).toContainText('restarting')
  expect(readFileSync(up, 'utf8')).toBe('up\n')

  // The copies of what was there before are backups like others, and say what they are.
  await finish(desk)
  await open(desk, 'restore')
  await atStep(desk, 'medium')
  await desk.chooseFiles(join(desk.home, 'safety'))
  await page.getByTestId('medium-folder').click()
  await expect(page.getByTestId('medium-option').filter({ hasText: 'safety' })).toBeChecked()
  await next(desk)
  await atStep(desk, 'backup')
  await expect(page.getByTestId('artifact-option').first()).toContainText(
    'before the restore of backup_SIGL_2019-10-07',
  )
  await desk.picture('copies')
})

test('A restore that the server left in the middle is told, and brought to its end when asked', async ({ desk }) => {
  await desk.prepare()
  const work = join(desk.folder, 'work')
  const temp = join(work, 'temp')
  mkdirSync(temp, { recursive: true })
  makeServer(server, work)
  const before = contentOf(server, sceneDatabase)
  // The server goes away in the very moment in which the databases are exchanged, and so does Arche.
  const report = {
    operation: (name: string) => void (name === 'switch' && server.kill()),
    advance: () => undefined,
    warn: () => undefined,
  }
  const { signal } = new AbortController()
  const journals = join(desk.home, 'journals')
  await expect(restoreScene(work, server.socket, { signal, report, now: Date.now, temp, journals })).rejects.toThrow()

  const page = await desk.launch()
  await expect(page.getByTestId('unfinished')).toContainText('labo d’été')
  await desk.accessible('unfinished')
  await page.getByTestId('recover').click()
  // Still not possible: the server is not there.
  await expect(page.getByTestId('unfinished')).toBeVisible()
  await server.start()
  await page.getByTestId('recover').click()
  await expect(page.getByTestId('unfinished')).toBeHidden()
  expect(contentOf(server, sceneDatabase)).toBe(before)
  expect(readdirSync(join(work, 'storage/report'))).toEqual(['old.pdf'])
})
