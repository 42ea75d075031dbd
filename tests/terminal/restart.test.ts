// Restart commands from a terminal: set in a plan, proposed at the end of a restore, run by themselves; and databases of a server.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arche, atTerminal, jsonLines, keyPassword, operatorPassword } from '../support/arche.ts'
import { preparedOnce, type Scene, scene } from './prepared.ts'

preparedOnce()

const again = ['restore', 'latest', '--from', 'stick', '--existing', 'replace', '--yes']

async function backedUp(restart?: string): Promise<Scene> {
  const at = scene()
  const done = await arche(at, ['backup', 'docs', '--to', 'stick', '--plan', 'Office', '--yes'])
  expect(done, done.err).toMatchObject({ code: 0 })
  if (restart === undefined) return at
  const set = await arche(at, ['plan', 'set', 'Office', '--restart-command', restart])
  expect(set, set.err).toMatchObject({ code: 0, out: expect.stringContaining('Office') })
  return at
}

describe('a restart command', () => {
  it('is set, shown, run and taken away', async () => {
    const at = await backedUp('echo "restarted é" && touch done')
    expect((await arche(at, ['plan', 'show', 'Office'])).out).toContain('touch done')
    const run = await arche(at, ['plan', 'restart', 'office'])
    expect(run, run.err).toMatchObject({ code: 0, out: expect.stringContaining('restarted é') })
    expect(run.out).toContain('Reload the program now')
    expect(existsSync(join(at.folder, 'done'))).toBe(true)
    const failed = await arche(at, ['plan', 'set', 'Office', '--restart-command', 'echo oh no >&2; exit 3'])
    expect(failed.code).toBe(0)
    const broken = await arche(at, ['plan', 'restart', 'Office', '--json'])
    expect(broken.code).toBe(12)
    const lines = jsonLines(broken.out)
    expect(lines).toContainEqual({ type: 'output', text: 'oh no' })
    expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'restart-failed', exitCode: 12 })
    // The same folders again do not lose it.
    expect((await arche(at, ['backup', 'docs', '--to', 'stick', '--exclude', '*.tmp', '--yes'])).code).toBe(0)
    expect((await arche(at, ['plan', 'show', 'Office'])).out).toContain('oh no')
    // Nor does another way of packing, which changes that alone.
    const repacked = await arche(at, ['plan', 'pack', 'Office', '--compression', 'fast'])
    expect(repacked, repacked.err).toMatchObject({ code: 0 })
    const packed = await arche(at, ['plan', 'show', 'Office'])
    expect(packed.out).toContain('oh no')
    expect(packed.out).toContain('tar.gz.gpg, fast')
    expect((await arche(at, ['plan', 'set', 'Office', '--restart-nothing'])).code).toBe(0)
    expect(await arche(at, ['plan', 'restart', 'Office'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no restart command'),
    })
    expect(await arche(at, ['plan', 'set', 'Office'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--restart-command'),
    })
  })

  it('is proposed after a restore to the original place, and run after a yes', async () => {
    const at = await backedUp('echo up again; touch done')
    writeFileSync(join(at.docs, 'run.sh'), 'changed')
    const terminal = atTerminal(at, ['restore', 'latest', '--from', 'stick'])
    await terminal.seen('Password of the backup key:')
    terminal.type(keyPassword)
    await terminal.seen('What shall happen to the files that exist?')
    terminal.press('\u001b[B\u001b[B')
    terminal.type('')
    await terminal.seen('Go on?')
    terminal.type('y')
    await terminal.seen('Administrator password:')
    terminal.type(operatorPassword)
    await terminal.seen('Run the plan’s restart command now? echo up again; touch done')
    terminal.type('y')
    await terminal.seen('up again')
    await terminal.seen('Reload the program now')
    const { code } = await terminal.ended
    expect(code).toBe(0)
    expect(readFileSync(join(at.docs, 'run.sh'), 'utf8')).toBe('#!/bin/sh\n')
    expect(existsSync(join(at.folder, 'done'))).toBe(true)
  })

  it('is run or left out as the line says; its failure is the end of the line, the restore stays', async () => {
    const at = await backedUp('touch done; exit 4')
    const without = await arche(at, [...again, '--no-restart'])
    expect(without, without.err).toMatchObject({ code: 0 })
    expect(existsSync(join(at.folder, 'done'))).toBe(false)
    writeFileSync(join(at.docs, 'run.sh'), 'changed')
    const failed = await arche(at, [...again, '--restart'])
    expect(failed).toMatchObject({ code: 12, err: expect.stringContaining('reported an error (4)') })
    expect(failed.err).toContain('What was restored is in place')
    expect(readFileSync(join(at.docs, 'run.sh'), 'utf8')).toBe('#!/bin/sh\n')
    const undone = await arche(at, ['restore', '--undo', 'latest', '--yes', '--no-restart'])
    expect(undone, undone.err).toMatchObject({ code: 0 })
    const elsewhere = await arche(at, [...again, '--into', 'elsewhere', '--restart'])
    expect(elsewhere).toMatchObject({ code: 0, err: expect.stringContaining('nothing was restarted') })
  })
})

describe('databases of a server', () => {
  it('are described completely or not at all', async () => {
    const at = scene()
    for (const [words, said] of [
      [['backup', '--databases', 'a', '--all-databases'], '--all-databases'],
      [['backup', 'docs', '--all-databases'], '--all-databases'],
      [['backup', 'docs', '--databases', 'a'], '--databases'],
      [['backup', '--labbook', 'docs', '--database', 'S', '--databases', 'a'], '--labbook'],
      [['backup', '--all-databases', '--db-port', 'x'], '--db-port'],
    ] as const)
      expect(await arche(at, words), words.join(' ')).toMatchObject({ code: 2, err: expect.stringContaining(said) })
  })
})
