// When the program is compiled: the stamp over the sources, the products it promises, one compilation at a time.
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isFresh, products, sourceStamp, takeLock } from '../../build/compile.mjs'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'arche-build-'))
  await put('core/cli.ts', 'export {}')
  await put('renderer/index.html', '<!doctype html>')
  await put('package.json', '{}')
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function put(path: string, text: string) {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

describe('source stamp', () => {
  it('stays when nothing but times, other folders or outputs change', async () => {
    const before = sourceStamp(root)
    await utimes(join(root, 'core/cli.ts'), 1, 1)
    await put('tests/unit/a.test.ts', 'x')
    await put('out/main/cli.js', 'x')
    await put('README.md', 'x')
    expect(sourceStamp(root)).toBe(before)
  })

  it.each([
    ['an edited source', 'core/cli.ts', 'export const a = 1'],
    ['a new source', 'core/new.ts', 'export {}'],
    ['a catalogue', 'core/api/text/fr/problem.json', '{}'],
    ['a changed list of packages', 'package-lock.json', '{}'],
    ['the compiler settings', 'electron.vite.config.ts', 'x'],
  ])('changes with %s', async (_what, path, text) => {
    const before = sourceStamp(root)
    await put(path, text)
    expect(sourceStamp(root)).not.toBe(before)
  })

  it('changes when a source moves or text moves from one file to the next', async () => {
    await put('core/a.ts', 'xy')
    await put('core/b.ts', '')
    const before = sourceStamp(root)
    await put('core/a.ts', 'x')
    await put('core/b.ts', 'y')
    expect(sourceStamp(root)).not.toBe(before)
  })
})

describe('a compiled program', () => {
  beforeEach(async () => {
    for (const product of products) await put(`out/${product}`, '')
    await put('out/build-stamp', sourceStamp(root))
  })

  it('is fresh until a source changes', async () => {
    expect(isFresh(root)).toBe(true)
    await put('core/cli.ts', 'changed')
    expect(isFresh(root)).toBe(false)
  })

  it.each(products)('is not fresh without %s', async (product) => {
    await rm(join(root, 'out', product))
    expect(isFresh(root)).toBe(false)
  })

  it('is not fresh without its stamp', async () => {
    await rm(join(root, 'out/build-stamp'))
    expect(isFresh(root)).toBe(false)
  })
})

describe('the lock', () => {
  it('lets one in after the other', async () => {
    const out = join(root, 'out')
    const release = await takeLock(out)
    const order: string[] = []
    const second = takeLock(out).then((releaseSecond) => {
      order.push('second')
      releaseSecond()
    })
    order.push('first')
    release()
    await second
    expect(order).toEqual(['first', 'second'])
  })

  it('is taken over from a process that is gone', async () => {
    // Process numbers end below 2^22 on Linux (proc(5), pid_max).
    await put('out/build-lock', '4194305')
    const release = await takeLock(join(root, 'out'))
    expect(await readFile(join(root, 'out/build-lock'), 'utf8')).toBe(String(process.pid))
    release()
  })
})
