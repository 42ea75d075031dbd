// Automatic backups through the window: the Schedule wizard, the main screen, a due time that arrives, one that was missed, alarms.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Desk, expect, test as onDesk } from './desk.ts'
import { Panel } from './panel.ts'
import { atStep, ended, finish, next, onMedium, open } from './steps.ts'
import { makeTree } from './tree.ts'

const test = onDesk.extend<{ panel: Panel }>({
  panel: async ({ desk }, use) => {
    const panel = await Panel.start(join(desk.folder, 'session'))
    await use(panel)
    await desk.end()
    await panel.close()
  },
})

const hour = 3600_000

/** A plan with one good backup on a stick. */
async function begin(desk: Desk, tmpfs?: string): Promise<void> {
  await desk.prepare({ label: 'STICK', ...(tmpfs ? { tmpfs } : {}) })
  makeTree(join(desk.user, 'Documents'))
  await backUp(desk)
}

function backUp(desk: Desk, medium = 'STICK') {
  const documents = join(desk.user, 'Documents')
  return desk.terminal(['backup', documents, '--to', desk.drives.path(medium), '--plan', 'Documents', '--yes'])
}

/** More than the stick holds, and it cannot be compressed. */
function addNoise(desk: Desk): void {
  const noise = Buffer.from(readFileSync(process.execPath).subarray(0, 8_000_000))
  writeFileSync(join(desk.user, 'Documents/noise.bin'), noise)
}

interface Saved {
  when: object
  savedAt: string
  mediumWindowHours?: number
}

function saved(desk: Desk): { schedule?: Saved; destinations: { place: { rotation?: string[] } }[] } {
  return JSON.parse(readFileSync(join(desk.home, 'config.json'), 'utf8')).plans[0]
}

/** Before Arche is started: a schedule that was saved some hours ago. */
function schedule(desk: Desk, when: object, hoursAgo: number): void {
  const path = join(desk.home, 'config.json')
  const { checksum: _, ...config } = JSON.parse(readFileSync(path, 'utf8'))
  config.plans[0].schedule = { when, savedAt: new Date(Date.now() - hoursAgo * hour).toISOString() }
  writeFileSync(path, JSON.stringify(config))
}

function clock(moment: number): string {
  return new Date(moment).toTimeString().slice(0, 5)
}

/** Up to the step after "when", with this kind chosen. */
async function choose(desk: Desk, kind: string): Promise<void> {
  await open(desk, 'schedule')
  await atStep(desk, 'when')
  await desk.page.getByTestId(`schedule-${kind}`).click()
}

