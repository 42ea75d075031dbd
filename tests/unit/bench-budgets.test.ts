import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { budgetJson, budgets, budgetTable, isKept } from '../bench/budgets.ts'
import { keepPart } from '../bench/results.ts'

const good = {
  clicks: { firstStart: 7, backUpNow: 1, restoreOneFile: 6 },
  ms: { warmStart: 1999, list200: 99, tick5000: 99, search: 299 },
  idleMiB: 249,
}

test('Clicks may reach their budget, times and memory must be below it', () => {
  expect(budgets.every((budget) => isKept(budget, good))).toBe(true)
  const bad = {
    clicks: { firstStart: 8, backUpNow: 2, restoreOneFile: 7 },
    ms: { warmStart: 2000, list200: 100, tick5000: 100, search: 300 },
    idleMiB: 250,
  }
  expect(budgets.some((budget) => isKept(budget, bad))).toBe(false)
})

test('What is missed is said in its row', () => {
  const lines = budgetTable({ ...good, idleMiB: 1250 }).split('\n')
  expect(lines).toHaveLength(2 + budgets.length)
  expect(lines.filter((line) => line.includes('MISSED'))).toEqual([expect.stringContaining('1,250 MiB')])
  expect(new Set(lines.map((line) => line.length)).size).toBe(1)
})

test('The line for programs has these names in this order', () => {
  expect(budgetJson(good)).toBe(
    '{"clicks":{"firstStart":7,"backUpNow":1,"restoreOneFile":6},"ms":{"warmStart":1999,"list200":99,"tick5000":99,"search":299},"idleMiB":249}',
  )
})

test('A part of the results is replaced, the others stay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'arche-unit-'))
  try {
    const file = join(folder, 'RESULTS.md')
    writeFileSync(file, '# One\n\nold\n\n## Below\n\n# By hand\n\nkept\n')
    keepPart(file, 'One', 'new\n')
    keepPart(file, 'Two', 'more')
    expect(readFileSync(file, 'utf8')).toBe('# One\n\nnew\n\n# By hand\n\nkept\n\n# Two\n\nmore\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
