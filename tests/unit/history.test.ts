import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { appendFile, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LogLine, Run } from '../../core/api/model.ts'
import { openHistory } from '../../core/history/history.ts'
import { temporaryFolder } from '../support/folder.ts'
import { requireRoot } from '../support/root.ts'

const startedAt = '2026-05-01T12:00:00.000Z'
const endedAt = '2026-05-01T12:30:00.000Z'

function newRun(subject = 'Documents'): Run {
  return {
    id: randomUUID(),
    kind: 'backup',
    trigger: 'manual',
    subject,
    startedAt,
    warnings: 0,
    files: 0,
    bytes: 0,
    stored: 0,
    operations: [],
  }
}

const done = (run: Run): Run => ({ ...run, endedAt, outcome: 'success', files: 3, bytes: 10, stored: 5 })
const later = () => Date.parse('2026-05-02T00:00:00.000Z')

describe('the history', () => {
  it('begins empty', async () => {
    const history = await openHistory(await temporaryFolder())
    expect(await history.latest(10)).toEqual([])
    expect(await history.find(randomUUID())).toBeUndefined()
    expect(await history.lines(randomUUID(), 0, 10)).toEqual({ lines: [], total: 0 })
    await expect(history.latest(10, randomUUID())).rejects.toMatchObject({ code: 'not-found' })
    await history.close()
  })

  it('keeps runs in the order of their starts, newest first, the last word of each', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    const runs = Array.from({ length: 7 }, (_, at) => newRun(`Plan ${at} \udce9\u2028`))
    for (const run of runs) await history.start(run)
    for (const run of [...runs].reverse()) await history.end(done(run))
    const [first, , third] = runs as [Run, Run, Run]
    await history.update({ ...done(first), sha256: 'known later' })
    const expected = [...runs].reverse().map(done)
    for (const open of [history, await openHistory(home)]) {
      expect(open.abandoned).toEqual([])
      expect(await open.latest(3)).toEqual(expected.slice(0, 3))
      expect(await open.latest(100, third.id)).toMatchObject([{ subject: runs[1]?.subject }, { sha256: 'known later' }])
      expect(await open.latest(1, third.id)).toMatchObject([{ id: runs[1]?.id }])
      expect(await open.find(third.id)).toEqual(done(third))
      await open.close()
    }
    expect((await stat(join(home, 'history.jsonl'))).mode & 0o777).toBe(0o600)
  })

  it('tells an end that cannot be written, and writes it once it can', async () => {
    requireRoot()
    const home = await temporaryFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', home])
    onTestFinished(() => void execFileSync('umount', ['--lazy', home]))
    const seen: (string | undefined)[] = []
    const history = await openHistory(home, later, (run) => seen.push(run.failure?.code ?? run.outcome))
    const run = newRun()
    await history.start(run)
    await writeFile(join(home, 'fill'), Buffer.alloc(64 * 1024)).catch(() => undefined)
    // Longer than what is left of the last page.
    const operation = { name: 'archive' as const, startedAt, endedAt, bytes: 1 }
    const end = { ...done(run), operations: Array.from({ length: 60 }, () => operation) }
    const error = await history.end(end).catch((problem: unknown) => problem)
    expect(error).toMatchObject({ code: 'no-space' })
    const told = history.hold(end, error)
    expect(told).toMatchObject({
      outcome: 'error',
      failure: { code: 'end-unwritten', details: { outcome: 'success', reason: 'disk-full' } },
    })
    expect(await history.find(run.id)).toEqual(told)
    expect(await history.latest(1)).toEqual([told])
    await rm(join(home, 'fill'))
    await history.start(newRun('next'))
    expect(await history.find(run.id)).toEqual(end)
    await history.close()
    expect(seen).toEqual([undefined, 'end-unwritten', 'success', undefined])
    const again = await openHistory(home)
    expect(again.abandoned).toMatchObject([{ subject: 'next' }])
    expect(await again.find(run.id)).toEqual(end)
    await again.close()
  })

  it('gives a run that never ended the outcome "abandoned", once and durably', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    const [left, ended] = [newRun('left'), newRun('ended')]
    await history.start(left)
    await history.start(ended)
    await history.end(done(ended))
    await history.close()
    const again = await openHistory(home, later)
    const abandoned = { ...left, outcome: 'abandoned', endedAt: '2026-05-02T00:00:00.000Z' }
    expect(again.abandoned).toEqual([abandoned])
    expect(await again.latest(10)).toEqual([done(ended), abandoned])
    await again.close()
    const third = await openHistory(home)
    expect(third.abandoned).toEqual([])
    expect(await third.find(left.id)).toEqual(abandoned)
    await third.close()
  })

  it('does not let a run end before it began when the clock was set back', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    await history.start(newRun())
    await history.close()
    const again = await openHistory(home, () => 0)
    expect(again.abandoned).toMatchObject([{ endedAt: startedAt }])
    await again.close()
  })

  it('loses nothing to damaged lines, and counts them', async () => {
    const home = await temporaryFolder()
    const path = join(home, 'history.jsonl')
    const runs = [newRun('a'), newRun('b'), newRun('c')] as [Run, Run, Run]
    const line = (value: unknown) => `${JSON.stringify(value)}\n`
    await writeFile(
      path,
      [
        line(done(runs[0])),
        '\0\0\0\0\0\n',
        '\n',
        line({ id: runs[0].id }),
        line(done(runs[1])).slice(0, 40),
        '\n',
        line(done(runs[1])),
        '{"id": "x"',
        line(runs[2]),
        line(done(runs[2])),
        `${'x'.repeat(17 * 1024 * 1024)}\n`,
        line([]),
      ].join(''),
    )
    const history = await openHistory(home)
    expect(history.damaged).toBe(6)
    expect(await history.latest(10)).toEqual([done(runs[2]), done(runs[1]), done(runs[0])])
    await history.close()
  })

  it('survives a last line torn at any byte, and never glues it to the next', async () => {
    const home = await temporaryFolder()
    const path = join(home, 'history.jsonl')
    const [first, second, third] = [done(newRun('first')), done(newRun('é')), done(newRun('third'))]
    const whole = Buffer.from(`${JSON.stringify(first)}\n`)
    const torn = Buffer.from(`${JSON.stringify(second)}\n`)
    for (let cut = 0; cut <= torn.length; cut += 7) {
      await writeFile(path, Buffer.concat([whole, torn.subarray(0, cut)]))
      const history = await openHistory(home)
      await history.end(third)
      await history.close()
      const again = await openHistory(home)
      const complete = cut >= torn.length - 1
      expect(await again.latest(10)).toEqual(complete ? [third, second, first] : [third, first])
      expect(again.damaged).toBe(complete || cut === 0 ? 0 : 1)
      await again.close()
    }
  })

  it('goes on after a line that was cut off while it was open', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    const [one, two] = [newRun(), newRun()]
    await history.start(one)
    await truncate(join(home, 'history.jsonl'), 30)
    await history.start(two)
    expect(await history.find(two.id)).toEqual(two)
    await history.close()
    const again = await openHistory(home)
    expect((await again.latest(10)).map((run) => run.id)).toEqual([two.id])
    await again.close()
  })

  it('refuses to write what it could not read again', async () => {
    const history = await openHistory(await temporaryFolder())
    await expect(history.start({ ...newRun(), bytes: -1 })).rejects.toThrow()
    expect(await history.latest(10)).toEqual([])
    await history.close()
  })

  it('tells when it cannot be written', async () => {
    const home = await temporaryFolder()
    await mkdir(join(home, 'history.jsonl'))
    await expect(openHistory(home)).rejects.toMatchObject({ name: 'Failure' })
  })

  it('keeps calls that come together apart', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    const runs = Array.from({ length: 50 }, (_, at) => newRun(`${at}`))
    await Promise.all(runs.map((run) => history.start(run)))
    expect((await history.latest(100)).reverse()).toEqual(runs)
    await history.close()
  })
})

