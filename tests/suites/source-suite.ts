// What every source promises (core/sources/source.ts), as one suite that runs on each kind, with files that are opened here and by those who pack.
// What goes wrong on the way: source-suite-trouble.ts.
import { describe, expect, test } from 'vitest'
import { blocking } from '../../core/api/failure.ts'
import type { Kept } from '../support/entries.ts'
import { failureOf } from './fixtures/failure-of.ts'
import {
  bare,
  contextOf,
  estimateOf,
  type MakeSource,
  nothingHeld,
  type Reading,
  readAll,
} from './fixtures/source-scene.ts'
import { trouble } from './source-suite-trouble.ts'

export function sourceSuite(kind: string, make: MakeSource): void {
  describe(`source: ${kind}`, () => {
    before(make)
    reading(make)
    progress(make)
    trouble(make)
  })
}

/** How far the size of a database, as its server keeps account of it, may be from that of its dump. */
const [least, most] = [0.25, 4]

function before(make: MakeSource): void {
  test('what is in order is found so, without any change', async () => {
    const scene = await make()
    const was = scene.picture()
    const findings = await scene.open().check()
    expect(findings.filter(({ level }) => level !== 'info')).toEqual([])
    expect(scene.picture()).toEqual(was)
    await nothingHeld(scene)
  })

  test('what is missing is an error before work, and never a backup that says nothing of it', async () => {
    const scene = await make()
    const whole = await readAll(scene, scene.open(), contextOf(scene))
    for (const [what, { away, code }] of Object.entries(scene.missing)) {
      const back = away()
      const failure = blocking(await scene.open().check())
      const verdict = await outcome(readAll(scene, scene.open(), contextOf(scene)))
      back()
      expect(failure?.code, what).toBe(code)
      expect(verdict, what).not.toEqual({ bare: bare(whole), told: [] })
      if (!('code' in verdict)) expect(verdict.told, what).not.toEqual([])
      await nothingHeld(scene)
    }
  })

  test('what is counted is what comes', async () => {
    const scene = await make()
    const source = scene.open()
    const first = await estimateOf(source, contextOf(scene))
    const { items } = await readAll(scene, source, contextOf(scene))
    const came = { files: 0, bytes: 0 }
    for (const { item, entries } of items) {
      const files = entries.filter(({ type }) => type !== 'folder')
      const bytes = files.reduce((sum, { size }) => sum + size, 0)
      expect(item.estimate.files).toBe(files.length)
      if (scene.exact.item) expect(item.estimate.bytes).toBe(bytes)
      came.files += files.length
      came.bytes += bytes
    }
    expect(first.files).toBe(came.files)
    if (scene.exact.estimate) expect(first.bytes).toBe(came.bytes)
    expect(first.bytes).toBeGreaterThan(came.bytes * least)
    expect(first.bytes).toBeLessThan(came.bytes * most)
    await nothingHeld(scene)
  })
}

async function outcome(work: Promise<Reading>) {
  try {
    const done = await work
    return { bare: bare(done), told: done.warnings.map(({ code }) => code) }
  } catch (error) {
    return { code: (await failureOf(Promise.reject(error))).code }
  }
}

function reading(make: MakeSource): void {
  test('names are unique, clean, below the roots, and in an order in which they can be made', async () => {
    const scene = await make()
    const { items } = await readAll(scene, scene.open(), contextOf(scene))
    expect(items.length).toBeGreaterThan(0)
    unique(items.map(({ item }) => item.name))
    for (const { item, entries } of items) {
      expect(item.name).toMatch(/^\P{Cc}+$/u)
      const roots = item.roots.map(({ name }) => name)
      unique(roots)
      unique(entries.map(({ path }) => path))
      for (const { path } of entries) {
        const parts = path.split('/')
        expect(roots, path).toContain(parts[0])
        expect(parts.filter((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))).toEqual([])
      }
      // A root of which nothing comes would be a name in the archive's head without anything below it.
      for (const root of roots)
        expect(
          entries.some(({ path }) => path.split('/')[0] === root),
          root,
        ).toBe(true)
      inOrder(entries)
    }
  })

  test('twice the same, from one source and from another', async () => {
    const scene = await make()
    const source = scene.open()
    const first = await readAll(scene, source, contextOf(scene))
    expect(first.warnings).toEqual([])
    const [again, another] = [
      await readAll(scene, source, contextOf(scene)),
      await readAll(scene, scene.open(), contextOf(scene)),
    ]
    expect(bare(again)).toEqual(bare(first))
    expect(bare(another)).toEqual(bare(first))
  })

  test('nothing is written to what is read, and nothing of it stays', async () => {
    const scene = await make()
    const was = scene.picture()
    await readAll(scene, scene.open(), contextOf(scene))
    expect(scene.picture()).toEqual(was)
    await nothingHeld(scene)
  })
}

/** Folders before what is in them, first names before hard links. */
function inOrder(entries: readonly Kept[]): void {
  const seen = new Map<string, string>()
  const folders = new Set(entries.flatMap(({ type, path }) => (type === 'folder' ? [path] : [])))
  for (const { path, type, target } of entries) {
    const above = path.slice(0, Math.max(path.lastIndexOf('/'), 0))
    if (folders.has(above)) expect(seen.get(above), path).toBe('folder')
    if (type === 'link') expect(seen.get(String(target)), path).toBe('file')
    seen.set(path, type)
  }
}

function unique(names: readonly string[]): void {
  expect(names.length).toBe(new Set(names).size)
}

const mebi = 1024 * 1024

function progress(make: MakeSource): void {
  test('operations come in order, and as many bytes are told as came', async () => {
    const scene = await make()
    const ctx = contextOf(scene)
    const { items } = await readAll(scene, scene.open(), ctx)
    expect(ctx.operations).toEqual(scene.operations)
    const bytes = items.flatMap(({ entries }) => entries).reduce((sum, { size }) => sum + size, 0)
    const read = ctx.advances.filter(({ operation }) => operation === 'archive')
    expect(read.reduce((sum, advance) => sum + advance.bytes, 0)).toBe(bytes)
    for (const advance of ctx.advances) expect(advance.bytes).toBeGreaterThanOrEqual(0)
  })

  test('memory does not grow with what is read', async () => {
    const scene = await make()
    const back = scene.large(48 * mebi)
    try {
      const source = scene.open()
      const ctx = contextOf(scene)
      const { arrayBuffers: base } = process.memoryUsage()
      const { longest, held } = await readAll(scene, source, ctx, { keep: false })
      expect(ctx.advances.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(48 * mebi)
      expect(longest).toBeLessThanOrEqual(mebi)
      expect(held - base).toBeLessThan(24 * mebi)
    } finally {
      back()
    }
  })
}
