// Backing up through the window, and what happens when something comes between.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, keyPassword, test } from './desk.ts'
import { atStep, backUp, ended, finish, next, onMedium, open, reviewBackup, running } from './steps.ts'
import { makeTree, snapshot, writeLarge } from './tree.ts'

const large = 16_000_000_000

/** Documents, and a stick with room for whatever is asked. */
async function begin(desk: Desk, size: string | undefined, file = 0): Promise<{ documents: string; stick: string }> {
  await desk.prepare({ label: 'STICK', ...(size ? { tmpfs: size } : {}) })
  const documents = join(desk.user, 'Documents')
  makeTree(documents)
  if (file > 0) writeLarge(join(documents, 'large.img'), file)
  await desk.launch()
  return { documents, stick: desk.drives.path('STICK') }
}

test.describe('A backup', () => {
  test('goes from the main screen to a verified archive', async ({ desk }) => {
    const { documents, stick } = await begin(desk, undefined)
    const before = snapshot(documents)
    await backUp(desk, [documents], 'Mes documents', (step) => desk.accessible(step))
    const [name = '', ...others] = onMedium(stick)
    expect(others).toEqual([])
    expect(name).toMatch(/^backup_v30_Mes documents_\d{4}-\d\d-\d\d_\d\dh\d\dm\d\ds\.tar\.gz\.gpg$/)
    expect(snapshot(documents)).toEqual(before)
    await finish(desk)
    await expect(desk.page.getByTestId('status-block')).toHaveAttribute('data-level', 'protected')
    await desk.accessible('main')
    await desk.page
      .getByTestId('runs-table')
      .getByRole('link')
      .or(desk.page.getByTestId('run-row').getByRole('button'))
      .first()
      .click()
    await desk.accessible('run')
    expect((await desk.terminal(['verify', name, '--from', stick])).code).toBe(0)
  })

  test('can be cancelled, and leaves nothing behind', async ({ desk }) => {
    const { documents, stick } = await begin(desk, '60g', large)
    await reviewBackup(desk, [documents], 'Long')
    await next(desk)
    await running(desk)
    await desk.picture('running')
    await desk.page.getByTestId('cancel-run').click()
    await desk.picture('asked')
    await desk.page.getByTestId('cancel-run-confirm').click()
    await ended(desk, 'cancelled')
    await desk.picture('cancelled')
    expect(onMedium(stick)).toEqual([])
  })

  test('survives the stick being pulled out, and tells', async ({ desk }) => {
    const { documents, stick } = await begin(desk, '60g', 2_000_000_000)
    await reviewBackup(desk, [documents], 'Long')
    await next(desk)
    await running(desk)
    await expect(desk.page.getByTestId('progress-percent')).toBeVisible()
    desk.drives.pull('STICK')
    await ended(desk, 'error')
    await expect(desk.page.getByTestId('problem-medium-gone')).toBeVisible()
    await desk.accessible('gone')
    // Nothing was written where the stick had been.
    expect(snapshot(stick)).toEqual([])
  })

  test('says before it starts when the stick is too small, and ends cleanly when it fills up', async ({ desk }) => {
    const { documents, stick } = await begin(desk, '3m')
    writeFileSync(join(stick, 'other.bin'), Buffer.alloc(1_500_000, 'x'))
    // Cannot be compressed.
    const noise = Buffer.from(readFileSync(process.execPath).subarray(0, 8_000_000))
    writeFileSync(join(documents, 'noise.bin'), noise)
    await reviewBackup(desk, [documents], 'Too much')
    await expect(desk.page.getByTestId('findings')).toBeVisible()
    await desk.accessible('findings')
    const start = desk.page.getByTestId('wizard-next')
    if (await start.isEnabled()) {
      await start.click()
      await ended(desk, 'error')
      await expect(desk.page.getByTestId('problem-no-space')).toBeVisible()
      await desk.picture('full')
    }
    expect(onMedium(stick)).toEqual([])
    expect(statSync(join(stick, 'other.bin')).size).toBe(1_500_000)
  })

  test('is not offered on a write-protected stick', async ({ desk }) => {
    const { documents } = await begin(desk, '60m')
    desk.drives.protect('STICK', true)
    await open(desk, 'backup')
    await atStep(desk, 'what')
    await desk.chooseFiles(documents)
    await desk.page.getByTestId('add-folders').click()
    await desk.page.getByTestId('plan-name').fill('Documents')
    await next(desk)
    await atStep(desk, 'medium')
    await expect(desk.page.getByTestId('medium-option')).toBeDisabled()
    await desk.accessible('read-only')
    await expect(desk.page.getByTestId('wizard-next')).toBeDisabled()
    desk.drives.protect('STICK', false)
    await expect(desk.page.getByTestId('medium-option')).toBeEnabled()
  })

  test('lists each file that it had to leave out', async ({ desk }) => {
    const { documents } = await begin(desk, undefined)
    execFileSync('mkfifo', [join(documents, 'tuyau')])
    await reviewBackup(desk, [documents], 'Avec tuyau')
    await next(desk)
    await ended(desk, 'warning')
    await expect(desk.page.getByTestId('warning-list')).toContainText('tuyau')
    await desk.accessible('warnings')
  })

  test('finds its medium within three seconds of plugging it in', async ({ desk }) => {
    await desk.prepare()
    await desk.launch()
    const list = desk.page.getByTestId('media-list')
    await expect(list).toBeVisible()
    mkdirSync(desk.drives.path('CLÉ'), { recursive: true })
    desk.drives.plugIn('CLÉ')
    await expect(list).toContainText('CLÉ', { timeout: 3_000 })
    await desk.picture('plugged-in')
    desk.drives.pull('CLÉ')
    await expect(list).not.toContainText('CLÉ', { timeout: 3_000 })
  })
})

test('The key password is never asked to make a backup', async ({ desk }) => {
  const { documents } = await begin(desk, undefined)
  await backUp(desk, [documents], 'Documents')
  expect(await desk.page.content()).not.toContain(keyPassword)
})
