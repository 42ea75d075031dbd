// A backup that does not fit, through the window: the alarm offers to make room, shows what goes, and the next backup fits; or leads to what else helps.
import { randomBytes } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, test } from './desk.ts'
import { layoutFaults } from './layout.ts'
import { atStep, ended, finish, goTo, next, open, reviewKnownPlan } from './steps.ts'

const backups = (stick: string) =>
  readdirSync(join(stick, 'SIGL_sauvegardes'))
    .filter((name) => name.startsWith('backup_'))
    .sort()

async function resize({ program, page }: Desk, width: number, height: number): Promise<void> {
  await program.evaluate(
    ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
    { width, height },
  )
  await expect.poll(() => page.evaluate(() => innerWidth)).toBe(width)
}

test('A backup that does not fit leads to room, another place or fewer folders', async ({ desk }) => {
  await desk.prepare({ label: 'STICK', tmpfs: '16m' })
  const documents = join(desk.user, 'Documents')
  const stick = desk.drives.path('STICK')
  writeFileSync(join(documents, 'a.bin'), randomBytes(2_000_000))
  for (let at = 0; at < 6; at += 1) await desk.run('backup', documents, '--to', stick, '--plan', 'Documents', '--yes')
  const made = backups(stick)
  writeFileSync(join(documents, 'a.bin'), randomBytes(5_000_000))
  await desk.terminal(['backup', '--plan', 'Documents', '--yes'])
  const page = await desk.launch()

  const alarm = page.getByTestId('alarm-failed')
  await expect(alarm).toBeVisible()
  await desk.accessible('alarm')
  await alarm.getByTestId('make-room').click()
  const dialog = page.getByTestId('room-dialog')
  await expect(dialog.getByTestId('room-goes')).toBeVisible()
  const going = await dialog.getByTestId('room-going').count()
  expect(going).toBeGreaterThan(0)
  expect(going).toBeLessThanOrEqual(4)
  await desk.accessible('preview')
  expect(backups(stick)).toEqual(made)
  await resize(desk, 760, 560)
  expect(await layoutFaults(page)).toEqual([])
  await desk.picture('preview-small')
  await page.keyboard.press('Escape')
  expect(await layoutFaults(page)).toEqual([])
  await desk.picture('alarm-small')
  await resize(desk, 1100, 780)
  await alarm.getByTestId('make-room').click()
  await expect(dialog.getByTestId('room-goes')).toBeVisible()

  // What has changed since it was shown is said, and shown anew.
  const [oldest = ''] = made
  await desk.run('pin', oldest, '--from', stick)
  await dialog.getByTestId('room-confirm').click()
  await expect(dialog.getByTestId('problem-backup-pinned')).toBeVisible()
  await desk.picture('changed')
  expect(backups(stick)).toEqual(made)
  await dialog.getByTestId('room-again').click()
  await expect(dialog.getByTestId('room-goes')).toBeVisible()
  await dialog.getByTestId('room-confirm').click()
  await expect(dialog.getByTestId('delete-freed')).toBeVisible()
  await desk.accessible('made')
  await dialog.getByTestId('delete-close').click()
  expect(backups(stick)).toEqual([oldest, ...made.slice(1 + going)])

  await alarm.getByTestId('other-place').click()
  await expect(page.getByTestId('destinations')).toBeInViewport()
  await page.getByTestId('home').click()
  await alarm.getByTestId('fewer-folders').click()
  await expect(page.getByTestId('folder-list')).toBeInViewport()
  await page.getByTestId('home').click()

  await reviewKnownPlan(desk)
  await next(desk)
  await ended(desk, 'success')
  await finish(desk)
  await expect(page.getByTestId('alarms')).toHaveCount(0)

  // The check before a backup offers the same; what all that may go would free is told where it is too little.
  writeFileSync(join(documents, 'b.bin'), randomBytes(60_000_000))
  await open(desk, 'backup')
  await atStep(desk, 'medium')
  await next(desk)
  await atStep(desk, 'review')
  await expect(page.getByTestId('problem-no-space')).toBeVisible()
  await page.getByTestId('space-ways').getByTestId('make-room').click()
  await expect(dialog.getByTestId('room-too-little')).toBeVisible()
  await expect(dialog.getByTestId('room-confirm')).toHaveCount(0)
  await desk.accessible('too-little')
  await page.keyboard.press('Escape')
  await page.getByTestId('wizard-leave').click()

  await goTo(desk, 'places')
  await page.getByTestId('place-open').first().click()
  await page.getByTestId('make-room').click()
  await expect(dialog).toBeVisible()
  await desk.accessible('place')
})