test.describe('The Schedule wizard', () => {
  test('makes a schedule active only when it is saved, changes it, and switches it off', async ({ desk }) => {
    await begin(desk)
    const page = await desk.launch()
    await expect(page.getByTestId('facts')).toContainText('Non actives')
    await open(desk, 'schedule')
    await atStep(desk, 'when')
    await expect(page.getByTestId('schedule-at')).toHaveValue('12:00')
    await expect(page.getByTestId('schedule-next').getByRole('listitem')).toHaveCount(3)
    await desk.accessible('when')
    for (const kind of ['hours', 'monthly', 'medium', 'off', 'weekly']) {
      await page.getByTestId(`schedule-${kind}`).click()
      await desk.picture(kind)
    }
    await page.getByText('samedi', { exact: true }).click()
    await page.getByTestId('schedule-at').fill('07:30')
    await expect(page.getByTestId('schedule-next').getByRole('listitem').first()).toContainText('07:30')
    await desk.accessible('weekly')
    await next(desk)
    await atStep(desk, 'medium')
    await expect(page.getByTestId('media-any')).toBeChecked()
    await desk.accessible('medium')
    await next(desk)
    await atStep(desk, 'conditions')
    await page.getByTestId('schedule-mains').check()
    await page.getByTestId('schedule-limited').check()
    await desk.accessible('conditions')
    await next(desk)
    await atStep(desk, 'review')
    await expect(page.getByTestId('schedule-review')).toContainText('samedi')
    await expect(page.getByTestId('schedule-at-login')).toBeChecked()
    await desk.accessible('review')
    expect(saved(desk).schedule).toBeUndefined()
    await next(desk)
    await atStep(desk, 'done')
    await desk.accessible('done')
    expect(saved(desk).schedule).toMatchObject({
      when: { kind: 'weekly', days: [1, 2, 3, 4, 5, 6], at: '07:30' },
      mainsPower: true,
      window: { from: '08:00', to: '20:00' },
    })
    await finish(desk)
    await expect(page.getByTestId('automatic')).toHaveAttribute('data-state', 'planned')
    await expect(page.getByTestId('automatic')).toContainText('07:30')
    await desk.accessible('main')
    const entry = join(desk.user, '.config/autostart')
    expect(existsSync(entry)).toBe(true)

    // Again: what was saved is shown, and the login is not asked about any more.
    await open(desk, 'schedule')
    await atStep(desk, 'when')
    await expect(page.getByTestId('schedule-at')).toHaveValue('07:30')
    await page.getByTestId('schedule-off').click()
    await next(desk)
    await atStep(desk, 'review')
    await expect(page.getByTestId('schedule-at-login')).toBeHidden()
    await next(desk)
    await atStep(desk, 'done')
    await desk.picture('off')
    await finish(desk)
    await expect(page.getByTestId('facts')).toContainText('Non actives')
    expect(saved(desk).schedule).toBeUndefined()
  })

  test('sets up several media in turn, and says which one is due', async ({ desk }) => {
    await begin(desk)
    const other = desk.drives.plugIn('BLEU')
    await desk.run('medium', 'init', other, '--name', 'BLEU', '--yes')
    desk.drives.pull('BLEU')
    const page = await desk.launch()
    await choose(desk, 'daily')
    await next(desk)
    await atStep(desk, 'medium')
    await page.getByTestId('media-rotation').click()
    await expect(page.getByTestId('known-STICK')).toBeChecked()
    await expect(page.getByTestId('known-BLEU')).toBeChecked()
    await desk.accessible('rotation')
    await next(desk)
    await next(desk)
    await atStep(desk, 'review')
    await page.getByTestId('schedule-at-login').uncheck()
    await desk.picture('review')
    await next(desk)
    await atStep(desk, 'done')
    expect(saved(desk).destinations[0]?.place.rotation).toHaveLength(2)
    expect(existsSync(join(desk.user, '.config/autostart'))).toBe(false)
    await finish(desk)
    await expect(page.getByTestId('automatic')).toContainText('BLEU')
    await desk.accessible('main')
  })
})

