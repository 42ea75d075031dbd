// The background service in the settings: where it can be, installed and removed; where not, why.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { knowing, scriptSystem } from '../support/systemd.ts'
import { type Desk, expect, test } from './desk.ts'
import { goTo } from './steps.ts'

const files = (desk: Desk) => readdirSync(join(desk.user, '.config/systemd/user')).sort()

test('The service is installed and removed in the settings', async ({ desk }) => {
  await desk.run('init', '--yes')
  scriptSystem(desk.folder, knowing(desk.folder), desk.drives.bin)
  const page = await desk.launch()
  await goTo(desk, 'background')
  const panel = page.getByTestId('service')
  await expect(panel.getByTestId('service-none')).toBeVisible()
  await panel.scrollIntoViewIfNeeded()
  await desk.accessible('none')
  await panel.getByTestId('service-install').click()
  await expect(panel.getByTestId('service-state')).toHaveText('Installé et en marche')
  await expect(panel.getByTestId('service-since')).toContainText('2026')
  await expect(panel).toContainText('avec l’ordinateur, sans session ouverte')
  await panel.scrollIntoViewIfNeeded()
  await desk.accessible('running')
  expect(files(desk)).toHaveLength(2)
  await panel.getByTestId('service-remove').click()
  await page.getByTestId('service-remove-confirm').click()
  await expect(panel.getByTestId('service-none')).toBeVisible()
  expect(files(desk)).toEqual([])

  // What the system refuses is named, to be typed by hand.
  scriptSystem(
    desk.folder,
    `case "$*" in *linger*) echo 'Access denied' >&2; exit 1;; esac\n${knowing(desk.folder)}`,
    desk.drives.bin,
  )
  await panel.getByTestId('service-install').click()
  await expect(panel.getByTestId('service-left')).toContainText(/loginctl enable-linger .*Access denied/)
  await panel.scrollIntoViewIfNeeded()
  await desk.accessible('by-hand')
})

test('Where systemd does not answer, the settings say so', async ({ desk }) => {
  await desk.run('init', '--yes')
  scriptSystem(desk.folder, 'echo "Failed to connect to bus: No medium found" >&2; exit 1', desk.drives.bin)
  const page = await desk.launch()
  await goTo(desk, 'background')
  const panel = page.getByTestId('service')
  await expect(panel.getByTestId('service-impossible')).toContainText('Failed to connect to bus: No medium found')
  await expect(panel.getByTestId('service-impossible')).toContainText('En arrière-plan')
  await expect(panel.getByTestId('service-install')).toHaveCount(0)
  await panel.scrollIntoViewIfNeeded()
  await desk.accessible('impossible')
})
