// A contents index of very many entries (two million in the campaign `load`), written, read and browsed in a program that has no room for them.
import { execFile } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { figure, rounds } from '../support/campaign.ts'
import { compile } from '../support/compile.ts'
import type { Answer } from '../support/programs/large-index.ts'

const count = Math.round(rounds(200_000, 2_000_000) / 200) * 200

test('any number of entries needs no more memory than a few', { timeout: 600_000 }, async () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'arche-index-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const program = await compile('large-index')
  figure('entries of an index', count)
  // In memory they would take some 250 bytes each.
  const node = ['--max-old-space-size=64', program, String(count), folder]
  const { stdout } = await promisify(execFile)(process.execPath, node, { maxBuffer: 1 << 24 })
  const found = JSON.parse(stdout) as Answer
  expect(found.total).toMatchObject({ entries: count, files: count - 1, top: ['data'] })
  expect(found.account).toMatchObject({ entries: count, files: count - 1, bytes: found.total.bytes })
  expect(found.top.total).toBe(count / 200)
  expect(found.top.entries).toHaveLength(3)
  expect(found.top.entries[0]).toMatchObject({ type: 'folder', files: 200 })
  expect(found.inner).toBe(200)
  expect(found.planned).toBe(count - 1)
  expect(found.megabytes).toBeLessThan(350)
})