test.describe('With a schedule', () => {
  test('a due time arrives while the window is closed, and the backup is made', async ({ desk, panel }) => {
    await panel.showTray()
    await begin(desk)
    const due = Math.ceil((Date.now() + 12 * hour) / 60_000) * 60_000
    schedule(desk, { kind: 'daily', at: clock(due) }, 0)
    await desk.launch({ env: panel.env })
    await expect(desk.page.getByTestId('automatic')).toHaveAttribute('data-state', 'planned')
    await desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    // Twelve hours of sleep: the computer wakes up three seconds before the due time.
    await desk.program.evaluate(({ powerMonitor }, wakeAt) => {
      const slept = wakeAt - Date.now()
      const Real = Date
      globalThis.Date = class extends Real {
        constructor(...given: unknown[]) {
          if (given.length === 0) super(Real.now() + slept)
          else super(...(given as [number]))
        }
        static override now() {
          return Real.now() + slept
        }
      } as DateConstructor
      powerMonitor.emit('resume')
    }, due - 3000)
    await expect.poll(() => onMedium(desk.drives.path('STICK')).length, { timeout: 200_000 }).toBe(2)
    await expect.poll(() => panel.tooltip()).toContain('Dernière sauvegarde : ')
    await panel.click()
    const rows = desk.page.getByTestId('run-row')
    await expect(rows.first()).toHaveAttribute('data-outcome', 'success')
    await rows.first().getByTestId('run-open').click()
    await ended(desk, 'success')
    await expect(desk.page.getByText('automatique').first()).toBeVisible()
    await desk.accessible('run')
    // It went well: nobody is disturbed.
    expect(panel.notified.filter(({ title }) => !title.includes('arrière-plan'))).toEqual([])
  })

  test('what was missed while Arche was not running is told, with its due times, and made up soon', async ({
    desk,
    panel,
  }) => {
    await begin(desk)
    schedule(desk, { kind: 'hours', every: 1, from: '00:00' }, 5)
    const config = join(desk.home, 'history.jsonl')
    writeFileSync(config, '')
    const page = await desk.launch({ env: panel.env })
    await expect(page.getByTestId('automatic')).toHaveAttribute('data-state', 'waiting')
    await expect(page.locator('[data-testid="run-row"][data-outcome="missed"]')).toBeVisible()
    await desk.accessible('waiting')
    await page.locator('[data-testid="run-row"][data-outcome="missed"]').getByTestId('run-open').click()
    await expect(page.getByTestId('problem-not-running')).toBeVisible()
    await desk.accessible('missed')
  })

  test('it is paused and resumed on the main screen', async ({ desk }) => {
    await begin(desk)
    schedule(desk, { kind: 'daily', at: clock(Date.now() + 12 * hour) }, 0)
    const page = await desk.launch()
    await page.getByTestId('schedule-pause').click()
    await desk.accessible('pause')
    await page.getByRole('button', { name: 'Jusqu’à demain' }).click()
    await expect(page.getByTestId('automatic')).toContainText('demain à 00:00')
    await desk.accessible('paused')
    await page.getByTestId('schedule-resume').click()
    await expect(page.getByTestId('schedule-pause')).toBeVisible()
  })

  test('nothing is notified to somebody who looks at the window, which shows the same', async ({ desk, panel }) => {
    await begin(desk, '3m')
    schedule(desk, { kind: 'daily', at: clock(Date.now() + 12 * hour) }, 0)
    const page = await desk.launch({ env: panel.env })
    await desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.focus())
    await expect
      .poll(() => desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isFocused()))
      .toBe(true)
    addNoise(desk)
    expect((await backUp(desk)).code).not.toBe(0)
    await expect(page.getByTestId('alarm-failed')).toBeVisible()
    // Whatever came before this one has arrived when it arrives.
    await desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await panel.notification('Arche continue en arrière-plan')
    expect(panel.notified).toHaveLength(1)
  })

  test('a failure is notified once, opens its run on a click, and is a banner on the main screen', async ({
    desk,
    panel,
  }) => {
    await begin(desk, '3m')
    schedule(desk, { kind: 'daily', at: clock(Date.now() + 12 * hour) }, 0)
    const page = await desk.launch({ env: panel.env })
    await expect(page.getByTestId('automatic')).toBeVisible()
    await desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    addNoise(desk)
    expect((await backUp(desk)).code).not.toBe(0)
    const told = await panel.notification('Une sauvegarde a échoué')
    expect(told.body).toContain('Documents')
    panel.clickNotification(told)
    await ended(desk, 'error')
    await expect
      .poll(() => desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
      .toBe(true)
    await page.getByTestId('home').click()
    await expect(page.getByTestId('alarm-failed')).toBeVisible()
    await desk.accessible('alarm')
    await page.getByTestId('acknowledge').click()
    const folded = page.getByTestId('alarms-acknowledged')
    await expect(folded).toContainText('1 alerte acquittée')
    await expect(page.getByTestId('alarm-failed')).toHaveCount(0)
    await folded.getByRole('button').first().click()
    await expect(page.getByTestId('alarm-failed')).toContainText('Le problème n’est pas résolu')
    await desk.accessible('alarm-acknowledged')
    await page.getByTestId('acknowledge').click()
    await expect(folded).toHaveCount(0)
    await desk.end()
    // Told already today, and remembered over a restart.
    await desk.launch({ env: panel.env, args: ['--hidden'] })
    await expect(desk.page.getByTestId('alarm-failed')).toBeAttached()
    expect(panel.notified.filter(({ title }) => title === told.title)).toHaveLength(1)
  })
})
