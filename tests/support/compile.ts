// Compiles a TypeScript program of the tests, so that a test can run it as a process of its own (and kill it).
// Guarantees: the result lies below the project's `out`, where npm packages are found, and is removed at the end of the test file.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { build } from 'vite'
import { afterAll } from 'vitest'

const root = resolve(import.meta.dirname, '..', '..')

/** Absolute path of the compiled program. `name`: its file in tests/support/programs, without extension. */
export async function compile(name: string): Promise<string> {
  await mkdir(join(root, 'out'), { recursive: true })
  const folder = await mkdtemp(join(root, 'out', 'test-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(root, 'tests', 'support', 'programs', `${name}.ts`),
      outDir: folder,
      target: 'node20.18',
      rolldownOptions: { output: { entryFileNames: '[name].mjs' } },
    },
  })
  return join(folder, `${basename(name)}.mjs`)
}
