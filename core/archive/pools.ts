// The threads in which archives are made and opened, and what is done in them: blocks are packed and inflated by several, the cipher, which has
// to take one byte after the other, has one of its own.
// Guarantees: all of it can be done without threads too, with the same result. Does not start threads: see runs/worker.ts.
import { type Done, inlinePool, type Pool } from '../lib/pool.ts'
import { OpenStages, type Staged, type StageTask } from '../lib/staged.ts'
import { type Inflated, type InflateTask, inflateMember } from './gzip.ts'
import { type CipherStage, cipherStage } from './openpgp-data.ts'
import { type Packed, type PackTask, packBlock, type ReadLate } from './packing.ts'

export type Task = PackTask | InflateTask | StageTask<CipherStage>

export interface Pools {
  readonly pack: Pool<PackTask, Packed>
  readonly inflate: Pool<InflateTask, Inflated>
  /** Of one thread. Absent: the cipher works where it is used. */
  readonly cipher?: Pool<StageTask<CipherStage>, Staged>
  /** Largest file that the pool opens and reads, in bytes. Absent: the pool reads none, the walk reads all. */
  readonly lateSize?: number
}

/** Everything in the thread that calls. */
export function inlinePools(): Pools {
  const nothingLate: ReadLate = () => {
    throw new Error('files are read where they are found')
  }
  return { pack: inlinePool((task) => packBlock(task, nothingLate)), inflate: inlinePool(inflateMember) }
}

/** What a thread of these pools does; `readLate`: how it reads files. */
export function poolWork(
  readLate: ReadLate,
): (task: Task) => Done<Packed | Inflated | Staged> | Promise<Done<Packed | Inflated | Staged>> {
  const stages = new OpenStages(cipherStage)
  return (task) => {
    if (task.do === 'pack') return packBlock(task, readLate)
    if (task.do === 'inflate') return inflateMember(task)
    return stages.carryOut(task)
  }
}
