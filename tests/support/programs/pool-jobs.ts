// A thread of a pool for tests: answers, fails in both ways, dies, and runs stages. See tests/unit/pool.test.ts.
import { threadId } from 'node:worker_threads'
import { Failure } from '../../../core/api/failure.ts'
import type { Stage } from '../../../core/lib/bytes.ts'
import { serve } from '../../../core/lib/pool.ts'
import { OpenStages, type StageTask } from '../../../core/lib/staged.ts'

export type StageName = 'twice' | 'fails' | 'keeps'

export type PoolJob =
  | { readonly do: 'shout'; readonly text: string }
  | { readonly do: 'return'; readonly bytes: Uint8Array }
  | { readonly do: 'refuse'; readonly path: string }
  | { readonly do: 'bug' }
  | { readonly do: 'die' }
  | { readonly do: 'thread' }
  | { readonly do: 'left' }
  | StageTask<StageName>

/** Stages that were ended, however that came. */
let left = 0

const stages: Record<StageName, Stage> = {
  async *twice(input) {
    try {
      for await (const chunk of input) {
        yield chunk
        yield chunk
      }
    } finally {
      left += 1
    }
  },
  async *fails(input) {
    for await (const chunk of input) {
      yield chunk.subarray(0, 10)
      throw new Failure('damaged', { reason: 'test' })
    }
  },
  /** Gives out everything at the end. */
  async *keeps(input) {
    const all: Uint8Array[] = []
    for await (const chunk of input) all.push(new Uint8Array(chunk))
    yield* all
  },
}

const open = new OpenStages((name: StageName) => stages[name])

serve<PoolJob, unknown>((job) => {
  switch (job.do) {
    case 'shout':
      return { answer: job.text.toUpperCase() }
    case 'return':
      return { answer: job.bytes, transfer: [job.bytes.buffer as ArrayBuffer] }
    case 'refuse':
      throw new Failure('denied', { path: job.path }, { retryable: true })
    case 'bug':
      throw new TypeError('a bug')
    case 'die':
      return process.exit(3)
    case 'thread':
      return { answer: threadId }
    case 'left':
      return { answer: left }
    default:
      return open.carryOut(job)
  }
})
