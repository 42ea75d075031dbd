// Which runs fit a filter, and runs as a table.
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import { fits, type RunFilter } from '../../core/api/run-filter.ts'
import { runsAsCsv } from '../../core/api/text/runs-csv.ts'
import { openHistory } from '../../core/history/history.ts'
import { temporaryFolder } from '../support/folder.ts'

function runOf(more: Partial<Run> = {}): Run {
  return {
    id: randomUUID(),
    kind: 'backup',
    trigger: 'manual',
    subject: 'Comptabilité',
    startedAt: '2026-05-01T12:00:00.000Z',
    warnings: 0,
    files: 0,
    bytes: 0,
    stored: 0,
    operations: [],
    ...more,
  }
}

const planId = randomUUID()

describe('a filter of runs', () => {
  it.each<[string, RunFilter, Partial<Run>, boolean]>([
    ['is empty', {}, {}, true],
    ['asks for the plan', { planId }, { planId }, true],
    ['asks for another plan', { planId }, { planId: randomUUID() }, false],
    ['asks for a plan, the run has none', { planId }, {}, false],
    ['asks for one of two kinds', { kinds: ['copy', 'backup'] }, {}, true],
    ['asks for another kind', { kinds: ['verify'] }, {}, false],
    ['asks for what goes on', { outcomes: ['running'] }, {}, true],
    ['asks for what goes on, the run has ended', { outcomes: ['running'] }, { outcome: 'success' }, false],
    ['asks for a result', { outcomes: ['error', 'missed'] }, { outcome: 'missed' }, true],
    ['begins with the run', { from: '2026-05-01T12:00:00.000Z' }, {}, true],
    ['begins after the run', { from: '2026-05-01T12:00:00.001Z' }, {}, false],
    ['ends with the beginning of the run', { until: '2026-05-01T12:00:00.000Z' }, {}, false],
    ['has words without accents and in capitals', { words: 'COMPTABILITE' }, {}, true],
    ['has words of plan and place', { words: 'bleue  compta' }, { medium: { name: 'Clé bleue', path: '/x' } }, true],
    ['has a word that nothing has', { words: 'compta rouge' }, { medium: { name: 'Clé bleue', path: '/x' } }, false],
    ['has a part of the backup’s name', { words: '2026-05' }, { artifact: 'backup_v30_X_2026-05-01.tar' }, true],
  ])('%s', (_, filter, more, expected) => {
    expect(fits(runOf(more), filter)).toBe(expected)
  })

  it('is asked of all of the history, by pages, with what ends while it is open', async () => {
    const home = await temporaryFolder()
    const history = await openHistory(home)
    const runs = Array.from({ length: 40 }, (_, at) =>
      runOf({ subject: at % 4 === 0 ? 'Docs' : 'Photos', startedAt: new Date(at * 60_000).toISOString() }),
    )
    for (const run of runs) await history.start(run)
    for (const [at, run] of runs.entries())
      if (at % 2 === 0)
        await history.end({ ...run, outcome: at % 8 === 0 ? 'error' : 'success', endedAt: run.startedAt })
    const wanted = runs.filter((_, at) => at % 8 === 0).reverse()
    const ids = (found: readonly Run[]) => found.map(({ id }) => id)
    const filter: RunFilter = { outcomes: ['error'], words: 'docs' }
    const first = await history.latest(3, undefined, filter)
    expect(ids(first)).toEqual(ids(wanted.slice(0, 3)))
    expect(ids(await history.latest(3, first[2]?.id, filter))).toEqual(ids(wanted.slice(3)))
    expect(await history.latest(100, undefined, { outcomes: ['running'] })).toHaveLength(20)
    const left = history.latest(100, undefined, { words: 'nowhere' }, AbortSignal.abort())
    await expect(left).rejects.toMatchObject({ code: 'cancelled' })
    await history.close()
    const again = await openHistory(home)
    expect(ids(await again.latest(100, undefined, filter))).toEqual(ids(wanted))
    expect(await again.latest(100, undefined, { outcomes: ['abandoned'] })).toHaveLength(20)
    await again.close()
  })

  it('takes an end that could not be written for what people are told', async () => {
    const history = await openHistory(await temporaryFolder())
    const run = runOf()
    await history.start(run)
    history.hold({ ...run, outcome: 'success', endedAt: run.startedAt }, new Error('no room'))
    expect(await history.latest(9, undefined, { outcomes: ['error'] })).toHaveLength(1)
    expect(await history.latest(9, undefined, { outcomes: ['running'] })).toHaveLength(0)
    await history.close()
  })
})

describe('runs as a table', () => {
  it('quotes what would break a line or a cell, and disarms what a spreadsheet would reckon with', () => {
    const csv = runsAsCsv([
      runOf({ id: 'a', subject: '=cmd|"x",\n', medium: { name: '-2', path: '/m' }, outcome: 'error', stored: 12 }),
    ])
    const [head, ...rest] = csv.split('\n')
    expect(head).toBe(
      'id,kind,trigger,plan,started,ended,outcome,place,from,backup,files,bytes,stored,warnings,failure',
    )
    expect(rest.join('\n')).toBe(`a,backup,manual,"'=cmd|""x"",\n",2026-05-01T12:00:00.000Z,,error,'-2,,,0,0,12,0,\n`)
  })
})
