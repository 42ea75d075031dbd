// External programs that run once and answer: arguments in, text out, the exit status never lost.
// Guarantees: waits for `close` (not for the end of stdout), so the status is known before anything is believed; a cancelled or silent
// program is killed and does not keep the caller waiting, even when it cannot die. Never uses a shell. Does not stream.
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { Failure } from '../api/failure.ts'
import { errnoOf } from './files.ts'

export interface RunOptions {
  readonly input?: string | Uint8Array
  /** Added to this process's environment; messages are asked for in English (LC_ALL=C), so that they can be read. */
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Most bytes of output (stdout, and stderr) that are kept in memory: more is Failure `tool-failed`. Default 16 MiB. */
  readonly limit?: number
  /** Milliseconds after which a program that has not ended is Failure `tool-failed`. Default: none. */
  readonly patience?: number
  /** An open file of ours that the program gets as its number 3. */
  readonly file?: number | undefined
}

export interface Output {
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs `command` from the PATH. Throws Failure `tool-missing` {tool}, `tool-failed` {tool, status, stderr} (status: exit number or signal name;
 * stderr: its end), `cancelled`.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(new Failure('cancelled', {}, { cause: options.signal.reason }))
    const child = spawn(command, args, {
      env: environment(options.env),
      stdio: ['pipe', 'pipe', 'pipe', options.file ?? 'ignore'],
      windowsHide: true,
    }) as ChildProcessWithoutNullStreams
    let timer: NodeJS.Timeout | undefined
    const settle = (deed: () => void) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', cancel)
      deed()
    }
    const giveUp = (failure: Failure) =>
      settle(() => {
        abandon(child)
        reject(failure)
      })
    const cancel = () => giveUp(new Failure('cancelled', {}, { cause: options.signal?.reason }))
    const failed = (reason: string) => new Failure('tool-failed', { tool: command, status: '', stderr: reason })

    options.signal?.addEventListener('abort', cancel, { once: true })
    if (options.patience !== undefined) timer = setTimeout(() => giveUp(failed('no answer')), options.patience)
    const limit = options.limit ?? 16 * 1024 * 1024
    const tooMuch = () => giveUp(failed(`more than ${limit} bytes of output`))
    const stdout = gather(child.stdout, limit, tooMuch)
    const stderr = gather(child.stderr, limit, tooMuch)
    child.once('error', (error) => settle(() => reject(startFailure(command, error))))
    child.once('close', (status, signal) =>
      settle(() => {
        if (status === 0) return resolve({ stdout: stdout(), stderr: stderr() })
        reject(
          new Failure('tool-failed', {
            tool: command,
            status: status ?? signal ?? '',
            stderr: stderr().trimEnd().slice(-2000),
          }),
        )
      }),
    )
    // A program that ends without reading its input says so by its status; the broken pipe adds nothing.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

function gather(stream: NodeJS.ReadableStream, limit: number, tooMuch: () => void): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) return tooMuch()
    chunks.push(chunk)
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

/** This process's environment for another program: messages are asked for in English, so that they can be read; never a password given to Arche. */
export function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...withoutPasswords(process.env), LC_ALL: 'C', ...more }
}

/** `ARCHE_OPERATOR_PASSWORD` and the like. Windows does not tell upper case from lower in such names. */
function isPassword(variable: string): boolean {
  return /^ARCHE_.*PASSWORD/i.test(variable)
}

export function withoutPasswords(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isPassword(name)))
}

/**
 * A copy of the environment, passwords included, which are then gone from the process itself: whatever it or one of its packages starts later,
 * programs and threads, does not get them.
 */
export function takeEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const taken = { ...env }
  for (const name of Object.keys(env).filter(isPassword)) delete env[name]
  return taken
}

/** Kills it and lets go of its pipes: a program stuck in the kernel, or its own children, must not hold us. */
export function abandon(child: ChildProcess): void {
  child.kill('SIGKILL')
  child.stdin?.destroy()
  child.stdout?.destroy()
  child.stderr?.destroy()
  child.unref()
}

export function startFailure(command: string, error: Error): Failure {
  if (errnoOf(error) === 'ENOENT') return new Failure('tool-missing', { tool: command }, { cause: error })
  return new Failure('tool-failed', { tool: command, status: '', stderr: error.message }, { cause: error })
}
