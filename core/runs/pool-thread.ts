// A thread of the pools with which a run counts what it will read, makes and opens archives, and makes and writes restored files. Started by
// worker.ts; ends with the run's own thread.
// Not through archive.ts, which would load openpgp.js into every thread.
import { poolWork, type Task } from '../archive/pools.ts'
import { serve } from '../lib/pool.ts'
import { type WriteTask, writeFiles } from '../restore/writing.ts'
import { type CountTask, countFolders } from '../sources/count.ts'
import { lateReader } from '../sources/late.ts'

const archiveWork = poolWork(lateReader())

serve<Task | CountTask | WriteTask, unknown>((task) => {
  if (task.do === 'count') return countFolders(task)
  if (task.do === 'write') return writeFiles(task)
  return archiveWork(task)
})
