// The life of the program: one instance, a window that can be closed while work goes on, quitting, crashes, other processes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Desk, expect, test } from './desk.ts'
import { ended, goTo, next, onMedium, reviewBackup, reviewKnownPlan, running } from './steps.ts'
import { makeTree, writeLarge } from './tree.ts'

const root = join(import.meta.dirname, '../..')

/** A backup that takes some seconds, or for ever, is running in the window. */
async function beginBackup(desk: Desk, size: number): Promise<string> {
  await desk.prepare({ label: 'STICK', tmpfs: '60g' })
  const documents = join(desk.user, 'Documents')
  makeTree(documents)
  writeLarge(join(documents, 'large.img'), size)
  await desk.launch()
  await reviewBackup(desk, [documents], 'Documents')
  await next(desk)
  await running(desk)
  return desk.drives.path('STICK')
}

/** The desktop knows by now what the window holds: a later message of the same port has arrived. */
async function heldIsTold({ program, page }: Desk): Promise<void> {
  await program.evaluate(({ dialog }) => {
    dialog.showOpenDialog = async () => {
      Object.assign(globalThis, { arrived: true })
      return { canceled: true, filePaths: [] }
    }
  })
  await page.getByTestId('import-keys').click()
  await expect.poll(() => program.evaluate(() => Reflect.get(globalThis, 'arrived'))).toBe(true)
}

/** The next question is answered with this button. */
async function answerUnsaved({ program }: Desk, button: string): Promise<void> {
  await program.evaluate(({ dialog }, label) => {
    Object.assign(globalThis, { asked: undefined })
    dialog.showMessageBox = async (...given: unknown[]) => {
      const options = given.at(-1) as { message: string; buttons: string[] }
      Object.assign(globalThis, { asked: options.message })
      return { response: options.buttons.indexOf(label), checkboxChecked: false }
    }
  }, button)
}

/** Notifications are kept in the main process instead of being shown, and count as closed at once. */
async function keepNotifications(desk: Desk): Promise<void> {
  await desk.program.evaluate(({ Notification }) => {
    Notification.prototype.show = function show() {
      process.stdout.write(`NOTIFIED ${this.title} | ${this.body}\n`)
      this.emit('close')
    }
  })
}

