// The end of this process where something in it may be held up by the system: Node ends only after all of its threads have, and a thread that reads a
// file system that does not answer ends when that answers.
// Guarantees: a process that can end by itself does, with its own exit code; one that cannot is killed. What a killed process leaves is what a crash
// leaves. Does not help where the system cannot kill the thread either: see terminal/front.ts. Not on Windows, which ends such threads.
import { spawn } from 'node:child_process'

/**
 * For the last thing that a process does: it ends with this code, at the latest some seconds from now, or within two where a person `hurry`s it.
 */
export function endSoon(code: number, hurry: boolean): void {
  process.exitCode = code
  const leave = () => {
    killLater(process.pid, hurry ? 1 : 10)
    process.exit(code)
  }
  setTimeout(leave, hurry ? 200 : 3_000).unref()
}

/** Delay in seconds before another process ends this one, which may never run again. */
export function killLater(pid: number, seconds: number): void {
  if (process.platform === 'win32') return
  const command = `sleep ${seconds}; kill -KILL ${pid}`
  const killer = spawn('sh', ['-c', command], { detached: true, stdio: 'ignore' })
  killer.once('error', () => undefined)
  killer.unref()
}
