// `arche keep`, `arche pin` and `arche safety` as people type them: rules are set and shown, what goes is shown before it goes, pins hold.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tmpfsFolder } from '../suites/fixtures/disks.ts'
import { noise } from '../suites/fixtures/streams.ts'
import { arche, atTerminal, jsonLines, passwords } from '../support/arche.ts'
import { requireRoot } from '../support/root.ts'
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
      'office\u00a0: la plus récente, une par mois pendant un mois.\n',
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
    expect(await run(at, 'keep', 'show')).toMatch(/office +prepared +every backup is kept/)
    expect(await run(at, 'keep', 'show', 'office')).toMatch(/Room +office: Room for hundreds more backups/)
    expect(result(await run(at, 'keep', 'show', '--json'))).toMatchObject({
      plans: [{ space: [{ name: 'prepared', room: expect.any(Number), next: expect.any(Number) }] }],
    })
    await run(at, 'keep', 'set', 'office', '--last', '1')
    expect(await run(at, 'pin', first, '--from', 'stick')).toContain(`${first} is pinned`)
    expect(await run(at, 'list', '--from', 'stick')).toMatch(new RegExp(`yes +${first}`))
    expect(await backUp(at)).toMatch(new RegExp(`Removed +${second}\\n`))
    expect(await run(at, 'unpin', first, '--from', 'stick')).toContain('no longer pinned')
    expect(await backUp(at)).toMatch(new RegExp(`Removed +${first}\\n`))
    expect(archives(at.stick)).toHaveLength(1)
  })

  it('takes a note on a backup, lists it with control characters made visible, and takes it away', async () => {
    const at = scene()
    await backUp(at)
    const [only = ''] = archives(at.stick)
    expect(await run(at, 'list', '--from', 'stick')).not.toContain('Note')
    expect(await run(at, 'backup', 'note', 'latest', 'before', 'the \u202emove', '--from', 'stick')).toContain(
      `Note on ${only}: before the `,
    )
    const listed = await run(at, 'list', '--from', 'stick')
    expect(listed).toMatch(/Note/)
    expect(listed).toContain('before the')
    expect(listed).not.toContain('\u202e')
    expect(result(await run(at, 'list', '--from', 'stick', '--json'))).toMatchObject({
      artifacts: [{ name: only, note: 'before the \u202emove' }],
    })
    const { code, err } = await arche(at, ['backup', 'note', only, 'x'.repeat(201), '--from', 'stick'])
    expect([code, err]).toEqual([2, expect.stringContaining('at most 200 characters')])
    expect(await run(at, 'backup', 'note', only, '--from', 'stick')).toContain('has no note any more')
    expect(await run(at, 'list', '--from', 'stick')).not.toContain('before the')
  })

  it('is proposed, and asked about; a new plan removes nothing that nobody asked for', async () => {
    const at = scene()
    const { err } = await arche(at, ['backup', join(at.docs, 'sub'), '--to', 'stick', '--plan', 'office', '--yes'])
    expect(err).toMatch(/All backups of this plan are kept.*\n.*arche keep set office\n/)
    expect((await arche(at, ['backup', '--plan', 'office', '--to', 'stick', '--yes'])).err).not.toContain('keep set')
    expect(await run(at, 'keep', 'show')).toMatch(/office +prepared +every backup is kept/)
    expect(await run(at, 'keep', 'set', 'office', '--yes')).toBe(
      'office: one a day for 7 days, one a week for 4 weeks, one a month for 12 months.\n',
    )
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

describe('a backup that a person removes', () => {
  it('is shown, goes for a yes, and what it freed is told', async () => {
    const at = scene()
    for (let count = 0; count < 3; count += 1) await backUp(at)
    const [first = '', second = '', third = ''] = archives(at.stick).sort()
    const refused = await arche(at, ['backup', 'delete', first, '--from', 'stick'])
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
    expect(refused.err).toContain(first)
    expect(archives(at.stick)).toHaveLength(3)
    expect(await run(at, 'backup', 'delete', first, '--from', 'stick', '--yes')).toMatch(
      new RegExp(`Backups of “office” removed\\.\\n +Removed +${first}\\n +Freed +\\d`),
    )
    const json = await run(at, 'backup', 'delete', join(at.stick, second), '--from', 'stick', '--yes', '--json')
    expect(result(json)).toMatchObject({ command: 'backup delete', outcome: 'success', run: { removed: [second] } })
    expect(archives(at.stick)).toEqual([third])
  })

  it('that is the last good one takes a typed word; --yes is not enough', async () => {
    const at = scene()
    await backUp(at)
    const [only = ''] = archives(at.stick)
    const refused = await arche(at, ['backup', 'delete', only, '--from', 'stick', '--yes'])
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('No good backup of “office” would be left') })
    const ask = async () => {
      const terminal = atTerminal(at, ['backup', 'delete', only, '--from', 'stick', '--yes'], { env: passwords })
      await terminal.seen('No good backup of “office” would be left')
      await terminal.seen('Type “delete” to remove it all the same:')
      return terminal
    }
    const left = await ask()
    left.type('')
    expect((await left.ended).code).toBe(130)
    expect(archives(at.stick)).toEqual([only])
    const done = await ask()
    done.type('delete')
    await done.seen('Freed')
    expect((await done.ended).code).toBe(0)
    expect(archives(at.stick)).toEqual([])
    const status = (await arche(at, ['status'])).out
    expect(status).toContain('There is no good backup.')
    expect(status).not.toContain('Last good one')
  })

  it('is refused where it makes no sense, in words', async () => {
    const at = scene()
    await backUp(at)
    const [only = ''] = archives(at.stick)
    await run(at, 'pin', only, '--from', 'stick')
    const lines: [string[], number, RegExp][] = [
      [['delete'], 2, /Something is missing/],
      [['delete', only], 2, /--from is needed/],
      [['delete', 'nothing', '--from', 'stick'], 2, /“nothing” was not found/],
      [['delete', 'latest', '--from', 'stick'], 2, /“latest” was not found/],
      [['delete', only, '--from', 'stick', '--yes'], 2, /is pinned/],
      [['delete', only, '--from', 'stick', '--plan', 'office'], 2, /--plan/],
    ]
    for (const [args, expected, words] of lines) {
      const { code, err } = await arche(at, ['backup', ...args])
      expect([code, err], args.join(' ')).toEqual([expected, expect.stringMatching(words)])
    }
    expect(archives(at.stick)).toEqual([only])
  })

  it('leaves a folder of that name its backup', async () => {
    const at = scene()
    mkdirSync(join(at.folder, 'delete'))
    writeFileSync(join(at.folder, 'delete', 'a.txt'), 'a')
    await run(at, 'backup', './delete', '--to', 'stick', '--yes')
    expect(archives(at.stick)).toHaveLength(1)
    expect(await run(at, 'backup', '--help')).toContain('./delete')
  })
})

