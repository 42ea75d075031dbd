// What history says of the backups on a medium, the list of pins, and the list of checksums while backups are being removed.
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import { openHistory } from '../../core/history/history.ts'
import { keepFacts } from '../../core/keep/facts.ts'
import { parseChecksums, setAside, settleAside } from '../../core/targets/checksums.ts'
import { parsePins, setPin } from '../../core/targets/pins.ts'
import { temporaryFolder } from '../support/folder.ts'

const planId = randomUUID()
const mediumId = randomUUID()
const medium = { id: mediumId, name: 'STICK', path: '/stick' }
const hex = (letter: string) => letter.repeat(64)

function run(over: Partial<Run>): Run {
  const startedAt = '2026-05-01T12:00:00.000Z'
  const counts = { warnings: 0, files: 0, bytes: 0, stored: 7, operations: [] }
  const about = {
    id: randomUUID(),
    kind: 'backup' as const,
    trigger: 'manual' as const,
    subject: 'Docs',
    planId,
    medium,
  }
  return { ...about, ...counts, startedAt, endedAt: startedAt, outcome: 'success', ...over }
}

async function factsAfter(runs: readonly Run[], names: readonly string[]) {
  const home = await temporaryFolder()
  const history = await openHistory(home)
  for (const one of runs) await history.start(one)
  // A second opening finds what a crash left.
  await history.close()
  const again = await openHistory(home)
  const facts = await keepFacts(again, { planId, mediumId }, names)
  await again.close()
  return { made: facts.made.map(({ name }) => name).sort(), bad: facts.bad }
}

describe('history knows', () => {
  it('what this plan made on this medium, also when the run was killed after reading back', async () => {
    const { outcome: _, endedAt: __, ...killed } = run({ artifact: 'killed', sha256: hex('b') })
    const { outcome: ___, endedAt: ____, ...early } = run({})
    const runs = [
      run({ artifact: 'own', sha256: hex('a') }),
      run({ artifact: 'other plan', sha256: hex('a'), planId: randomUUID() }),
      run({ artifact: 'other medium', sha256: hex('a'), medium: { ...medium, id: randomUUID() } }),
      run({ artifact: 'failed', outcome: 'error' }),
      killed,
      early,
    ]
    const names = ['own', 'other plan', 'other medium', 'failed', 'killed', 'unknown']
    expect(await factsAfter(runs, names)).toEqual({ made: ['killed', 'own'], bad: [] })
  })

  it('the newest word on each backup, and looks as far back as needed', async () => {
    const verify = { kind: 'verify' as const }
    const failed = (code: 'damaged' | 'wrong-key', name: string | string[]) =>
      run({ ...verify, outcome: 'error', failure: { code, details: { name } } }) // prettier-ignore
    const noise = Array.from({ length: 1100 }, () => run({ artifact: 'noise', sha256: hex('c'), planId: randomUUID() }))
    const runs = [
      ...['a', 'b', 'c', 'd'].map((artifact) => run({ artifact, sha256: hex('a') })),
      failed('damaged', ['a', 'b']),
      run({ ...verify, verified: ['b'] }),
      run({ ...verify, verified: ['c'] }),
      failed('damaged', 'c'),
      failed('wrong-key', 'd'),
      ...noise,
    ]
    expect(await factsAfter(runs, ['a', 'b', 'c', 'd'])).toEqual({ made: ['a', 'b', 'c', 'd'], bad: ['a', 'c'] })
  })
})

describe('the list of pins', () => {
  const bytes = (text: string | undefined) => Buffer.from(text ?? '')

  it('reads back any name, keeps remarks, and goes with the last name', () => {
    const names = ['backup_1', '#odd', 'new\nline', 'back\\slash', ' spaces ']
    let list: string | undefined
    for (const name of names) list = setPin(list === undefined ? undefined : bytes(list), name, true)
    expect([...parsePins(bytes(list))]).toEqual(names)
    expect(setPin(bytes(list), 'backup_1', true)?.match(/backup_1/g)).toHaveLength(1)
    const mine = bytes('# mine\r\n\r\nbackup_1\r\n')
    expect([...parsePins(mine)]).toEqual(['backup_1'])
    expect(setPin(mine, 'backup_2', true)).toBe('# mine\nbackup_1\nbackup_2\n')
    expect(setPin(mine, 'backup_1', false)).toBe('# mine\n')
    expect(setPin(undefined, 'x', false)).toBeUndefined()
  })

  it('is damaged when it is empty or no text, never "no pins"', () => {
    for (const content of [[], [0, 0, 0, 0], [0xff, 0xfe, 0x41], [0x0a]])
      expect(() => parsePins(Uint8Array.from(content))).toThrow(expect.objectContaining({ code: 'damaged' }))
  })
})

describe('the list of checksums', () => {
  it('sets lines aside and settles them by what is there', () => {
    const list = `# mine\n${hex('a')}  one\n\\${hex('b')}  new\\nline\n${hex('c')}  three\nnot a line\n`
    const aside = setAside(list, new Set(['one', 'new\nline']))
    expect(aside).toBe(
      `# mine\n# removing: ${hex('a')}  one\n# removing: \\${hex('b')}  new\\nline\n${hex('c')}  three\nnot a line\n`,
    )
    expect(parseChecksums(aside).get('new\nline')).toBe(hex('b'))
    expect(settleAside(aside, () => true)).toBe(list)
    expect(settleAside(aside, (name) => name === 'one')).toBe(
      `# mine\n${hex('a')}  one\n${hex('c')}  three\nnot a line\n`,
    )
    // A line that was never set aside stays, even without its file: it tells of a loss.
    expect(settleAside(list, () => false)).toBe(list)
  })
})
