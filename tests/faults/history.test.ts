import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { appendFile, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from 'vitest'
import { openHistory } from '../../core/history/history.ts'
import { figure, rounds } from '../support/campaign.ts'
import { start } from '../support/child.ts'
import { compile } from '../support/compile.ts'
import { temporaryFolder } from '../support/folder.ts'

let program: string
beforeAll(async () => {
  program = await compile('historian')
})

/** Lets a process record until it has said `words` words, kills it, and gives all that it said. */
async function recordAndKill(home: string, words: number): Promise<string[]> {
  const child = start(program, [home])
  const said: string[] = []
  const listening = (async () => {
    for (let line = await child.line(); line !== undefined; line = await child.line()) {
      said.push(line)
      if (said.length === words) child.signal('SIGKILL')
    }
  })()
  await listening
  await child.ended
  return said
}

/** Every end that was said is there, though something else is damaged. */
async function expectEndsKept(home: string, said: readonly string[]): Promise<void> {
  const history = await openHistory(home)
  for (const word of said.filter((each) => each.startsWith('end'))) {
    expect(await history.find(word.slice(4))).toMatchObject({ outcome: 'success' })
  }
  expect(history.damaged).toBeGreaterThan(0)
  await history.close()
}

describe('a history whose process is killed', () => {
  const kills = rounds(25, 1000)

  it(`at ${kills} moments keeps everything it had said, and each run gets an end`, async () => {
    const home = await temporaryFolder()
    const said: string[] = []
    for (let round = 0; round < kills; round += 1)
      said.push(...(await recordAndKill(home, 2 + Math.floor(Math.random() * 12))))
    const ids = (word: string) =>
      said.filter((each) => each.startsWith(word)).map((each) => each.slice(word.length + 1))
    const history = await openHistory(home)
    const runs = new Map((await history.latest(100 * kills)).map((run) => [run.id, run]))
    for (const id of ids('end')) expect(runs.get(id)).toMatchObject({ outcome: 'success' })
    const ended = new Set(ids('end'))
    const left = ids('start').filter((id) => !ended.has(id))
    // Killed between the flush and the word, a run may have ended without saying so.
    for (const id of left) expect(['abandoned', 'success']).toContain(runs.get(id)?.outcome)
    expect([...runs.values()].filter((run) => run.outcome === undefined || run.endedAt === undefined)).toEqual([])
    expect(history.damaged).toBeLessThanOrEqual(kills)
    figure('kills', kills)
    await history.close()
  })

  it('in the middle of a line goes on with the next', async () => {
    const home = await temporaryFolder()
    const path = join(home, 'history.jsonl')
    const said = await recordAndKill(home, 9)
    const before = await readFile(path)
    await appendFile(path, before.subarray(0, 100))
    said.push(...(await recordAndKill(home, 5)))
    await expectEndsKept(home, said)
  })
})

describe('a history whose file cannot grow', () => {
  it('says so, and goes on after the half line once it can', async () => {
    const home = await temporaryFolder()
    // A limit that falls inside of a line: the system takes a part of it and refuses the rest, as a full disk does.
    const child = start(program, [home], { through: ['sh', '-c', 'ulimit -f 64; exec "$@"', 'sh'] })
    const said: string[] = []
    for (let word = await child.line(); word !== undefined; word = await child.line()) said.push(word)
    expect(await child.ended).toBe(0)
    expect(said.at(-1)).toBe('failed file-too-large')
    const size = (await stat(join(home, 'history.jsonl'))).size
    expect([64 * 512, 64 * 1024]).toContain(size)
    said.push(...(await recordAndKill(home, 5)))
    await expectEndsKept(home, said)
  })
})

describe('a history of 100 MB', () => {
  it('opens and answers without being held in memory', async () => {
    const home = await temporaryFolder()
    const path = join(home, 'history.jsonl')
    const out = createWriteStream(path)
    const line = (at: number, outcome: string) =>
      `${JSON.stringify({
        id: `6f1f4f3e-6a33-4a0e-9d5c-${String(at).padStart(12, '0')}`,
        kind: 'backup',
        trigger: 'manual',
        subject: 'x'.repeat(1000),
        startedAt: '2026-05-01T12:00:00.000Z',
        endedAt: '2026-05-01T12:30:00.000Z',
        outcome,
        warnings: 0,
        files: at,
        bytes: 0,
        stored: 0,
        operations: [],
      })}\n`
    const count = rounds(80_000, 800_000)
    for (let at = 0; at < count; at += 1) if (!out.write(line(at, 'success'))) await once(out, 'drain')
    await finished(out.end())
    expect((await stat(path)).size).toBeGreaterThan(100_000_000)
    const before = heap()
    const history = await openHistory(home)
    expect(await history.latest(2)).toMatchObject([{ files: count - 1 }, { files: count - 2 }])
    expect(await history.latest(1, '6f1f4f3e-6a33-4a0e-9d5c-000000000010')).toMatchObject([{ files: 9 }])
    // Where each line lies: some hundred bytes for each, not their thousand.
    expect(heap() - before).toBeLessThan(count * 500)
    figure('lines of history', count)
    await history.close()
  })
})

/** Bytes in use after the garbage was collected. */
function heap(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