test.describe('The program', () => {
  test('goes on working when the window is closed, tells how it ended, and quits', async ({ desk }) => {
    const stick = await beginBackup(desk, 1_500_000_000)
    await keepNotifications(desk)
    let said = ''
    desk.program.process().stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    const over = desk.ended()
    const visible = await desk.program.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      window?.close()
      return window?.isVisible()
    })
    expect(visible).toBe(false)
    expect(await over).toBe(0)
    expect(said).toContain('NOTIFIED Sauvegarde')
    expect(said).toContain('Documents')
    expect(onMedium(stick)).toHaveLength(1)
    const { stdout } = await desk.terminal(['history', '--json'])
    expect(stdout).toContain('"success"')
  })

  test('comes back with its run when it is started a second time', async ({ desk }) => {
    await beginBackup(desk, 16_000_000_000)
    await desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    const args = process.getuid?.() === 0 ? ['--no-sandbox', root] : [root]
    const second = spawn(process.env.ARCHE_ELECTRON ?? '', args, { env: desk.environment(), stdio: 'ignore' })
    const [code] = await once(second, 'exit')
    expect(code).toBe(0)
    await expect
      .poll(() =>
        desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible())),
      )
      .toEqual([true])
    await running(desk)
  })

  test('asks before it quits while work is going on', async ({ desk }) => {
    const stick = await beginBackup(desk, 16_000_000_000)
    const answer = (index: number) =>
      desk.program.evaluate(({ dialog, app }, response) => {
        return new Promise<{ message: string; detail: string; buttons: string[] }>((resolve) => {
          dialog.showMessageBox = async (...given: unknown[]) => {
            const options = given.at(-1) as { message: string; detail: string; buttons: string[] }
            resolve({ message: options.message, detail: options.detail, buttons: options.buttons })
            return { response, checkboxChecked: false }
          }
          app.quit()
        })
      }, index)
    const asked = await answer(0)
    expect(asked.message).toContain('Documents')
    expect(asked.detail).toContain('la sauvegarde en cours sera effacée')
    expect(asked.buttons).toHaveLength(3)
    await running(desk)
    const over = desk.ended()
    await answer(2)
    expect(await over).toBe(0)
    expect(onMedium(stick)).toEqual([])
    const { stdout } = await desk.terminal(['history', '--json'])
    expect(stdout).toContain('"cancelled"')
  })

  test('asks before what was typed and not saved is lost, by closing or by quitting', async ({ desk }) => {
    await desk.prepare()
    const page = await desk.launch()
    await goTo(desk, 'keys')
    await page.getByTestId('recipient-key').fill('half a key')
    await heldIsTold(desk)
    const isVisible = () =>
      desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false)
    for (const deed of ['close', 'quit'] as const) {
      await answerUnsaved(desk, 'Continuer la modification')
      await desk.program.evaluate(({ app, BrowserWindow }, how) => {
        if (how === 'quit') app.quit()
        else BrowserWindow.getAllWindows()[0]?.close()
      }, deed)
      await expect
        .poll(() => desk.program.evaluate(() => Reflect.get(globalThis, 'asked')))
        .toContain('pas encore enregistrées')
      expect(await isVisible()).toBe(true)
      await expect(page.getByTestId('recipient-key')).toHaveValue('half a key')
    }
    await answerUnsaved(desk, 'Abandonner les modifications et fermer')
    const over = desk.ended()
    await desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    expect(await over).toBe(0)
  })

  test('ends in good order when the system asks it to (SIGTERM)', async ({ desk }) => {
    const stick = await beginBackup(desk, 16_000_000_000)
    const over = desk.ended()
    desk.program.process().kill('SIGTERM')
    expect(await over).toBe(0)
    expect(onMedium(stick)).toEqual([])
    const { stdout } = await desk.terminal(['history', '--json'])
    expect(stdout).toContain('"cancelled"')
  })

  test('shows progress in the task bar and in the title', async ({ desk }) => {
    await beginBackup(desk, 16_000_000_000)
    const bar = await desk.program.evaluate(
      ({ BrowserWindow }) =>
        new Promise<number>((resolve) => {
          const [window] = BrowserWindow.getAllWindows()
          // While files are counted, no end is known: 2.
          if (window) window.setProgressBar = (value) => value <= 1 && resolve(value)
        }),
    )
    expect(bar).toBeGreaterThanOrEqual(0)
    expect(bar).toBeLessThanOrEqual(1)
    const title = await desk.program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle())
    expect(title).toMatch(/^\d+\s% · Sauvegarde · Arche$/)
  })

  test('loads the page again when its process dies, with the work still shown', async ({ desk }) => {
    await beginBackup(desk, 16_000_000_000)
    const crash = await desk.program.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      contents?.on('did-finish-load', () => Object.assign(globalThis, { loadedAgain: true }))
      contents?.forcefullyCrashRenderer()
      return contents?.isCrashed()
    })
    expect(crash).toBeDefined()
    await expect.poll(() => desk.program.evaluate(() => Reflect.get(globalThis, 'loadedAgain'))).toBe(true)
    const text = () =>
      desk.program.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.body.innerText'),
      )
    await expect.poll(text).toContain('Documents')
    desk.forgiveLog("the page's process ended")
  })

  test('follows work that a terminal began, and serves a terminal while it runs', async ({ desk }) => {
    await desk.prepare({ label: 'STICK' })
    const documents = join(desk.user, 'Documents')
    makeTree(documents)
    const page = await desk.launch()
    await expect(page.getByTestId('status-block')).toBeVisible()
    writeLarge(join(documents, 'large.img'), 1_500_000_000)
    const backup = desk.terminal([
      'backup',
      documents,
      '--to',
      desk.drives.path('STICK'),
      '--plan',
      'Au terminal',
      '--yes',
    ])
    await expect(page.getByTestId('progress')).toContainText('Au terminal')
    await desk.picture('from-terminal')
    expect((await backup).code).toBe(0)
    await expect(page.getByTestId('runs-table')).toContainText('Au terminal')
    expect(onMedium(desk.drives.path('STICK'))).toHaveLength(1)
  })

  test('takes over when the terminal that owned the data folder ends', async ({ desk }) => {
    await desk.prepare({ label: 'STICK' })
    const documents = join(desk.user, 'Documents')
    makeTree(documents)
    writeLarge(join(documents, 'large.img'), 1_500_000_000)
    const backup = desk.terminal([
      'backup',
      documents,
      '--to',
      desk.drives.path('STICK'),
      '--plan',
      'Au terminal',
      '--yes',
    ])
    await expect.poll(async () => (await desk.terminal(['history', '--json'])).stdout).toContain('Au terminal')
    const page = await desk.launch()
    await expect(page.getByTestId('progress')).toContainText('Au terminal')
    expect((await backup).code).toBe(0)
    await expect(page.getByTestId('runs-table')).toContainText('Au terminal')
    // The window's own engine now: it can work.
    await expect.poll(() => desk.owner()).toBe(desk.program.process().pid)
    await expect(page.getByTestId('reconnecting')).toBeHidden()
    await reviewKnownPlan(desk)
    await next(desk)
    await ended(desk, 'success')
  })
})
