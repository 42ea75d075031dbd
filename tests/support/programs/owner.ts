// Tries to own a data folder (first argument) when told `go`, says what came of it as a line of JSON, and holds it until its input ends.
// With a second argument `churn` it owns and frees the folder over and over for a while, and says how often, and how often it was not alone.
import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { own } from '../../../core/engine/ownership.ts'

const [home = '', mode = ''] = process.argv.slice(2)
process.stdout.write('ready\n')
process.stdin.once('data', () => void (mode === 'churn' ? churn() : hold()))

async function hold(): Promise<void> {
  const ownership = await own(home, 'test')
  process.stdout.write(`${JSON.stringify(ownership.owned ? { owned: true } : ownership)}\n`)
  if (ownership.owned) ownership.lost.addEventListener('abort', () => process.stdout.write('lost\n'))
}

async function churn(): Promise<void> {
  const counts = { owned: 0, refused: 0, clashes: 0 }
  const inside = join(home, 'inside')
  for (let round = 0; round < 150; round += 1) {
    const ownership = await own(home).catch(() => undefined)
    if (!ownership?.owned) {
      counts.refused += 1
      continue
    }
    counts.owned += 1
    try {
      writeFileSync(inside, '', { flag: 'wx' })
      unlinkSync(inside)
    } catch {
      counts.clashes += 1
    }
    await ownership.release()
  }
  process.stdout.write(`${JSON.stringify(counts)}\n`)
  process.exit(0)
}
