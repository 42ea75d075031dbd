// Files with holes as a source finds them: holes are not read, attributes go along, and a file whose holes change while it is read is told.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync, truncateSync, utimesSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import * as system from '../../core/lib/libc.ts'
import { foldersSource } from '../../core/sources/folders.ts'
import { archiveOf, context, gather, type Opening, temporary } from '../support/trees.ts'

const MiB = 1024 * 1024

function write(path: string, text: string, at: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, text, at)
  closeSync(file)
}

/** A folder with a file of holes, but for something at its beginning and after two thirds. */
function scene(size = 6 * MiB) {
  const work = temporary()
  const path = join(work, 'f')
  execFileSync('truncate', ['-s', String(size), path])
  write(path, 'begins', 0)
  write(path, 'goes on', (size * 2) / 3)
  return { work, path, source: foldersSource({ paths: [path], exclude: [] }) }
}

describe.each<Opening>(['here', 'late'])('opened %s', (opening) => {
  it.each([6 * MiB, 96 * 1024])('a file of %d bytes comes as the pieces that are there', async (size) => {
    const { work, path, source } = scene(size)
    execFileSync('setfattr', ['-n', 'user.s', '-v', '1', path])
    const ctx = context(work)
    const [entry] = await gather(source, ctx, opening)
    expect([entry?.size, entry?.sparse?.length, ctx.warnings]).toEqual([size, 2, []])
    expect(entry?.attributes).toEqual({ extended: [{ name: 'user.s', value: '1' }] })
    const whole = Buffer.alloc(size)
    let from = 0
    for (const { at, length } of entry?.sparse ?? []) {
      entry?.data?.copy(whole, at, from, from + length)
      from += length
    }
    expect(whole.equals(readFileSync(path))).toBe(true)
    expect(from).toBeLessThan(size / 2)
  })

  it.each([
    ['a hole is filled', (path: string) => write(path, 'new', 2 * MiB)],
    ['a hole is made', (path: string) => void execFileSync('fallocate', ['-p', '-o', '0', '-l', '4096', path])],
  ])('%s meanwhile, whatever the time of the file says: told', async (_, change) => {
    const { work, path, source } = scene()
    const { atime, mtime } = statSync(path)
    utimesSync(path, atime, mtime)
    let changed = false
    const onAdvance = (at: string | undefined, bytes: number) => {
      if (at !== path || bytes === 0 || changed) return
      changed = true
      change(path)
      utimesSync(path, atime, mtime)
    }
    const ctx = context(work, { onAdvance })
    await gather(source, ctx, opening)
    expect([changed, ctx.warnings]).toEqual([true, [{ code: 'file-changed', details: { path } }]])
  })

  it('its end goes away meanwhile: told, with zeros', async () => {
    const { work, path, source } = scene()
    const onAdvance = (at: string | undefined, bytes: number) => {
      if (at === path && bytes > 0) truncateSync(path, MiB)
    }
    const ctx = context(work, { onAdvance })
    const [entry] = await gather(source, ctx, opening)
    expect(entry?.sparse?.length).toBe(2)
    expect(ctx.warnings).toEqual([{ code: 'file-incomplete', details: { path, read: 4 * MiB, reason: 'EOF' } }])
  })
})

it('without the C library all is read, and it is told once that attributes are not kept', async () => {
  const { work, path } = scene()
  const without = vi.spyOn(system, 'libc').mockReturnValue(undefined)
  try {
    const ctx = context(work)
    const { entries } = await archiveOf(foldersSource({ paths: [path], exclude: [] }), ctx)
    expect(entries.paths).toEqual(['f'])
    expect(ctx.warnings.map(({ code }) => code)).toEqual(['attributes-unsupported'])
  } finally {
    without.mockRestore()
  }
})