describe('the log of a run', () => {
  const line = (at: number): LogLine => ({ time: startedAt, level: 'info', text: `line ${at} \udce9` })

  it('can be read in pages while it is written, and afterwards', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    const id = randomUUID()
    const log = history.log(id)
    for (let at = 0; at < 2500; at += 1) log.append(line(at))
    expect(await history.lines(id, 0, 2)).toEqual({ lines: [line(0), line(1)], total: 2500 })
    log.append(line(2500))
    expect(await history.lines(id, 2499, 1000)).toEqual({ lines: [line(2499), line(2500)], total: 2501 })
    expect(await log.close()).toBeUndefined()
    expect(await history.lines(id, 3000, 10)).toEqual({ lines: [], total: 2501 })
    const path = join(home, 'runs', `${id}.jsonl`)
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(2502)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(home, 'runs'))).mode & 0o777).toBe(0o700)
    await history.close()
  })

  it('reaches the disk by itself within a second or so', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    const id = randomUUID()
    history.log(id).append(line(1))
    await expect
      .poll(() => readFile(join(home, 'runs', `${id}.jsonl`), 'utf8'), { timeout: 60_000 })
      .toBe(`${JSON.stringify(line(1))}\n`)
    await history.close()
  })

  it('is ended with the history', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    const id = randomUUID()
    history.log(id).append(line(1))
    await history.close()
    expect(await readFile(join(home, 'runs', `${id}.jsonl`), 'utf8')).toBe(`${JSON.stringify(line(1))}\n`)
  })

  it('shows a damaged line as such, in its place, and no line that is not finished', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    const id = randomUUID()
    const path = join(home, 'runs', `${id}.jsonl`)
    await appendFile(path, `${JSON.stringify(line(0))}\n{"time":\n${JSON.stringify(line(2))}\n{"time":"2026`)
    const damaged = { time: startedAt, level: 'warning', problem: { code: 'damaged' } }
    expect(await history.lines(id, 0, 10)).toMatchObject({ lines: [line(0), damaged, line(2)], total: 3 })
    expect(await history.lines(id, 2, 10)).toEqual({ lines: [line(2)], total: 3 })
    const log = history.log(id)
    log.append(line(4))
    await log.close()
    expect(await history.lines(id, 2, 10)).toMatchObject({
      lines: [line(2), { problem: { code: 'damaged' } }, line(4)],
      total: 5,
    })
    await history.close()
  })

  it('that cannot be written never stops a run: closing it tells', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    const id = randomUUID()
    await mkdir(join(home, 'runs', `${id}.jsonl`))
    const log = history.log(id)
    log.append(line(1))
    expect(await log.close()).toMatchObject({ code: 'bad-input' })
    await history.close()
  })

  it('has no place outside its folder', async () => {
    const history = await openHistory(await temporaryFolder())
    expect(() => history.log('../../x')).toThrow()
    await expect(history.lines('../config', 0, 1)).rejects.toThrow()
    await history.close()
  })
})
