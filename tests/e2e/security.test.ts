// What a page in Arche's window cannot do, whatever it contains: tried from inside the page and from a foreign one.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './desk.ts'

test.describe('The window', () => {
  test('has no Node, no Electron and no storage on disk', async ({ desk }) => {
    const page = await desk.launch()
    const seen = await page.evaluate(() => {
      const names = [
        'require',
        'process',
        'module',
        'exports',
        'Buffer',
        'global',
        'electron',
        'ipcRenderer',
        '__dirname',
      ]
      return names.filter((name) => name in window)
    })
    expect(seen).toEqual([])
    const settings = await desk.program.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return { storage: window?.webContents.session.getStoragePath(), count: BrowserWindow.getAllWindows().length }
    })
    expect(settings).toEqual({ storage: null, count: 1 })
  })

  test('obeys a strict content policy', async ({ desk }) => {
    const page = await desk.launch()
    const policy = await desk.program.evaluate(async ({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      const answer = await window?.webContents.session.fetch('arche://app/index.html')
      return answer?.headers.get('content-security-policy')
    })
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("connect-src 'none'")
    expect(policy).toContain("webrtc 'block'")
    const tried = await page.evaluate(async () => {
      const outcome = async (work: () => unknown) => {
        try {
          return `worked: ${String(await work())}`
        } catch {
          return 'refused'
        }
      }
      const loaded = (element: HTMLImageElement | HTMLIFrameElement, address: string) =>
        new Promise((resolve, reject) => {
          element.onload = () => resolve('loaded')
          element.onerror = () => reject(new Error('refused'))
          element.src = address
          document.body.append(element)
        })
      const script = document.createElement('script')
      script.textContent = 'window.wasRun = true'
      document.body.append(script)
      // Not `eval`: the test's own way into the page is exempt from the policy, a timer is not.
      setTimeout('window.wasTimed = true', 0)
      await new Promise((resolve) => setTimeout(resolve, 1))
      return {
        inline: 'wasRun' in window ? 'worked' : 'refused',
        code: 'wasTimed' in window ? 'worked' : 'refused',
        own: await outcome(() => fetch('arche://app/index.html')),
        file: await outcome(() => fetch('file:///etc/passwd')),
        network: await outcome(() => fetch('https://example.org/')),
        picture: await outcome(() => loaded(new Image(), 'https://example.org/picture.png')),
        worker: await outcome(
          () =>
            new Promise((_resolve, reject) => {
              new Worker('data:text/javascript,postMessage(1)').onerror = reject
            }),
        ),
      }
    })
    expect(tried).toEqual({
      inline: 'refused',
      code: 'refused',
      own: 'refused',
      file: 'refused',
      network: 'refused',
      picture: 'refused',
      worker: 'refused',
    }) // prettier-ignore
  })

  test('serves its own files only', async ({ desk }) => {
    await desk.launch()
    const answers = await desk.program.evaluate(async ({ BrowserWindow }) => {
      const session = BrowserWindow.getAllWindows()[0]?.webContents.session
      const ask = async (address: string, method = 'GET') =>
        session?.fetch(address, { method }).then(
          (answer) => answer.status,
          () => 'refused',
        )
      return {
        page: await ask('arche://app/'),
        posted: await ask('arche://app/index.html', 'POST'),
        above: await ask('arche://app/../main/main.js'),
        encoded: await ask('arche://app/%2e%2e/main/main.js'),
        slashes: await ask('arche://app/..%2fmain%2fmain.js'),
        backslashes: await ask('arche://app/..%5cmain%5cmain.js'),
        nul: await ask('arche://app/index.html%00.js'),
        odd: await ask('arche://app/%ff.js'),
        folder: await ask('arche://app/assets'),
        other: await ask('arche://other/index.html'),
        network: await ask('https://example.org/'),
        file: await ask('file:///etc/passwd'),
      }
    })
    expect(answers).toEqual({
      page: 200,
      posted: 404,
      above: 404,
      encoded: 404,
      slashes: 404,
      backslashes: 404,
      nul: 404,
      odd: 404,
      folder: 404,
      other: 404,
      network: 'refused',
      file: 403,
    }) // prettier-ignore
  })

  test('cannot be led elsewhere', async ({ desk }) => {
    const page = await desk.launch()
    const before = page.url()
    const opened = await page.evaluate(() => {
      const window_ = window.open('https://example.org/')
      const link = document.createElement('a')
      link.href = 'https://example.org/'
      link.target = '_blank'
      document.body.append(link)
      link.click()
      return window_ === null
    })
    expect(opened).toBe(true)
    await desk.program.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.on('will-frame-navigate', (event) => {
        Object.assign(globalThis, {
          refused: [...Reflect.get(globalThis, 'refused'), [event.url, event.defaultPrevented]],
        })
      })
      Object.assign(globalThis, { refused: [] })
    })
    // Chromium itself keeps a page from leading to files and data.
    for (const address of [
      'file:///etc/passwd',
      'data:text/html,hello',
      'https://example.org/',
      'arche://other/',
      'arche://app/x.html',
    ]) {
      await page.evaluate((href) => {
        const link = document.createElement('a')
        link.href = href
        document.body.append(link)
        link.click()
      }, address)
    }
    await expect
      .poll(() => desk.program.evaluate(() => Reflect.get(globalThis, 'refused')))
      .toEqual([
        ['https://example.org/', true],
        ['arche://other/', true],
        ['arche://app/x.html', true],
      ])
    expect(page.url()).toBe(before)
    expect(desk.program.windows()).toHaveLength(1)
  })

  test('gets no permission', async ({ desk }) => {
    const page = await desk.launch()
    const states = await page.evaluate(async () => {
      const state = (name: string) =>
        navigator.permissions.query({ name: name as PermissionName }).then((found) => found.state)
      const refused = (asked: Promise<unknown>) =>
        asked.then(
          () => 'granted',
          () => 'refused',
        )
      return {
        notification: await Notification.requestPermission(),
        place: await state('geolocation'),
        camera: await refused(navigator.mediaDevices.getUserMedia({ video: true })),
        screen: await refused(navigator.mediaDevices.getDisplayMedia()),
        clipboard: await refused(navigator.clipboard.readText()),
      }
    })
    expect(states).toEqual({
      notification: 'denied',
      place: 'denied',
      camera: 'refused',
      screen: 'refused',
      clipboard: 'refused',
    })
  })

  test('answers nobody but its own page', async ({ desk }) => {
    await desk.launch()
    const count = await desk.program.evaluate(
      async ({ BrowserWindow, session }, preload) => {
        const stranger = new BrowserWindow({
          show: false,
          webPreferences: { sandbox: true, session: session.fromPartition('stranger'), preload },
        })
        const page = '<script>window.got = 0; addEventListener("message", () => { window.got += 1 })</script>'
        await stranger.loadURL(`data:text/html,${encodeURIComponent(page)}`)
        const seen: unknown = await stranger.webContents.executeJavaScript('window.got')
        stranger.destroy()
        return seen
      },
      join(import.meta.dirname, '../../out/preload/preload.cjs'),
    )
    expect(count).toBe(0)
    await expect.poll(() => desk.log()).toContain('a message from a stranger was refused')
  })

  test('keeps its data folder to itself', async ({ desk }) => {
    await desk.launch()
    expect((statSync(desk.home).mode & 0o777).toString(8)).toBe('700')
    await desk.quit()
    expect(existsSync(join(desk.home, 'desktop/window.json'))).toBe(true)
    expect(JSON.parse(readFileSync(join(desk.home, 'desktop/window.json'), 'utf8'))).toMatchObject({ maximised: false })
  })
})
