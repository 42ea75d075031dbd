// `arche find`: files in all backups by their names, from the compiled program, and the command that restores what was found.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arche, jsonLines } from '../support/arche.ts'
import { archives, preparedOnce, type Scene, scene } from './prepared.ts'

preparedOnce()

const backUp = async (at: Scene) => {
  const { code, err } = await arche(at, ['backup', 'docs', '--to', 'stick'])
  expect(code, err).toBe(0)
}

/** Without any password: a search asks for none. */
const find = (at: Scene, ...args: string[]) => arche(at, ['find', ...args], { env: {} })

describe('arche find', () => {
  it('finds a file without a password, tells its versions and where they lie, and the command that brings it back', async () => {
    const at = scene()
    mkdirSync(join(at.docs, 'Impôts'))
    const file = join(at.docs, 'Impôts', 'Déclaration 2025.txt')
    writeFileSync(file, 'first')
    await backUp(at)
    writeFileSync(file, 'second one')
    await backUp(at)
    const [older = '', newer = ''] = archives(at.stick).sort()
    const { code, out, err } = await find(at, 'impots', 'DECLARATION')
    expect(code, err).toBe(0)
    expect(out).toContain(`${file}\n`)
    expect(out).toContain(`10\u00a0B · 2 versions · ${newer} (prepared)`)
    expect(out).toMatch(new RegExp(`- .* · 10\u00a0B · ${newer} \\(prepared\\)`))
    expect(out).toMatch(new RegExp(`- .* · 5\u00a0B · ${older} \\(prepared\\)`))
    const command = out.split('\n').find((line) => line.startsWith('  arche restore ')) ?? ''
    expect(command).toBe(`  arche restore ${newer} --from prepared --only '${file}'`)
    rmSync(file)
    const restored = await arche(at, ['restore', newer, '--from', 'prepared', '--only', file, '--yes'])
    expect(restored.code, restored.err).toBe(0)
    expect(readFileSync(file, 'utf8')).toBe('second one')
  })

  it('answers programs, and says how many more there are', async () => {
    const at = scene()
    await backUp(at)
    const { out } = await find(at, 'docs', '--limit', '3', '--json')
    const [result] = jsonLines(out)
    expect(result).toMatchObject({ type: 'result', command: 'find', outcome: 'success', more: false, missing: [] })
    expect(result?.files).toHaveLength(3)
    const { total } = result as unknown as { total: number }
    expect((await find(at, 'docs', '--limit', '3')).out).toContain(`${total - 3} more were found`)
    const none = await find(at, 'no such file')
    expect(none).toMatchObject({ code: 0, out: expect.stringContaining('No file with these words') })
    // What somebody has called a file does nothing to the terminal.
    const odd = await find(at, 'bell')
    expect(odd.out).toContain('bell‹0007›‹001B›[31m')
    expect(odd.out).not.toContain('\u001b')
  })

  it('looks in the backups of a plan, and at a time', async () => {
    const at = scene()
    await backUp(at)
    expect((await find(at, 'secret', '--plan', 'docs')).out).toContain('sub/secret')
    expect((await find(at, 'secret', '--before', '2020-01-31')).out).toContain('No file with these words')
    expect((await find(at, 'secret', '--before', '2999-12-31T12:00')).out).toContain('sub/secret')
    expect(await find(at, 'secret', '--plan', 'other')).toMatchObject({ code: 2, err: expect.stringContaining('docs') })
    expect(await find(at, 'secret', '--before', '2026-02-31')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no date'),
    })
    expect(await find(at, 'secret', '--limit', '0')).toMatchObject({ code: 2 })
    expect(await find(at)).toMatchObject({ code: 2, err: expect.stringContaining('<word>') })
  })

  it('tells what it does not know, and learns it with the password of the key', async () => {
    const at = scene()
    await backUp(at)
    rmSync(join(at.home, 'catalogue'), { recursive: true })
    const before = await find(at, 'secret')
    expect(before).toMatchObject({ code: 0, out: expect.stringContaining('No file with these words') })
    expect(before.err).toContain('1 backup on prepared cannot be searched yet')
    const added = await arche(at, ['find', '--add', 'secret'])
    expect(added.code, added.err).toBe(0)
    expect(added.err).toContain('Added to the search: 1 backup.')
    expect(added.out).toContain('sub/secret')
    expect((await find(at, 'secret')).err).toBe('')
  })
})
