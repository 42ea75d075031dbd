// What a person does in the window, wizard by wizard, as one sentence each.
// Guarantees: waits for what the person would see next, never for time to pass.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, keyPassword, operatorPassword } from './desk.ts'

export type Action = 'backup' | 'restore' | 'init' | 'key' | 'schedule'
export type Outcome = 'success' | 'warning' | 'error' | 'cancelled'

/** Looks at every step of a wizard with axe, when asked to. */
type Look = (name: string) => Promise<void>
const glance: Look = async () => undefined

export async function atStep(desk: Desk, step: string): Promise<void> {
  await expect(desk.page.getByTestId('wizard')).toHaveAttribute('data-step', step)
}

export async function next(desk: Desk): Promise<void> {
  await desk.page.getByTestId('wizard-next').click()
}

/** From the main screen. */
export async function open(desk: Desk, action: Action): Promise<void> {
  await desk.page.getByTestId(`action-${action}`).click()
}

const settings = ['notifications', 'keys', 'security', 'background', 'help', 'about'] as const
export type Area = 'backups' | 'plans' | 'places' | 'activity' | 'settings' | (typeof settings)[number]

/** To an area by the side bar, or to a section of the settings. */
export async function goTo({ page }: Desk, area: Area): Promise<void> {
  if (settings.some((section) => section === area)) await page.getByTestId('settings-link').click()
  await page.getByTestId(`${area}-link`).click()
  await expect(page.getByTestId(area === 'settings' ? 'settings-section' : `${area}-link`)).toHaveAttribute(
    'aria-current',
    'page',
  )
}

/** The administrator password, where there is one and something asks for it. */
export async function unlock({ page }: Desk, password = operatorPassword): Promise<void> {
  await page.getByTestId('operator-dialog').getByTestId('operator-password').fill(password)
  await page.getByTestId('operator-submit').click()
}

export async function newPassword(desk: Desk, id: string, password: string): Promise<void> {
  await desk.page.getByTestId(`${id}-first`).fill(password)
  await desk.page.getByTestId(`${id}-second`).fill(password)
}

export async function chooseMedium(desk: Desk, label: string): Promise<void> {
  const option = desk.page.locator(`[data-testid="medium-option"][data-medium="${label}"]`)
  await option.click()
  await expect(option).toBeChecked()
}

/** Up to the review of a backup: a new plan over these folders. */
export async function reviewBackup(desk: Desk, folders: string[], plan: string, look = glance): Promise<void> {
  await open(desk, 'backup')
  await nameFolders(desk, folders, plan, look)
  await atStep(desk, 'medium')
  await look('medium')
  await next(desk)
  await atStep(desk, 'review')
}

/** Up to the review of a backup of the only plan there is: what to back up is not asked then. */
export async function reviewKnownPlan(desk: Desk): Promise<void> {
  await open(desk, 'backup')
  await atStep(desk, 'medium')
  await next(desk)
  await atStep(desk, 'review')
}

async function nameFolders(desk: Desk, folders: string[], plan: string, look: Look): Promise<void> {
  await atStep(desk, 'what')
  await desk.chooseFiles(...folders)
  await desk.page.getByTestId('add-folders').click()
  await expect(desk.page.getByTestId('folder-list').getByRole('listitem')).toHaveCount(folders.length)
  await desk.page.getByTestId('plan-name').fill(plan)
  await look('what')
  await next(desk)
}

/** The whole backup of some folders. */
export async function backUp(desk: Desk, folders: string[], plan: string, look = glance): Promise<void> {
  await reviewBackup(desk, folders, plan, look)
  await look('review')
  await next(desk)
  await ended(desk, 'success')
  await look('result')
}

/** The work is over, and ended so. */
export async function ended(desk: Desk, outcome: Outcome): Promise<void> {
  const result = desk.page.getByTestId('run-outcome')
  await expect(result).toBeVisible({ timeout: 200_000 })
  await expect(result).toHaveAttribute('data-outcome', outcome)
}

export async function running(desk: Desk): Promise<void> {
  await expect(desk.page.getByTestId('progress')).toBeVisible()
}

