// `npm start -- …` as the README tells people to use it: what a program reads from it is only what Arche says.
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '../../core/lib/process.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { jsonLines } from '../support/arche.ts'

it('prints nothing of npm’s own before the lines of --json', async () => {
  const folder = temporaryFolder()
  const env = { HOME: folder, ARCHE_HOME: join(folder, 'data') }
  // The folder of the project, where .npmrc is.
  const args = ['--prefix', join(import.meta.dirname, '../..'), 'start', '--', '--json', 'status']
  const { stdout } = await run('npm', args, { env })
  expect(jsonLines(stdout)).toMatchObject([{ type: 'result', command: 'status' }])
})
