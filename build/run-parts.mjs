// Runs the chosen parts one after the other and sums them. Started by build/test-arche.mjs inside the private session:
//   node build/run-parts.mjs PART,PART… [FILE …]
// Guarantees: a failing part does not keep the next from running; reports, traces and pictures lie in artifacts/; what failed is said again at the end, whose last line is
// "N passed, N failed" over all parts, and the exit code is 0 only when nothing failed. In a run of all parts the failed files, where they are few, are run once more, alone:
// what passes then is told as unsteady. Nothing is repeated until it passes.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceWith } from './child.mjs'
import { projectRoot } from './compile.mjs'
import { countsIn, failedFilesIn, failuresIn, isWorthAnotherLook, parts, result } from './parts.mjs'

const artifacts = join(projectRoot, 'artifacts')

/**
 * @param {import('./parts.mjs').PartName} name
 * @param {string[]} files
 * @param {string} again '' the first time
 * @returns {Promise<import('./parts.mjs').Counts & { failures: string[], failedFiles: string[] }>}
 */
async function runPart(name, files, again = '') {
  const part = parts[name]
  const report = join(artifacts, `${name}${again}.json`)
  rmSync(report, { force: true })
  const reporting =
    part.counts === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : []
  const env = { ...process.env, ...(part.counts === 'playwright' ? { PLAYWRIGHT_JSON_OUTPUT_FILE: report } : {}) }
  const args = [join(projectRoot, 'node_modules', part.tool), ...part.args, ...reporting, ...files]
  const code = await replaceWith(process.execPath, args, { cwd: projectRoot, env })
  const json = part.counts && existsSync(report) ? readFileSync(report, 'utf8') : undefined
  const counts = part.counts && json !== undefined ? countsIn(part.counts, json) : undefined
  const failures = part.counts && json !== undefined ? failuresIn(part.counts, json) : []
  const failedFiles = part.counts && json !== undefined ? failedFilesIn(part.counts, json) : []
  const counted = result(code, counts ?? (part.counts ? { passed: 0, failed: 0 } : undefined))
  if (counted.failed > 0 && failures.length === 0) failures.push(`✗ ${name} ended with code ${code}: see above`)
  return { ...counted, failures, failedFiles }
}

const names = /** @type {import('./parts.mjs').PartName[]} */ ((process.argv[2] ?? '').split(','))
const files = process.argv.slice(3)
mkdirSync(artifacts, { recursive: true })
const all = Object.keys(parts).length === names.length
const done = []
for (const name of names) {
  console.log(`\n── ${name} ──`)
  const started = Date.now()
  const part = await runPart(name, files)
  done.push({ name, part, unsteady: 0, seconds: (Date.now() - started) / 1000 })
}

const bad = done.filter(({ part }) => part.failed > 0)
const unsteady = []
if (all && isWorthAnotherLook(bad.map(({ name, part }) => ({ name, files: part.failedFiles })))) {
  for (const one of bad) {
    const { name, part } = one
    console.log(`\n── ${name}, what failed, alone ──`)
    const second = await runPart(name, part.failedFiles, '-again')
    if (second.failed > 0) continue
    unsteady.push(...part.failures)
    one.unsteady = part.failed
    one.part = { ...part, passed: part.passed + part.failed, failed: 0, failures: [] }
  }
}

const failed = done.flatMap(({ part }) => part.failures)
const total = { passed: 0, failed: 0 }
const lines = done.map(({ name, part, unsteady: times, seconds }) => {
  total.passed += part.passed
  total.failed += part.failed
  const also = times > 0 ? `, ${times} of them unsteady` : ''
  const mark = part.failed > 0 ? '✗' : times > 0 ? '~' : '✓'
  return `${mark} ${name.padEnd(10)} ${part.passed} passed${also}, ${part.failed} failed (${seconds.toFixed(1)} s)`
})
if (unsteady.length > 0)
  console.log(`\n── unsteady: failed once, passed when its file was run alone ──\n\n${unsteady.join('\n\n')}`)
if (failed.length > 0) console.log(`\n── failed ──\n\n${failed.join('\n\n')}`)
console.log(`\n${lines.join('\n')}\n`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0
