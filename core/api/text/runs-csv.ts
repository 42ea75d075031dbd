// Runs as a table for other programs: CSV by RFC 4180 but for the ends of lines, which are LF; names of columns and values as in the contract, times in UTC, sizes in bytes.
// Guarantees: no cell is taken for a formula by a spreadsheet, whatever a plan or a drive is called.
import type { Run } from '../model.ts'

const columns: Readonly<Record<string, (run: Run) => string | number | undefined>> = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  trigger: ({ trigger }) => trigger,
  plan: ({ subject }) => subject,
  started: ({ startedAt }) => startedAt,
  ended: ({ endedAt }) => endedAt,
  outcome: ({ outcome }) => outcome ?? 'running',
  place: ({ medium }) => medium?.name,
  from: ({ from }) => from?.name,
  backup: ({ artifact }) => artifact,
  files: ({ files }) => files,
  bytes: ({ bytes }) => bytes,
  stored: ({ stored }) => stored,
  warnings: ({ warnings }) => warnings,
  failure: ({ failure }) => failure?.code,
}

/** A line for each run, after one with the names of the columns. */
export function runsAsCsv(runs: readonly Run[]): string {
  const cells = Object.values(columns)
  const lines = runs.map((run) => cells.map((cell) => quoted(cell(run) ?? '')))
  return [Object.keys(columns), ...lines].map((line) => `${line.join(',')}\n`).join('')
}

/** What a spreadsheet would reckon with gets an apostrophe, which it takes for "this is text". */
function quoted(value: string | number): string {
  if (typeof value === 'number') return String(value)
  // A spreadsheet may take `;` or a tab for the end of a cell too.
  const text = value.replace(/(^|[;\t\r\n])(?=[=+\-@])/g, "$1'")
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
