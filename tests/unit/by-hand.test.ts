// Removing backups by hand: what a person is told before, what history knows of it, and that what was removed protects nobody any more.
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Artifact, Run } from '../../core/api/model.ts'
import { createLedger } from '../../core/history/ledger.ts'
import { type RemovalFacts, weighRemoval } from '../../core/keep/by-hand.ts'
import { removalFacts } from '../../core/keep/facts.ts'

const planId = randomUUID()
const sha256 = 'a'.repeat(64)
const timeOf = (age: number) => new Date(Date.parse('2026-05-20T12:00:00Z') - age * 24 * 3600 * 1000).toISOString()

/** `age` in days. */
const lying = (name: string, age: number, over: Partial<Artifact> = {}): Artifact => ({
  name,
  subject: 'Docs',
  time: timeOf(age),
  size: 7,
  format: '3.0',
  sha256,
  ...over,
})

const own = ({ name, time, size }: Artifact, over: object = {}) =>
  [name, { name, sha256, size, time: Date.parse(time), planId, ...over }] as const

const facts = (made: readonly ReturnType<typeof own>[], more: Partial<RemovalFacts> = {}): RemovalFacts => ({
  made: new Map(made),
  bad: new Set(),
  elsewhere: new Map(),
  ...more,
}) // prettier-ignore

function told(artifacts: readonly Artifact[], chosen: readonly string[], known: RemovalFacts): string[] {
  const findings = weighRemoval({ artifacts, chosen: new Set(chosen), facts: known, medium: 'STICK' })
  expect(findings.every(({ level }) => level === 'warning')).toBe(true)
  return findings.map(({ code }) => code)
}

describe('before a backup is removed by hand', () => {
  const [a, b, c] = [lying('a', 3), lying('b', 2), lying('c', 1)] as const
  const all = [c, b, a]
  const known = facts(all.map((one) => own(one)))

  it('nothing is told while another good one of its plan stays', () => {
    for (const name of ['a', 'b', 'c']) expect(told(all, [name], known)).toEqual([])
    expect(told(all, ['a', 'c'], known)).toEqual([])
  })

  it('it is told when no good one is left on the medium, or anywhere', () => {
    expect(told(all, ['a', 'b', 'c'], known)).toEqual(['delete-last'])
    const elsewhere = new Map([[planId, { medium: 'DISK', time: timeOf(9) }]])
    const chosen = new Set(['a', 'b', 'c'])
    const removal = { artifacts: all, chosen, facts: { ...known, elsewhere }, medium: 'STICK' }
    expect(weighRemoval(removal)).toEqual([
      {
        level: 'warning',
        code: 'delete-last-here',
        details: { subject: 'Docs', name: 'STICK', elsewhere: 'DISK', time: timeOf(9) },
      },
    ])
  })

  it('what was found damaged, is of other bytes, has no checksum or lacks something stands for no other', () => {
    expect(
      told(
        all,
        ['a'],
        facts(
          all.map((one) => own(one)),
          { bad: new Set(['b', 'c']) },
        ),
      ),
    ).toEqual(['delete-last'])
    const { sha256: _, ...bare } = c
    for (const odd of [lying('c', 1, { size: 8 }), lying('c', 1, { sha256: 'b'.repeat(64) }), bare])
      expect(told([odd, a], ['a'], known)).toEqual(['delete-last'])
    const lacking = facts([own(a), own(c, { lacking: true })])
    expect(told([c, a], ['a'], lacking)).toEqual(['delete-last'])
    // Of two that lack the same, one may go.
    expect(told([c, b], ['b'], facts([own(b, { lacking: true }), own(c, { lacking: true })]))).toEqual([])
  })

  it('backups of another plan, or made elsewhere under the same name, stand for no other', () => {
    const other = facts([own(a), own(b, { planId: randomUUID() })])
    expect(told(all, ['a'], other)).toEqual(['delete-last'])
    expect(told(all, ['c'], other)).toEqual(['delete-last', 'delete-foreign'])
  })

  it('those made elsewhere are told, and one that was read back stands for another', () => {
    expect(told([c, b], ['b'], facts([]))).toEqual(['delete-foreign'])
    const bare = ({ sha256: _, ...rest }: Artifact) => rest
    expect(told([bare(c), bare(b)], ['b'], facts([]))).toEqual(['delete-last', 'delete-foreign'])
    const verified = { ...bare(c), verifiedAt: timeOf(0) }
    expect(told([verified, bare(b)], ['b'], facts([]))).toEqual(['delete-foreign'])
    expect(told([verified, bare(b)], ['b'], facts([], { bad: new Set(['c']) }))).toContain('delete-last')
  })

  it('newer ones that nobody has read back are told', () => {
    const { sha256: _, ...bare } = c
    expect(told([bare, b, a], ['b'], known)).toEqual(['delete-unchecked'])
    expect(told([bare, b, a], ['a'], known)).toEqual([])
  })

  it('a copy of what a restore replaced is no backup of a plan', () => {
    const copy = lying('b', 2, { beforeRestoreOf: 'a' })
    expect(told([copy], ['b'], facts([]))).toEqual(['delete-safety-copy'])
    expect(told([copy, a], ['a'], facts([own(a)]))).toEqual(['delete-last'])
  })
})

