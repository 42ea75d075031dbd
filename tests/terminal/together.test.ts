// Several terminals on one data folder, and terminals that are killed: one engine does the work, and history tells the truth afterwards.
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { arche, atTerminal, jsonLines, lineThat, outcome, passwords, startArche } from '../support/arche.ts'
import { archives, ownerOf, preparedOnce, type Scene, scene, slowFolder } from './prepared.ts'

preparedOnce()

/** A backup that is in the middle of its archive. */
async function underWay(at: Scene) {
  const child = startArche(at, ['backup', slowFolder(at), '--to', 'stick', '--json'])
  await lineThat(child, (line) => line.type === 'progress' && line.operation === 'archive' && Number(line.done) > 0)
  return child
}

async function lastRuns(at: Scene) {
  return jsonLines((await arche(at, ['history', '--json'])).out)[0]?.runs
}

async function shown(stream: Readable | null, text: string): Promise<void> {
  let all = ''
  await new Promise<void>((resolve, reject) => {
    stream?.on('data', (chunk) => {
      all += String(chunk)
      if (all.includes(text)) resolve()
    })
    stream?.once('end', () => reject(new Error(`ended without “${text}”: ${all}`)))
  })
}

describe('two terminals', () => {
  it('the second sees the work of the first, is told that it goes on, and can look meanwhile', async () => {
    const at = scene()
    const first = await underWay(at)
    const [status] = jsonLines((await arche(at, ['status', '--json'])).out)
    expect(status).toMatchObject({ active: [{ kind: 'backup', subject: 'slow' }] })
    expect((await arche(at, ['list', '--from', 'stick'])).code).toBe(0)
    const second = await arche(at, ['backup', 'docs', '--to', 'stick'])
    expect(second).toMatchObject({ code: 11, err: expect.stringContaining('“prepared” is in use: work on “slow”') })
    first.kill('SIGTERM')
    const [code] = await once(first, 'close')
    expect(code).toBe(130)
    expect(archives(at.stick)).toEqual([])
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
  })

  it('the first waits for what the second does in its process', async () => {
    const at = scene()
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
    const first = atTerminal(at, ['plan', 'remove', 'docs'], { env: passwords })
    await first.seen('(y/N)')
    const second = startArche(at, ['backup', slowFolder(at, 1), '--to', 'stick', '--json'])
    await lineThat(second, (line) => line.type === 'progress' && line.kind === 'backup')
    const ended = outcome(second)
    first.type('n')
    await first.seen('Another command works in this process')
    expect((await ended).code).toBe(0)
    expect((await first.ended).code).toBe(130)
    expect(archives(at.stick)).toHaveLength(2)
  })

  it('the second goes on by itself when the first has ended at a question', async () => {
    const at = scene()
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
    const first = atTerminal(at, ['keep', 'set', 'docs', '--last', '1', '--yes'])
    await first.seen('Administrator password:')
    const second = atTerminal(at, ['keep', 'set', 'docs', '--last', '2', '--yes'])
    await second.seen('Administrator password:')
    first.press('\x03')
    expect((await first.ended).code).toBe(130)
    second.type(passwords.ARCHE_OPERATOR_PASSWORD)
    expect((await second.ended).code).toBe(0)
    const [shown] = jsonLines((await arche(at, ['plan', 'show', 'docs', '--json'])).out)
    expect(shown).toMatchObject({ plan: { destinations: [{ keep: { last: 2 } }] } })
  })
})

describe('kill -9', () => {
  it('of the only terminal: the run shows as interrupted, nothing half is kept, the earlier backup opens', async () => {
    const at = scene()
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
    const before = archives(at.stick)
    const child = await underWay(at)
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(await lastRuns(at)).toMatchObject([
      { subject: 'slow', outcome: 'abandoned' },
      { subject: 'docs', outcome: 'success' },
    ])
    expect((await arche(at, ['history', '--lang', 'fr'])).out).toContain('Interrompu')
    expect(archives(at.stick)).toEqual(before)
    expect((await arche(at, ['verify', '--all', '--from', 'stick'])).code).toBe(0)
  })

  it('of the terminal that works for another: that one says that the end is unknown and how to look', async () => {
    const at = scene()
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
    const asking = atTerminal(at, ['plan', 'remove', 'docs'], { env: passwords })
    await asking.seen('(y/N)')
    const client = startArche(at, ['backup', slowFolder(at), '--to', 'stick'])
    const ended = outcome(client)
    await shown(client.stderr, 'Making the archive')
    process.kill(ownerOf(at).pid, 'SIGKILL')
    const { code, err } = await ended
    expect(code).toBe(13)
    expect(err).toMatch(/How it ended is not known here\. Look at it with: {2}arche history \w{8}/)
    expect(await lastRuns(at)).toMatchObject([{ outcome: 'abandoned' }, { outcome: 'success' }])
  })
})
