// The settings: a list of sections, each with a way of its own; no section is long, however many plans there are; what is typed is asked about before another one is shown.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, test } from './desk.ts'
import { goTo } from './steps.ts'

const sections = ['settings', 'notifications', 'keys', 'security', 'background', 'about'] as const

/** Ten plans, each with an address to call, and mail. */
async function tenPlans(desk: Desk): Promise<void> {
  await desk.prepare({ label: 'STICK' })
  for (let number = 1; number <= 10; number += 1) {
    const name = `Comptes ${number}`
    const folder = join(desk.user, name)
    mkdirSync(folder)
    writeFileSync(join(folder, 'a.txt'), 'first')
    await desk.run('backup', folder, '--to', 'STICK', '--plan', name, '--yes')
    await desk.run('plan', 'ping', name, `http://127.0.0.1:9/${number}`)
  }
}

async function heightOf({ page }: Desk): Promise<number> {
  return page.locator('.frame-body').evaluate((body) => body.scrollHeight / body.clientHeight)
}

test('No section is longer than two screens, with ten plans', async ({ desk }) => {
  test.setTimeout(180_000)
  await tenPlans(desk)
  await desk.launch()
  for (const section of sections) {
    await goTo(desk, section)
    if (section === 'notifications') await expect(desk.page.getByTestId('ping-url')).toHaveCount(10)
    expect(await heightOf(desk), section).toBeLessThanOrEqual(2)
    await desk.picture(section)
  }
  // The list is in sight at the end of the longest one, too.
  await goTo(desk, 'notifications')
  await desk.page.getByTestId('ping-test').last().scrollIntoViewIfNeeded()
  await expect(desk.page.getByTestId('about-link')).toBeInViewport()
})

test('What is typed in one section is asked about before another one is shown, and one bar saves all of it', async ({
  desk,
}) => {
  await desk.prepare({ label: 'STICK' })
  await desk.run('backup', join(desk.user, 'Documents'), '--to', 'STICK', '--plan', 'Documents', '--yes')
  const page = await desk.launch({ locale: 'en_GB.UTF-8' })
  await goTo(desk, 'notifications')
  await expect(page.getByTestId('mail-save')).toBeHidden()
  await page.getByTestId('ping-url').fill('http://127.0.0.1:9/abc')
  await page.getByTestId('about-link').click()
  await page.getByTestId('leave-stay').click()
  await expect(page.getByTestId('ping-url')).toHaveValue('http://127.0.0.1:9/abc')
  // The section that is shown is not left by being chosen.
  await page.getByTestId('notifications-link').click()
  await expect(page.getByTestId('leave-dialog')).toBeHidden()
  await page.keyboard.press('Control+,')
  await page.getByTestId('leave-discard').click()
  await expect(page.getByTestId('settings-section')).toHaveAttribute('aria-current', 'page')
  await page.getByTestId('notifications-link').click()
  await expect(page.getByTestId('ping-url')).toHaveValue('')
  // Mail that is not complete cannot be saved; the bar discards all.
  await page.getByTestId('ping-url').fill('http://127.0.0.1:9/abc')
  await expect(page.getByTestId('mail-save')).toBeEnabled()
  await page.getByTestId('mail-host').fill('localhost')
  await expect(page.getByTestId('mail-save')).toBeDisabled()
  await page.getByTestId('mail-save-discard').click()
  await expect(page.getByTestId('mail-save')).toBeHidden()
  await page.getByTestId('ping-url').fill('http://127.0.0.1:9/abc')
  await page.getByTestId('mail-save').click()
  await expect(page.getByTestId('mail-save')).toBeHidden()
  await expect(page.getByTestId('ping-test')).toBeEnabled()
  // What is tested is what is shown.
  await page.getByTestId('ping-url').fill('http://127.0.0.1:9/other')
  await expect(page.getByTestId('ping-test')).toBeDisabled()
  await page.getByTestId('ping-url').fill('http://127.0.0.1:9/abc')
  await expect(page.getByTestId('ping-test')).toBeEnabled()
  await page.getByTestId('security-link').click()
  await page.getByTestId('new-operator-password-first').fill('one')
  await page.getByTestId('keys-link').click()
  await page.getByTestId('leave-discard').click()
  await page.getByTestId('recipient-key').fill('key')
  await page.getByTestId('about-link').click()
  await page.getByTestId('leave-discard').click()
  await expect(page.getByTestId('version')).toHaveText(/^\d+\.\d+\.\d+/)
  await expect(page.getByTestId('data-folder')).toHaveText(desk.home)
  await page.getByTestId('about-open').click()
  await expect(page.locator('#help-without')).toBeInViewport()
})