const stick = { id: randomUUID(), name: 'STICK', path: '/stick' }
const disk = { id: randomUUID(), name: 'DISK', path: '/disk' }

function run(over: Partial<Run>): Run {
  const startedAt = timeOf(0)
  const counts = { warnings: 0, files: 0, bytes: 0, stored: 7, operations: [] }
  const about = { id: randomUUID(), kind: 'backup' as const, trigger: 'manual' as const, subject: 'Docs', planId }
  return { ...about, ...counts, medium: stick, startedAt, endedAt: startedAt, outcome: 'success', ...over }
}

const made = (artifact: string, over: Partial<Run> = {}) => run({ artifact, sha256, ...over })
const gone = (removed: string[], medium = stick) => run({ kind: 'prune', removed, medium })

describe('history knows', () => {
  /** `runs` oldest first. */
  const known = (runs: readonly Run[], names = ['a', 'b']) => {
    const latest = async (_: number, before?: string) => (before === undefined ? runs.toReversed() : [])
    return removalFacts({ latest }, stick.id, { names, chosen: ['a'] })
  }

  it('who made what lies there, what is damaged, and the newest good one on another medium', async () => {
    const failed = run({ kind: 'verify', outcome: 'error', failure: { code: 'damaged', details: { name: ['b'] } } })
    const there = made('y', { medium: disk, startedAt: timeOf(2) })
    const facts = await known([made('x', { medium: disk, startedAt: timeOf(3) }), there, made('a'), made('b'), failed])
    expect([...facts.made.values()].map(({ name, planId: of }) => [name, of === planId])).toEqual([
      ['b', true],
      ['a', true],
    ])
    expect([...facts.bad]).toEqual(['b'])
    expect([...facts.elsewhere]).toEqual([[planId, { medium: 'DISK', time: timeOf(2) }]])
  })

  it('of other media only what has neither gone nor been found damaged since, and lacks nothing', async () => {
    const losses = [{ code: 'loss-fewer-files' as const, details: {} }]
    const bad = { code: 'damaged' as const, details: { name: 'y' } }
    const runs = [
      made('x', { medium: disk }),
      made('y', { medium: disk }),
      made('z', { medium: disk, losses }),
      made('other', { medium: disk, planId: randomUUID() }),
      made('a'),
      gone(['x'], disk),
      run({ kind: 'verify', outcome: 'error', failure: bad, medium: disk }),
    ]
    expect((await known(runs)).elsewhere.has(planId)).toBe(false)
    // What went from this medium was another file.
    expect((await known([...runs, made('y', { medium: disk }), gone(['y'])])).elsewhere.has(planId)).toBe(true)
  })
})

