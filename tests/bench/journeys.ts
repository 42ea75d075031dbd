// The three journeys whose clicks are counted, as somebody goes them who accepts what is proposed; passwords and words are typed, not clicked.
// Guarantees: each ends only when what it is about has happened (a backup runs, the file is back). Does not judge.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Desk, keyPassword } from '../e2e/desk.ts'
import { Hand } from './hand.ts'
import type { LivedIn } from './scene.ts'

export interface FirstStart {
  readonly clicks: number
  readonly passwords: number
  readonly pages: number
}

const at = (hand: Hand, step: string) => hand.page.locator(`[data-testid="wizard"][data-step="${step}"]`).waitFor()

const locale = 'en_GB.UTF-8'

/** A computer with some folders and a drive that is plugged in; from the first window until the first backup runs. */
export async function firstStart(): Promise<FirstStart> {
  const desk = new Desk('first start')
  try {
    mkdirSync(join(desk.user, 'Pictures'))
    for (const folder of ['Documents', 'Pictures']) writeFileSync(join(desk.user, folder, 'a file'), 'x'.repeat(50_000))
    desk.drives.plugIn('STICK', { tmpfs: '60m' })
    const hand = await Hand.over(await desk.launch({ locale }))
    const { page } = hand
    await at(hand, 'welcome')
    await hand.click('first-backup')
    await at(hand, 'what')
    await page.locator('[data-testid="wizard-next"]:enabled').waitFor()
    await hand.click('wizard-next')
    await at(hand, 'key')
    await hand.type('key-password-first', keyPassword, true)
    await hand.type('key-password-second', keyPassword, true)
    await hand.click('key-understood')
    await hand.click('wizard-next')
    await at(hand, 'review')
    await page.locator('[data-testid="wizard-next"]:enabled').waitFor()
    await hand.click('wizard-next')
    await at(hand, 'done')
    await page.getByTestId('progress').or(page.getByTestId('run-outcome')).first().waitFor()
    const clicks = await hand.clicks()
    await page.locator('[data-testid="run-outcome"][data-outcome="success"]').waitFor({ timeout: 60_000 })
    return { clicks, passwords: hand.passwords, pages: 4 }
  } finally {
    await desk.close()
  }
}

/** The overview is shown; the plan's one place is here. */
export async function backUpNow({ desk, real }: LivedIn): Promise<number> {
  const hand = await Hand.over(desk.page)
  const row = desk.page.locator(`[data-testid="plan-row"][data-plan="${real.plan}"]`)
  const running = desk.page.getByTestId('side-work').first().waitFor()
  await hand.click(row.getByTestId('plan-start'))
  await running
  const clicks = await hand.clicks()
  await desk.page.getByTestId('side-work').waitFor({ state: 'detached', timeout: 60_000 })
  return clicks
}

/** The overview is shown; ends when the file, which was deleted, is back with what was in it. */
export async function restoreOneFile({ desk, real }: LivedIn): Promise<number> {
  const { file, content } = real
  rmSync(file)
  const hand = await Hand.over(desk.page)
  const { page } = desk
  await hand.click('backups-link')
  await hand.type('find-text', real.words)
  const row = page.locator(`[data-testid="found"][data-path=${JSON.stringify(real.path)}]`)
  await hand.click(row.getByTestId('found-file'))
  await page.getByTestId('version').first().waitFor()
  await hand.click('version-restore')
  await at(hand, 'password')
  await hand.type('key-password', keyPassword, true)
  await hand.click('wizard-next')
  await at(hand, 'review')
  await page.getByTestId('restore-preview').waitFor()
  await hand.click('wizard-next')
  await page.locator('[data-testid="run-outcome"][data-outcome="success"]').waitFor({ timeout: 60_000 })
  const clicks = await hand.clicks()
  if (!existsSync(file) || readFileSync(file, 'utf8') !== content) throw new Error('the file is not back')
  await page.getByTestId('wizard-finish').click()
  return clicks
}
