// What a person can get wrong at a terminal: every case gives its exit code, a sentence and a hint, in both languages, and changes nothing.
import { chmodSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FailureCode } from '../../core/api/failure.ts'
import { Language } from '../../core/api/model.ts'
import { catalogue } from '../../core/api/text/text.ts'
import { scriptedLsblk } from '../suites/fixtures/scripted-lsblk.ts'
import { arche, jsonLines, keyPassword, type Options, operatorPassword, passwords, type Run } from '../support/arche.ts'
import { isRoot, picture } from '../support/trees.ts'
import { archives, preparedOnce, type Scene, scene } from './prepared.ts'

preparedOnce()

/** The sentence of a code as a pattern: what stands in its gaps does not matter. */
function sentence(language: Language, code: FailureCode, part: 'text' | 'hint'): RegExp {
  const pieces = catalogue[language].problem[code][part].split(/\{\{.*?\}\}/)
  return new RegExp(pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[\\s\\S]*?'))
}

/** Runs the line in both languages (or those given, where decrypting takes time) and compares exit code, sentence and hint. */
async function refused(
  at: Scene,
  args: readonly string[],
  code: number,
  failure: FailureCode,
  options: Options & { languages?: readonly Language[] } = {},
): Promise<Run[]> {
  const runs: Run[] = []
  for (const language of options.languages ?? Language.options) {
    const run = await arche(at, [...args, '--lang', language], options)
    expect({ code: run.code, out: run.out }, run.err).toEqual({ code, out: '' })
    expect(run.err).toMatch(sentence(language, failure, 'text'))
    expect(run.err).toMatch(sentence(language, failure, 'hint'))
    expect(run.err).not.toMatch(/\{\{|undefined| {4}at /)
    runs.push(run)
  }
  return runs
}

describe('folders to back up', () => {
  it('that does not exist', async () => {
    const at = scene()
    const [run] = await refused(at, ['backup', 'nowhere', '--to', 'stick'], 8, 'source-missing')
    expect(run?.err).toContain(join(at.folder, 'nowhere'))
    await refused(at, ['backup', join(at.docs, 'run.sh', 'below a file'), '--to', 'stick'], 8, 'source-missing')
    expect(archives(at.stick)).toEqual([])
  })

  it('that cannot be read, and a file in it that cannot', async () => {
    const at = scene()
    // Root reads everything unless it gives up the right to.
    const through = isRoot ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--'] : []
    chmodSync(join(at.docs, 'sub', 'secret'), 0)
    const run = await arche(at, ['backup', 'docs', '--to', 'stick'], { through })
    expect(run).toMatchObject({ code: 3, out: expect.stringContaining('some files are not in it') })
    expect(run.err).toContain(join(at.docs, 'sub', 'secret'))
    expect(run.err).toMatch(sentence('en', 'file-unreadable', 'text'))
    chmodSync(at.docs, 0)
    await refused(at, ['backup', 'docs', '--to', 'stick'], 8, 'source-unreadable', { through })
    chmodSync(at.docs, 0o755)
    expect(archives(at.stick)).toHaveLength(1)
  })

  it('and exclusions that mean nothing, or match nothing', async () => {
    const at = scene()
    for (const pattern of ['!run.sh', '**', ' '])
      await refused(at, ['backup', 'docs', '--to', 'stick', '--exclude', pattern], 2, 'exclude-refused')
    expect(archives(at.stick)).toEqual([])
    const run = await arche(at, ['backup', 'docs', '--to', 'stick', '--exclude', 'sub/', '*/nothing'])
    expect(run).toMatchObject({ code: 0, err: expect.stringMatching(sentence('en', 'exclude-unused', 'text')) })
    expect(run.err).toContain('*/nothing')
    expect(run.err).not.toContain('sub/')
    expect((await arche(at, ['list', 'latest', '--from', 'stick'])).out).not.toContain('secret')
  })

  it('that is empty: asked about', async () => {
    const at = scene()
    mkdirSync(join(at.folder, 'empty'))
    const unasked = await arche(at, ['backup', 'empty', '--to', 'stick'])
    expect(unasked).toMatchObject({ code: 2, err: expect.stringMatching(sentence('en', 'source-empty', 'text')) })
    expect(archives(at.stick)).toEqual([])
    expect((await arche(at, ['backup', 'empty', '--to', 'stick', '--yes'])).code).toBe(0)
  })

  it('that is the medium, or contains it', async () => {
    const at = scene()
    await refused(at, ['backup', 'stick', '--to', 'stick'], 8, 'source-is-medium')
    const run = await arche(at, ['backup', '.', '--to', 'stick', '--yes'])
    expect(run).toMatchObject({ code: 0, err: expect.stringMatching(sentence('en', 'source-contains-medium', 'text')) })
    const { out } = await arche(at, ['list', 'latest', '--from', 'stick'])
    expect(out).toContain('docs/sub/secret')
    expect(out).not.toContain('SIGL_sauvegardes')
  })
})

describe('media', () => {
  it('none, unknown, not ready', async () => {
    const at = scene({ bare: true })
    scriptedLsblk()
    await refused({ ...at, env: { ...at.env, ARCHE_HOME: join(at.folder, 'new') } }, ['backup', 'docs'], 5, 'no-medium')
    await refused(at, ['backup', 'docs', '--to', 'STICK'], 5, 'no-medium')
    await refused(at, ['list', '--from', 'stick'], 5, 'not-initialised')
    const unasked = await arche(at, ['backup', 'docs', '--to', 'stick'])
    expect(unasked).toMatchObject({ code: 2, err: expect.stringMatching(sentence('en', 'fixed-disk', 'text')) })
    expect(existsSync(join(at.stick, 'SIGL_sauvegardes'))).toBe(false)
  })

  it('two of the same name', async () => {
    const at = scene()
    const other = join(at.folder, 'other stick')
    mkdirSync(other)
    scriptedLsblk().plug({ path: at.stick, label: 'STICK' }, { path: other, label: 'STICK' })
    await refused(at, ['backup', 'docs', '--to', 'STICK'], 5, 'several-media')
    expect(archives(at.stick)).toEqual([])
  })
})

describe('passwords', () => {
  it('missing, empty, wrong', async () => {
    const at = scene()
    const [missing] = await refused(at, ['key', 'forget'], 4, 'password-missing', { env: {} })
    expect(missing?.err).toMatch(/ARCHE_OPERATOR_PASSWORD.*--operator-password-fd.*terminal/)
    await refused(at, ['key', 'forget'], 4, 'password-empty', { env: { ARCHE_OPERATOR_PASSWORD: '' } })
    await refused(at, ['key', 'new', '--operator-password-fd', '3'], 4, 'password-empty', {
      env: { ARCHE_KEY_PASSWORD: '' },
      descriptors: [operatorPassword],
    })
    await refused(at, ['key', 'forget'], 4, 'operator-wrong', {
      env: { ...passwords, ARCHE_OPERATOR_PASSWORD: operatorPassword.toUpperCase() },
    })
  })

  it('of the key, wrong by a space: before anything is touched', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const before = picture(at.docs)
    const env = { ...passwords, ARCHE_KEY_PASSWORD: keyPassword.trim() }
    await refused(at, ['restore', 'latest', '--from', 'stick', '--existing', 'replace', '--yes'], 4, 'wrong-password', {
      env,
    })
    expect(picture(at.docs)).toEqual(before)
  })
})

describe('backups', () => {
  it('unknown, cut off, flipped: refused, nothing replaced', async () => {
    const at = scene()
    await refused(at, ['restore', 'latest', '--from', 'stick', '--yes'], 2, 'not-found')
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const before = picture(at.docs)
    const file = join(at.stick, 'SIGL_sauvegardes', archives(at.stick)[0] ?? '')
    const whole = readFileSync(file)
    const args = ['restore', 'latest', '--from', 'stick', '--existing', 'replace', '--yes']
    const flipped = Buffer.from(whole)
    flipped[whole.length - 200] = (flipped[whole.length - 200] ?? 0) ^ 1
    writeFileSync(file, flipped)
    await refused(at, args, 7, 'damaged', { languages: ['fr'] })
    truncateSync(file, whole.length - 100)
    await refused(at, args, 7, 'truncated', { languages: ['en'] })
    expect(picture(at.docs)).toEqual(before)
    const verified = jsonLines((await arche(at, ['verify', '--all', '--from', 'stick', '--json'])).out)
    expect(verified.at(-1)).toMatchObject({
      type: 'error',
      exitCode: 7,
      text: expect.any(String),
      hint: expect.any(String),
    })
  })
})
