// What only a desktop can do, and how the window is led: served by the Electron main process beside the engine's methods, to its own window only.
// Guarantees: as of contract.ts. No terminal and no other computer can call any of it, because the engine does not know it.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from './contract.ts'
import { method, none } from './contract-base.ts'

/** What the tray or a notification wants the window to show. */
export const DesktopScreen = z.discriminatedUnion('name', [
  z.object({ name: z.literal('main') }),
  z.object({ name: z.literal('backup') }),
  z.object({ name: z.literal('help') }),
  z.object({ name: z.literal('run'), id: z.uuid() }),
])
export type DesktopScreen = z.infer<typeof DesktopScreen>

/** How Arche lives on this desktop. `tray`: the desktop shows tray icons. */
export const DesktopFacts = z.object({ startAtLogin: z.boolean(), tray: z.boolean() })
export type DesktopFacts = z.infer<typeof DesktopFacts>

export const shellContract = {
  chooseFolders: method.input(z.object({ title: z.string(), several: z.boolean() })).output(z.array(z.string())),
  chooseFile: method
    .input(z.object({ title: z.string(), extensions: z.array(z.string()) }))
    .output(z.object({ name: z.string(), text: z.string() }).nullable()),
  /** Asks where, then writes. Null when the person gave up. */
  saveText: method
    .input(z.object({ title: z.string(), name: z.string(), text: z.string() }))
    .output(z.object({ path: z.string() }).nullable()),
  savePdf: method
    .input(z.object({ title: z.string(), name: z.string(), html: z.string() }))
    .output(z.object({ path: z.string() }).nullable()),
  print: method.input(z.object({ html: z.string() })).output(z.object({ printed: z.boolean() })),
  /** Shows a folder in the file manager. */
  showFolder: method.input(z.object({ path: z.string() })).output(none),
  restart: method.input(none).output(none),
  /** Whether something was typed in the window and is not saved: it is asked about before the program ends. */
  holds: method.input(z.object({ unsaved: z.boolean() })).output(none),
  /** Screens to show, as the tray and notifications ask for them. */
  wanted: method.input(none).output(eventIterator(DesktopScreen)),
  desktop: method.input(none).output(DesktopFacts),
  /** Starting hidden in the tray when this person logs in. */
  startAtLogin: method.input(z.object({ on: z.boolean() })).output(DesktopFacts),
}

/** All that a window can call. */
export const windowContract = { ...contract, shell: shellContract }
