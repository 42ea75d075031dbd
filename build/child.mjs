// Starts other programs for the build scripts.
// Guarantees: exit codes are passed on as a shell would (128 + number for a program ended by a signal); a signal sent to us
// reaches the program; a program that is not installed is `undefined`, not an exception.
import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {string | undefined} what it printed, or undefined when it is missing or failed
 */
export function read(command, args, env = process.env) {
  const result = spawnSync(command, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] })
  return result.error || result.status !== 0 ? undefined : result.stdout
}

/**
 * Exit code as a shell gives it.
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
export function exitCode(code, signal) {
  if (code !== null) return code
  return 128 + (signal ? constants.signals[signal] : 0)
}

/**
 * Runs a program for the set-up: its output is shown on our standard error, and the end of its own standard error is kept.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean, timeout?: number }} [options] timeout in ms
 * @returns {Promise<{ code: number, complaint: string, missing: boolean }>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let complaint = ''
    child.stdout.on('data', (chunk) => options.quiet || process.stderr.write(chunk))
    child.stderr.on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-65_536)
      if (!options.quiet) process.stderr.write(chunk)
    })
    child.on('error', (error) => resolve({ code: 127, complaint: error.message, missing: true }))
    child.on('close', (code, signal) => resolve({ code: exitCode(code, signal), complaint, missing: false }))
  })
}

/**
 * Runs a program in our place: same terminal, same standard streams; resolves with its exit code.
 * Ctrl-C at a terminal reaches the whole foreground group, so SIGINT is passed on only when there is no terminal: a program that
 * takes the second Ctrl-C as "at once" must not see one twice.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function replaceWith(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: 'inherit' })
    let interrupted = 0
    /** @type {Partial<Record<NodeJS.Signals, () => void>>} */
    const handlers = {
      SIGINT: () => {
        if (process.stdin.isTTY || interrupted++ > 0) return
        child.kill('SIGINT')
      },
      SIGTERM: () => void child.kill('SIGTERM'),
      SIGHUP: () => void child.kill('SIGHUP'),
    }
    const entries = /** @type {[NodeJS.Signals, () => void][]} */ (Object.entries(handlers))
    for (const [signal, handler] of entries) process.on(signal, handler)
    const restore = () => {
      for (const [signal, handler] of entries) process.off(signal, handler)
    }
    child.on('error', (error) => {
      restore()
      reject(error)
    })
    child.on('close', (code, signal) => {
      restore()
      resolve(exitCode(code, signal))
    })
  })
}
