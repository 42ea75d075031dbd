// How long the window takes for what a hand does, measured inside the page: from the event as the browser stamped it to the end of the frame that shows the answer.
// Guarantees: real input; nothing is asked of the page from outside meanwhile; what is waited for must come, else it is an error.
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import type { LivedIn } from './scene.ts'

/** Each is tried so often; the best tells of the program, the others of what else the machine did. */
const rounds = 5

/** Long enough for any answer to be there, in ms. */
const rest = 400

/** What changes when the answer is there: a text, or an attribute. */
interface Watched {
  readonly selector: string
  readonly attribute?: string
}

/** What the hand does: a real event of that kind, or the page itself moves an element. */
type Deed =
  | { readonly event: 'click' | 'keydown'; readonly act: () => Promise<void> }
  | { readonly scroll: string; readonly to: number }

/** Milliseconds from the deed to the frame with the change. The page is ready to measure before anything is done. */
async function untilShown(page: Page, deed: Deed, { selector, attribute }: Watched): Promise<number> {
  const plain = 'event' in deed ? { event: deed.event } : { scroll: deed.scroll, to: deed.to }
  const answer = await page.evaluateHandle(
    ({ event, scroll, to, selector, attribute, patience }) => {
      const read = () => {
        const found = document.querySelector(selector)
        return attribute ? found?.getAttribute(attribute) : found?.textContent
      }
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      /** The task after the frame: it was painted. */
      const painted = () =>
        new Promise<void>((resolve) => {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => resolve()
          port2.postMessage(0)
        })
      const before = read()
      const since = async (start: number) => {
        while (read() === before) {
          await frame()
          if (performance.now() - start > patience) throw new Error(`nothing has changed: ${selector} is ${before}`)
        }
        await frame()
        await painted()
        return performance.now() - start
      }
      const begun = new Promise<number>((resolve) => {
        if (event === undefined) {
          resolve(performance.now())
          document.querySelector(scroll ?? '')?.scrollTo(0, to ?? 0)
          return
        }
        const note = ({ isTrusted, timeStamp }: Event) => {
          if (!isTrusted) return
          removeEventListener(event, note, true)
          resolve(timeStamp)
        }
        addEventListener(event, note, true)
      })
      // In an object, as the handle of a promise waits for it.
      return { time: begun.then(since) }
    },
    { patience: 20_000, selector, attribute, event: undefined, scroll: undefined, to: undefined, ...plain },
  )
  if ('act' in deed) await deed.act()
  return await answer.evaluate(({ time }) => time)
}

async function best(once: (round: number) => Promise<number>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) times.push(await once(round))
  return Math.min(...times)
}

async function atOverview(page: Page): Promise<void> {
  await page.getByTestId('home').click()
  await page.getByTestId('status-block').waitFor()
}

/** Milliseconds for scrolling, and for filtering, the table of the plan's backups. */
export async function longList({ desk, long }: LivedIn): Promise<{ scroll: number; filter: number }> {
  const { page } = desk
  await atOverview(page)
  await page.locator(`[data-testid="plan-row"][data-plan="${long}"]`).getByTestId('plan-open').click()
  const rows = '[data-testid="plan-backup"]'
  await page.locator(rows).first().waitFor()
  const table = await page.evaluate(() =>
    document.querySelector('[data-testid="plan-backup"]')?.closest('[role=group]')?.getAttribute('data-testid'),
  )
  const box = `[data-testid="${table}"]`
  const scroll = await best((round) =>
    untilShown(page, { scroll: box, to: round % 2 === 0 ? 1e6 : 0 }, { selector: rows, attribute: 'data-artifact' }),
  )
  const filter = await best(async (round) => {
    await page.getByTestId('plan-backups-filter').click()
    const option = page.getByRole('option').nth(round % 2 === 0 ? 1 : 0)
    await option.waitFor()
    // The table's foot, or the sentence that there are none.
    const selector = '[data-testid="plan-backups-count"], [data-testid="plan-backups"] .choice'
    return await untilShown(page, { event: 'click', act: () => option.click() }, { selector })
  })
  return { scroll, filter }
}

/** Milliseconds for ticking one file more in the folder of many, with the contents of the backup open. */
export async function tick({ desk, real }: LivedIn, keyPassword: string): Promise<number> {
  const { page } = desk
  await atOverview(page)
  await page.locator(`[data-testid="plan-row"][data-plan="${real.plan}"]`).getByTestId('plan-open').click()
  await page.getByTestId('plan-backup-restore').last().click()
  await page.getByTestId('key-password').or(page.getByTestId('wizard-next')).first().waitFor()
  const wizard = page.getByTestId('wizard')
  while ((await wizard.getAttribute('data-step')) !== 'password') await page.getByTestId('wizard-next').click()
  await page.getByTestId('key-password').fill(keyPassword)
  await page.getByTestId('wizard-next').click()
  await page.getByTestId('what-some').check()
  const entry = (path: string) => page.locator(`[data-testid="entry"][data-path=${JSON.stringify(path)}]`)
  const [root = ''] = real.folder.split('/')
  await entry(root).getByRole('button').click()
  await entry(real.folder).getByRole('button').click()
  await page.locator('[aria-rowcount="5001"]').waitFor()
  const boxes = page.getByTestId('entry').getByRole('checkbox')
  const time = await best(async (round) => {
    const box = boxes.nth(round + 1)
    await box.scrollIntoViewIfNeeded()
    return await untilShown(
      page,
      { event: 'click', act: () => box.click() },
      { selector: '[data-testid="chosen-list"]' },
    )
  })
  await page.getByTestId('wizard-leave').click()
  const leave = page.getByTestId('leave-discard')
  if (await leave.isVisible()) await leave.click()
  return time
}

/** What is typed before, and the last key. The answers to the two differ. */
const searches = [
  ['', 'e'],
  ['invoice 201', '3'],
  ['budget_12', '4'],
  ['scan_9999', '7'],
] as const

/** Milliseconds from the last key to what was found, by what was typed. The pause before a question is asked, 60 ms, counts. */
export async function search({ desk }: LivedIn): Promise<Readonly<Record<string, number>>> {
  const { page } = desk
  await atOverview(page)
  await page.getByTestId('backups-link').click()
  const field = page.getByTestId('find-text')
  await field.waitFor()
  const count = '[data-testid="find-count"]'
  const times: Record<string, number> = {}
  for (const [before, last] of searches) {
    times[before + last] = await best(async () => {
      await field.fill('')
      await delay(rest)
      await field.fill(before)
      // What was found before is shown until the answer comes.
      await delay(rest)
      return await untilShown(page, { event: 'keydown', act: () => page.keyboard.press(last) }, { selector: count })
    })
  }
  return times
}
