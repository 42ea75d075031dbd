// Arche as a process of its own that does one thing and says as a line of JSON how long it took. Argument: a job as JSON. The first job is
// `prepare`; it makes the data folder. The work goes through the engine and its worker thread as in the window and the terminal; times are
// those of the run as history keeps it. `scan` calls the source directly: counting is no run. Started by tests/bench/ours.ts.
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import type { Run } from '../../core/api/model.ts'
import { inlinePools } from '../../core/archive/pools.ts'
import { type EngineClient, openEngine } from '../../core/engine/engine.ts'
import { ThreadPool } from '../../core/lib/pool.ts'
import type { Counted, CountTask } from '../../core/sources/count.ts'
import { openSource } from '../../core/sources/open.ts'

/** How often it is looked whether the thread answers, in ms: the delay of a timer counts. */
const resolution = 5

/** What every job is told. `medium`: a folder that is used as medium. */
interface Place {
  readonly home: string
  /** The compiled worker. */
  readonly worker: string
  readonly medium: string
  readonly keyPassword: string
}

export type Job =
  | { readonly kind: 'prepare'; readonly source: string }
  | { readonly kind: 'create'; readonly planId: string }
  | { readonly kind: 'cancel'; readonly planId: string }
  | { readonly kind: 'restore'; readonly artifact: string; readonly into: string }
  | { readonly kind: 'scan'; readonly source: string }

export type FullJob = Job & Place

/** Seconds, on the clock and of the processors; MiB; bytes. */
export interface Answers {
  prepare: { planId: string; zstdPlanId: string; fingerprint: string }
  create: {
    artifact: string
    size: number
    seconds: number
    secondsVerified: number
    cpuSeconds: number
    peakMiB: number
    longestPauseMs: number
  }
  cancel: { seconds: number }
  restore: { seconds: number; secondsWhole: number; cpuSeconds: number; peakMiB: number }
  scan: { files: number; seconds: number; cpuSeconds: number; peakMiB: number }
}

const job = JSON.parse(process.argv[2] ?? '') as FullJob
const answer = job.kind === 'scan' ? await scan(job.source) : await withEngine()
process.stdout.write(`${JSON.stringify(answer)}\n`)

async function scan(folder: string): Promise<Answers['scan']> {
  const nothing = () => undefined
  const report = { operation: nothing, advance: nothing, warn: nothing }
  const started = performance.now()
  const used = process.cpuUsage()
  // As runs/worker.ts has it, started when the tree turns out to be large.
  const count = new ThreadPool<CountTask, Counted>(new URL('./pool-thread.js', pathToFileURL(job.worker)))
  const pools = { ...inlinePools(), count }
  const ctx = { signal: new AbortController().signal, report, now: Date.now, temp: '', pools }
  const { files } = await openSource(
    { kind: 'folders', paths: [folder], exclude: [] },
    { leaveOut: [], temp: '' },
  ).estimate(ctx)
  return { files, seconds: (performance.now() - started) / 1000, cpuSeconds: cpuSince(used), peakMiB: peakMiB() }
}

async function withEngine(): Promise<Answers[Exclude<Job['kind'], 'scan'>]> {
  const engine = await openEngine({
    home: job.home,
    version: 'bench',
    workerUrl: pathToFileURL(job.worker),
    language: 'en',
    onBug: (error) => console.error(error),
  })
  try {
    const client = await engine.connect()
    if (job.kind === 'prepare') return await prepare(client, job.source)
    if (job.kind === 'create') return await create(client, job.planId)
    if (job.kind === 'cancel') return await cancel(client, job.planId)
    if (job.kind === 'restore') return await restore(client, job.artifact, job.into)
    throw new Error(`no such job: ${job.kind}`)
  } finally {
    await engine.close()
  }
}

async function prepare(client: EngineClient, source: string): Promise<Answers['prepare']> {
  const { fingerprint } = await client.key.create({ password: job.keyPassword })
  await client.medium.init({ medium: job.medium, name: 'Bench' })
  const about = {
    source: { kind: 'folders' as const, paths: [source], exclude: [] },
    destinations: [{ place: { kind: 'medium' as const } }],
  }
  const plan = await client.plan.save({ name: 'Bench', ...about })
  const zstd = await client.plan.save({
    name: 'Bench zstd',
    ...about,
    method: { kind: 'archive', format: 'tar.zst.gpg' },
  })
  return { planId: plan.id, zstdPlanId: zstd.id, fingerprint }
}

async function create(client: EngineClient, planId: string): Promise<Answers['create']> {
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  const used = process.cpuUsage()
  const run = await finished(client, (await client.backup.start({ planId, medium: job.medium })).id)
  delay.disable()
  const verify = run.operations.find((operation) => operation.name === 'verify')
  if (!run.artifact || !verify) throw new Error('the backup was not read back')
  return {
    artifact: run.artifact,
    size: run.stored,
    seconds: between(run.startedAt, verify.startedAt),
    secondsVerified: between(run.startedAt, run.endedAt),
    cpuSeconds: cpuSince(used),
    peakMiB: peakMiB(),
    longestPauseMs: Math.max(0, delay.max / 1e6 - resolution),
  }
}

/** Asks for the end of a backup once bytes have passed, and waits for its outcome. */
async function cancel(client: EngineClient, planId: string): Promise<Answers['cancel']> {
  const { id } = await client.backup.start({ planId, medium: job.medium })
  let asked: number | undefined
  for await (const { changes } of await client.app.follow({})) {
    const progress = changes.active?.find((one) => one.id === id)
    if (asked === undefined && progress?.operation === 'archive' && progress.done > 0) {
      asked = performance.now()
      await client.run.cancel({ id })
    }
    const run = changes.runs?.find((candidate) => candidate.id === id)
    if (!run?.outcome) continue
    if (run.outcome !== 'cancelled' || asked === undefined) throw new Error(`the run ended ${run.outcome}`)
    return { seconds: (performance.now() - asked) / 1000 }
  }
  throw new Error('the engine ended')
}

async function restore(client: EngineClient, artifact: string, into: string): Promise<Answers['restore']> {
  const started = performance.now()
  const { medium, keyPassword } = job
  const inspection = await client.restore.inspect({ medium, artifact, keyPassword })
  const preview = await client.restore.preview({ inspection: inspection.id, existing: 'replace', into })
  const before = (performance.now() - started) / 1000
  const used = process.cpuUsage()
  const run = await finished(client, (await client.restore.start({ preview: preview.id })).id)
  const seconds = between(run.startedAt, run.endedAt)
  return { seconds, secondsWhole: before + seconds, cpuSeconds: cpuSince(used), peakMiB: peakMiB() }
}

async function finished(client: EngineClient, id: string): Promise<Run> {
  for await (const { changes } of await client.app.follow({})) {
    const run = changes.runs?.find((candidate) => candidate.id === id)
    if (!run?.outcome) continue
    if (run.outcome === 'success') return run
    throw new Error(`the run ended ${run.outcome}: ${JSON.stringify(run.failure ?? run.warnings)}`)
  }
  throw new Error('the engine ended')
}

/** Of all threads of this process, in seconds. */
function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function between(start: string, end: string | undefined): number {
  return (Date.parse(end ?? '') - Date.parse(start)) / 1000
}

/** Of this process with all its threads. VmHWM, because getrusage's value begins with that of the process that started this one. */
function peakMiB(): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Number(kib) / 1024
}
