// A program of the tests as a process: speaks in lines, can be killed, and is gone when the test has ended.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

export interface Child {
  readonly pid: number
  /** The next line that it writes; undefined when it has ended. */
  line(): Promise<string | undefined>
  say(text: string): void
  /** Sends the signal and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Only sends it. */
  signal(signal: NodeJS.Signals): void
  /** Its exit code (null: killed). */
  readonly ended: Promise<number | null>
}

/** Starts a compiled program under Node. `through`: a command that is given the rest as arguments and becomes it (`env -i`). */
export function start(
  program: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; through?: readonly string[] } = {},
): Child {
  const { env = process.env, through = [] } = options
  const [command = '', ...rest] = [...through, process.execPath, program, ...args]
  const child: ChildProcess = spawn(command, rest, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    // A grandchild (a service that D-Bus started) may still hold the other end.
    child.stdout?.destroy()
  })
  const { stdin, stdout, pid } = child
  if (!stdin || !stdout || pid === undefined) throw new Error(`cannot start ${program}`)
  const lines = createInterface(stdout)[Symbol.asyncIterator]()
  return {
    pid,
    ended,
    line: async () => (await lines.next()).value,
    say: (text) => void stdin.write(`${text}\n`),
    signal: (signal) => void child.kill(signal),
    async kill(signal = 'SIGKILL') {
      child.kill(signal)
      await ended
    },
  }
}
