// External programs: their output, their status, and what happens when they are missing, silent or too loud.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { run, takeEnvironment } from '../../core/lib/process.ts'
import { outputOf } from '../../core/lib/process-stream.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { emptyPath } from '../suites/fixtures/scripted-lsblk.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

const node = (script: string) => [process.execPath, ['-e', script]] as const

test('gives what it printed', async () => {
  expect(await run(...node('process.stdout.write("é"); process.stderr.write("w")'))).toEqual({
    stdout: 'é',
    stderr: 'w',
  })
})

test('hands over input, arguments as they are, and the environment', async () => {
  const echo =
    'process.stdin.on("data", (d) => process.stdout.write(d)); process.stdin.on("end", () => process.stdout.write(process.argv[1] + process.env.X + process.env.LC_ALL))'
  const { stdout } = await run(process.execPath, ['-e', echo, '--', '$(touch x) "\'* 🔑'], {
    input: 'in:',
    env: { X: ':x:' },
  })
  expect(stdout).toBe('in:$(touch x) "\'* 🔑:x:C')
})

test('no program sees a password that was given to Arche', async () => {
  for (const which of ['OPERATOR', 'KEY', 'DATABASE', 'MAIL']) vi.stubEnv(`ARCHE_${which}_PASSWORD`, 'secret')
  const [program, args] = node('process.stdout.write(JSON.stringify(process.env))')
  expect((await run(program, args)).stdout).not.toContain('secret')
  let streamed = ''
  for await (const chunk of outputOf(program, args)) streamed += chunk
  expect(streamed).toContain('LC_ALL')
  expect(streamed).not.toContain('secret')
})

test('the environment is taken with its passwords, which are gone from then on', () => {
  const env: NodeJS.ProcessEnv = { ARCHE_KEY_PASSWORD: 'secret', ARCHE_HOME: '/data', PATH: '/bin' }
  expect(takeEnvironment(env)).toEqual({ ARCHE_KEY_PASSWORD: 'secret', ARCHE_HOME: '/data', PATH: '/bin' })
  expect(env).toEqual({ ARCHE_HOME: '/data', PATH: '/bin' })
})

test('a status other than 0: tool-failed with the status and the end of what it said', async () => {
  const failure = await failureOf(
    run(...node('process.stderr.write("a".repeat(5000) + "the reason\\n"); process.exitCode = 3')),
  )
  expect(failure).toMatchObject({ code: 'tool-failed', details: { tool: process.execPath, status: 3 } })
  expect(failure.details.stderr).toMatch(/^a{1990}the reason$/)
})

test('killed by a signal: tool-failed with its name', async () => {
  const failure = await failureOf(run(...node('process.kill(process.pid, "SIGTERM")')))
  expect(failure).toMatchObject({ code: 'tool-failed', details: { status: 'SIGTERM' } })
})

test('missing: tool-missing', async () => {
  emptyPath()
  expect(await failureOf(run('lsblk', []))).toMatchObject({ code: 'tool-missing', details: { tool: 'lsblk' } })
})

test('there but no program: tool-failed', async () => {
  const path = join(temporaryFolder(), 'tool')
  writeFileSync(path, 'x')
  expect((await failureOf(run(path, []))).code).toBe('tool-failed')
})

test('a program that does not read its input may end well', async () => {
  expect(await run(...node('process.stdout.write("done")'), { input: 'x'.repeat(5_000_000) })).toMatchObject({
    stdout: 'done',
  })
})

test('cancelled before and meanwhile', async () => {
  expect((await failureOf(run(...node(''), { signal: AbortSignal.abort() }))).code).toBe('cancelled')
  const stop = new AbortController()
  const running = failureOf(run(...node('setInterval(() => {}, 1000)'), { signal: stop.signal }))
  stop.abort()
  expect((await running).code).toBe('cancelled')
})

test('silent for too long, also when a child of its own holds the pipes: tool-failed', async () => {
  const failure = await failureOf(run('sh', ['-c', 'sleep 5 & wait'], { patience: 20 }))
  expect(failure).toMatchObject({ code: 'tool-failed', details: { tool: 'sh', stderr: 'no answer' } })
})

test('more output than asked for: tool-failed, and it is not waited for', async () => {
  const endless = 'const more = () => process.stdout.write("x".repeat(65536), more); more()'
  expect((await failureOf(run(...node(endless), { limit: 100_000 }))).code).toBe('tool-failed')
})
