#!/usr/bin/env node
// The terminal program: `arche …`, the same engine and words as the window, under plain Node.
// Guarantees: ends with an exit code of terminal/exit-codes.ts once everything under way has ended; bugs go to arche.log in the data folder.
// Holds no commands: see terminal/.
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { z } from 'zod'
import type { Language } from './api/model.ts'
import { dataFolder, dataFolderPath, openConfig } from './config.ts'
import { openEngine } from './engine.ts'
import { runTerminal } from './terminal/terminal.ts'

/** From the compiled out/main/cli.js. */
const packageFile = new URL('../../package.json', import.meta.url)
const workerUrl = new URL('./worker.js', import.meta.url)

async function readVersion(): Promise<string> {
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(packageFile, 'utf8'))).version
}

/** Before the engine is opened, for the help too. A damaged file is the engine's business to report. */
async function savedLanguage(): Promise<Language | undefined> {
  const config = await openConfig(dataFolderPath(process.env)).catch(() => undefined)
  const language = config?.current.settings.language
  return language === 'system' ? undefined : language
}

/** The window keeps the same file from growing. Where it cannot be written either, stderr is what is left. */
async function onBug(error: unknown): Promise<void> {
  const text = `${new Date().toISOString()} error terminal: ${inspect(error)}\n`
  await appendFile(join(dataFolderPath(process.env), 'arche.log'), text, { mode: 0o600 }).catch(() =>
    process.stderr.write(text),
  )
}

const version = await readVersion()
process.exitCode = await runTerminal({
  argv: process.argv.slice(2),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
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
      onBug: (error) => void onBug(error),
    }),
})
