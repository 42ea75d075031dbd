// `arche backup --to A --to B` and `arche backup copy` as people type them: one backup, several places, each a way back.
import { mkdirSync, renameSync, rmSync } from 'node:fs'
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

const results = (out: string) => jsonLines(out).filter(({ type }) => type === 'result')

describe('several places', () => {
  it('get the same backup from one line, and either brings it back', async () => {
    const at = scene()
    for (const name of ['second', 'third']) mkdirSync(join(at.folder, name))
    const line = [
      'backup',
      join(at.docs, 'sub'),
      '--to',
      'stick',
      '--to',
      'second',
      '--plan',
      'office',
      '--yes',
      '--json',
    ]
    const made = results(await run(at, ...line))
    expect(made.map(({ command, outcome }) => [command, outcome])).toEqual([
      ['backup', 'success'],
      ['backup copy', 'success'],
    ])
    expect(archives(join(at.folder, 'second'))).toEqual(archives(at.stick))
    // The plan remembers it: the next line needs no places.
    const next = await run(at, 'backup', '--plan', 'office', '--yes')
    expect(next).toContain('Copy of “office” done, read back and compared.')
    expect(archives(join(at.folder, 'second'))).toEqual(archives(at.stick))
    expect(await run(at, 'plan', 'show', 'office')).toMatch(
      /Kept on +.*stick\): every backup is kept\n +copy to second/,
    )
    expect(await run(at, 'status')).toMatch(/Copies +office\n +second: copied/)
    rmSync(at.stick, { recursive: true })
    await run(at, 'restore', 'latest', '--from', 'second', '--into', 'out', '--yes')
    expect((await arche(at, ['list', '--from', 'stick'])).code).not.toBe(0)
  })

  it('that are away are told, hold up nothing, and get it later', async () => {
    const at = scene()
    for (const name of ['second', 'third']) mkdirSync(join(at.folder, name))
    await run(at, 'backup', at.docs, '--to', 'stick', '--to', 'second', '--to', 'third', '--plan', 'docs', '--yes')
    renameSync(join(at.folder, 'second'), join(at.folder, 'away'))
    const { code, out, err } = await arche(at, ['backup', '--plan', 'docs', '--yes'])
    expect(code, err).toBe(3)
    // No engine stays that would copy it later.
    expect(err).toMatch(/“second” is needed for a copy[\s\S]*copy by hand/)
    expect(err).not.toContain('the backup then starts by itself')
    expect(out).toContain('Copy of “docs” done')
    expect(archives(join(at.folder, 'third'))).toEqual(archives(at.stick))
    expect(await run(at, 'schedule', 'show', 'docs')).toMatch(/second: waiting.*nobody makes it by itself now/)
    renameSync(join(at.folder, 'away'), join(at.folder, 'second'))
    await run(at, 'backup', 'copy', 'latest', '--from', 'stick', '--to', 'second')
    expect(archives(join(at.folder, 'second')).at(-1)).toBe(archives(at.stick).at(-1))
    expect(await run(at, 'schedule', 'show', 'docs')).toMatch(/second: copied/)
  })

  it('are changed for a plan, each with its own rules', async () => {
    const at = scene()
    mkdirSync(join(at.folder, 'second'))
    await run(at, 'backup', join(at.docs, 'sub'), '--to', 'stick', '--plan', 'office', '--yes')
    await run(at, 'keep', 'set', 'office', '--last', '3')
    await run(at, 'plan', 'set', 'office', '--to', 'stick', '--to', 'second', '--yes')
    await run(at, 'keep', 'set', 'office', '--last', '1', '--on', 'second')
    expect(await run(at, 'keep', 'show', 'office')).toMatch(/prepared +the 3 newest\n.*copy to second +the newest one/)
    for (let count = 0; count < 2; count += 1) await run(at, 'backup', '--plan', 'office', '--yes')
    expect(archives(at.stick)).toHaveLength(3)
    expect(archives(join(at.folder, 'second'))).toHaveLength(1)
    await run(at, 'plan', 'set', 'office', '--to', 'stick', '--yes')
    expect(await run(at, 'keep', 'show', 'office')).not.toContain('second')
  })
})

describe('mistakes', () => {
  it.each([
    [['backup', 'copy', 'latest', '--from', 'stick'], /--to/],
    [['backup', 'copy', 'latest', '--from', 'stick', '--to', 'stick'], /cannot be copied to itself/],
    [['backup', '--plan', 'x', 'copy', 'latest', '--to', 'stick'], /--plan/],
    [['backup', 'copy', 'nothing', '--from', 'stick', '--to', 'second', '--yes'], /nothing/],
    [['plan', 'set', 'office'], /arche plan set/],
  ])('%j is explained, and changes nothing', async (args, words) => {
    const at = scene()
    mkdirSync(join(at.folder, 'second'))
    await run(at, 'backup', join(at.docs, 'sub'), '--to', 'stick', '--plan', 'office', '--yes')
    const before = archives(at.stick)
    const { code, err } = await arche(at, args)
    expect(code).not.toBe(0)
    expect(err).toMatch(words)
    expect(archives(at.stick)).toEqual(before)
  })
})
