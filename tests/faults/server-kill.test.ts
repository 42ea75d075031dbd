// kill -9 at every step of a restore to a server, of taking it back and of undoing it, with a real MariaDB: the next start finds all old or all new,
// never a mixture.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readServerJournal, removeServerJournal, serverJournalsIn } from '../../core/restore/server/journal.ts'
import { recoverServer, undoServer, unfinishedServers } from '../../core/restore/server/server.ts'
import { figure, stride } from '../support/campaign.ts'
import { compile } from '../support/compile.ts'
import { contentOf } from '../support/labbook-server.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { makeServer, restoreScene, sceneDatabase } from '../support/server-scene.ts'
import { picture } from '../support/trees.ts'

let program: string
let server: Mariadb
let work: string
let old: State
let fresh: State

interface State {
  readonly database: string
  readonly collation: string
  readonly storage: readonly string[]
}

beforeAll(async () => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'arche-server-kill-')))
  mkdirSync(join(work, 'temp'))
  server = await startMariadb()
  makeServer(server, work)
  program = await compile('server-killed')
  old = state()
  await restoreScene(work, server.socket, context())
  fresh = state()
  expect(fresh.database).toContain('hourly')
  expect(fresh.storage.join()).toContain('logo.png')
  await takenBack()
  expect(state()).toEqual(old)
})

afterAll(async () => {
  await server.remove()
  rmSync(work, { recursive: true, force: true })
})

function context() {
  return {
    signal: new AbortController().signal,
    now: Date.now,
    temp: mkdtempSync(join(work, 'temp', 'work-')),
    journals: join(work, 'journals'),
    report: { operation: () => undefined, advance: () => undefined, warn: () => undefined },
  }
}

/** Everything that a person or LabBook would see. */
function state(): State {
  return {
    database: contentOf(server, sceneDatabase),
    collation: server.sql('SELECT @@collation_database', sceneDatabase),
    storage: picture(join(work, 'storage'), { topTime: false, without: (path) => path.startsWith('.arche-') }),
  }
}

function ownDatabases(): string[] {
  return server
    .sql("SHOW DATABASES LIKE 'arche\\_%'")
    .split('\n')
    .filter((name) => name !== '')
}

async function takenBack(): Promise<void> {
  for (const journal of serverJournalsIn(join(work, 'journals'))) {
    await undoServer(journal, context())
    cleared(journal)
  }
}

/** After an undo, what was taken out waits for the next restore; here nobody makes one. */
function cleared(journal: string): void {
  for (const name of ownDatabases()) server.sql(`DROP DATABASE ${name}`)
  for (const name of readdirSync(join(work, 'storage')).filter((one) => one.startsWith('.arche-')))
    rmSync(join(work, 'storage', name), { recursive: true })
  removeServerJournal(journal)
}

/** True when the program was killed, false when it came to its end before that step. */
async function killedAt(deed: 'restore' | 'recover' | 'undo', operation: string, step: number): Promise<boolean> {
  const args = [program, deed, work, server.socket, operation, String(step)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const [code, signal] = await once(child, 'close')
  if (signal !== 'SIGKILL') expect(code).toBe(0)
  else figure('kills', 1)
  return signal === 'SIGKILL'
}

async function recovered(): Promise<string[]> {
  const outcomes: string[] = []
  for (const journal of unfinishedServers(join(work, 'journals'))) {
    const { outcome, problem } = await recoverServer(journal, context())
    expect(problem).toBeUndefined()
    outcomes.push(outcome)
  }
  return outcomes
}

/** All old; what had been in place for a while is kept aside, and nothing else of ours is left. */
function expectOld(): void {
  expect(state()).toEqual(old)
  for (const journal of serverJournalsIn(join(work, 'journals'))) {
    expect(readServerJournal(journal)?.phase).toBe('undone')
    expect(ownDatabases()).toEqual([readServerJournal(journal)?.head.scratch])
    cleared(journal)
  }
  expect(ownDatabases()).toEqual([])
  expect(readdirSync(join(work, 'storage')).sort()).toEqual(['report', 'upload'])
  expect(readdirSync(join(work, 'journals'))).toEqual([])
}

describe('a restore to a server', () => {
  it.each([
    ['extract', [0, 1]],
    ['load', [0, 1, 5, 12]],
    ['safety', [0]],
  ] as const)('killed at the operation %s has touched nothing', async (operation, steps) => {
    for (const step of steps) {
      expect(await killedAt('restore', operation, step)).toBe(true)
      expect(state()).toEqual(old)
      expect(await recovered()).toEqual(['rolled-back'])
      expectOld()
    }
  })

  it('killed at any step of the changing over is all old again', async () => {
    let step = 0
    for (; ; step += 1) {
      const killed = await killedAt('restore', 'switch', step)
      if (!killed) break
      expect(await recovered()).toEqual(['rolled-back'])
      expectOld()
    }
    expect(step).toBeGreaterThan(14)
    expect(state()).toEqual(fresh)
    await takenBack()
    expectOld()
  })

  it('killed after it is all new, and can be undone', async () => {
    for (const step of [0, 1, 2]) {
      expect(await killedAt('restore', 'finish', step)).toBe(true)
      expect(state()).toEqual(fresh)
      expect(await recovered()).toEqual(['kept-new'])
      expect(state()).toEqual(fresh)
      expect(ownDatabases()).toHaveLength(1)
      await takenBack()
      expectOld()
    }
  })
})

describe('taking it back', () => {
  it('can itself be killed at any step', async () => {
    let step = 0
    for (; ; step += stride(3)) {
      // After everything in the database, in the middle of the folders.
      expect(await killedAt('restore', 'switch', 15)).toBe(true)
      const killed = await killedAt('recover', 'roll-back', step)
      if (!killed) break
      expect(await recovered()).toEqual(['rolled-back'])
      expectOld()
    }
    expect(step).toBeGreaterThan(8)
    expectOld()
  })
})

describe('an undo', () => {
  it('killed at any step is brought to its end at the next start', async () => {
    await restoreScene(work, server.socket, context())
    let step = 0
    for (; ; step += stride(3)) {
      const [journal] = serverJournalsIn(join(work, 'journals')) as [string]
      if (!(await killedAt('undo', 'roll-back', step))) break
      expect(await recovered()).toEqual(['undone'])
      expect(state()).toEqual(old)
      cleared(journal)
      await restoreScene(work, server.socket, context())
    }
    expect(step).toBeGreaterThan(8)
    expect(state()).toEqual(old)
  })
})
