// Pools of threads, with real threads: answers and failures come back to who asked, memory goes along, a thread that dies takes only its own
// jobs with it; and stages that work in one.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../core/api/failure.ts'
import { type Bytes, bytesOf, type Stage } from '../../core/lib/bytes.ts'
import { inlinePool, type Pool, ThreadPool } from '../../core/lib/pool.ts'
import { OpenStages, type Staged, type StageTask, staged } from '../../core/lib/staged.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, noise, read } from '../suites/fixtures/streams.ts'
import { compileForNode } from '../support/compile.ts'
import { temporary } from '../support/trees.ts'

type Job = { text: string } | { bytes: Uint8Array } | { fail: string } | { die: number } | { thread: true }

const program = `
import { threadId } from 'node:worker_threads'
import { Failure } from '${new URL('../../core/api/failure.ts', import.meta.url).pathname}'
import { serve } from '${new URL('../../core/lib/pool.ts', import.meta.url).pathname}'
serve(async (job) => {
  if ('die' in job) process.exit(job.die)
  if (job.fail === 'bug') throw new TypeError('a bug')
  if ('fail' in job) throw new Failure('denied', { path: job.fail }, { retryable: true })
  if ('thread' in job) return { answer: threadId }
  if ('bytes' in job) return { answer: job.bytes, transfer: [job.bytes.buffer] }
  return { answer: job.text.toUpperCase() }
})
`

async function threads(width?: number): Promise<ThreadPool<Job, never>> {
  const folder = temporary()
  const source = join(folder, 'serve.ts')
  writeFileSync(source, program)
  return new ThreadPool(pathToFileURL(await compileForNode(source, folder)), width)
}
