// How programs are started: arguments, folders, displays, exit codes and signals; and how the test run is counted.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { campaigns, chosenCampaign, resultLine } from '../../build/campaigns.mjs'
import { exitCode, read, run } from '../../build/child.mjs'
import { projectRoot } from '../../build/compile.mjs'
import { hasDisplay } from '../../build/display.mjs'
import {
  chosenParts,
  countsIn,
  failedFilesIn,
  failuresIn,
  isWorthAnotherLook,
  parts,
  result,
} from '../../build/parts.mjs'
import { callersFolder } from '../../build/start-arche.mjs'

describe('starting', () => {
  it('means the folder the person is in, not the project', () => {
    expect(callersFolder({ INIT_CWD: tmpdir() })).toBe(tmpdir())
    expect(callersFolder({ INIT_CWD: '/does/not/exist' })).toBe(process.cwd())
    expect(callersFolder({})).toBe(process.cwd())
  })

  it('knows whether a window can be shown', () => {
    expect(hasDisplay({}, 'linux')).toBe(false)
    expect(hasDisplay({ DISPLAY: '' }, 'linux')).toBe(false)
    expect(hasDisplay({ DISPLAY: ':0' }, 'linux')).toBe(true)
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true)
    expect(hasDisplay({}, 'darwin')).toBe(true)
  })
})

