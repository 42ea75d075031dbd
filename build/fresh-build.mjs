// Global set-up of the Vitest run: tests that start the terminal program or the worker use out/main, which must fit the sources.
import { existsSync } from 'node:fs'
import { ensureBuilt } from './compile.mjs'
import { say } from './stop.mjs'

export async function setup() {
  const entries = [
    'electron/main.ts',
    'core/cli.ts',
    'core/runs/worker.ts',
    'electron/preload.ts',
    'renderer/index.html',
  ]
  if (!entries.every((entry) => existsSync(entry))) return say('out/ not compiled: an entry file does not exist yet')
  try {
    await ensureBuilt()
  } catch (error) {
    say(`out/ is STALE (temporary tolerance while everyone is writing): ${error}`)
  }
}
