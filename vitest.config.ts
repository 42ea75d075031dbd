// The unit, suite, terminal and fault tests as Vitest projects, so that each can be run by its name.
// Guarantees: the compiled program (out/main) is fresh before any test runs, because some tests start it as a process.
// Does not start a Secret Service: build/test.mjs and `npm run check` wrap the whole command once (see build/session.mjs).
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/**
 * One project per folder under tests/. A time limit ends a test that hangs; it is many times what any of them takes, because how long that is is
 * the machine's matter. Forks, because tests change the working folder, signals and the environment.
 */
/** A campaign (build/campaign.mjs) takes as long as it takes. */
const limit = (milliseconds: number) => (process.env.ARCHE_CAMPAIGN === undefined ? milliseconds : 0)

function project(name: string, milliseconds: { test: number; hook: number }) {
  return {
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      environment: 'node',
      pool: 'forks' as const,
      // Most of the time is spent waiting for other programs and disks: one worker more than there are processors.
      maxWorkers: availableParallelism() + 1,
      testTimeout: limit(milliseconds.test),
      hookTimeout: limit(milliseconds.hook),
      restoreMocks: true,
      unstubEnvs: true,
      expect: { requireAssertions: true },
    },
  }
}

export default defineConfig({
  test: {
    globalSetup: ['build/fresh-build.mjs'],
    projects: [
      project('unit', { test: 120_000, hook: 120_000 }),
      project('suites', { test: 300_000, hook: 180_000 }),
      project('terminal', { test: 300_000, hook: 180_000 }),
      project('faults', { test: 300_000, hook: 180_000 }),
    ],
  },
})
