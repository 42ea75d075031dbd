// What the keyboard does everywhere (renderer/text/help.ts lists it).
// Guarantees: a question that fills the window is left as its own buttons leave it; an open dialog or list gets its keys first. Nothing is started by a
// key alone: “back up” opens the way that the button of the overview opens.
import { isFlow, possible } from './routes.tsx'
import { back, type Route, show, useStore } from './store.ts'
import { missingFor } from './text/missing.ts'

/** From now on. */
export function followKeys(target: Window): void {
  let taken = false
  // Before anybody else: a dialog that Esc closes at once is gone by the time that the key comes here.
  const look = () => {
    taken = isTaken()
  }
  target.addEventListener('keydown', look, { capture: true })
  target.addEventListener('keydown', (event) => {
    const act = actionOf(event)
    if (!act || taken) return
    event.preventDefault()
    act()
  })
}

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'defaultPrevented'>

export function actionOf({ key, ctrlKey, metaKey, altKey, shiftKey, defaultPrevented }: Pressed) {
  if (defaultPrevented || shiftKey) return undefined
  const control = ctrlKey !== metaKey && !altKey
  const alone = !ctrlKey && !metaKey
  if (key === 'Escape' && alone && !altKey) return leave
  if (key === 'ArrowLeft' && altKey && alone) return goBack
  if (key === 'F1' && alone && !altKey) return help
  return control ? withControl[key.toLowerCase()] : undefined
}

const withControl: Record<string, () => void> = { b: backUp, f: find, ',': () => go({ name: 'settings' }) }

/** The keyboard is in a dialog or a drawer, or at a list that is open. One that fades away has given it back already, so that no key is lost meanwhile. */
function isTaken(): boolean {
  const active = document.activeElement
  if (!active) return false
  return (
    active.closest('[role="dialog"], [role="menu"]') !== null || active.matches('[aria-haspopup][aria-expanded="true"]')
  )
}

function press(selector: string): boolean {
  const button = document.querySelector<HTMLElement>(selector)
  button?.click()
  return button !== null
}

function leave(): void {
  press('[data-leave]')
}

function goBack(): void {
  const { route } = useStore.getState()
  if (isFlow(route)) {
    if (!press('[data-back]:not([disabled])')) leave()
  } else back((past) => !isFlow(past))
}

/** Not out of a question, whose answers would be lost. */
function go(route: Route): void {
  const { route: from, mirror } = useStore.getState()
  if (mirror.state && !isFlow(from)) show(possible(route, mirror.state))
}

function backUp(): void {
  const { state } = useStore.getState().mirror
  if (state && !missingFor('backup', state)) go({ name: 'backup' })
}

function help(): void {
  const { route } = useStore.getState()
  if (isFlow(route)) useStore.setState({ help: 'plan' })
  else go({ name: 'help' })
}

const search = 'input[type="search"], [data-find] input, input[data-find]'

/** The search of the screen, else that of the backups. */
function find(): void {
  const focus = () => {
    const field = document.querySelector<HTMLInputElement>(search)
    field?.focus()
    field?.select()
    return field !== null
  }
  if (focus() || isFlow(useStore.getState().route)) return
  go({ name: 'backups' })
  // Drawn in slices: the field is there some frames later.
  const seen = new MutationObserver(() => focus() && seen.disconnect())
  seen.observe(document.body, { childList: true, subtree: true })
  setTimeout(() => seen.disconnect(), 2000)
}
