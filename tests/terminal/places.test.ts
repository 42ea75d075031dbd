// Which place is meant: `--yes` agrees, it never chooses.
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arche, jsonLines, passwords } from '../support/arche.ts'
import { archives, preparedOnce, scene } from './prepared.ts'

preparedOnce()

/** The code of the failure that a command ended with. */
async function refused(at: Parameters<typeof arche>[0], args: string[]): Promise<unknown> {
  const { code, out } = await arche(at, [...args, '--yes', '--json'])
  return { code, failure: jsonLines(out).find(({ type }) => type === 'error')?.code }
}

describe('a place that is no medium', () => {
  it('takes no backup with --yes where a medium was, nor becomes one', async () => {
    const at = scene()
    expect(await arche(at, ['backup', 'docs', '--to', 'stick', '--plan', 'P', '--yes'])).toMatchObject({ code: 0 })
    renameSync(at.stick, join(at.folder, 'away'))
    mkdirSync(at.stick)
    symlinkSync('stick', join(at.folder, 'link'))
    const gone = { code: 5, failure: 'medium-not-here' }
    expect(await refused(at, ['backup', 'docs', '--to', 'stick/'])).toEqual(gone)
    expect(await refused(at, ['backup', '--plan', 'P', '--to', join(at.folder, 'link')])).toEqual(gone)
    expect(await refused(at, ['medium', 'init', 'stick'])).toEqual(gone)
    expect(readdirSync(at.stick)).toEqual([])
    expect(await arche(at, ['medium', 'init', 'stick', '--new', '--yes'])).toMatchObject({ code: 0 })
  })

  it('does not become the medium of a plan that has one', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick', '--plan', 'P', '--yes'])
    mkdirSync(join(at.folder, 'other'))
    const saved = ['backup', '--plan', 'P', '--to', 'other']
    expect(await refused(at, saved)).toEqual({ code: 5, failure: 'medium-not-of-plan' })
    expect(readdirSync(join(at.folder, 'other'))).toEqual([])
    // A place that nobody knows becomes a medium on the way, for a plan without one.
    expect(await arche(at, ['backup', join(at.docs, 'sub'), '--to', 'other', '--yes'])).toMatchObject({ code: 0 })
    expect(archives(join(at.folder, 'other'))).toHaveLength(1)
  })
})

describe('the newest backup', () => {
  it('is the one that was made last, wherever the clocks stood, for this computer and for another one', async () => {
    const at = scene()
    const made: string[] = []
    for (const TZ of ['Asia/Tokyo', 'America/Los_Angeles']) {
      writeFileSync(join(at.docs, 'where'), TZ)
      const env = { ...passwords, TZ }
      expect(await arche(at, ['backup', 'docs', '--to', 'stick', '--plan', 'P', '--yes'], { env })).toMatchObject({
        code: 0,
      })
      made.push(...archives(at.stick).filter((name) => !made.includes(name)))
    }
    const newest = async (by: typeof at, zone: string) => {
      const { out } = await arche(by, ['list', '--from', at.stick, '--json'], { env: { ...passwords, TZ: zone } })
      const result = jsonLines(out).find(({ type }) => type === 'result') as unknown as {
        artifacts: { name: string }[]
      }
      return result.artifacts.map(({ name }) => name)
    }
    const other = scene({ fresh: true })
    for (const by of [at, other]) expect(await newest(by, 'Europe/Paris')).toEqual(made.toReversed())
    // The medium of an older version has no note of it: the history of this computer knows.
    rmSync(join(at.stick, 'SIGL_sauvegardes', 'SHA256SUMS.times'))
    expect(await newest(at, 'America/Los_Angeles')).toEqual(made.toReversed())
    await arche(at, ['restore', 'latest', '--from', 'stick', '--into', 'back', '--yes'])
    expect(readFileSync(join(at.folder, 'back/docs/where'), 'utf8')).toBe('America/Los_Angeles')
  })
})

describe('a medium that is not named', () => {
  it('is the only one that is ready; several are named; a copy of one is no second choice', async () => {
    const at = scene()
    const commands = [['list'], ['verify'], ['restore', 'latest', '--into', 'back']]
    for (const args of commands) expect(await refused(at, args)).toEqual({ code: 5, failure: 'no-medium' })
    await arche(at, ['backup', 'docs', '--to', 'stick', '--plan', 'P', '--yes'])
    const listed = await arche(at, ['list'])
    expect(listed).toMatchObject({ code: 0, out: expect.stringContaining('backup_v30_P_') })
    expect(listed.err).toContain(`(${at.stick}), the only one that is ready`)
    const [archive = ''] = archives(at.stick)
    const which = await arche(at, ['restore'])
    expect(which).toMatchObject({ code: 2, out: expect.stringContaining(archive) })
    expect(which.err).toContain(`arche restore latest --from ${at.stick} --into FOLDER`)

    const copy = join(at.folder, 'copy')
    cpSync(at.stick, copy, { recursive: true })
    expect(await arche(at, ['list', '--from', copy])).toMatchObject({ code: 0 })
    expect(await refused(at, ['backup', '--plan', 'P', '--to', copy])).toEqual({ code: 5, failure: 'several-media' })
    expect(await arche(at, ['backup', '--plan', 'P', '--yes'])).toMatchObject({ code: 0 })

    const other = join(at.folder, 'other')
    await arche(at, ['backup', join(at.docs, 'sub'), '--to', other, '--plan', 'Q', '--yes'])
    mkdirSync(other)
    await arche(at, ['backup', join(at.docs, 'sub'), '--to', other, '--plan', 'Q', '--yes'])
    const several = await arche(at, ['verify', '--json'])
    expect(jsonLines(several.out).find(({ type }) => type === 'error')).toMatchObject({
      code: 'several-media',
      details: { found: [expect.stringContaining(at.stick), expect.stringContaining(other)] },
    })
  })
})

describe('status', () => {
  it('ends with 3 when it says that nothing is protected, and names the plan that is', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick', '--plan', 'my plan', '--yes'])
    expect(await arche(at, ['status'])).toMatchObject({ code: 0 })
    // No schedule, so no alarm: but the history says when.
    const history = join(at.home, 'history.jsonl')
    const old = new Date(Date.now() - 8 * 24 * 3600_000).toISOString()
    writeFileSync(history, readFileSync(history, 'utf8').replace(/("(?:startedAt|endedAt)":)"[^"]*"/g, `$1"${old}"`))
    const status = await arche(at, ['status'])
    expect(status).toMatchObject({ code: 3, out: expect.stringContaining("arche backup --plan 'my plan'") })
  })
})
