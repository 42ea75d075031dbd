// Arche without its window: the icon in the tray, notifications, staying when the window is closed, starting with the login.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Desk, expect, test as onDesk } from './desk.ts'
import { Panel } from './panel.ts'
import { atStep, goTo } from './steps.ts'
import { makeTree } from './tree.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

const test = onDesk.extend<{ panel: Panel }>({
  panel: async ({ desk }, use) => {
    const panel = await Panel.start(join(desk.folder, 'session'))
    await use(panel)
    await desk.end()
    await panel.close()
  },
})

async function backUp(desk: Desk): Promise<void> {
  const documents = join(desk.user, 'Documents')
  await desk.run('backup', documents, '--to', desk.drives.path('STICK'), '--plan', 'Documents', '--yes')
}

const visible = (desk: Desk) =>
  desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()))

/** The picture in the tray is that one of resources/tray. */
async function expectImage(desk: Desk, panel: Panel, name: string): Promise<void> {
  const path = join(root, 'resources/tray', `${name}.png`)
  await expect
    .poll(async () => {
      const { width, height, pixels } = await panel.image()
      const argb = pixels.toString('base64')
      return desk.program.evaluate(
        ({ nativeImage }, given) => {
          const image = nativeImage.createFromPath(given.path)
          const { width, height } = image.getSize()
          const wanted = image.toBitmap()
          const shown = Buffer.from(given.argb, 'base64')
          // Electron gives BGRA with the colours already multiplied by the opacity, the tray gets ARGB: opacity alone is compared.
          const same = wanted.every((value, at) => at % 4 !== 3 || shown[at - 3] === value)
          return same && width === given.width && height === given.height
        },
        { path, argb, width, height },
      )
    })
    .toBe(true)
}

async function startAgain(desk: Desk, panel: Panel, ...args: string[]): Promise<number> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const options = { env: desk.environment({ env: panel.env }), stdio: 'ignore' } as const
  const second = spawn(process.env.ARCHE_ELECTRON ?? '', [...sandbox, root, ...args], options)
  const [code] = await once(second, 'exit')
  return code
}

/** A plan with one good backup, and a schedule where wished. */
async function begin(desk: Desk, scheduled = true): Promise<void> {
  await desk.prepare({ label: 'STICK' })
  makeTree(join(desk.user, 'Documents'))
  await backUp(desk)
  if (scheduled) schedule(desk)
}

function schedule(desk: Desk): void {
  const path = join(desk.home, 'config.json')
  const { checksum: _, ...config } = JSON.parse(readFileSync(path, 'utf8'))
  // Half a day away, so that nothing becomes due during the test.
  const at = new Date(Date.now() + 12 * 3600_000).toTimeString().slice(0, 5)
  config.plans[0].schedule = { when: { kind: 'daily', at }, savedAt: new Date().toISOString() }
  writeFileSync(path, JSON.stringify(config))
}

async function closeWindow(desk: Desk): Promise<void> {
  await desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
}

/** The system's question is answered with this button; gives what was asked. */
async function answerWith(desk: Desk, button: string): Promise<void> {
  await desk.program.evaluate(({ dialog }, label) => {
    dialog.showMessageBox = async (...given: unknown[]) => {
      const options = given.at(-1) as { message: string; buttons: string[] }
      Object.assign(globalThis, { asked: options.message })
      return { response: options.buttons.indexOf(label), checkboxChecked: false }
    }
  }, button)
}

test.describe('The tray icon', () => {
  test('shows how protected one is, live, and its menu leads to the window', async ({ desk, panel }) => {
    await panel.showTray()
    await desk.prepare({ label: 'STICK' })
    const page = await desk.launch({ env: panel.env })
    await panel.icon()
    await expect.poll(() => panel.tooltip()).toContain('Arche : Non configuré')
    await expectImage(desk, panel, 'unset-light')
    makeTree(join(desk.user, 'Documents'))
    await backUp(desk)
    await expect.poll(() => panel.tooltip()).toContain('Arche : Protégé')
    expect(await panel.tooltip()).toMatch(/Dernière sauvegarde : aujourd’hui à \d\d:\d\d \(Réussi\)/)
    await expectImage(desk, panel, 'protected-light')
    await panel.choose('Sauvegarder maintenant…')
    await atStep(desk, 'medium')
    // A wizard under way is not left by a click outside it.
    await panel.choose('Ouvrir Arche')
    await atStep(desk, 'medium')
    await expect(page.getByTestId('wizard')).toBeVisible()
  })

  test('appears when the panel comes later than Arche', async ({ desk, panel }) => {
    await desk.prepare({ label: 'STICK' })
    await desk.launch({ env: panel.env })
    expect(panel.icons).toBe(0)
    await panel.showTray()
    await panel.icon()
    await expect.poll(() => panel.tooltip()).toContain('Arche')
  })

  test('pauses automatic backups, with an end, and resumes them', async ({ desk, panel }) => {
    await panel.showTray()
    await begin(desk)
    await desk.launch({ env: panel.env })
    await expect.poll(() => panel.tooltip()).toContain('Protégé')
    await panel.choose('Mettre en pause les sauvegardes automatiques', 'Jusqu’à demain')
    await expect.poll(() => panel.tooltip()).toContain('en pause jusqu’à : demain à 00:00')
    await panel.choose('Reprendre les sauvegardes automatiques')
    await expect.poll(() => panel.tooltip()).not.toContain('en pause')
    expect((await panel.menu()).map(({ label }) => label)).toContain('Mettre en pause les sauvegardes automatiques')
  })
})

