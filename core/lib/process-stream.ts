// External programs whose output is too long for memory: stdout as bytes, read as they are pulled.
// Guarantees: the stream ends normally only when the program ended with status 0, so a program that fails can never look like a short output;
// leaving early, a failure downstream or a cancel kills it. Never uses a shell. Gives the program nothing to read.
import { spawn } from 'node:child_process'
import { Failure } from '../api/failure.ts'
import { throwIfCancelled } from './bytes.ts'
import { abandon, environment, startFailure } from './process.ts'

/** How much of the end of stderr is kept, in characters. */
const kept = 4000

/** Failures as those of `run` (process.ts): `tool-missing`, `tool-failed` {tool, status, stderr}, `cancelled`. */
export async function* outputOf(
  command: string,
  args: readonly string[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Uint8Array> {
  const { signal } = options
  throwIfCancelled(signal)
  const child = spawn(command, args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
  const ended = new Promise<string | number>((resolve) => {
    child.once('close', (status, killer) => resolve(status ?? killer ?? ''))
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-kept)
  })
  const cancel = () => child.stdout.destroy(new Failure('cancelled', {}, { cause: signal?.reason }))
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (error) => reject(startFailure(command, error)))
    })
    signal?.addEventListener('abort', cancel, { once: true })
    throwIfCancelled(signal)
    for await (const chunk of child.stdout) yield chunk as Buffer
    const status = await ended
    throwIfCancelled(signal)
    if (status !== 0) throw new Failure('tool-failed', { tool: command, status, stderr: stderr.trimEnd() })
  } finally {
    signal?.removeEventListener('abort', cancel)
    abandon(child)
  }
}
