// Global set-up of the Vitest run: tests that start the terminal program or the worker use out/main, which must fit the sources.
import { ensureBuilt } from './compile.mjs'

export async function setup() {
  await ensureBuilt()
}
