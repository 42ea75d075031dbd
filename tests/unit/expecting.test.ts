// What is expected of a plan's next archive, by what came out of the ones before.
import { expect, it } from 'vitest'
import type { Run } from '../../core/api/model.ts'
import type { PlanDraft } from '../../core/api/plan.ts'
import { newRun } from '../../core/history/record.ts'
import { expecting } from '../../core/services/expected.ts'

const plan = { id: 'p', method: { format: 'tar.gz' } } as unknown as PlanDraft

const run = (over: Partial<Run>): Run => ({ ...newRun('backup', { subject: 'Docs' }, 0), ...over })
const good = (stored: number) =>
  run({
    outcome: 'success',
    stored,
    expected: 100,
    artifact: 'backup_v30_Docs_2026-11-29_17h40m53s.tar.gz',
    sha256: 'a'.repeat(64),
  })
const full = (needed?: number) =>
  run({ outcome: 'error', failure: { code: 'no-space', details: {} }, expected: 100, ...(needed ? { needed } : {}) })

/** Newest first. */
const share = (...backups: Run[]) => expecting({ of: () => ({ backups }) } as never, plan)

it('corrects by the last good one, within limits', () => {
  expect(share()).toBeCloseTo(1.1)
  expect(share(good(50), good(90))).toBeCloseTo(0.55)
  expect(share(good(1))).toBeCloseTo(0.11)
  expect(share(good(900))).toBeCloseTo(2.2)
})

it('expects as much as the last one needed that did not fit, until one fits', () => {
  expect(share(full(300), good(50))).toBe(3)
  // One that was refused before it was written says nothing new.
  expect(share(full(), full(300), good(50))).toBe(3)
  expect(share(full(), good(50))).toBeCloseTo(0.55)
  expect(share(full(50))).toBeCloseTo(1.1)
  expect(share(full(100_000))).toBe(10)
  expect(share(good(50), full(300))).toBeCloseTo(0.55)
})
