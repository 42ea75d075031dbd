// `arche keep`, `arche pin` and `arche safety` as people type them: rules are set and shown, what goes is shown before it goes, pins hold.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arche, jsonLines } from '../support/arche.ts'
import { archives, preparedOnce, type Scene, scene } from './prepared.ts'

preparedOnce()

async function run(at: Scene, ...args: string[]): Promise<string> {
  const { code, out, err } = await arche(at, args)
  expect(code, err).toBe(0)
  return out
}

const backUp = (at: Scene) => run(at, 'backup', join(at.docs, 'sub'), '--to', 'stick', '--plan', 'office', '--yes')

const result = (out: string) => jsonLines(out).find(({ type }) => type === 'result') ?? { type: 'none' }

describe('how long backups are kept', () => {
  it('is set, shown, tried and applied', async () => {
    const at = scene()
    for (let count = 0; count < 3; count += 1) await backUp(at)
    const [first = '', second = '', third = ''] = archives(at.stick).sort()
    expect(await run(at, 'keep', 'set', 'office', '--last', '1', '--monthly', '1', '--lang', 'fr')).toBe(
      'office\u202f: la plus récente, une par mois pendant un mois.\n',
    )
    const shown = await run(at, 'keep', 'preview', 'office', '--from', 'stick')
    expect(shown).toMatch(new RegExp(`Stay:\\n.*\\n.*${third} +one of the newest; stands for its month`))
    expect(shown).toMatch(new RegExp(`Go:\\n.*\\n.*${second} +no rule keeps it\\n.*${first} +no rule keeps it`))
    expect(archives(at.stick)).toHaveLength(3)
    const refused = await arche(at, ['keep', 'apply', 'office', '--from', 'stick'])
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
    const applied = result(await run(at, 'keep', 'apply', 'office', '--from', 'stick', '--yes', '--json'))
    expect(applied).toMatchObject({ outcome: 'success', run: { kind: 'prune', removed: [first, second] } })
    expect(archives(at.stick)).toEqual([third])
  })

  it('spares a pinned backup, and tells what a backup removed', async () => {
    const at = scene()
    for (let count = 0; count < 2; count += 1) await backUp(at)
    const [first = '', second = ''] = archives(at.stick).sort()
    expect(await run(at, 'keep', 'show')).toMatch(/office +every backup is kept/)
    await run(at, 'keep', 'set', 'office', '--last', '1')
    expect(await run(at, 'pin', first, '--from', 'stick')).toContain(`${first} is pinned`)
    expect(await run(at, 'list', '--from', 'stick')).toMatch(new RegExp(`yes +${first}`))
    expect(await backUp(at)).toMatch(new RegExp(`Removed +${second}\\n`))
    expect(await run(at, 'unpin', first, '--from', 'stick')).toContain('no longer pinned')
    expect(await backUp(at)).toMatch(new RegExp(`Removed +${first}\\n`))
    expect(archives(at.stick)).toHaveLength(1)
  })

  it('is refused where it makes no sense, in words', async () => {
    const at = scene()
    await backUp(at)
    const lines: [string[], RegExp][] = [
      [['keep', 'set', 'office'], /No rule was given/],
      [['keep', 'set', 'office', '--last', '0'], /--last needs a whole number/],
      [['keep', 'set', 'office', '--last', '3', '--all'], /--all does not go together/],
      [['keep', 'set', 'nothing', '--last', '3'], /There is no plan/],
      [['keep', 'preview', 'office'], /--from is needed/],
      [['pin', 'nothing', '--from', 'stick'], /nothing/],
      [['safety', 'remove'], /Something is missing/],
      [['safety', 'days', 'many'], /whole number/],
    ]
    for (const [args, words] of lines) {
      const { code, err } = await arche(at, args)
      expect(code, args.join(' ')).toBe(2)
      expect(err).toMatch(words)
    }
  })
})

describe('what restores put aside', () => {
  it('is listed, kept for as long as is said, and removed', async () => {
    const at = scene()
    const aside = () => readdirSync(join(at.docs, 'sub')).filter((name) => name.startsWith('.arche-'))
    await backUp(at)
    expect(await run(at, 'safety', 'list')).toBe('No restore keeps anything aside.\n')
    for (let count = 0; count < 2; count += 1)
      await run(at, 'restore', 'latest', '--from', 'stick', '--existing', 'replace', '--yes')
    expect(aside()).toHaveLength(2)
    const list = await run(at, 'safety', 'list')
    expect(list.trimEnd().split('\n')).toHaveLength(3)
    expect(list).toContain('never: the newest restore')
    expect(await run(at, 'safety', 'days', '7')).toContain('7 days')
    expect(result(await run(at, 'safety', 'remove', '--all', '--yes', '--json'))).toMatchObject({ removed: 1 })
    expect(aside()).toHaveLength(1)
    expect(await run(at, 'restore', '--undo', 'latest', '--yes')).toContain('taken back')
    expect((await arche(at, ['restore', '--undo', 'latest', '--yes'])).code).toBe(2)
  })
})