describe('a backup that lacks what earlier ones had', () => {
  it('is told, holds the rules back, and is accepted by a person', async () => {
    const at = scene()
    const folder = join(at.docs, 'sub')
    for (let count = 0; count < 8; count += 1) writeFileSync(join(folder, `letter ${count}`), `text ${count}`)
    await backUp(at)
    await run(at, 'keep', 'set', 'office', '--last', '1')
    expect(await run(at, 'plan', 'accept', 'office', '--yes')).toContain('lacks nothing')
    for (let count = 0; count < 7; count += 1) rmSync(join(folder, `letter ${count}`))
    for (let count = 0; count < 2; count += 1) {
      const lacking = await arche(at, ['backup', '--plan', 'office', '--to', 'stick', '--yes'])
      expect(lacking).toMatchObject({ code: 3, err: expect.stringContaining(`Most files of ${folder} are gone`) })
      expect(lacking.out).toContain('No older one was removed')
    }
    expect(archives(at.stick)).toHaveLength(3)
    const status = await arche(at, ['status'])
    expect(status).toMatchObject({ code: 3, out: expect.stringContaining('Something may be missing') })
    expect(status.out).toContain('arche plan accept office')
    expect((await arche(at, ['keep', 'show'])).err).toContain('nobody has looked yet')
    expect((await arche(at, ['plan', 'show', 'office'])).out).toContain('Most files')
    expect((await arche(at, ['keep', 'preview', 'office', '--from', 'stick'])).err).toContain('nobody has looked yet')
    expect(await arche(at, ['plan', 'accept', 'office'])).toMatchObject({ code: 2 })
    const accepted = await arche(at, ['plan', 'accept', 'office', '--yes', '--json'])
    expect(result(accepted.out)).toMatchObject({ outcome: 'success', accepted: ['loss-fewer-files'] })
    expect((await arche(at, ['status'])).code).toBe(0)
    await backUp(at)
    expect(archives(at.stick)).toHaveLength(1)
  })

  it('is refused where it would hold nothing', async () => {
    const at = scene()
    await backUp(at)
    rmSync(join(at.docs, 'sub'), { recursive: true })
    mkdirSync(join(at.docs, 'sub'))
    const refused = await arche(at, ['backup', '--plan', 'office', '--to', 'stick', '--yes'])
    expect(refused).toMatchObject({ code: 8, err: expect.stringContaining('Was it mounted?') })
    expect(archives(at.stick)).toHaveLength(1)
    expect(await run(at, 'plan', 'accept', 'office', '--yes')).toContain('Accepted')
    await backUp(at)
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
    expect(await run(at, 'restore', '--undo', 'latest', '--yes')).toContain('has been undone')
    expect((await arche(at, ['restore', '--undo', 'latest', '--yes'])).code).toBe(2)
  })
})

