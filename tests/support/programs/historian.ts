// Records runs in the history of a data folder (first argument) until it is killed, and says each word once it is durable: `opened N`
// (N runs had been left without an end), `start ID`, `end ID`; after a failure `failed CODE`, and it ends.
import { randomUUID } from 'node:crypto'
import { Failure } from '../../../core/api/failure.ts'
import type { Run } from '../../../core/api/model.ts'
import { openHistory } from '../../../core/history/history.ts'

const history = await openHistory(process.argv[2] ?? '')
process.stdout.write(`opened ${history.abandoned.length}\n`)
const say = (word: string) => process.stdout.write(`${word}\n`)

async function record(): Promise<void> {
  const run: Run = {
    id: randomUUID(),
    kind: 'backup',
    trigger: 'manual',
    subject: 'x'.repeat(Math.floor(Math.random() * 5000)),
    startedAt: new Date().toISOString(),
    warnings: 0,
    files: 0,
    bytes: 0,
    stored: 0,
    operations: [],
  }
  await history.start(run)
  say(`start ${run.id}`)
  const log = history.log(run.id)
  log.append({ time: run.startedAt, level: 'info', text: 'one' })
  await log.close()
  await history.end({ ...run, endedAt: new Date().toISOString(), outcome: 'success' })
  say(`end ${run.id}`)
}

try {
  for (;;) await record()
} catch (error) {
  if (!(error instanceof Failure)) throw error
  say(`failed ${error.code}`)
}
