// Runs the chosen parts one after the other and sums them. Started by build/test-arche.mjs inside the private session:
//   node build/run-parts.mjs PART,PART… [FILE …]
// Guarantees: a failing part does not keep the next from running; reports, traces and pictures lie in artifacts/; the last line is
// "N passed, N failed" over all parts, and the exit code is 0 only when nothing failed.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceWith } from './child.mjs'
import { projectRoot } from './compile.mjs'
import { countsIn, parts, result } from './parts.mjs'

const artifacts = join(projectRoot, 'artifacts')

/**
 * @param {import('./parts.mjs').PartName} name
 * @param {string[]} files
 * @returns {Promise<import('./parts.mjs').Counts>}
 */
async function runPart(name, files) {
  const part = parts[name]
  const report = join(artifacts, `${name}.json`)
  rmSync(report, { force: true })
  const reporting =
    part.counts === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : []
  const env = { ...process.env, ...(part.counts === 'playwright' ? { PLAYWRIGHT_JSON_OUTPUT_FILE: report } : {}) }
  const args = [join(projectRoot, 'node_modules', part.tool), ...part.args, ...reporting, ...files]
  const code = await replaceWith(process.execPath, args, { cwd: projectRoot, env })
  const counts = part.counts && existsSync(report) ? countsIn(part.counts, readFileSync(report, 'utf8')) : undefined
  return result(code, counts ?? (part.counts ? { passed: 0, failed: 0 } : undefined))
}

const names = /** @type {import('./parts.mjs').PartName[]} */ ((process.argv[2] ?? '').split(','))
const files = process.argv.slice(3)
mkdirSync(artifacts, { recursive: true })
const lines = []
const total = { passed: 0, failed: 0 }
for (const name of names) {
  console.log(`\n── ${name} ──`)
  const started = Date.now()
  const { passed, failed } = await runPart(name, files)
  total.passed += passed
  total.failed += failed
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  lines.push(`${failed > 0 ? '✗' : '✓'} ${name.padEnd(10)} ${passed} passed, ${failed} failed (${seconds} s)`)
}
console.log(`\n${lines.join('\n')}\n`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0
