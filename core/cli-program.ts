// The terminal program: `arche …`, the same engine and words as the window, under plain Node. Loaded by cli.ts, in the process that does the work.
// Guarantees: gives an exit code of terminal/exit-codes.ts once everything under way has ended, or must end and does not; bugs go to arche.log in the
// data folder. Holds no commands: see terminal/.
import { appendFile, readFile, realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { z } from 'zod'
import type { Language } from './api/model.ts'
import { dataFolder, dataFolderPath, openConfig } from './config/config.ts'
import { openEngine } from './engine/engine.ts'
import { exactArguments } from './lib/arguments.ts'
import { takeEnvironment } from './lib/process.ts'
import type { SignalSource } from './terminal/interrupts.ts'
import { runTerminal } from './terminal/terminal.ts'

/** From the compiled out/main/cli.js. */
const packageFile = new URL('../../package.json', import.meta.url)
const workerUrl = new URL('./worker.js', import.meta.url)

async function readVersion(): Promise<string> {
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(packageFile, 'utf8'))).version
}

/** Before the engine is opened, for the help too. A damaged file is the engine's business to report. */
async function savedLanguage(): Promise<Language | undefined> {
  try {
    const { language } = (await openConfig(dataFolderPath(process.env))).current.settings
    return language === 'system' ? undefined : language
  } catch {
    return undefined
  }
}

/** The window keeps the same file from growing. Where it cannot be written either, stderr is what is left. */
async function onBug(error: unknown): Promise<void> {
  const text = `${new Date().toISOString()} error terminal: ${inspect(error)}\n`
  try {
    await appendFile(join(dataFolderPath(process.env), 'arche.log'), text, { mode: 0o600 })
  } catch {
    process.stderr.write(text)
  }
}

/** Runs the command line of this process; `signals` tells what a person or the system wants meanwhile. Gives the exit code. */
export async function runProgram(signals: SignalSource, exactFrom?: number): Promise<number> {
  // Before anything else runs: packages that start programs of their own (drivelist, keytar) do not ask us which environment they hand on.
  const env = takeEnvironment()
  const version = await readVersion()
  return runTerminal({
    argv: exactArguments(process.argv.slice(2), exactFrom),
    env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signals,
    version,
    savedLanguage,
    onBug,
    open: async (language, role) =>
      openEngine({
        home: await dataFolder(process.env),
        version,
        workerUrl,
        language,
        role,
        schedules: role === 'service',
        terminalProgram: async () => ({
          node: process.execPath,
          program: await realpath(resolve(process.argv[1] ?? '')),
        }),
        onBug: (error) => void onBug(error),
      }),
  })
}
