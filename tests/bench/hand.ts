// The hand of a person at the window: what it presses is counted by the page, not by the script that moves it.
import type { Locator, Page } from '@playwright/test'

/** Marks of the page's own count. */
interface Counting {
  presses?: number
}

export class Hand {
  readonly page: Page
  readonly #passwords = new Set<string>()

  private constructor(page: Page) {
    this.page = page
  }

  /** Counts from here on: each press of a button of the mouse that the browser itself took for one. */
  static async over(page: Page): Promise<Hand> {
    await page.evaluate(() => {
      const counting = globalThis as Counting
      const isCounting = counting.presses !== undefined
      counting.presses = 0
      if (isCounting) return
      const count = ({ isTrusted }: Event) => {
        if (isTrusted) counting.presses = (counting.presses ?? 0) + 1
      }
      addEventListener('pointerdown', count, { capture: true })
    })
    return new Hand(page)
  }

  async click(what: Locator | string): Promise<void> {
    await (typeof what === 'string' ? this.page.getByTestId(what) : what).click()
  }

  /** Into the field that has the keyboard, or into one that is reached with the Tab key: without the mouse. */
  async type(id: string, text: string, isPassword = false): Promise<void> {
    const field = this.page.getByTestId(id)
    if (isPassword) this.#passwords.add(text)
    await field.focus()
    await this.page.keyboard.insertText(text)
  }

  clicks(): Promise<number> {
    return this.page.evaluate(() => (globalThis as Counting).presses ?? Number.NaN)
  }

  /** Different passwords that were typed. */
  get passwords(): number {
    return this.#passwords.size
  }
}
