// The catalogue with very many names (ten million in the campaign `load`): fed, joined and looked through in a program whose heap is small.
import { execFile } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { figure, rounds } from '../support/campaign.ts'
import { compile } from '../support/compile.ts'
import type { Answer } from '../support/programs/large-catalogue.ts'

const count = Math.round(rounds(100_000, 10_000_000) / 40) * 40

test('any number of names needs no more memory than a few, and each is found', { timeout: 3_600_000 }, async () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'arche-names-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const program = await compile('large-catalogue')
  // In memory they would take some 200 bytes each.
  const node = ['--max-old-space-size=128', program, String(count), folder]
  const { stdout } = await promisify(execFile)(process.execPath, node, { maxBuffer: 1 << 24 })
  const found = JSON.parse(stdout) as Answer
  expect(found.versions).toBe(2)
  expect(found.bytes).toBeLessThan(80)
  expect(found.megabytes.taking).toBeLessThan(400)
  expect(found.megabytes.looking).toBeLessThan(400)
  const { searches } = found
  expect(searches[`scan_${count - 3}`]).toMatchObject({
    total: 1,
    first: expect.stringContaining(`scan_${count - 3}.`),
  })
  expect(searches.zebra).toMatchObject({ total: 0 })
  expect(searches.e?.total).toBeGreaterThan(50_000)
  figure('names in the catalogue', count)
  const typed = Object.values(searches).map(({ ms }) => ms)
  figure('ms for the slowest of nine searches', Math.max(...typed))
  figure('ms for the median search', typed.sort((one, other) => one - other)[4] ?? 0)
})
