// Runs the chosen parts one after the other and sums them. Started by build/test-arche.mjs inside the private session:
//   node build/run-parts.mjs PART,PART… [FILE …]
// Guarantees: a failing part does not keep the next from running; reports, traces and pictures lie in artifacts/; what failed is said again at the end, whose last line is
// "N passed, N failed" over all parts, and the exit code is 0 only when nothing failed.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceWith } from './child.mjs'
import { projectRoot } from './compile.mjs'
import { countsIn, failuresIn, parts, result } from './parts.mjs'

const artifacts = join(projectRoot, 'artifacts')

/**
 * @param {import('./parts.mjs').PartName} name
 * @param {string[]} files
 * @returns {Promise<import('./parts.mjs').Counts & { failures: string[] }>}
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
  const json = part.counts && existsSync(report) ? readFileSync(report, 'utf8') : undefined
  const counts = part.counts && json !== undefined ? countsIn(part.counts, json) : undefined
  const failures = part.counts && json !== undefined ? failuresIn(part.counts, json) : []
  const counted = result(code, counts ?? (part.counts ? { passed: 0, failed: 0 } : undefined))
  if (counted.failed > 0 && failures.length === 0) failures.push(`✗ ${name} ended with code ${code}: see above`)
  return { ...counted, failures }
}

const names = /** @type {import('./parts.mjs').PartName[]} */ ((process.argv[2] ?? '').split(','))
const files = process.argv.slice(3)
mkdirSync(artifacts, { recursive: true })
const lines = []
const failed = []
const total = { passed: 0, failed: 0 }
for (const name of names) {
  console.log(`\n── ${name} ──`)
  const started = Date.now()
  const part = await runPart(name, files)
  total.passed += part.passed
  total.failed += part.failed
  failed.push(...part.failures)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  lines.push(
    `${part.failed > 0 ? '✗' : '✓'} ${name.padEnd(10)} ${part.passed} passed, ${part.failed} failed (${seconds} s)`,
  )
}
if (failed.length > 0) console.log(`\n── failed ──\n\n${failed.join('\n\n')}`)
console.log(`\n${lines.join('\n')}\n`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0