describe('room on a place', () => {
  it('is made after a yes, exactly as it was shown', async () => {
    requireRoot()
    const at = scene()
    const small = tmpfsFolder(6)
    await run(at, 'medium', 'init', small, '--name', 'small', '--yes')
    writeFileSync(join(at.docs, 'sub', 'noise.bin'), noise(800_000))
    for (let count = 0; count < 4; count += 1)
      await run(at, 'backup', join(at.docs, 'sub'), '--to', 'small', '--plan', 'office', '--yes')
    const [first = '', ...others] = archives(small).sort()
    const { free } = result(await run(at, 'place', 'make-room', 'small', '--need', '1', '--json')) as { free?: number }
    const wanted = ['place', 'make-room', 'small', '--need', String((free ?? 0) + 400_000)]
    const asked = await arche(at, wanted)
    expect(asked).toMatchObject({ code: 2, out: expect.stringContaining(first), err: expect.stringContaining('--yes') })
    expect(asked.out).toMatch(/One backup would be removed for good/)
    expect(archives(small)).toHaveLength(4)
    const made = result(await run(at, ...wanted, '--yes', '--json'))
    expect(made).toMatchObject({ outcome: 'success', run: { kind: 'prune', removed: [first] } })
    expect(archives(small).sort()).toEqual(others)
  })

  it('is made by the oldest, which are shown first; never by the two newest', async () => {
    const at = scene()
    for (let count = 0; count < 3; count += 1) await backUp(at)
    const [first = '', second = '', third = ''] = archives(at.stick).sort()
    const shown = result(await run(at, 'place', 'make-room', 'stick', '--need', '1kB', '--json'))
    expect(shown).toMatchObject({ outcome: 'success', enough: true, going: [], removed: [] })
    const { free } = shown as unknown as { free: number }
    expect(await run(at, 'place', 'make-room', 'stick', '--plan', 'office')).toContain('There is enough room already.')
    // Nothing that may go is as large as that.
    const vain = await arche(at, [
      'place',
      'make-room',
      'stick',
      '--need',
      `${Math.ceil(free / 1e6) + 1_000_000}M`,
      '--yes',
    ])
    expect(vain).toMatchObject({ code: 3, out: expect.stringContaining('Too little') })
    expect(archives(at.stick)).toEqual([first, second, third])
    for (const wrong of [['--need', 'much'], ['--backups', '0'], ['--need', '1k', '--backups', '2'], ['--others']])
      expect(await arche(at, ['place', 'make-room', 'stick', ...wrong])).toMatchObject({ code: 2 })
  })
})
