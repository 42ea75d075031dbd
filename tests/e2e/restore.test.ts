// Restoring through the window: elsewhere, in place, in part, from another computer's stick, and everything that must be refused.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, test } from './desk.ts'
import {
  atStep,
  chooseMedium,
  confirmRestore,
  ended,
  finish,
  next,
  onMedium,
  open,
  openBackup,
  reopen,
  reviewRestore,
} from './steps.ts'
import { makeTree, snapshot } from './tree.ts'

/** Documents that are on the stick already; the window is open. */
async function begin(desk: Desk): Promise<{ documents: string; stick: string; before: string[] }> {
  await desk.prepare({ label: 'STICK' })
  const documents = join(desk.user, 'Documents')
  makeTree(documents)
  const before = snapshot(documents)
  const stick = desk.drives.path('STICK')
  await desk.run('backup', documents, '--to', stick, '--plan', 'Documents', '--yes')
  await desk.launch()
  return { documents, stick, before }
}

function emptyFolder(desk: Desk, name: string): string {
  const folder = join(desk.folder, name)
  mkdirSync(folder)
  return folder
}

test.describe('A restore', () => {
  test('into another folder brings back every byte, mode, time and link', async ({ desk }) => {
    const { before, documents } = await begin(desk)
    const into = emptyFolder(desk, 'ailleurs')
    await reviewRestore(desk, { into, look: (step) => desk.accessible(step) })
    await confirmRestore(desk)
    await ended(desk, 'success')
    await desk.accessible('result')
    expect(snapshot(join(into, 'Documents'))).toEqual(before)
    expect(snapshot(documents)).toEqual(before)
  })

  test('to the original place replaces, keeps the old files, and can be undone', async ({ desk }) => {
    const { before, documents } = await begin(desk)
    writeFileSync(join(documents, 'lisez-moi.txt'), 'changed\n')
    rmSync(join(documents, 'Résultats/2024'), { recursive: true })
    writeFileSync(join(documents, 'nouveau.txt'), 'made after the backup\n')
    const changed = snapshot(documents)
    await reviewRestore(desk, { existing: 'replace', look: (step) => desk.picture(step) })
    // One plain button, which says how many files it replaces.
    await expect(desk.page.getByTestId('confirm-plain')).toContainText('dossier de sécurité')
    await expect(desk.page.getByTestId('wizard-next')).toHaveText(/^Remplacer \d+ fichiers?$/)
    await desk.accessible('confirm')
    await confirmRestore(desk)
    await ended(desk, 'success')
    await desk.accessible('replaced')
    expect(readFileSync(join(documents, 'lisez-moi.txt'), 'utf8')).toBe('Bonjour, le monde.\n')
    const restored = new Set(snapshot(documents).map((line) => line.split('/ ')[0]))
    for (const line of before) if (!line.includes('/ ')) expect(snapshot(documents)).toContain(line)
    expect(restored.has('Résultats/2024')).toBe(true)
    expect(readFileSync(join(documents, 'nouveau.txt'), 'utf8')).toBe('made after the backup\n')
    const safety = [...readdirSync(desk.user), ...readdirSync(documents)].filter((name) =>
      name.startsWith('.arche-before-restore-'),
    )
    expect(safety).toHaveLength(1)

    await desk.page.getByTestId('undo-restore').click()
    await desk.picture('undo-asked')
    await desk.page.getByTestId('undo-confirm').click()
    await ended(desk, 'success')
    await desk.picture('undone')
    const undone = snapshot(documents).filter((line) => !line.startsWith('.arche-'))
    expect(undone.filter((line) => !line.includes('/ '))).toEqual(changed.filter((line) => !line.includes('/ ')))
  })

  test('takes a typed word where more than a hundred files are replaced', async ({ desk }) => {
    await desk.prepare({ label: 'STICK' })
    const many = join(desk.user, 'Documents')
    for (let number = 0; number <= 100; number += 1) writeFileSync(join(many, `${number}.txt`), 'first')
    await desk.run('backup', many, '--to', 'STICK', '--yes')
    writeFileSync(join(many, '0.txt'), 'changed')
    await desk.launch()
    await reviewRestore(desk, { existing: 'replace' })
    await expect(desk.page.getByTestId('confirm-plain')).toBeHidden()
    await confirmRestore(desk, 'remplacer')
    await ended(desk, 'success')
    expect(readFileSync(join(many, '0.txt'), 'utf8')).toBe('first')
  })

  test('of chosen files brings back these only', async ({ desk }) => {
    const { before } = await begin(desk)
    const into = emptyFolder(desk, 'ailleurs')
    const only = ['Documents/Résultats/2024/é', 'Documents/lisez-moi.txt']
    await reviewRestore(desk, { into, only, look: (step) => desk.accessible(step) })
    await confirmRestore(desk)
    await ended(desk, 'success')
    const files = (lines: string[]) =>
      lines.filter((line) => !line.includes('/ ')).map((line) => line.split(' = ')[0]?.trimEnd())
    const wanted = before.filter((line) => /^(Résultats\/2024\/é\/|lisez-moi\.txt)/.test(line))
    expect(files(snapshot(join(into, 'Documents')))).toEqual(files(wanted))
  })

  test('can leave existing files, or keep both', async ({ desk }) => {
    const { documents } = await begin(desk)
    writeFileSync(join(documents, 'lisez-moi.txt'), 'mine\n')
    rmSync(join(documents, 'cassé'))
    await reviewRestore(desk, { existing: 'skip' })
    await confirmRestore(desk)
    await ended(desk, 'success')
    expect(readFileSync(join(documents, 'lisez-moi.txt'), 'utf8')).toBe('mine\n')
    expect(snapshot(documents)).toContain('cassé -> /nowhere/at all')
    await finish(desk)

    await open(desk, 'restore')
    await atStep(desk, 'medium')
    await desk.page.getByTestId('wizard-leave').click()
    await reopen(desk)
    await reviewRestore(desk, { existing: 'keep-both' })
    await desk.picture('keep-both')
    await confirmRestore(desk)
    await ended(desk, 'success')
    expect(readFileSync(join(documents, 'lisez-moi.txt'), 'utf8')).toBe('mine\n')
    const both = readdirSync(documents).filter((name) => name.startsWith('lisez-moi') && name !== 'lisez-moi.txt')
    expect(both.map((name) => readFileSync(join(documents, name), 'utf8'))).toEqual(['Bonjour, le monde.\n'])
  })

  test('refuses a wrong key password, and touches nothing', async ({ desk }) => {
    const { documents, before } = await begin(desk)
    await openBackup(desk, { password: 'not this one' })
    const problem = desk.page.getByTestId('problem-wrong-password')
    await next(desk)
    await expect(problem).toBeVisible()
    await desk.accessible('wrong-password')
    expect(snapshot(documents)).toEqual(before)
    expect(readdirSync(desk.user)).toEqual(['Documents'])
  })

  test('refuses a damaged and a truncated backup, and replaces nothing', async ({ desk }) => {
    const { documents, stick, before } = await begin(desk)
    const [name = ''] = onMedium(stick).filter((one) => one.endsWith('.gpg'))
    const archive = join(stick, 'SIGL_sauvegardes', name)
    const whole = readFileSync(archive)
    const flipped = Buffer.from(whole)
    const middle = Math.floor(whole.length / 2)
    flipped.writeUInt8(flipped.readUInt8(middle) ^ 1, middle)
    for (const content of [flipped, whole.subarray(0, middle)]) {
      writeFileSync(archive, content)
      await open(desk, 'restore')
      await next(desk)
      await desk.page.getByTestId('artifact-option').click()
      await next(desk)
      await desk.page.getByTestId('key-password').fill('clé très longue — 鍵')
      await next(desk)
      // What is wrong is told as soon as it is read: when the backup is opened, when it is looked through, or at the latest while it is restored.
      const refused = desk.page.locator('[data-testid="problem-damaged"], [data-testid="problem-truncated"]')
      const what = desk.page.locator('[data-testid="wizard"][data-step="what"]')
      await expect(refused.or(what).first()).toBeVisible()
      if (!(await refused.first().isVisible())) {
        await next(desk)
        await next(desk)
        const review = desk.page.getByTestId('confirm-plain')
        await expect(refused.or(review).first()).toBeVisible()
        if (await review.isVisible()) {
          await confirmRestore(desk)
          await ended(desk, 'error')
        }
      }
      await expect(refused.first()).toBeVisible()
      await desk.picture('refused')
      expect(snapshot(documents)).toEqual(before)
      await reopen(desk)
    }
  })

  test('works on another computer with the stick and the key password alone', async ({ desk }) => {
    const { before } = await begin(desk)
    await desk.quit()
    desk.moveToAnotherComputer()
    await desk.run('init', '--yes')
    await desk.launch()
    const into = emptyFolder(desk, 'nouvel ordinateur')
    await reviewRestore(desk, { into })
    await desk.picture('other-computer')
    await confirmRestore(desk)
    await ended(desk, 'success')
    expect(snapshot(join(into, 'Documents'))).toEqual(before)
  })

  test('opens a medium that LabBook 3.0 made', async ({ desk }) => {
    await desk.run('init', '--yes')
    const golden = join(import.meta.dirname, '../golden/labbook')
    const stick = desk.drives.plugIn('LABBOOK')
    desk.copy(join(golden, 'v30'), stick)
    await desk.launch()
    const password = readFileSync(join(golden, 'key-password.txt'), 'utf8').trim()
    const into = emptyFolder(desk, 'labbook')
    await reviewRestore(desk, { into, password, look: (step) => desk.picture(step) })
    await confirmRestore(desk)
    await ended(desk, 'success')
    const files = readdirSync(into, { recursive: true, encoding: 'utf8' })
    const dump = files.find((name) => name.endsWith('.sql'))
    expect(readFileSync(join(into, dump ?? ''), 'utf8')).toBe(readFileSync(join(golden, 'expected-dump.sql'), 'utf8'))
  })

  test('opens what LabBook 2.9 and 2.5 left on one medium, without a password for 2.5', async ({ desk }) => {
    await desk.run('init', '--yes')
    const golden = join(import.meta.dirname, '../golden/labbook')
    desk.copy(join(golden, 'mixed'), desk.drives.plugIn('LABBOOK'))
    await desk.launch()
    const password = readFileSync(join(golden, 'key-password.txt'), 'utf8').trim()
    const dump = readFileSync(join(golden, 'expected-dump.sql'), 'utf8')
    const newer = emptyFolder(desk, 'labbook-29')
    await reviewRestore(desk, { into: newer, password, look: (step) => desk.picture(step) })
    await confirmRestore(desk)
    await ended(desk, 'success')
    expect(readFileSync(join(newer, 'dump/dump.sql'), 'utf8')).toBe(dump)
    expect(readdirSync(newer).sort()).toEqual(['dump', 'report', 'resource', 'upload'])
    await finish(desk)
    const older = emptyFolder(desk, 'labbook-25')
    await reviewRestore(desk, {
      into: older,
      backup: 1,
      withoutPassword: true,
      look: (step) => desk.picture(step),
    })
    await expect(desk.page.getByTestId('problem-documents-missing')).toBeVisible()
    await confirmRestore(desk)
    await ended(desk, 'success')
    expect(readFileSync(join(older, 'dump/dump.sql'), 'utf8')).toBe(dump)
    expect(readdirSync(older)).toEqual(['dump'])
  })
})

