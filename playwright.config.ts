// End-to-end tests in the real Electron program, several files at a time: each worker has a display of its own, whose keyboard and focus one test at a
// time owns (tests/e2e/desk.ts).
// Guarantees: pictures and traces in artifacts/e2e; a test is never repeated until it passes (build/run-parts.mjs runs a failed file once more, and tells that).
import { availableParallelism } from 'node:os'
import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'artifacts/e2e',
  globalSetup: './build/e2e-setup.mjs',
  fullyParallel: true,
  // Much of a test is waiting for a window: one more than there are processors.
  workers: Math.min(availableParallelism() + 1, 4),
  retries: 0,
  forbidOnly: true,
  timeout: 240_000,
  expect: { timeout: 45_000 },
  reporter: [['list'], ['json', { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? 'artifacts/e2e.json' }]],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure' },
})
