// A whole engine of a test's own, with the worker that is shipped: opened on a data folder, which can be prepared once for many tests, and followed to
// the end of a run.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AppState, Run } from '../../core/api/model.ts'
import { dataFolder } from '../../core/config/config.ts'
import { type Engine, type EngineClient, type Host, openEngine } from '../../core/engine/engine.ts'

const workerUrl = pathToFileURL(join(import.meta.dirname, '../../out/main/worker.js'))

/** `home`: the data folder; made if it is missing. */
export async function openOn(home: string, more: Partial<Omit<Host, 'home'>> = {}): Promise<Engine> {
  const folder = await dataFolder({ ARCHE_HOME: home })
  return openEngine({ version: 'test', workerUrl, language: 'en', ...more, home: folder })
}

/** A data folder with an operator password, and a key if its password is given: to be copied for each test, because making a key takes its time. */
export async function prepareHome(home: string, operator: string, key?: string): Promise<void> {
  const bugs: unknown[] = []
  const engine = await openOn(home, { onBug: (error) => bugs.push(error) })
  const client = await engine.connect()
  await client.operator.set({ next: operator })
  if (key !== undefined) await client.key.create({ password: key })
  await engine.close()
  if (bugs.length > 0) throw bugs[0]
}

/** The run once it has ended, learned from the stream of states as a window does. */
export async function endOf(client: EngineClient, id: string): Promise<Run> {
  for await (const { changes } of await client.app.follow({})) {
    const run = changes.runs?.find((one) => one.id === id)
    if (run?.outcome) return run
  }
  throw new Error('the stream ended')
}

/** The state, once it fits: learned from the stream of its changes. */
export async function stateThat(client: EngineClient, fits: (state: AppState) => boolean): Promise<AppState> {
  let state: Partial<AppState> = {}
  for await (const { changes } of await client.app.follow({})) {
    state = Object.assign({}, state, changes)
    if (fits(state as AppState)) return state as AppState
  }
  throw new Error('the stream ended')
}
