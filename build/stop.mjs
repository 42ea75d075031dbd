// How the build scripts speak to the person at the terminal, and how they give up.
// Guarantees: everything goes to standard error, so that `npm start -- list --json` leaves only the program's own words on
// standard output; a Stop is shown as a sentence and what to type next, never as a stack.
// Does not hide bugs: any other error is thrown on and Node shows it whole.

/** A reason to stop that the person can do something about. `type` holds the exact commands to type next. */
export class Stop extends Error {
  /**
   * @param {string} sentence what is wrong
   * @param {{ type?: string[], cause?: unknown }} [next]
   */
  constructor(sentence, next = {}) {
    super(sentence, next.cause === undefined ? undefined : { cause: next.cause })
    this.name = 'Stop'
    this.type = next.type ?? []
  }
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** @param {Stop} stop */
export function explain(stop) {
  const commands = stop.type.map((command) => `    ${command}`)
  return ['', stop.message, ...(commands.length > 0 ? ['Type:', '', ...commands] : []), ''].join('\n')
}

/**
 * Runs a script's body and turns its result into the exit code of this process.
 * @param {() => Promise<number>} body
 */
export async function runScript(body) {
  try {
    process.exitCode = await body()
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    say(explain(error))
    process.exitCode = 1
  }
}
