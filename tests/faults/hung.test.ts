// A file system that never answers: whatever waits for it, the program ends soon after a second Ctrl-C or SIGTERM, and says so. Such a thread cannot even
// be killed: the test would wait for ever for a process that has one.
import { on, once } from 'node:events'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { arche, jsonLines, operatorPassword, outcome, startArche } from '../support/arche.ts'
import { hangingFolder } from '../support/odd-fs.ts'
import { archives, preparedOnce, scene } from '../terminal/prepared.ts'

preparedOnce()

/** Two signals of a kind are one, if they come at once. */
async function shown(stream: Readable | null, text: string): Promise<void> {
  let all = ''
  for await (const chunk of on(stream ?? new Readable(), 'data', { close: ['end', 'close'] })) {
    all += String(chunk)
    if (all.includes(text)) return
  }
  throw new Error(`ended without "${text}": ${all}`)
}

const documents = { 'a.txt': { content: 'a' }, 'slow.bin': { content: 'x', repeat: 4_000_000, hangs: 'read' as const } }

describe('a source that never answers', () => {
  it('is left at the second Ctrl-C; the run is cancelled, and others go on', async () => {
    const at = scene()
    const source = await hangingFolder(at.folder, 'hung', documents)
    const hanging = source.hanging()
    const child = startArche(at, ['backup', source.at, '--to', 'stick', '--yes'])
    const ended = outcome(child)
    await hanging
    child.kill('SIGINT')
    await shown(child.stderr, 'Cancelling')
    child.kill('SIGINT')
    const { code, err } = await ended
    expect(err).toContain('has not answered since')
    expect(code).toBe(130)
    expect(archives(at.stick)).toEqual([])
    const [history] = jsonLines((await arche(at, ['history', '--json'])).out)
    expect(history?.runs).toMatchObject([{ outcome: 'cancelled', failure: { code: 'given-up' } }])
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
  })

  it('is left at SIGTERM, by a service and by who works in it', async () => {
    const at = scene()
    const source = await hangingFolder(at.folder, 'hung', documents)
    const service = startArche(at, ['service', 'run'])
    await once(service.stderr ?? service, 'data')
    const first = source.hanging()
    const client = startArche(at, ['backup', source.at, '--to', 'stick', '--yes', '--plan', 'hung'])
    const ended = outcome(client)
    await first
    client.kill('SIGTERM')
    expect((await ended).code).toBe(130)
    // The service goes on without that thread.
    expect((await arche(at, ['backup', 'docs', '--to', 'stick', '--yes'])).code).toBe(0)
    const second = source.hanging()
    const again = outcome(startArche(at, ['backup', '--plan', 'hung', '--to', 'stick', '--yes']))
    await second
    service.kill('SIGTERM')
    expect((await once(service, 'close'))[0]).toBe(0)
    expect(await again).toMatchObject({ code: 130, err: expect.stringContaining('has not answered since') })
  })
})

describe('a medium that never answers', () => {
  it.each([
    ['medium init', ['medium', 'init', 'hung', '--name', 'x', '--yes']],
    ['list', ['list', '--from', 'hung']],
  ])('%s is left at SIGTERM', async (_, args) => {
    const at = scene()
    const medium = await hangingFolder(at.folder, 'hung', { SIGL_sauvegardes: { hangs: 'look' } })
    const hanging = medium.hanging()
    const child = startArche(at, args)
    const ended = outcome(child)
    await hanging
    child.kill('SIGTERM')
    const { code, err } = await ended
    expect(err).toContain('Cancelled')
    expect(code).toBe(130)
  })
})

describe('where such a file system is mounted', () => {
  it('the process before the work passes on arguments, descriptors, input and exit codes; killed, it takes the work with it', async () => {
    const at = scene()
    const source = await hangingFolder(at.folder, 'hung', documents)
    const odd = join(at.folder, 'caf\udce9')
    expect((await arche(at, ['backup', odd, '--to', 'stick', '--yes'])).code).toBe(8)
    const passwords = { ARCHE_KEY_PASSWORD: '', ARCHE_OPERATOR_PASSWORD: '' }
    expect((await arche(at, ['backup', 'docs', '--to', 'stick', '--yes'], { env: passwords })).code).toBe(0)
    const given = await arche(at, ['keep', 'set', 'docs', '--last', '5', '--yes', '--operator-password-fd', '3'], {
      env: passwords,
      descriptors: [operatorPassword],
    })
    expect(given.err).not.toContain('Error')
    expect(given.code).toBe(0)
    const hanging = source.hanging()
    const child = startArche(at, ['backup', source.at, '--to', 'stick', '--yes'])
    await hanging
    child.kill('SIGKILL')
    await once(child, 'close')
    const [history] = jsonLines((await arche(at, ['history', '--json'])).out)
    expect(history?.runs).toMatchObject([{ outcome: 'abandoned' }, { outcome: 'success' }])
  })
})
