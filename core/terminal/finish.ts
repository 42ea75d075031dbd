// The end of a command that did something small at once: one sentence for people, one result line for programs.
// Does not know runs: see run-report.ts.
import { exitCodes } from './exit-codes.ts'
import type { Session } from './session.ts'

/** Prints the end and gives the exit code. `data` goes into the JSON line, `sentence` to people. */
export function finish(
  session: Session,
  command: string,
  data: Readonly<Record<string, unknown>>,
  sentence?: string,
): number {
  const { output } = session
  if (sentence !== undefined) output.say(sentence)
  output.emit('result', { command, outcome: 'success', exitCode: exitCodes.success, ...data })
  return exitCodes.success
}
