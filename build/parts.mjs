// The parts of the test run: what each runs, what it needs, and what is chosen by the arguments.
// A part is either a check (one command that passes or fails) or a runner that writes its counts as JSON.
import { stripVTControlCharacters } from 'node:util'
import { Stop } from './stop.mjs'

/**
 * `tool` is the file in node_modules that Node runs. `counts` names the report a test runner writes; a part without it counts as
 * one check. `needs`: 'program' = out/ compiled, 'electron' = the Electron program as well.
 * @typedef {{ tool: string, args: string[], counts?: 'vitest' | 'playwright', needs?: 'program' | 'electron' }} Part
 */

/** @typedef {'types' | 'lint' | 'layers' | 'dead-code' | 'unit' | 'suites' | 'terminal' | 'faults' | 'e2e'} PartName */

/** @type {Record<PartName, Part>} */
export const parts = {
  types: { tool: 'typescript/bin/tsc', args: ['-b'] },
  lint: { tool: '@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings'] },
  layers: {
    tool: 'dependency-cruiser/bin/dependency-cruise.mjs',
    args: ['--config', '.dependency-cruiser.cjs', 'core', 'electron', 'renderer'],
  },
  'dead-code': { tool: 'knip/bin/knip.js', args: [] },
  unit: { tool: 'vitest/vitest.mjs', args: ['run', '--project', 'unit'], counts: 'vitest', needs: 'program' },
  suites: { tool: 'vitest/vitest.mjs', args: ['run', '--project', 'suites'], counts: 'vitest', needs: 'program' },
  terminal: { tool: 'vitest/vitest.mjs', args: ['run', '--project', 'terminal'], counts: 'vitest', needs: 'program' },
  faults: { tool: 'vitest/vitest.mjs', args: ['run', '--project', 'faults'], counts: 'vitest', needs: 'program' },
  e2e: { tool: '@playwright/test/cli.js', args: ['test'], counts: 'playwright', needs: 'electron' },
}

const all = /** @type {PartName[]} */ (Object.keys(parts))
/** What `npm run check` runs: what takes no minutes. The suites start servers, and runs in threads. */
const quick = all.filter((name) => !['suites', 'terminal', 'faults', 'e2e'].includes(name))

/**
 * @param {string[]} args `[]`, `['--check']` or `['--only', PART, FILE…]`
 * @returns {{ names: PartName[], files: string[] }}
 */
export function chosenParts(args) {
  const [option, name, ...files] = args
  if (option === undefined) return { names: all, files: [] }
  if (option === '--check' && name === undefined) return { names: quick, files: [] }
  const part = all.find((known) => known === name)
  if (option === '--only' && part) return { names: [part], files }
  throw new Stop(`"${args.join(' ')}" is not understood. One part of the tests is one of ${all.join(', ')}.`, {
    type: ['npm test', 'npm run check', 'npm test -- --only unit'],
  })
}

/** @typedef {{ passed: number, failed: number }} Counts */

/**
 * The counts in a runner's JSON report. A skipped test counts as failed: there must be none.
 * @param {'vitest' | 'playwright'} runner
 * @param {string} json
 * @returns {Counts}
 */
export function countsIn(runner, json) {
  const report = JSON.parse(json)
  if (runner === 'vitest') {
    const skipped = report.numPendingTests + report.numTodoTests
    return { passed: report.numPassedTests, failed: report.numFailedTests + skipped }
  }
  const { expected, unexpected, flaky, skipped } = report.stats
  return { passed: expected, failed: unexpected + flaky + skipped }
}

/**
 * The test files with a failure, by a runner's JSON report: as the runner takes them on its command line.
 * @param {'vitest' | 'playwright'} runner
 * @param {string} json
 * @returns {string[]}
 */
export function failedFilesIn(runner, json) {
  const report = JSON.parse(json)
  const files =
    runner === 'vitest'
      ? report.testResults.filter(isBad).map((/** @type {{ name: string }} */ { name }) => name)
      : report.suites
          .flatMap(failedSpecs)
          .map((/** @type {Spec} */ { file }) => `${report.config?.rootDir ?? 'tests/e2e'}/${file}`)
  return [...new Set(files)]
}

/** @param {{ status?: string, assertionResults: { status: string }[] }} file */
function isBad({ status, assertionResults }) {
  return status === 'failed' || assertionResults.some((one) => one.status === 'failed')
}

/** How many files at the most are run again: more than a few is no coincidence. */
const fewFiles = 3

/**
 * Whether the failed files of a whole run are worth a second look: a few, by name, of a runner that counted them. The second run is alone, and what passes then is
 * told as unsteady, with what went wrong the first time; it is looked into, but keeps nobody's work from landing (DECISIONS.md).
 * @param {{ name: PartName, files: string[] }[]} failed
 */
export function isWorthAnotherLook(failed) {
  const files = failed.flatMap((part) => part.files)
  return files.length > 0 && files.length <= fewFiles && failed.every((part) => part.files.length > 0)
}

/**
 * What failed by a runner's JSON report, for the end of the output, which is what one sees of a long run: a line and the message of each.
 * @param {'vitest' | 'playwright'} runner
 * @param {string} json
 * @returns {string[]}
 */
export function failuresIn(runner, json) {
  const report = JSON.parse(json)
  return runner === 'vitest' ? report.testResults.flatMap(vitestFailures) : report.suites.flatMap(playwrightFailures)
}

/** @param {{ name: string, message?: string, assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }} file */
function vitestFailures({ name, message, assertionResults }) {
  const tests = assertionResults.filter(({ status }) => status !== 'passed')
  if (tests.length === 0) return message ? [told(name, 'the file itself', message)] : []
  return tests.map(({ fullName, status, failureMessages = [] }) =>
    told(name, fullName, failureMessages.join('\n') || status),
  )
}

/** @typedef {{ file: string, title: string, tests: { status: string, results: { errors?: { message?: string }[] }[] }[] }} Spec */
/** @typedef {{ suites?: Suite[], specs?: Spec[] }} Suite */
/** @param {Suite} suite @returns {Spec[]} */
function failedSpecs({ suites = [], specs = [] }) {
  const own = specs.filter(({ tests }) => tests.some(({ status }) => status !== 'expected'))
  return [...own, ...suites.flatMap(failedSpecs)]
}

/** @param {Suite} suite @returns {string[]} */
function playwrightFailures(suite) {
  return failedSpecs(suite).map(({ file, title, tests }) => {
    const errors = tests.flatMap(({ results }) => results.flatMap((one) => one.errors ?? []))
    return told(file, title, errors.map(({ message = '' }) => message).join('\n') || 'skipped')
  })
}

const messageLines = 12

/** @param {string} file @param {string} test @param {string} message */
function told(file, test, message) {
  const lines = stripVTControlCharacters(message).trimEnd().split('\n')
  const rest = lines.length > messageLines ? ['…'] : []
  return [`✗ ${file} › ${test}`, ...lines.slice(0, messageLines), ...rest].join('\n    ')
}

/**
 * What a part counts for. A runner that failed without naming a failed test, or ran none, counts as one failure.
 * @param {number} code the command's exit code
 * @param {Counts | undefined} counts
 * @returns {Counts}
 */
export function result(code, counts) {
  if (!counts) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
  const nothing = counts.passed + counts.failed === 0
  return counts.failed === 0 && (code !== 0 || nothing) ? { ...counts, failed: 1 } : counts
}