describe('other programs', () => {
  it('give exit codes as a shell does', async () => {
    expect(exitCode(3, null)).toBe(3)
    expect(exitCode(null, 'SIGTERM')).toBe(143)
    expect((await run(process.execPath, ['-e', 'process.exit(5)'], { quiet: true })).code).toBe(5)
  })

  it('leave their complaint behind', async () => {
    const failed = await run(process.execPath, ['-e', 'console.error("no network");process.exit(1)'], { quiet: true })
    expect(failed.complaint).toContain('no network')
  })

  it('may be missing', async () => {
    expect(await run('arche-no-such-program', [])).toMatchObject({ code: 127, missing: true })
    expect(read('arche-no-such-program', [])).toBeUndefined()
    expect(read(process.execPath, ['-e', 'process.exit(1)'])).toBeUndefined()
    expect(read(process.execPath, ['-e', 'console.log(1)'])).toBe('1\n')
  })

  /** Starts a program through replaceWith, as `npm start` does, and waits until it speaks. */
  async function started(program: string) {
    const wrapper = [
      `import { replaceWith } from '${new URL('../../build/child.mjs', import.meta.url).href}'`,
      `process.exitCode = await replaceWith(process.execPath, ['-e', ${JSON.stringify(program)}])`,
    ].join('\n')
    const child = spawn(process.execPath, ['--input-type=module', '-e', wrapper], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const said: string[] = []
    child.stdout.setEncoding('utf8').on('data', (text) => said.push(text))
    await once(child.stdout, 'data')
    return { child, said }
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'get %s sent to us, and their exit code is ours',
    async (signal) => {
      const { child, said } = await started(
        `process.on('${signal}', () => { console.log('got it'); process.exit(9) }); setInterval(() => 0, 1000); console.log('ready')`,
      )
      child.kill(signal)
      const [code] = await once(child, 'close')
      expect(said.join('')).toBe('ready\ngot it\n')
      expect(code).toBe(9)
    },
  )

  it('ended by a signal make us end with 128 + its number', async () => {
    const { child } = await started("setInterval(() => 0, 1000); console.log('ready')")
    child.kill('SIGTERM')
    const [code] = await once(child, 'close')
    expect(code).toBe(143)
  })
})

describe('the test run', () => {
  it('chooses its parts by the arguments', () => {
    expect(chosenParts([]).names).toEqual(Object.keys(parts))
    expect(chosenParts(['--check']).names).toEqual(['types', 'lint', 'layers', 'dead-code', 'unit'])
    expect(chosenParts(['--only', 'e2e'])).toEqual({ names: ['e2e'], files: [] })
    expect(chosenParts(['--only', 'unit', 'build-run'])).toEqual({ names: ['unit'], files: ['build-run'] })
  })

  it.each([[['--only']], [['--only', 'everything']], [['unit']], [['--check', 'unit']]])('refuses %j', (args) => {
    expect(() => chosenParts(args)).toThrow(/not understood/)
  })

  it('counts what the runners report, skipped and repeated tests as failed', () => {
    const vitest = { numPassedTests: 7, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 }
    expect(countsIn('vitest', JSON.stringify(vitest))).toEqual({ passed: 7, failed: 4 })
    const playwright = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 1 } }
    expect(countsIn('playwright', JSON.stringify(playwright))).toEqual({ passed: 5, failed: 3 })
  })

  it('says at the end what failed, and how', () => {
    const passed = { status: 'passed', fullName: 'good', failureMessages: [] }
    const failed = { status: 'failed', fullName: 'a › b', failureMessages: ['\u001b[31mexpected 1\u001b[39m\n  at x'] }
    const skipped = { status: 'skipped', fullName: 'c', failureMessages: [] }
    const testResults = [
      { name: 'x.test.ts', message: '', assertionResults: [passed, failed, skipped] },
      { name: 'broken.test.ts', message: 'no such module', assertionResults: [] },
    ]
    expect(failuresIn('vitest', JSON.stringify({ testResults }))).toEqual([
      '✗ x.test.ts › a › b\n    expected 1\n      at x',
      '✗ x.test.ts › c\n    skipped',
      '✗ broken.test.ts › the file itself\n    no such module',
    ])
    const spec = (title: string, status: string, message?: string) => ({
      file: 'y.test.ts',
      title,
      tests: [{ status, results: [{ errors: message === undefined ? [] : [{ message }] }] }],
    })
    const inner = {
      specs: [spec('fine', 'expected'), spec('bad', 'unexpected', 'seen twice'), spec('left', 'skipped')],
    }
    expect(failedFilesIn('vitest', JSON.stringify({ testResults }))).toEqual(['x.test.ts'])
    const broken = [{ name: 'broken.test.ts', status: 'failed', assertionResults: [] }]
    expect(failedFilesIn('vitest', JSON.stringify({ testResults: broken }))).toEqual(['broken.test.ts'])
    const report = JSON.stringify({ config: { rootDir: '/e2e' }, suites: [{ suites: [inner] }] })
    expect(failedFilesIn('playwright', report)).toEqual(['/e2e/y.test.ts'])
    expect(failuresIn('playwright', JSON.stringify({ suites: [{ suites: [inner] }] }))).toEqual([
      '✗ y.test.ts › bad\n    seen twice',
      '✗ y.test.ts › left\n    skipped',
    ])
  })

  it('looks a second time at a few failed files only, and at nothing that cannot be named', () => {
    const unit = (...files: string[]) => ({ name: 'unit' as const, files })
    expect(isWorthAnotherLook([])).toBe(false)
    expect(isWorthAnotherLook([unit('a')])).toBe(true)
    expect(isWorthAnotherLook([unit('a', 'b'), { name: 'e2e', files: ['c'] }])).toBe(true)
    expect(isWorthAnotherLook([unit('a', 'b'), { name: 'e2e', files: ['c', 'd'] }])).toBe(false)
    expect(isWorthAnotherLook([unit('a'), { name: 'types', files: [] }])).toBe(false)
  })

  it('never counts a runner that broke, or ran nothing, as good', () => {
    expect(result(0, undefined)).toEqual({ passed: 1, failed: 0 })
    expect(result(2, undefined)).toEqual({ passed: 0, failed: 1 })
    expect(result(0, { passed: 4, failed: 0 })).toEqual({ passed: 4, failed: 0 })
    expect(result(1, { passed: 4, failed: 2 })).toEqual({ passed: 4, failed: 2 })
    expect(result(1, { passed: 4, failed: 0 })).toEqual({ passed: 4, failed: 1 })
    expect(result(0, { passed: 0, failed: 0 })).toEqual({ passed: 0, failed: 1 })
  })
})

describe('a campaign', () => {
  it('is chosen by its name, and as long as asked for', () => {
    expect(chosenCampaign(['kills'])).toEqual({ name: 'kills', length: 1 })
    expect(chosenCampaign(['load', '0.1'])).toEqual({ name: 'load', length: 0.1 })
    for (const args of [[], ['nothing'], ['kills', '0'], ['kills', 'x'], ['kills', '1', '2']])
      expect(() => chosenCampaign(args)).toThrow('A campaign is one of')
  })

  it('runs test files that are there', () => {
    const files = Object.values(campaigns).flatMap((one) => one.files)
    expect(files.filter((file) => !existsSync(join(projectRoot, file)))).toEqual([])
  })

  it('is written down as one line, with its figures summed', () => {
    const figures = [
      { name: 'kills', value: 2 },
      { name: 'years', value: 4 },
      { name: 'kills', value: 3 },
    ]
    const about = { date: '2026-11-30', commit: 'abc', name: 'kills', length: 1, seconds: 90 }
    expect(resultLine({ ...about, figures, counts: { passed: 5, failed: 1 } })).toBe(
      '| 2026-11-30 | abc | kills | 1 | 1.5 | 5 kills, 4 years | 5 passed, 1 failed |\n',
    )
  })
})