test('A renewed key leaves older backups readable, each with its own password', async ({ desk }) => {
  const { before, stick } = await begin(desk)
  await open(desk, 'key')
  await atStep(desk, 'why')
  await desk.accessible('why')
  await next(desk)
  await atStep(desk, 'password')
  const renewed = 'une autre clé'
  await desk.page.getByTestId('key-password-first').fill(renewed)
  await desk.page.getByTestId('key-password-second').fill(renewed)
  await desk.accessible('password')
  await expect(desk.page.getByTestId('wizard-next')).toBeDisabled()
  await desk.page.getByTestId('key-understood').check()
  await next(desk)
  await expect(desk.page.getByTestId('wizard-done')).toBeVisible()
  await desk.accessible('done')
  const sheet = await desk.saveAs('fiche.pdf')
  await desk.page.getByTestId('sheet-pdf').click()
  await expect.poll(() => existsSync(sheet)).toBe(true)
  expect(readFileSync(sheet).subarray(0, 5).toString()).toBe('%PDF-')
  copyFileSync(sheet, join(import.meta.dirname, '../../artifacts/e2e/recovery-sheet.pdf'))
  await desk.page.getByTestId('wizard-finish').click()
  await desk.quit()

  const newer = join(desk.folder, 'Newer')
  makeTree(newer)
  await desk.run('backup', newer, '--to', stick, '--plan', 'Newer', '--yes')
  await desk.launch()
  const into = emptyFolder(desk, 'ailleurs')
  await reviewRestore(desk, { into, backup: 0, password: renewed })
  await confirmRestore(desk)
  await ended(desk, 'success')
  await reopen(desk)
  await reviewRestore(desk, { into, backup: 1 })
  await confirmRestore(desk)
  await ended(desk, 'success')
  expect(snapshot(join(into, 'Documents'))).toEqual(before)
})

