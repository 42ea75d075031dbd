// One line for the system's shell, as a person would type it: what it says, line by line, and how it ended.
// Guarantees: it cannot ask anybody anything (no input, no terminal); it does not see the passwords given to Arche; cancelling, or the end of
// patience, stops it together with what it has started. What it leaves running when it ends by itself is left alone.
// Never given anything but what a person has written for this purpose: everything else runs without a shell (process.ts).
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Failure } from '../api/failure.ts'
import { startFailure, withoutPasswords } from './process.ts'

export interface ShellOptions {
  readonly signal: AbortSignal
  /** Milliseconds after which it is stopped. */
  readonly patience: number
  /** Each line of stdout and stderr, cut where it is very long. */
  readonly say: (line: string) => void
}

/** How a command ended: its exit number or the name of a signal; `late`: stopped at the end of patience. */
export interface ShellEnd {
  readonly status: number | string
  readonly late: boolean
}

const posix = process.platform !== 'win32'

/** Characters of a line that are kept. */
const longest = 2000

/** Milliseconds between asking to end and forcing it; and for what is still in the pipes after the end. */
const grace = 2000
const drain = 1000

/** Cancelled: Failure `cancelled`. No shell: `tool-missing`. */
export async function runShell(command: string, { signal, patience, say }: ShellOptions): Promise<ShellEnd> {
  if (signal.aborted) throw new Failure('cancelled', {}, { cause: signal.reason })
  const child = spawn(command, {
    shell: true,
    // A group of its own, so that all of it can be stopped.
    detached: posix,
    env: withoutPasswords(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const read = Promise.all([child.stdout, child.stderr].map((stream) => lines(stream, say)))
  let late = false
  let forced: NodeJS.Timeout | undefined
  const end = () => {
    stop(child, 'SIGTERM')
    forced ??= setTimeout(() => stop(child, 'SIGKILL'), grace)
  }
  const timer = setTimeout(() => {
    late = true
    end()
  }, patience)
  signal.addEventListener('abort', end, { once: true })
  try {
    const status = await ended(child)
    await within(read, drain)
    if (signal.aborted) throw new Failure('cancelled', {}, { cause: signal.reason })
    return { status, late }
  } finally {
    clearTimeout(timer)
    clearTimeout(forced)
    signal.removeEventListener('abort', end)
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

/** The shell itself has ended; programs it left running may still hold its pipes. */
function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(startFailure('sh', error)))
    child.once('exit', (status, signal) => resolve(status ?? signal ?? ''))
  })
}

async function lines(stream: NodeJS.ReadableStream, say: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) if (line !== '') say(line.slice(0, longest))
}

async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([work, over])
  clearTimeout(timer)
}

function stop(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  const { pid } = child
  if (pid === undefined) return
  try {
    if (posix) process.kill(-pid, signal)
    else child.kill(signal)
  } catch {
    // It has just ended by itself.
    return
  }
}
