// The names a restore makes up, and the words for why an entry is refused.
import { describe, expect, it } from 'vitest'
import { catalogue, describe as inWords } from '../../core/api/text/text.ts'
import {
  freeName,
  isPlain,
  keptName,
  type Refusal,
  safeParts,
  safetyName,
  stagingName,
} from '../../core/restore/names.ts'

describe('freeName', () => {
  it.each([
    ['a.txt', false, [], 'a (restored).txt'],
    ['a.txt', false, ['a (restored).txt'], 'a (restored 2).txt'],
    ['a.tar.gz', false, [], 'a.tar (restored).gz'],
    ['.profile', false, [], '.profile (restored)'],
    ['folder.d', true, [], 'folder.d (restored)'],
    ['no extension', false, [], 'no extension (restored)'],
  ] as const)('%s', (name, folder, taken, free) => {
    expect(freeName(name, folder, (candidate) => (taken as readonly string[]).includes(candidate))).toBe(free)
  })

  it('stays within 255 bytes, in whole characters', () => {
    const free = freeName(`${'🚢'.repeat(62)}.longer`, false, () => false)
    expect(Buffer.byteLength(free)).toBeLessThanOrEqual(255)
    expect(free).toMatch(/^🚢+ \(restored\)\.longer$/u)
  })

  it('finds an end even where the extension alone is too long', () => {
    const free = freeName(`a.${'x'.repeat(253)}`, false, () => false)
    expect(Buffer.byteLength(free)).toBeLessThanOrEqual(255)
  })
})

describe('folders of a restore', () => {
  it('tell their time as people read it', () => {
    const time = new Date(2026, 0, 2, 3, 4, 5).getTime()
    expect(safetyName(time)).toBe('.arche-before-restore-2026-01-02_03h04m05s')
    expect(keptName(time)).toBe('.arche-kept-2026-01-02_03h04m05s')
    expect(stagingName('01234567-89ab', 2)).toBe('.arche-restore-01234567-2')
  })
})

describe('refusals', () => {
  it('have words in both languages', () => {
    const refusals: Record<Refusal, true> = {
      absolute: true,
      outside: true,
      'bad-name': true,
      'no-origin': true,
      special: true,
      'below-file': true,
      'folder-and-file': true,
      'same-name': true,
      'link-outside': true,
    }
    for (const reason of Object.keys(refusals)) {
      for (const language of ['en', 'fr'] as const) {
        expect(catalogue[language].common.reason).toHaveProperty(reason)
        expect(inWords({ code: 'entry-refused', details: { path: 'x', reason } }, language).text).not.toContain(
          `: ${reason}`,
        )
      }
    }
  })

  it('show an unknown reason as it is', () => {
    expect(inWords({ code: 'file-unreadable', details: { path: 'x', reason: 'EOTHER' } }, 'en').text).toContain(
      'EOTHER',
    )
    expect(inWords({ code: 'file-unreadable', details: { path: 'x', reason: 'toString' } }, 'en').text).toContain(
      'toString',
    )
  })
})

describe('safeParts on Linux', () => {
  it.each([
    ['a/b', ['a', 'b']],
    ['./a', ['a']],
    ['././a', ['a']],
    ['.', []],
    ['./', []],
    ['a\\..\\b', ['a\\..\\b']],
    ['C:/x', ['C:', 'x']],
    ['..a/b..', ['..a', 'b..']],
    ['', 'bad-name'],
    ['a/', 'bad-name'],
    ['a/../b', 'outside'],
    ['/a', 'absolute'],
    ['.//a', 'absolute'],
  ] as const)('%j', (path, expected) => {
    expect(safeParts(path, 'linux')).toEqual(expected)
  })
})

it('a plain path is one that is taken apart without a change, and nothing else is', () => {
  const parts = ['', '.', '..', 'a', '.a', 'a.', '...', 'é', 'a\0', 'a\\b']
  const paths = parts.flatMap((one) =>
    parts.flatMap((two) => [one, `${one}/${two}`, `${one}/${two}/a`, `a/${one}/${two}`]),
  )
  for (const path of [...paths, `${'a/'.repeat(5000)}a`]) {
    if (isPlain(path, 'linux')) expect([path, safeParts(path, 'linux')]).toEqual([path, path.split('/')])
    expect(isPlain(path, 'win32')).toBe(false)
  }
  expect(['a', 'a/b', 'été/x.txt', 'a/b.'].map((path) => isPlain(path, 'linux'))).toEqual([true, true, true, true])
  expect(['', '/a', 'a/', 'a//b', '../a', 'a/..', './a', 'a\0'].filter((path) => isPlain(path, 'linux'))).toEqual([])
})
