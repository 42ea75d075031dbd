// What the measured times come to: medians, ratios, the table for people and the one line for programs.
// Pure. A ratio above 1 means that ours is faster. What was not measured is null, never a guess.

export type Task = 'create' | 'restore' | 'scan'

/** `native`: the standard tools. The others are Arche, in that runtime. */
export type Runner = 'native' | 'node' | 'electron'

/** All rounds of one program at one task. */
export interface Series {
  readonly task: Task
  readonly runner: Runner
  /** How it is named in the table; rivals are found by it. */
  readonly name: string
  readonly seconds: readonly number[]
  /** Of all processors together: what a busy machine changes least. */
  readonly cpuSeconds?: readonly number[]
  /** Peak resident memory of the process that did the work, in each round. */
  readonly peaksMiB?: readonly number[]
  /** Bytes of what was made. */
  readonly size?: number
}

export const names = {
  gzip: 'tar, gzip -6, gpg',
  pigz: 'tar, pigz -6, gpg',
  create: 'Arche',
  zstd: 'Arche, tar.zst.gpg',
  verified: 'Arche, read back and compared too',
  gpgTar: 'gpg -d, tar xpz',
  restore: 'Arche',
  restoreWhole: 'Arche, looking into the backup before too',
  tar: 'tar --listed-incremental, level 1',
  scan: 'Arche, counting',
} as const

export interface Summary {
  readonly ratios: {
    readonly createVsGzipGpg: number | null
    readonly createVsPigzGpg: number | null
    readonly zstdVsGzipGpg: number | null
    readonly restoreVsGpgTar: number | null
    readonly scanVsTar: number | null
  }
  /** The largest of all rounds of creating and restoring. */
  readonly peakMiB: number | null
  /** Size of our archive by that of gzip -6. */
  readonly sizeRatio: number | null
  /** Of the window's page while a backup runs; below 50 nothing is measured, and it is 0. */
  readonly windowLongestTaskMs: number | null
  /** The same of the window's main process. */
  readonly mainLongestTaskMs: number | null
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[middle - 1], sorted[middle]]
  if (high === undefined) throw new Error('no values')
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2
}

/** How many times as fast as the rival; null when one of them was not measured. */
export function ratio(rival: Series | undefined, ours: Series | undefined): number | null {
  if (!rival || !ours) return null
  return round(median(rival.seconds) / median(ours.seconds), 3)
}

function find(all: readonly Series[], task: Task, runner: Runner, name: string): Series | undefined {
  return all.find((series) => series.task === task && series.runner === runner && series.name === name)
}

/** What `--json` prints: Arche in Node, and how the window felt. */
export function summary(
  all: readonly Series[],
  runner: Exclude<Runner, 'native'> = 'node',
  times?: WindowTimes,
): Summary {
  const gzip = find(all, 'create', 'native', names.gzip)
  const create = find(all, 'create', runner, names.create)
  const restore = find(all, 'restore', runner, names.restore)
  const peaks = [create, restore].flatMap((series) => series?.peaksMiB ?? [])
  return {
    ratios: {
      createVsGzipGpg: ratio(gzip, create),
      createVsPigzGpg: ratio(find(all, 'create', 'native', names.pigz), create),
      zstdVsGzipGpg: ratio(gzip, find(all, 'create', runner, names.zstd)),
      restoreVsGpgTar: ratio(find(all, 'restore', 'native', names.gpgTar), restore),
      scanVsTar: ratio(find(all, 'scan', 'native', names.tar), find(all, 'scan', runner, names.scan)),
    },
    peakMiB: peaks.length === 0 ? null : Math.round(Math.max(...peaks)),
    sizeRatio: gzip?.size && create?.size ? round(create.size / gzip.size, 4) : null,
    windowLongestTaskMs: times ? Math.round(times.pageLongestTaskMs) : null,
    mainLongestTaskMs: times ? Math.round(times.mainLongestTaskMs) : null,
  }
}

/** What is measured beside speed, all rounds and runtimes together. */
export interface Manners {
  /** From asking for the end of a running backup to its outcome. */
  readonly cancelSeconds: readonly number[]
  /** How long the engine's own thread (in the window: Electron's main thread) did not answer while a backup ran, in milliseconds. */
  readonly pausesMs: readonly number[]
}

/** The worst of it, as a sentence. */
export function mannersLine({ cancelSeconds, pausesMs }: Manners): string {
  const [slowest, longest] = [Math.max(...cancelSeconds).toFixed(2), Math.max(...pausesMs).toFixed(0)]
  return `Cancelling took ${slowest} s at the most; while backups ran, the engine's own thread did not answer for ${longest} ms at the most.`
}

/** How the window felt while a backup ran; milliseconds. */
export interface WindowTimes {
  /** The longest task of the page that the browser calls long (Long Tasks, W3C: 50 and more); 0 when there was none. */
  readonly pageLongestTaskMs: number
  /** The longest time between two pictures of the page. */
  readonly longestFrameMs: number
  /** The longest time for which the main process did not come to its timers. */
  readonly mainLongestTaskMs: number
}

/** The same as a sentence. */
export function windowLine(times: WindowTimes | undefined): string {
  if (!times) return 'In the window nothing was measured: there is no Electron program or no display (Xvfb).'
  const { pageLongestTaskMs, longestFrameMs, mainLongestTaskMs } = times
  const page =
    pageLongestTaskMs === 0
      ? 'no task of the page took 50 ms or more'
      : `the longest task of the page took ${pageLongestTaskMs.toFixed(0)} ms`
  return (
    `In the window, from the click that started a backup to its result, ${page} (${longestFrameMs.toFixed(0)} ms between two pictures), ` +
    `and the main process did not answer for ${mainLongestTaskMs.toFixed(0)} ms at the most.`
  )
}

const runnerNames = { native: '', node: 'Node', electron: 'Electron' }
const head = [
  'task',
  'program',
  'in',
  'median s',
  'fastest–slowest',
  'CPU s',
  '× native',
  '× pigz',
  'peak MiB',
  'size / gzip -6',
]

/** A table in Markdown whose columns are also straight in a terminal. */
export function table(all: readonly Series[]): string {
  const rows = all.map((series) => row(series, all))
  const cells = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? '').length)))
  const line = (parts: readonly string[]) =>
    `| ${parts.map((part, column) => (column < 3 ? part.padEnd(widths[column] ?? 0) : part.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => '-'.repeat(width + 1) + (column < 3 ? '-' : ':')).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

function row(series: Series, all: readonly Series[]): string[] {
  const { task, runner, name, seconds, cpuSeconds, peaksMiB, size } = series
  const rival = all.find((other) => other.task === task && other.runner === 'native')
  const pigz = find(all, 'create', 'native', names.pigz)
  return [
    task,
    name,
    runnerNames[runner],
    median(seconds).toFixed(2),
    `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
    shown(cpuSeconds && cpuSeconds.length > 0 ? median(cpuSeconds) : null, 2),
    shown(rival === series ? null : ratio(rival, series), 2),
    shown(task !== 'create' || pigz === series || runner === 'native' ? null : ratio(pigz, series), 2),
    shown(peaksMiB && peaksMiB.length > 0 ? Math.max(...peaksMiB) : null, 0),
    shown(size && rival?.size ? size / rival.size : null, 3),
  ]
}

function shown(value: number | null, digits: number): string {
  return value === null ? '' : value.toFixed(digits)
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
