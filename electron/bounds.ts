// Where the window was: remembered between starts in <profile>/window.json.
// Guarantees: a window is never opened where no screen shows it; a missing or damaged file means the standard size.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type BrowserWindow, type Rectangle, screen } from 'electron'
import { z } from 'zod'

/** Smallest size in which every screen still works (device-independent pixels). */
export const smallest = { width: 760, height: 560 }

const standard = { width: 1100, height: 780 }

const Side = z.number().int().min(-100_000).max(100_000)
const Bounds = z.object({ x: Side, y: Side, width: Side, height: Side, maximised: z.boolean() })
type Bounds = z.infer<typeof Bounds>

export function readBounds(file: string): Partial<Bounds> & { width: number; height: number } {
  const known = parse(file)
  if (!known || !isSeen(known)) return standard
  return { ...known, width: Math.max(known.width, smallest.width), height: Math.max(known.height, smallest.height) }
}

function parse(file: string): Bounds | undefined {
  try {
    return Bounds.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

/** At least a graspable part of the window lies on a screen that exists now. */
function isSeen(bounds: Rectangle): boolean {
  const { workArea } = screen.getDisplayMatching(bounds)
  const width = Math.min(bounds.x + bounds.width, workArea.x + workArea.width) - Math.max(bounds.x, workArea.x)
  const height = Math.min(bounds.y + bounds.height, workArea.y + workArea.height) - Math.max(bounds.y, workArea.y)
  return width >= 100 && height >= 100
}

export function saveBounds(file: string, window: BrowserWindow): void {
  const bounds: Bounds = { ...window.getNormalBounds(), maximised: window.isMaximized() }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, JSON.stringify(bounds))
}
