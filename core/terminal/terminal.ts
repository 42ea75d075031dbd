// The terminal form of Arche from its arguments to its exit code. The one file of this folder that cli.ts imports.
// Guarantees: every way to end gives an exit code of exit-codes.ts and a sentence; a bug is shown without its stack, which goes to the log.
// Does not open the engine itself: `open` is handed in.

import type { ReadStream, WriteStream } from 'node:tty'
import { CommanderError } from 'commander'
import { Failure, toProblem } from '../api/failure.ts'
import type { Language } from '../api/model.ts'
import { describe } from '../api/text/text.ts'
import { visible } from '../api/text/visible.ts'
import { createAsk } from './ask.ts'
import type { Action } from './building.ts'
import type { EngineAccess } from './connection.ts'
import { exitCodes, exitOfFailure } from './exit-codes.ts'
import { createInterrupts, type Interrupts, type SignalSource } from './interrupts.ts'
import { environmentLanguage, requestedLanguage } from './language.ts'
import { absolute, isThere } from './names.ts'
import { createOutput, type Output } from './output.ts'
import { createPasswords } from './passwords.ts'
import { createProgram, type GlobalOptions } from './program.ts'
import { createProgress } from './progress.ts'
import { createSession } from './session.ts'
import { UsageError } from './usage.ts'

export interface Terminal {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly stdin: ReadStream
  readonly stdout: WriteStream
  readonly stderr: WriteStream
  readonly signals: SignalSource
  readonly version: string
  /** The language chosen in Arche, if any. */
  readonly savedLanguage: () => Promise<Language | undefined>
  /** Opens the engine, or a way to the one that is open; `language` is the language of the system. A `service` stays, a `terminal` goes. */
  readonly open: (language: Language, role: 'terminal' | 'service') => Promise<EngineAccess>
  readonly onBug: (error: unknown) => Promise<void>
}

/** Runs one command line and gives its exit code. Never throws. */
export async function runTerminal(terminal: Terminal): Promise<number> {
  const { argv, env, stdout, stderr } = terminal
  const system = environmentLanguage(env)
  const language = requestedLanguage(argv) ?? (await terminal.savedLanguage()) ?? system
  const output = createOutput({ json: isJson(argv), language, env, stdout, stderr })
  let exitCode: number = exitCodes.success
  const program = createProgram({
    t: output.t,
    version: terminal.version,
    columns: Math.min(100, stdout.columns || 80),
    write: (text) => stdout.write(text),
    writeError: (text) => stderr.write(text),
    run: async (action) => {
      exitCode = await runAction(terminal, output, system, program.opts<GlobalOptions>(), action)
    },
  })
  try {
    refuseMangled(argv, env)
    if (argv.length === 0) program.outputHelp()
    else await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage
    return tellError(terminal, output, error)
  }
}

/**
 * npm hands names on that it has read as UTF-8, and outside of Linux nobody shows us their bytes: what is lost cannot be found again. A name that really
 * holds the replacement character is there under it.
 */
function refuseMangled(argv: readonly string[], env: NodeJS.ProcessEnv): void {
  if (process.platform === 'linux' && env.npm_lifecycle_event === undefined) return
  const lost = argv.find((one) => one.includes('\ufffd') && !isThere(absolute(one)))
  if (lost !== undefined) throw new UsageError('name-not-utf8', { name: visible(lost) })
}

/** Known before parsing, so that a mistake on the line is told in the right form. */
function isJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}

async function runAction(
  terminal: Terminal,
  output: Output,
  system: Language,
  options: GlobalOptions,
  action: Action,
): Promise<number> {
  const { env, stdin, stderr } = terminal
  const interrupts = createInterrupts(terminal.signals)
  const descriptors = {
    ...(options.operatorPasswordFd === undefined ? {} : { operator: options.operatorPasswordFd }),
    ...(options.keyPasswordFd === undefined ? {} : { key: options.keyPasswordFd }),
    ...(options.databasePasswordFd === undefined ? {} : { database: options.databasePasswordFd }),
    ...(options.mailPasswordFd === undefined ? {} : { mail: options.mailPasswordFd }),
    ...(options.placePasswordFd === undefined ? {} : { place: options.placePasswordFd }),
    ...(options.placePassphraseFd === undefined ? {} : { passphrase: options.placePassphraseFd }),
    ...(options.newOperatorPasswordFd === undefined ? {} : { 'new-operator': options.newOperatorPasswordFd }),
  }
  const session = createSession((role) => terminal.open(system, role), {
    output,
    ask: createAsk({ language: output.language, stdin, stderr, signal: interrupts.signal, say: output.note }),
    passwords: createPasswords({ env, descriptors }),
    interrupts,
    progress: await createProgress(output, stderr),
    yes: options.yes === true,
  })
  const work = async () => {
    const exitCode = await action(session).catch((error: unknown) => tellError(terminal, output, error))
    await session.close()
    return exitCode
  }
  try {
    return await pressed(work(), interrupts, () => {
      session.progress.end()
      output.error(
        { code: 'cancelled', ...describe({ code: 'cancelled', details: {} }, output.language), details: {} },
        exitCodes.cancelled,
      )
      output.note(output.t('terminal.interrupt.given-up'))
    })
  } finally {
    interrupts.dispose()
  }
}

/** For how long a command that must end is waited for, in ms: a little longer than the engine waits for its parts. */
const patience = 8_500

/** The exit code of the work; of a cancelled one when the work does not end although it must. */
async function pressed(work: Promise<number>, { pressing }: Interrupts, tell: () => void): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const givenUp = new Promise<number>((resolve) => {
    const wait = () => {
      timer = setTimeout(() => {
        tell()
        resolve(exitCodes.cancelled)
      }, patience)
    }
    if (pressing.aborted) wait()
    else pressing.addEventListener('abort', wait, { once: true })
  })
  try {
    return await Promise.race([work, givenUp])
  } finally {
    clearTimeout(timer)
  }
}

async function tellError(terminal: Terminal, output: Output, error: unknown): Promise<number> {
  if (error instanceof UsageError) {
    output.error({ code: 'bad-input', ...error.describe(output.t) }, exitCodes.usage)
    return exitCodes.usage
  }
  if (!(error instanceof Failure)) await terminal.onBug(error)
  const problem = toProblem(error)
  const exitCode = exitOfFailure(problem.code)
  output.error({ ...problem, ...describe(problem, output.language) }, exitCode)
  const run = problem.details.run
  if (problem.code === 'engine-gone' && typeof run === 'string')
    output.note(output.t('terminal.run.unknown', { id: run.slice(0, 8) }))
  return exitCode
}
