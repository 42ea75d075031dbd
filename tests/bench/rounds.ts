// What is measured, in turn: in each round every program does the same task on the same tree, one after the other, then comes the next task.
// Guarantees: everything that is made is checked with the standard tools, and a wrong result is an error, not a number; before each
// program starts, all that was written before it is on the disk.
import { mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { names, type Runner, type Series, type Task } from './figures.ts'
import * as native from './native.ts'
import { carryOut, type Ours, type Runtime } from './ours.ts'
import type { Answers } from './program.ts'

export interface Scene {
  readonly work: string
  readonly corpus: string
  readonly scanTree: string
  readonly scanFiles: number
  /** Level-0 snapshot of the tree for scanning. */
  readonly snapshot: string
  readonly ours: Ours
  readonly native: native.Native
  readonly planId: string
  readonly zstdPlanId: string
  readonly runtimes: readonly Runtime[]
  readonly pigz: boolean
}

/** Where LabBook keeps backups on a medium. */
const mediumFolder = 'SIGL_sauvegardes'

/** Sums up rounds. */
export class Sheet {
  /** Trees that were restored and are still there. */
  restored = 0
  readonly manners = { cancelSeconds: [] as number[], pausesMs: [] as number[] }
  readonly #series = new Map<string, Series & { seconds: number[]; cpuSeconds: number[]; peaksMiB: number[] }>()

  add(
    task: Task,
    runner: Runner,
    name: string,
    round: { seconds: number; cpuSeconds?: number; peakMiB?: number; size?: number },
  ): void {
    const key = [task, runner, name].join('\0')
    const { seconds, cpuSeconds, peakMiB, size } = round
    const known = this.#series.get(key) ?? { task, runner, name, seconds: [], cpuSeconds: [], peaksMiB: [] }
    known.seconds.push(seconds)
    if (cpuSeconds !== undefined) known.cpuSeconds.push(cpuSeconds)
    if (peakMiB !== undefined) known.peaksMiB.push(peakMiB)
    this.#series.set(key, { ...known, ...(size === undefined ? {} : { size }) })
  }

  /** By task, in the order in which they were first measured. */
  all(): Series[] {
    const series = [...this.#series.values()]
    return (['create', 'restore', 'scan'] as const).flatMap((task) => series.filter((one) => one.task === task))
  }
}

/** What a round leaves out, or does once only. */
export interface Extent {
  /** The last round: what is made is compared with the tree, and a backup is cancelled. */
  readonly last: boolean
  /** All tasks in all runtimes; else some of them in Node only. */
  readonly whole: boolean
}

/** One round of all tasks. */
export async function measureRound(scene: Scene, sheet: Sheet, { last, whole }: Extent): Promise<void> {
  measureNativeCreate(scene, sheet)
  const some = whole ? scene.runtimes : scene.runtimes.slice(0, 1)
  const artifacts = new Map<Runtime, string>()
  for (const runtime of scene.runtimes) artifacts.set(runtime, await measureOurCreate(scene, sheet, runtime))
  const zstd: string[] = []
  for (const runtime of some) zstd.push(await measureZstd(scene, sheet, runtime))
  if (last) for (const runtime of some) await measureCancel(scene, sheet, runtime)
  const trees = await measureRestore(scene, sheet, artifacts)
  await measureScan(scene, sheet)
  const checks = trees.map((tree) => () => native.compareTrees(scene.corpus, join(tree, basename(scene.corpus))))
  // No native restore has opened these: tar compares them with the tree.
  const unopened = last ? [...[...artifacts.values()].slice(1), ...zstd] : []
  for (const artifact of unopened)
    checks.push(() => native.compareArchive(scene.native, archivePath(scene, artifact), scene.corpus))
  await inTwoLanes(checks)
  for (const artifact of [...artifacts.values(), ...zstd]) rmSync(archivePath(scene, artifact))
}

async function inTwoLanes(checks: readonly (() => Promise<void>)[]): Promise<void> {
  const left = [...checks]
  const lane = async () => {
    for (let check = left.shift(); check; check = left.shift()) await check()
  }
  await Promise.all([lane(), lane()])
}

function measureNativeCreate({ work, corpus, native: tools, pigz }: Scene, sheet: Sheet): void {
  const archive = join(work, 'native.tar.gz.gpg')
  for (const compressor of pigz ? (['gzip', 'pigz'] as const) : (['gzip'] as const)) {
    native.settle(work)
    sheet.add('create', 'native', names[compressor], native.create(tools, compressor, corpus, archive))
    rmSync(archive)
  }
}

/** Returns the name of the archive, which stays on the medium. */
async function measureOurCreate(scene: Scene, sheet: Sheet, runtime: Runtime): Promise<string> {
  native.settle(scene.work)
  const made: Answers['create'] = await carryOut(scene.ours, runtime, { kind: 'create', planId: scene.planId })
  const { artifact, size, seconds, secondsVerified, cpuSeconds, peakMiB, longestPauseMs } = made
  sheet.manners.pausesMs.push(longestPauseMs)
  sheet.add('create', runtime.runner, names.create, { seconds, cpuSeconds, size, peakMiB })
  sheet.add('create', runtime.runner, names.verified, { seconds: secondsVerified, size, peakMiB })
  return artifact
}

/** Returns the name of the archive, which stays on the medium. */
async function measureZstd(scene: Scene, sheet: Sheet, runtime: Runtime): Promise<string> {
  native.settle(scene.work)
  const made: Answers['create'] = await carryOut(scene.ours, runtime, { kind: 'create', planId: scene.zstdPlanId })
  const { artifact, size, seconds, cpuSeconds, peakMiB, longestPauseMs } = made
  sheet.manners.pausesMs.push(longestPauseMs)
  sheet.add('create', runtime.runner, names.zstd, { seconds, cpuSeconds, size, peakMiB })
  return artifact
}

async function measureCancel(scene: Scene, sheet: Sheet, runtime: Runtime): Promise<void> {
  const { seconds } = await carryOut(scene.ours, runtime, { kind: 'cancel', planId: scene.planId })
  sheet.manners.cancelSeconds.push(seconds)
}

/** All restore the same archive, the one that Arche made in Node. Returns the folders into which it was restored. */
async function measureRestore(
  scene: Scene,
  sheet: Sheet,
  artifacts: ReadonlyMap<Runtime, string>,
): Promise<readonly string[]> {
  const { work, runtimes } = scene
  const [artifact] = artifacts.values()
  if (artifact === undefined) throw new Error('nothing to restore')
  const trees: string[] = []
  // Removed at the very end: for minutes after many files have gone, ext4 takes some ten times longer to make new ones.
  const another = () => {
    sheet.restored += 1
    const into = join(work, `restored-${sheet.restored}`)
    trees.push(into)
    native.settle(work)
    return into
  }
  const archive = archivePath(scene, artifact)
  sheet.add('restore', 'native', names.gpgTar, native.restore(scene.native, archive, another()))
  for (const runtime of runtimes) {
    const into = another()
    mkdirSync(into)
    const done: Answers['restore'] = await carryOut(scene.ours, runtime, { kind: 'restore', artifact, into })
    const { seconds, secondsWhole, cpuSeconds, peakMiB } = done
    sheet.add('restore', runtime.runner, names.restore, { seconds, cpuSeconds, peakMiB })
    sheet.add('restore', runtime.runner, names.restoreWhole, { seconds: secondsWhole, peakMiB })
  }
  return trees
}

function archivePath({ ours }: Scene, artifact: string): string {
  return join(ours.medium, mediumFolder, artifact)
}

async function measureScan(scene: Scene, sheet: Sheet): Promise<void> {
  const { scanTree, scanFiles, snapshot, runtimes, ours } = scene
  sheet.add('scan', 'native', names.tar, native.scan(scanTree, snapshot))
  for (const runtime of runtimes) {
    const counted: Answers['scan'] = await carryOut(ours, runtime, { kind: 'scan', source: scanTree })
    if (counted.files !== scanFiles) throw new Error(`counted ${counted.files} of ${scanFiles} files`)
    sheet.add('scan', runtime.runner, names.scan, counted)
  }
}
