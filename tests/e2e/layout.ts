// What is cut off or out of reach on the screen that is shown, as a person with a mouse would find it.
// Guarantees: reads the real layout; scrolls to each control as a person would, and then back to the top.
// What runs in the page can use nothing of this file, hence the small repetitions.
import type { Page } from '@playwright/test'

/** A line for each: what it is, and what is wrong with it. Nothing: all is there. */
export async function layoutFaults(page: Page): Promise<string[]> {
  return [...new Set([...(await cutOff(page)), ...(await outOfReach(page)), ...(await sideways(page))])]
}

/** Text that ends where its box does, without a title that shows the rest. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const top = [...document.querySelectorAll('[role="dialog"]')].at(-1) ?? document.body
    const isText = ({ nodeType, textContent }: ChildNode) => nodeType === Node.TEXT_NODE && Boolean(textContent?.trim())
    // What is only read aloud is a pixel large.
    const isShown = (element: Element) =>
      element.clientWidth > 1 && getComputedStyle(element).visibility === 'visible' && !element.closest('[title]')
    const isCut = (element: Element) => {
      const { overflowX, overflowY } = getComputedStyle(element)
      const side = overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1
      return side || (overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 2)
    }
    return [...top.querySelectorAll('*')]
      .filter((element) => [...element.childNodes].some(isText) && isShown(element) && isCut(element))
      .map((element) => `“${element.textContent?.trim().slice(0, 60)}” is cut off`)
  })
}

/** Controls that no scrolling brings into the window, and those that something else covers. */
function outOfReach(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const top = [...document.querySelectorAll('[role="dialog"]')].at(-1) ?? document.body
    const controls = 'a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, [tabindex="0"]'
    // What is clicked in place of a box that is drawn by something else.
    const drawn = (control: Element) =>
      control.matches('[type="checkbox"], [type="radio"]')
        ? (control.closest('label') ?? control.parentElement ?? control)
        : control
    const isShown = (control: Element) =>
      control.clientWidth > 1 && getComputedStyle(control).visibility === 'visible' && !control.closest('[inert]')
    const targets = [...top.querySelectorAll(controls)].map(drawn).filter(isShown)
    const faults = targets.flatMap((target) => {
      target.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })
      const { left, top: above, width, height } = target.getBoundingClientRect()
      const [x, y] = [left + width / 2, above + height / 2]
      const name = `“${(target.getAttribute('aria-label') ?? target.textContent ?? '').trim().slice(0, 60)}”`
      if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return [`${name} cannot be scrolled to`]
      const hit = document.elementFromPoint(x, y)
      const isItself = hit !== null && (target.contains(hit) || hit.contains(target) || hit.closest('label') !== null)
      return isItself ? [] : [`${name} lies below “${hit?.textContent?.trim().slice(0, 60)}” (${hit?.className})`]
    })
    for (const element of document.querySelectorAll('*')) element.scrollTo(0, 0)
    return faults
  })
}

/** Parts of the window that only move up and down, and the page itself, which does not move. */
function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parts = [...document.querySelectorAll('.frame, .frame-body, .sidebar, .wizard, .wizard-rail, .wizard-body')]
    const faults = parts
      .filter((part) => part.scrollWidth > part.clientWidth + 1)
      .map((part) => `${part.classList[0]} has to be scrolled sideways`)
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } = document.documentElement
    return scrollHeight > clientHeight || scrollWidth > clientWidth ? [...faults, 'the page itself scrolls'] : faults
  })
}
