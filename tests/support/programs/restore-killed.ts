// Restores, undoes, recovers or gives up what was put aside, and kills itself (SIGKILL) at the nth report of one operation: the worst moment, chosen exactly.
// Arguments: what to do, the folder of the scene (see tests/faults/restore-kill.test.ts), the operation, and n (0: at its start).
import { join } from 'node:path'
import {
  discardSafety,
  journalsIn,
  planRestore,
  recoverRestores,
  restoreTree,
  undoableRestores,
  undoRestore,
} from '../../../core/restore/restore.ts'
import { stream } from '../entries.ts'
import { sceneArchive } from '../restore-scene.ts'

const [deed, work, operation, count] = process.argv.slice(2) as [string, string, string, string]
let current = ''
let left = Number(count)

function step(): void {
  if (current === operation && left-- === 0) process.kill(process.pid, 'SIGKILL')
}

const ctx = {
  signal: new AbortController().signal,
  now: Date.now,
  temp: join(work, 'temp'),
  journals: join(work, 'journals'),
  report: {
    operation: (name: string) => {
      current = name
      step()
    },
    advance: step,
    warn: () => undefined,
  },
}

if (deed === 'recover') await recoverRestores(ctx.journals, ctx)
else if (deed === 'discard') await discardSafety(journalsIn(ctx.journals), ctx)
else if (deed === 'undo') {
  const journals = undoableRestores(ctx.journals).map(({ journal }) => journal)
  await undoRestore(journals, ctx)
} else {
  const request = { roots: [], into: join(work, 'into'), only: [], existing: 'replace' as const, entries: sceneArchive }
  await restoreTree(await planRestore(request, ctx), stream(sceneArchive), ctx)
}