describe('the account of a plan', () => {
  it('has as its last good backup one that is still there', () => {
    const ledger = createLedger()
    const [first, second] = [made('a'), made('b')]
    for (const one of [first, second, gone(['b'], disk)]) ledger.note(one)
    expect(ledger.of(planId).lastGood?.id).toBe(second.id)
    ledger.note(gone(['b']))
    expect(ledger.of(planId).lastGood?.id).toBe(first.id)
    expect(ledger.of(planId).lastSaved?.id).toBe(first.id)
    // A later word on what is gone does not bring it back, and one on what is there moves it nowhere.
    ledger.note({ ...second, lossesAccepted: timeOf(0) })
    const lyingThere = () => [...ledger.of(planId).lying.values()].flat().map(({ name }) => name)
    expect(lyingThere()).toEqual([first.artifact])
    const other = made('c')
    for (const one of [other, { ...first, lossesAccepted: timeOf(0) }]) ledger.note(one)
    expect(lyingThere()).toEqual([first.artifact, other.artifact])
    ledger.note(gone(['c']))
    expect(ledger.of(planId).lastGood?.id).toBe(first.id)
    ledger.note(gone(['a']))
    expect(ledger.of(planId)).toMatchObject({ lastGood: undefined, lastSaved: undefined })
    const third = made('b')
    ledger.note(third)
    expect(ledger.of(planId).lastGood?.id).toBe(third.id)
  })

  it('knows what is gone also of copies, of what is older than the backups at hand, and once only', () => {
    const ledger = createLedger()
    const names = () => [...ledger.of(planId).lying].map(([id, all]) => [id, all.map(({ name }) => name)])
    const old = made('old')
    const copy = run({ kind: 'copy', artifact: 'old', sha256, medium: disk, madeAt: timeOf(9) })
    for (const one of [old, copy, ...Array.from({ length: 70 }, (_, at) => made(`b${at}`))]) ledger.note(one)
    const last = { ...made('last'), removed: [] as string[] }
    for (const one of [last, gone(['old']), gone(['old'], disk)]) ledger.note(one)
    // Later words on what is gone, and on what is there.
    for (const one of [old, copy]) ledger.note({ ...one, lossesAccepted: timeOf(0) })
    const there = [...Array.from({ length: 70 }, (_, at) => `b${at}`), 'last']
    expect(names()).toEqual([
      [stick.id, there],
      [disk.id, []],
    ])
    expect(ledger.of(planId).copies.get(disk.id)?.good).toBeUndefined()
    expect(ledger.of(planId).lastGood?.id).toBe(last.id)
    expect(ledger.of(planId).backups[0]?.id).toBe(last.id)
    // What was put there again does not go with the next line about the run that had removed it.
    const remover = gone(['old'], disk)
    const again = run({ kind: 'copy', artifact: 'old', sha256, medium: disk, madeAt: timeOf(9) })
    for (const one of [remover, again, { ...remover, warnings: 1 }]) ledger.note(one)
    expect(names()[1]).toEqual([disk.id, ['old']])
    ledger.note({ ...remover, removed: ['old', 'other'] })
    ledger.note(gone(['old'], disk))
    expect(names()[1]).toEqual([disk.id, []])
  })

  it('knows it of every plan, whichever the removed backup was of', () => {
    const ledger = createLedger()
    const another = '00000000-0000-4000-8000-0000000000ff'
    for (const one of [made('first'), { ...made('second'), planId: another }, gone(['second'])]) ledger.note(one)
    expect(ledger.of(planId).lastGood?.artifact).toBe('first')
    expect(ledger.of(another).lastGood).toBeUndefined()
    expect(ledger.of(another).lying.get(stick.id)).toEqual([])
  })

  it('goes on waiting for a person where what was removed lacked something', () => {
    const ledger = createLedger()
    const lacking = made('b', { losses: [{ code: 'loss-fewer-files', details: {} }] })
    for (const one of [made('a'), lacking, gone(['b'])]) ledger.note(one)
    expect(ledger.of(planId).lastSaved?.id).toBe(lacking.id)
    expect(ledger.of(planId).lastGood?.artifact).toBe('a')
    // Looked at and accepted, it is still gone.
    ledger.note({ ...lacking, lossesAccepted: timeOf(0) })
    expect(ledger.of(planId).lastGood?.artifact).toBe('a')
    expect(ledger.of(planId).lastSaved?.artifact).toBe('a')
  })
})
