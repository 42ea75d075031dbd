// Desktop notifications of alarms and reminders: shows what alerts.ts says is to be told, and opens the window at the right place on a click.
// Guarantees: quiet while the person looks at the window, which shows the same; what was told is remembered over a restart
// (<profile>/notices.json). A notification that cannot be shown is noted in the log and never stops anything.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { DesktopScreen } from '../core/api/desktop.ts'
import type { AppState, Language } from '../core/api/model.ts'
import { translator } from '../core/api/text/text.ts'
import { type Alert, alertsOf, Told, toTell } from './alerts.ts'
import { type Shown, showNotification } from './notification.ts'

/** How often a lasting alarm is looked at again (ms). */
const pace = 60_000

const Memory = z.object({ told: Told, once: z.array(z.string()) })
type Memory = z.infer<typeof Memory>

export interface NoticesParts {
  file: string
  state(): Partial<AppState>
  language(): Language
  /** The person has the window before their eyes. */
  watched(): boolean
  open(screen: DesktopScreen): void
  notice(text: string, error: unknown): void
}

export interface Notices {
  /** The state changed. */
  look(): void
  /** Something to know, told a single time on this computer. */
  tellOnce(key: string, title: string, body: string): void
  close(): void
}

export function openNotices(parts: NoticesParts): Notices {
  let memory = read(parts.file)
  const shown = new Set<Shown>()
  const keep = (next: Memory) => {
    if (JSON.stringify(next) === JSON.stringify(memory)) return
    memory = next
    write(memory, parts)
  }
  const look = () => {
    // Before the first state nothing is known, and what was told must not be forgotten.
    if (parts.state().alarms === undefined) return
    const now = Date.now()
    const { tell, told } = toTell(alertsOf(parts.state(), parts.language(), now), memory.told, now)
    if (!parts.watched()) for (const alert of tell) show(alert, shown, parts)
    keep({ ...memory, told })
  }
  const timer = setInterval(look, pace)
  return {
    look,
    tellOnce(key, title, body) {
      if (memory.once.includes(key)) return
      show({ key, title, body, screen: { name: 'main' } }, shown, parts)
      keep({ ...memory, once: [...memory.once, key] })
    },
    close() {
      clearInterval(timer)
      for (const notification of shown) notification.close()
    },
  }
}

function show(alert: Alert, shown: Set<Shown>, parts: NoticesParts): void {
  const button = translator(parts.language())('desktop.notification.open')
  const notification = showNotification(
    { title: alert.title, body: alert.body, button },
    {
      clicked() {
        over()
        parts.open(alert.screen)
      },
      closed: () => over(),
      failed(error) {
        over()
        parts.notice('a notification was not shown', error)
      },
    },
  )
  // Kept until it is over: a click on a notification that was collected as garbage would lead nowhere.
  const over = () => shown.delete(notification)
  shown.add(notification)
}

function read(file: string): Memory {
  try {
    return Memory.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return { told: {}, once: [] }
  }
}

function write(memory: Memory, parts: NoticesParts): void {
  try {
    mkdirSync(dirname(parts.file), { recursive: true, mode: 0o700 })
    writeFileSync(parts.file, JSON.stringify(memory), { mode: 0o600 })
  } catch (error) {
    parts.notice('what was told could not be kept', error)
  }
}
