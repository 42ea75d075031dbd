// `npm run bench -- --window`: every journey and budget of the window, in the real program. Started by build/bench-arche.mjs, which compiles it and gives it a display's
// worth of session (D-Bus, keychain) of its own.
//   --json    the last line is the figures as JSON (budgets.ts, `Figures`)
//   --record  keeps the result in tests/bench/RESULTS.md
// Guarantees: clicks are counted by the page, times are taken inside it; the person's own display, settings, keychain and data folder are not touched.
import { availableParallelism, cpus, loadavg, release, type as systemType } from 'node:os'
import { parseArgs } from 'node:util'
import { startDisplay } from '../../build/display.mjs'
import { keyPassword } from '../e2e/desk.ts'
import { budgetJson, budgets, budgetTable, type Figures, isKept } from './budgets.ts'
import { backUpNow, type FirstStart, firstStart, restoreOneFile } from './journeys.ts'
import { longList, search, tick } from './moments.ts'
import { type Memory, startPlain } from './plain-start.ts'
import { keepPart } from './results.ts'
import { type LivedIn, livedIn } from './scene.ts'

const { values: options } = parseArgs({
  options: {
    window: { type: 'boolean' },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
})

/** Starts of the program that are measured; the best counts. */
const starts = 5

const locale = 'en_GB.UTF-8'

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

function fromEnvironment(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: start it with npm run bench`)
  return value
}

interface Measured {
  readonly figures: Figures
  readonly first: FirstStart
  readonly starts: readonly number[]
  readonly list: { readonly scroll: number; readonly filter: number }
  readonly searches: Readonly<Record<string, number>>
  readonly memory: readonly Memory[]
  readonly names: number
}

async function measure(): Promise<Measured> {
  tell('The first start …')
  const first = await firstStart()
  tell('A computer that has been used for months …')
  const scene = await livedIn(tell)
  try {
    return await inUse(scene, first)
  } finally {
    await scene.desk.close()
  }
}

async function inUse(scene: LivedIn, first: FirstStart): Promise<Measured> {
  const { desk, names } = scene
  tell('Journeys …')
  const page = await desk.launch({ locale })
  await page.getByTestId('plan-row').first().waitFor()
  const clicks = {
    firstStart: first.clicks,
    backUpNow: await backUpNow(scene),
    restoreOneFile: await restoreOneFile(scene),
  }
  tell('Moments …')
  const list = await longList(scene)
  const searches = await search(scene)
  const tick5000 = Math.round(await tick(scene, keyPassword))
  await desk.end()
  tell('Starts …')
  const { times, memory } = await plainly(scene)
  const figures: Figures = {
    clicks,
    ms: {
      warmStart: Math.round(Math.min(...times)),
      list200: Math.round(Math.max(list.scroll, list.filter)),
      tick5000,
      search: Math.round(Math.max(...Object.values(searches))),
    },
    idleMiB: Math.round(memory.reduce((sum, { mib }) => sum + mib, 0)),
  }
  return { figures, first, starts: times, list, searches, memory, names }
}

async function plainly({ desk }: LivedIn): Promise<{ times: number[]; memory: readonly Memory[] }> {
  const plain = { program: fromEnvironment('ARCHE_ELECTRON'), root: fromEnvironment('ARCHE_BENCH_ROOT') }
  const times: number[] = []
  let memory: readonly Memory[] = []
  for (let at = 0; at < starts; at += 1) {
    const program = await startPlain({ ...plain, env: desk.environment({ locale }) })
    times.push(program.usableMs)
    if (at === starts - 1) memory = await program.idleMiB()
    await program.end()
  }
  return { times, memory }
}

const rounded = (values: readonly number[]) => values.map((value) => Math.round(value)).join(', ')

/** What the table does not say. */
function facts({ first, starts, list, searches, memory, names }: Measured): string[] {
  const inSearch = Object.entries(searches).map(([text, ms]) => `“${text}” ${Math.round(ms)}`)
  const inMemory = memory.map(({ process, mib }) => `${process} ${Math.round(mib)}`)
  return [
    `First start: ${first.pages} pages, ${first.passwords} password that is typed twice.`,
    `Starts, in ms: ${rounded(starts)}; the best counts.`,
    `200 backups, in ms: scrolled to the other end ${Math.round(list.scroll)}, filtered ${Math.round(list.filter)}.`,
    `Search among ${names.toLocaleString('en')} names, in ms, the best of five: ${inSearch.join(', ')}; the slowest counts. 60 of each are the pause in which somebody may type on.`,
    `Memory, in MiB: ${inMemory.join(', ')}.`,
  ]
}

function machine(before: number): string[] {
  const [cpu] = cpus()
  return [
    `${new Date().toISOString().slice(0, 10)}; ${availableParallelism()} cores, ${cpu?.model ?? 'unknown processor'}; ${systemType()} ${release()}`,
    `load (1 min) ${before.toFixed(2)} at the start, ${(loadavg()[0] ?? 0).toFixed(2)} at the end; Electron ${process.env.ARCHE_BENCH_ELECTRON_VERSION}, drawn by the processor (no graphics card)`,
    'ten plans, some 300 runs, 200 backups of one plan, a folder of 5,000 files',
  ]
}

const notes = [
  'Clicks are presses of the mouse that the page counted; passwords and words are typed. Milliseconds end with the frame that shows the answer, and are taken inside the page; of several tries the best counts, as the',
  'machine is shared. A start is counted from starting the program. Memory is the sum of PSS of all processes. Pages of the Electron program that another running Electron shares count in part only: it was 219 MiB beside other tests and 328 alone, and only alone counts. “Before” is what was found on 2026-11-29 by hand in commit 9ee0c8b, before the window was made anew:',
  'the same journeys, ten plans, 300 runs and 200 backups; times from outside of the page. Ten million names are searched by `npm run campaign -- load`.',
]

const display = await startDisplay()
process.env.DISPLAY = display.name
delete process.env.WAYLAND_DISPLAY
const load = loadavg()[0] ?? 0
try {
  const measured = await measure()
  const { figures } = measured
  const missed = budgets.filter((budget) => !isKept(budget, figures))
  const verdict =
    missed.length === 0
      ? 'Every budget is kept.'
      : `${missed.length} missed: ${missed.map(({ what }) => what).join('; ')}.`
  const text = [...machine(load).map((line) => `- ${line}`), '', budgetTable(figures), '', verdict, ...facts(measured)]
  process.stdout.write(`${text.join('\n')}\n`)
  const json = budgetJson(figures)
  if (options.record) {
    const part = [...text, '', ...notes, '', '```json', json, '```']
    keepPart(fromEnvironment('ARCHE_BENCH_RESULTS'), 'Results of `npm run bench -- --window --record`', part.join('\n'))
  }
  if (options.json) process.stdout.write(`${json}\n`)
} finally {
  await display.stop()
}