test('A medium that is made ready keeps what was on it', async ({ desk }) => {
  await desk.prepare()
  const stick = desk.drives.plugIn('NEUF')
  desk.drives.plugIn('AUTRE')
  writeFileSync(join(stick, 'photos.txt'), 'mine\n')
  await desk.launch()
  await open(desk, 'init')
  await atStep(desk, 'medium')
  await desk.accessible('medium')
  await chooseMedium(desk, 'NEUF')
  await next(desk)
  await atStep(desk, 'name')
  await desk.page.getByTestId('medium-name').fill('Clé du coffre')
  await desk.accessible('name')
  expect(existsSync(join(stick, 'SIGL_sauvegardes'))).toBe(false)
  await next(desk)
  await expect(desk.page.getByTestId('wizard-done')).toBeVisible()
  await desk.accessible('done')
  expect(readFileSync(join(stick, 'photos.txt'), 'utf8')).toBe('mine\n')
  const marker: unknown = JSON.parse(readFileSync(join(stick, 'SIGL_sauvegardes/.arche-medium.json'), 'utf8'))
  expect(marker).toMatchObject({ arche: 1, name: 'Clé du coffre' })
  await desk.page.getByTestId('wizard-finish').click()
  await expect(desk.page.getByTestId('media-list')).toContainText('Clé du coffre')
})
