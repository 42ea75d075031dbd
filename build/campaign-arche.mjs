// What `npm run campaign` does once Node is known to be new enough: set-up, the campaign's test files inside a private session, one file after the other,
// without limits of time; then a line in tests/campaigns/RESULTS.md.
// Guarantees: a campaign that failed is written down like one that did not; the exit code is that of the tests.
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { campaigns, chosenCampaign, heading, resultLine } from './campaigns.mjs'
import { ensureBuilt, projectRoot } from './compile.mjs'
import { ensureModules } from './modules.mjs'
import { countsIn, result } from './parts.mjs'
import { runInSession } from './session.mjs'
import { ensureSystem } from './system.mjs'

/** @param {string[]} args what was typed after `npm run campaign --` */
export async function campaign(args) {
  const { name, length } = chosenCampaign(args)
  await ensureSystem(['terminal', 'test'])
  await ensureModules(projectRoot)
  await ensureBuilt()
  const artifacts = join(projectRoot, 'artifacts')
  mkdirSync(artifacts, { recursive: true })
  const report = join(artifacts, `campaign-${name}.json`)
  const figures = join(artifacts, `campaign-${name}.figures`)
  for (const file of [report, figures]) rmSync(file, { force: true })
  const env = { ...process.env, ARCHE_CAMPAIGN: String(length), ARCHE_CAMPAIGN_FIGURES: figures }
  const started = Date.now()
  const vitest = join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs')
  const reporting = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const words = [vitest, 'run', '--no-file-parallelism', ...reporting, ...campaigns[name].files]
  const code = await runInSession(process.execPath, words, { cwd: projectRoot, env })
  const counts = existsSync(report) ? countsIn('vitest', readFileSync(report, 'utf8')) : { passed: 0, failed: 0 }
  const results = join(projectRoot, 'tests', 'campaigns', 'RESULTS.md')
  if (!existsSync(results)) writeFileSync(results, heading)
  const line = resultLine({
    date: new Date(started).toISOString().slice(0, 10),
    commit: commit(),
    name,
    length,
    seconds: (Date.now() - started) / 1000,
    figures: figuresIn(figures),
    counts: result(code, counts),
  })
  appendFileSync(results, line)
  console.log(`\n${line}`)
  return code
}

/** Of what is tried; with a `+` where files were changed since. */
function commit() {
  const git = (/** @type {string[]} */ ...words) => execFileSync('git', words, { cwd: projectRoot, encoding: 'utf8' })
  return `${git('rev-parse', '--short', 'HEAD').trim()}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+'}`
}

/** @param {string} file @returns {{ name: string, value: number }[]} */
function figuresIn(file) {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}
