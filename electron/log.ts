// What went wrong in the main process, for whoever has to find out later: <data folder>/arche.log.
// Guarantees: never larger than two times the limit (one older file is kept), readable by its owner only, never throws: a full disk must not
// turn a small problem into a crash. Holds stacks and messages of errors; nothing that a person typed.
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const limit = 1_000_000

export interface Log {
  path: string
  write(level: 'info' | 'warning' | 'error', text: string, error?: unknown): void
}

export function openLog(path: string): Log {
  return {
    path,
    write(level, text, error) {
      const cause = error === undefined ? '' : `: ${explain(error)}`
      const line = `${new Date().toISOString()} ${level} ${text}${cause}`.replaceAll('\n', '\n  ')
      try {
        append(path, `${line}\n`)
      } catch (failure) {
        process.stderr.write(`${line}\n(could not be written to ${path}: ${String(failure)})\n`)
      }
    },
  }
}

function append(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size + text.length > limit) renameSync(path, `${path}.1`)
  appendFileSync(path, text, { mode: 0o600 })
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${explain(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