export async function finish(desk: Desk): Promise<void> {
  await desk.page.getByTestId('wizard-finish').click()
  await expect(desk.page.getByTestId('status-block')).toBeVisible()
}

export interface RestoreAnswers {
  /** A medium is chosen by hand only where several fit. */
  medium?: string
  /** Which one of the list, newest first. */
  backup?: number
  password?: string
  /** It opens without: no step asks for a key password (LabBook 2.5). */
  withoutPassword?: boolean
  only?: string[]
  into?: string
  existing?: 'replace' | 'skip' | 'keep-both'
  look?: Look
}

/** Up to the key password of a restore, which is typed. */
export async function openBackup(desk: Desk, answers: RestoreAnswers): Promise<void> {
  const look = answers.look ?? glance
  await open(desk, 'restore')
  await atStep(desk, 'medium')
  if (answers.medium) await chooseMedium(desk, answers.medium)
  await look('medium')
  await next(desk)
  await atStep(desk, 'backup')
  await desk.page
    .getByTestId('artifact-option')
    .nth(answers.backup ?? 0)
    .click()
  await look('backup')
  await next(desk)
  if (answers.withoutPassword) return
  await atStep(desk, 'password')
  await desk.page.getByTestId('key-password').fill(answers.password ?? keyPassword)
  await look('password')
}

/** Up to the review of a restore. */
export async function reviewRestore(desk: Desk, answers: RestoreAnswers): Promise<void> {
  const look = answers.look ?? glance
  await openBackup(desk, answers)
  if (!answers.withoutPassword) await next(desk)
  await atStep(desk, 'what')
  if (answers.only) await choosePaths(desk, answers.only)
  await look('what')
  await next(desk)
  await atStep(desk, 'where')
  if (answers.into) {
    await desk.page.getByTestId('where-folder').check()
    await desk.chooseFiles(answers.into)
    await desk.page.getByTestId('choose-destination').click()
    await expect(desk.page.getByTestId('destination')).toBeVisible()
  }
  if (answers.existing) await desk.page.getByTestId(`existing-${answers.existing}`).check()
  await look('where')
  await next(desk)
  await atStep(desk, 'review')
  await expect(desk.page.getByTestId('restore-preview')).toBeVisible()
  await look('review')
}

/** Ticks paths of the archive (`root/folder/file`), going down the folders as a person does. */
async function choosePaths(desk: Desk, paths: string[]): Promise<void> {
  const { page } = desk
  await page.getByTestId('what-some').check()
  for (const path of paths) {
    await page
      .getByTestId('archive-browser')
      .getByRole('navigation')
      .or(page.locator('.mantine-Breadcrumbs-root'))
      .first()
      .waitFor()
    const top = page.locator('.mantine-Breadcrumbs-root button').first()
    if (await top.isVisible()) await top.click()
    const parts = path.split('/')
    for (let depth = 1; depth < parts.length; depth += 1) {
      await entry(desk, parts.slice(0, depth).join('/')).getByRole('button').click()
    }
    await entry(desk, path).getByRole('checkbox').check()
  }
}

function entry(desk: Desk, path: string) {
  return desk.page.locator(`[data-testid="entry"][data-path=${JSON.stringify(path)}]`)
}

/** Starts a restore that has been reviewed; with `word` when files are replaced. */
export async function confirmRestore(desk: Desk, word?: string): Promise<void> {
  if (word !== undefined) {
    await expect(desk.page.getByTestId('wizard-next')).toBeDisabled()
    await desk.page.getByTestId('confirm-word').fill(word)
  }
  await next(desk)
}

/** Quits and starts again: nothing is unlocked any more. */
export async function reopen(desk: Desk): Promise<void> {
  await desk.quit()
  await desk.launch()
}

/** Names of the finished backups on a medium; anything half-done would be seen too. */
export function onMedium(path: string): string[] {
  const names = readdirSync(join(path, 'SIGL_sauvegardes'))
  return names
    .filter((name) => !/^(contents|\.arche-medium\.json|kp(ri|ub)\..*\.asc|.*\.sha256|SHA256SUMS.*)$/.test(name))
    .sort()
}
