// What the window must keep to, what it was before, and how the measured figures are told: a table for people, one line for programs.
// Pure. What was not measured is an error before it comes here, never a guess.

/** Clicks, milliseconds, MiB. */
export interface Figures {
  readonly clicks: { readonly firstStart: number; readonly backUpNow: number; readonly restoreOneFile: number }
  readonly ms: {
    readonly warmStart: number
    readonly list200: number
    readonly tick5000: number
    readonly search: number
  }
  readonly idleMiB: number
}

interface Budget {
  readonly what: string
  readonly of: (figures: Figures) => number
  readonly unit: 'clicks' | 'ms' | 'MiB'
  /** Must be below it; `most`: at the most. */
  readonly limit: number
  readonly most?: true
  /** On commit 9ee0c8b, 2026-11-29, before the window was made anew. */
  readonly before: string
}

export const budgets: readonly Budget[] = [
  {
    what: 'first start, until the first backup runs',
    of: ({ clicks }) => clicks.firstStart,
    unit: 'clicks',
    limit: 7,
    most: true,
    before: '10, 2 in a dialog',
  },
  {
    what: 'back up now, from the overview',
    of: ({ clicks }) => clicks.backUpNow,
    unit: 'clicks',
    limit: 1,
    most: true,
    before: '3–5',
  },
  {
    what: 'restore one file of a known name, from the overview',
    of: ({ clicks }) => clicks.restoreOneFile,
    unit: 'clicks',
    limit: 6,
    most: true,
    before: '13–14',
  },
  {
    what: 'second start, until a plan can be backed up',
    of: ({ ms }) => ms.warmStart,
    unit: 'ms',
    limit: 2000,
    before: '3,600',
  },
  {
    what: 'table of 200 backups, scrolled or filtered',
    of: ({ ms }) => ms.list200,
    unit: 'ms',
    limit: 100,
    before: '10,000 (as cards)',
  },
  {
    what: 'a file ticked in a folder of 5,000',
    of: ({ ms }) => ms.tick5000,
    unit: 'ms',
    limit: 100,
    before: '6,100 (3,600 rows drawn)',
  },
  {
    what: 'search, from the key to the files',
    of: ({ ms }) => ms.search,
    unit: 'ms',
    limit: 300,
    before: 'there was none',
  },
  {
    what: 'memory of all processes, idle (PSS)',
    of: ({ idleMiB }) => idleMiB,
    unit: 'MiB',
    limit: 250,
    before: 'not measured',
  },
]

export function isKept({ of, limit, most }: Budget, figures: Figures): boolean {
  const value = of(figures)
  return most ? value <= limit : value < limit
}

const head = ['what', 'measured', 'budget', '', 'before']

/** A table in Markdown that is straight in a terminal too. */
export function budgetTable(figures: Figures): string {
  const rows = budgets.map((budget) => [
    budget.what,
    `${budget.of(figures).toLocaleString('en')} ${budget.unit}`,
    `${budget.most ? '≤' : '<'} ${budget.limit.toLocaleString('en')}`,
    isKept(budget, figures) ? 'kept' : 'MISSED',
    budget.before,
  ])
  const cells = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const line = (parts: readonly string[]) =>
    `| ${parts.map((part, column) => (column === 1 || column === 2 ? part.padStart(widths[column] ?? 0) : part.padEnd(widths[column] ?? 0))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => '-'.repeat(width + 1) + (column === 1 || column === 2 ? ':' : '-')).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** The last line of `--json`. */
export function budgetJson({ clicks, ms, idleMiB }: Figures): string {
  const { firstStart, backUpNow, restoreOneFile } = clicks
  const { warmStart, list200, tick5000, search } = ms
  return JSON.stringify({
    clicks: { firstStart, backUpNow, restoreOneFile },
    ms: { warmStart, list200, tick5000, search },
    idleMiB,
  })
}