test.describe('With a schedule, the program', () => {
  test('stays when its window is closed, is opened by a second start, and asks before it quits', async ({
    desk,
    panel,
  }) => {
    await panel.showTray()
    await begin(desk)
    await desk.launch({ env: panel.env })
    await expect.poll(() => panel.tooltip()).toContain('Protégé')
    await closeWindow(desk)
    expect(await visible(desk)).toEqual([false])
    const told = await panel.notification('Arche continue en arrière-plan')
    expect(told.body).toContain('dans le menu de l’icône')
    // Electron's own has an English word there.
    expect(told.actions).toEqual(['default', 'Ouvrir Arche'])
    expect(await startAgain(desk, panel)).toBe(0)
    await expect.poll(() => visible(desk)).toEqual([true])
    await closeWindow(desk)
    await expect.poll(() => visible(desk)).toEqual([false])
    await panel.click()
    await expect.poll(() => visible(desk)).toEqual([true])
    await answerWith(desk, 'Annuler')
    await panel.choose('Quitter Arche')
    await expect
      .poll(() => desk.program.evaluate(() => Reflect.get(globalThis, 'asked')))
      .toContain('aucune sauvegarde automatique')
    expect(await visible(desk)).toEqual([true])
    await answerWith(desk, 'Quitter Arche')
    const over = desk.ended()
    await panel.choose('Quitter Arche')
    expect(await over).toBe(0)
    // What is known is not told again.
    expect(panel.notified.filter(({ title }) => title.includes('arrière-plan'))).toHaveLength(1)
  })

  test('keeps what is typed in its closed window, which the tray brings back, and asks before it is lost', async ({
    desk,
    panel,
  }) => {
    await panel.showTray()
    await begin(desk)
    const page = await desk.launch({ env: panel.env })
    await expect.poll(() => panel.tooltip()).toContain('Protégé')
    await goTo(desk, 'keys')
    await page.getByTestId('recipient-key').fill('half a key')
    await closeWindow(desk)
    await expect.poll(() => visible(desk)).toEqual([false])
    // What the tray wants to show does not take the place of the form.
    await panel.click()
    await expect.poll(() => visible(desk)).toEqual([true])
    await expect(page.getByTestId('recipient-key')).toHaveValue('half a key')
    await expect(page.getByTestId('leave-dialog')).toBeHidden()
    await closeWindow(desk)
    await expect.poll(() => visible(desk)).toEqual([false])
    await answerWith(desk, 'Continuer la modification')
    await panel.choose('Quitter Arche')
    await expect.poll(() => visible(desk)).toEqual([true])
    expect(await desk.program.evaluate(() => Reflect.get(globalThis, 'asked'))).toContain('pas encore enregistrées')
    await expect(page.getByTestId('recipient-key')).toHaveValue('half a key')
  })

  test('stays without a tray too, and says how it is opened', async ({ desk, panel }) => {
    await begin(desk)
    const page = await desk.launch({ env: panel.env })
    await expect(page.getByTestId('status-block')).toHaveAttribute('data-level', 'protected')
    await closeWindow(desk)
    const told = await panel.notification('Arche continue en arrière-plan')
    expect(told.body).toContain('relancez-le')
    panel.clickNotification(told)
    await expect.poll(() => visible(desk)).toEqual([true])
  })
})

test.describe('Start at login', () => {
  test('is switched on and off in the settings, and starts Arche hidden as the desktop does', async ({
    desk,
    panel,
  }) => {
    await panel.showTray()
    await desk.prepare()
    const page = await desk.launch({ env: panel.env })
    await goTo(desk, 'background')
    const choice = page.getByTestId('start-at-login')
    await expect(choice).not.toBeChecked()
    await choice.click()
    await expect(choice).toBeChecked()
    await desk.accessible('settings')
    const folder = join(desk.user, '.config/autostart')
    const [name = '', ...others] = readdirSync(folder)
    expect(others).toEqual([])
    const entry = join(folder, name)
    await run('desktop-file-validate', [entry])
    expect((await stat(entry)).mode & 0o111).toBe(0)
    await desk.quit()

    const icon = panel.nextIcon()
    const launch = spawn('gio', ['launch', entry], { env: desk.environment({ env: panel.env }), stdio: 'ignore' })
    expect(await once(launch, 'exit')).toEqual([0, null])
    await icon
    await expect.poll(() => panel.tooltip()).toContain('Aucune sauvegarde')
    const pid = desk.owner() ?? 0
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('--hidden')
    // The login starts it again although it is there already: still no window, and one program.
    expect(await startAgain(desk, panel, '--hidden')).toBe(0)
    expect(desk.owner()).toBe(pid)
    await panel.choose('Quitter Arche')
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false)

    await desk.launch({ env: panel.env, args: ['--hidden'] })
    expect(await visible(desk)).toEqual([false])
    expect(await startAgain(desk, panel)).toBe(0)
    await expect.poll(() => visible(desk)).toEqual([true])
    // With it, closing the window does not quit, although nothing is scheduled.
    await closeWindow(desk)
    await panel.notification('Arche continue en arrière-plan')
    await panel.click()
    await goTo(desk, 'background')
    await desk.page.getByTestId('start-at-login').click()
    await expect(desk.page.getByTestId('start-at-login')).not.toBeChecked()
    expect(existsSync(entry)).toBe(false)
    const over = desk.ended()
    await closeWindow(desk)
    expect(await over).toBe(0)
  })
})
