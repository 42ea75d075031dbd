// Restores a server, undoes that or recovers, and kills itself (SIGKILL) at the nth step of one operation.
// Arguments: what to do, the folder of the scene (see tests/support/server-scene.ts), the server's socket, the operation, and n (0: at its start).
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { serverJournalsIn } from '../../../core/restore/server/journal.ts'
import { recoverServer, undoServer, unfinishedServers } from '../../../core/restore/server/server.ts'
import { restoreScene } from '../server-scene.ts'

const [deed, work, socket, operation, count] = process.argv.slice(2) as [string, string, string, string, string]
let current = ''
let left = Number(count)

function step(): void {
  if (current === operation && left-- === 0) process.kill(process.pid, 'SIGKILL')
}

mkdirSync(join(work, 'temp'), { recursive: true })
const journals = join(work, 'journals')
const ctx = {
  signal: new AbortController().signal,
  now: Date.now,
  temp: mkdtempSync(join(work, 'temp', 'work-')),
  journals,
  report: {
    operation: (name: string) => {
      current = name
      step()
    },
    // Steps have names; bytes that pass have none.
    advance: (_: number, path?: string) => {
      if (path !== undefined || current === 'load') step()
    },
    warn: () => undefined,
  },
}

if (deed === 'recover') for (const journal of unfinishedServers(journals)) await recoverServer(journal, ctx)
else if (deed === 'undo') for (const journal of serverJournalsIn(journals)) await undoServer(journal, ctx)
else await restoreScene(work, socket, ctx)
