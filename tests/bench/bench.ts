// `npm run bench`: how fast Arche is beside the standard tools, on this machine. Started by build/bench-arche.mjs, which compiles it.
//   --quick   110 MB, one round, less than 50 s on two quiet cores; else 1.4 GB in 60,000 files, 3 rounds (Electron: 1)
//   --json    the last line is the ratios as JSON (figures.ts, `Summary`; Arche in Node, and the window)
//   --record  keeps the result in tests/bench/RESULTS.md
//   --folder  where to work: on a disk, with ten times the room of the corpus; the system's temporary folder unless given
// Guarantees: works in a private folder that is removed however it ends; says when the machine was not quiet.
import { mkdirSync, mkdtempSync, statfsSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, release, type as systemType, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeCorpus, makeScanTree, readThrough } from './corpus.ts'
import { mannersLine, summary, table, type WindowTimes, windowLine } from './figures.ts'
import * as native from './native.ts'
import { carryOut, type Ours, type Runtime } from './ours.ts'
import { keepPart } from './results.ts'
import { measureRound, type Scene, Sheet } from './rounds.ts'
import { measureWindow } from './window.ts'

const sizes = {
  // Less data and more rounds would measure how programs start.
  quick: { bytes: 110e6, files: 4700, scan: 20_000, rounds: 1, electronRounds: 1 },
  full: { bytes: 1400e6, files: 60_000, scan: 200_000, rounds: 3, electronRounds: 1 },
}

/** A one-minute load above this at the start: other programs took part of the processors. */
const quietLoad = 1.5

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    folder: { type: 'string', default: tmpdir() },
  },
})
const size = options.quick ? sizes.quick : sizes.full

/** From build/bench-arche.mjs. */
const set = {
  root: fromEnvironment('ARCHE_BENCH_ROOT'),
  script: fromEnvironment('ARCHE_BENCH_PROGRAM'),
  worker: fromEnvironment('ARCHE_BENCH_WORKER'),
  results: fromEnvironment('ARCHE_BENCH_RESULTS'),
  pigz: process.env.ARCHE_BENCH_PIGZ === '1',
  electron: process.env.ARCHE_BENCH_ELECTRON,
}

function fromEnvironment(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: start it with npm run bench`)
  return value
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

function requireRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder)
  const needed = size.bytes * (4 + 2 * size.rounds)
  if (bavail * bsize < needed)
    throw new Error(`${folder} has not ${Math.round(needed / 1e9)} GB free; name another one with --folder`)
}

async function prepare(work: string): Promise<Scene> {
  const corpus = join(work, 'corpus')
  const scanTree = join(work, 'scan')
  const folders = { home: join(work, 'data'), person: join(work, 'person'), medium: join(work, 'medium') }
  for (const folder of Object.values(folders)) mkdirSync(folder, { mode: 0o700 })
  const keyPassword = 'password of the bench'
  const ours: Ours = { script: set.script, worker: set.worker, keyPassword, ...folders }
  const node: Runtime = { runner: 'node', program: process.execPath }
  const runtimes = set.electron ? [node, { runner: 'electron', program: set.electron } as const] : [node]
  // Makes its key while the trees are made here.
  const prepared = carryOut(ours, node, { kind: 'prepare', source: corpus })
  makeCorpus(corpus, size)
  makeScanTree(scanTree, size.scan)
  const read = readThrough(corpus)
  tell(`Corpus: ${read.files} files, ${Math.round(read.bytes / 1e6)} MB; for scanning: ${size.scan} files`)
  const { planId, zstdPlanId, fingerprint } = await prepared
  const tools: native.Native = { gnupg: join(work, 'gpg'), fingerprint, keyPassword }
  native.importKeys(tools, join(folders.home, 'keys'))
  const snapshot = join(work, 'snapshot')
  native.takeSnapshot(scanTree, snapshot)
  native.requireUnchanged(scanTree, snapshot)
  native.settle(work)
  return {
    work,
    corpus,
    scanTree,
    scanFiles: size.scan,
    snapshot,
    ours,
    native: tools,
    planId,
    zstdPlanId,
    runtimes,
    pigz: set.pigz,
  }
}

/** Undefined where there is no Electron program or no display. */
async function inWindow({ work, ours }: Scene): Promise<WindowTimes | undefined> {
  const { electron, root } = set
  if (!electron) return undefined
  native.settle(work)
  const { home, person } = ours
  return await measureWindow({ electron, root, home, person })
}

function machine(load: number): string[] {
  const [cpu] = cpus()
  return [
    `${options.quick ? 'quick' : 'full'} run, ${size.rounds} rounds (Electron: ${size.electronRounds}), ${new Date().toISOString().slice(0, 10)}`,
    `${availableParallelism()} cores, ${cpu?.model ?? 'unknown processor'} (${arch()}), ${native.memoryTotalMiB()} MiB of memory`,
    `${systemType()} ${release()}; load (1 min) ${load.toFixed(2)} at the start, ${(loadavg()[0] ?? 0).toFixed(2)} at the end`,
    `Node ${process.versions.node}${set.electron ? `; Electron ${process.env.ARCHE_BENCH_ELECTRON_VERSION}` : '; no Electron program was found'}`,
    [...native.versions(['tar', 'gzip', 'gpg']), ...(set.pigz ? native.versions(['pigz']) : ['pigz is missing'])].join(
      '; ',
    ),
    `as ${process.getuid?.() === 0 ? 'root: owners are restored' : 'a user: owners are not restored'}`,
  ]
}

function record(lines: readonly string[], figures: string, json: string): void {
  const notes = [
    'The corpus was in the page cache. Seconds are medians; ratios above 1 mean that Arche is faster. Peak memory is the resident memory of',
    "Arche's whole process. Arche's time runs from the order to the end as its history has it, counting the tree before and fsync of the",
    'archive included; the standard tools end without fsync. Counting starts its threads within the time measured. Restored trees stay until the end, because removing many files makes ext4 slow',
    'at making new ones for minutes.',
  ]
  const text = [...lines.map((line) => `- ${line}`), '', figures, '', ...notes, '', '```json', json, '```']
  keepPart(set.results, 'Results of `npm run bench -- --record`', text.join('\n'))
}

const load = loadavg()[0] ?? 0
if (load > quietLoad)
  tell(`This machine is busy (load ${load.toFixed(2)}): the figures will be worse and less certain.`)
if (!set.pigz) tell('pigz is missing: it is not measured.')
requireRoom(options.folder)
const work = mkdtempSync(join(options.folder, 'arche-bench-'))
process.on('exit', () => {
  native.endAgent({ gnupg: join(work, 'gpg') })
  native.remove(work)
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))

const started = performance.now()
const scene = await prepare(work)
const sheet = new Sheet()
for (let round = 1; round <= size.rounds; round += 1) {
  tell(`Round ${round} of ${size.rounds} …`)
  const electron = round > size.rounds - size.electronRounds
  const runtimes = scene.runtimes.filter(({ runner }) => electron || runner !== 'electron')
  await measureRound({ ...scene, runtimes }, sheet, { last: round === size.rounds, whole: !options.quick })
}
tell('In the window …')
const times = await inWindow(scene)
const all = sheet.all()
const lines = machine(load)
const json = JSON.stringify(summary(all, 'node', times))
const figures = `${table(all)}\n\n${mannersLine(sheet.manners)}\n${windowLine(times)}`
process.stdout.write(`${lines.join('\n')}\n\n${figures}\n`)
tell(`Took ${((performance.now() - started) / 1000).toFixed(0)} s.`)
if (options.record) record(lines, figures, json)
if (options.json) process.stdout.write(`${json}\n`)
