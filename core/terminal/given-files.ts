// Files that a person names on the command line to be read or written: keys, plans, recovery sheets.
// Guarantees: a file that is there is replaced only after a yes; errors of the system become sentences.
// Does not write anything of a backup.
import { readFile, writeFile } from 'node:fs/promises'
import { visible } from '../api/text/visible.ts'
import { errnoOf } from '../lib/files.ts'
import { fsPath } from '../lib/paths.ts'
import { absolute } from './names.ts'
import type { Session } from './session.ts'
import { UsageError } from './usage.ts'

/** Writes `text`; gives the absolute path. */
export async function writeNew(session: Session, typed: string, text: string): Promise<string> {
  const path = absolute(typed)
  const shown = visible(path)
  try {
    await writeFile(fsPath(path), text, { flag: 'wx' })
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw unwritable(shown, error)
    if (!(await session.confirm(session.output.t('terminal.ask.replace-file', { path: shown }))))
      throw new UsageError('file-exists', { name: shown }, { cause: error })
    await writeFile(fsPath(path), text).catch((again: unknown) => {
      throw unwritable(shown, again)
    })
  }
  return path
}

function unwritable(name: string, cause: unknown): UsageError {
  return new UsageError('file-unwritable', { name, reason: errnoOf(cause) ?? String(cause) }, { cause })
}

/** The text of a file of at most `limit` characters (the contract's own limits). */
export async function readGiven(typed: string, limit: number): Promise<string> {
  const text = await readFile(fsPath(absolute(typed)), 'utf8').catch((error: unknown) => {
    const reason = errnoOf(error) ?? String(error)
    throw new UsageError('file-unreadable', { name: visible(typed), reason }, { cause: error })
  })
  if (text.length > limit) throw new UsageError('file-too-big', { name: visible(typed) })
  return text
}
