// A thread of the pools with which a run counts what it will read, and makes and opens archives, and finishes restored files. Started by worker.ts; ends with the run's own thread.
// Not through archive.ts, which would load openpgp.js into every thread.
import { poolWork, type Task } from '../archive/pools.ts'
import { serve } from '../lib/pool.ts'
import { type FinishTask, finishFiles } from '../restore/finish.ts'
import { type CountTask, countFolders } from '../sources/count.ts'
import { lateReader } from '../sources/late.ts'

const archiveWork = poolWork(lateReader())

serve<Task | CountTask | FinishTask, unknown>((task) => {
  if (task.do === 'count') return countFolders(task)
  if (task.do === 'finish') return finishFiles(task)
  return archiveWork(task)
})
