// A process before the one that does the work: it passes on signals, and ends as that one does, or without it. Only where a file system is mounted
// that a program or another computer answers for (FUSE, NFS, CIFS…): a thread that reads one that does not answer can be neither broken off nor killed,
// and a process with such a thread is not gone for whoever waits for it.
// Guarantees: input, output, descriptors, arguments, terminal and environment are those of this process; whoever kills it kills the work. Ends within
// ten seconds of a second Ctrl-C, SIGTERM or SIGHUP, whatever the work does.
// Linux only: elsewhere there is no mount table to look at.
import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { SignalSource } from './interrupts.ts'

/** In the environment of the process that does the work: the number of the one before it. */
const variable = 'ARCHE_FRONT'

/** Types of file systems for which others answer: proc(5), /proc/<pid>/mountinfo, field 9. */
const answered =
  /^(?:fuse(?:\.|$)|fuseblk$|nfs|cifs$|smb|9p$|ceph$|afs$|lustre$|glusterfs$|virtiofs$|ocfs2$|gfs2$|coda$)/

/** FUSE file systems of a desktop or container that read local files only. */
const harmless = /^fuse\.(?:portal|lxcfs|snapfuse|squashfuse)/

/** In ms: how long the work may take to end once it must, and once it has told its exit code. */
const patience = { pressed: 9_500, told: 5_000, cancelled: 500, closed: 200 }

const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** What the process before says: a signal that it got. */
interface Passed {
  readonly signal: NodeJS.Signals
}

/** What the working process says as its last word. */
interface Told {
  readonly exit: number
}

export function isFrontNeeded(): boolean {
  if (process.platform !== 'linux' || cameFromFront()) return false
  return isAnsweredFor(textOf('/proc/self/mountinfo'))
}

/** Whether any of these mounts has somebody who answers for it. */
export function isAnsweredFor(mountinfo: string): boolean {
  const types = [...mountinfo.matchAll(/ - (\S+) /g)].map(([, type = '']) => type)
  return types.some((type) => answered.test(type) && !harmless.test(type))
}

export function cameFromFront(): boolean {
  return process.env[variable] === String(process.ppid) && process.send !== undefined
}

/** Starts the work and waits for it; never returns before this process is about to end. */
export async function runFront(): Promise<void> {
  const kept = inherited()
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, [variable]: String(process.pid) },
    // The channel comes after whatever descriptor was handed to us (--key-password-fd).
    stdio: [...Array.from({ length: Math.max(3, ...kept.map((one) => one + 1)) }, (_, at) => stdioOf(at, kept)), 'ipc'],
  })
  let keys = 0
  let timer: NodeJS.Timeout | undefined
  for (const signal of signals)
    process.on(signal, () => {
      if (signal === 'SIGINT') keys += 1
      if (child.connected) child.send({ signal } satisfies Passed)
      if (signal !== 'SIGINT' || keys > 1) timer ??= setTimeout(() => void leave(), patience.pressed)
    })
  child.on('message', ({ exit }: Told) => {
    clearTimeout(timer)
    timer = setTimeout(() => letGo(exit), exit === 130 ? patience.cancelled : patience.told)
  })
  await new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      for (const name of signals) process.removeAllListeners(name)
      if (signal) process.kill(process.pid, signal)
      process.exitCode = code ?? 1
      resolve()
    })
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`)
      process.exitCode = 1
      resolve()
    })
  })
}

/** The work did not end, not even with a word. */
async function leave(): Promise<void> {
  const { describe } = await import('../api/text/text.ts')
  const { environmentLanguage, requestedLanguage } = await import('./language.ts')
  const { exitCodes } = await import('./exit-codes.ts')
  const language = requestedLanguage(process.argv.slice(2)) ?? environmentLanguage(process.env)
  const { text, hint } = describe({ code: 'cancelled', details: {} }, language)
  process.stderr.write(`${text}\n  ${hint}\n`)
  letGo(exitCodes.cancelled)
}

/** The guard of the working process ends it, and first closes what it would keep open. */
function letGo(code: number): void {
  process.exit(code)
}

/**
 * Descriptors beyond the first three that may be the caller's (--key-password-fd, /dev/fd/63). Node marks all of them as its own when it starts, so some
 * of its pipes are among them, which does no harm.
 */
function inherited(): number[] {
  const found = readdirSync('/proc/self/fd').map(Number)
  return found.filter((fd) => fd > 2 && /^(?:\/|pipe:|socket:)/.test(targetOf(fd)))
}

/** Empty where it is closed by now. */
function targetOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}

function stdioOf(fd: number, kept: readonly number[]): 'inherit' | 'ignore' | number {
  if (fd < 3) return 'inherit'
  return kept.includes(fd) ? fd : 'ignore'
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** What a thread that cannot be killed would keep open, so that whoever reads our output would wait for its end. */
function closeAll(): void {
  for (const fd of [0, 1, 2]) {
    try {
      closeSync(fd)
    } catch {
      // It was closed already.
    }
  }
}

/** A thread of the working process, which goes with the one before it, whatever file system holds up its own thread. */
const guard = `
const { workerData } = require('node:worker_threads')
const { closeSync } = require('node:fs')
setInterval(() => {
  if (process.ppid === workerData) return
  for (const fd of [0, 1, 2]) {
    try {
      closeSync(fd)
    } catch {
      // It was closed already. Whatever else it may be: the line below is what counts, and nobody is left to be told.
    }
  }
  process.kill(process.pid, 'SIGKILL')
}, 200)
`

/** The working process' side. */
export function fromFront(): { signals: SignalSource; pid: number; end(code: number): void } {
  const source = new EventEmitter()
  const pid = process.ppid
  new Worker(guard, { eval: true, workerData: pid, resourceLimits: { maxOldGenerationSizeMb: 8 } }).unref()
  // Of the terminal's Ctrl-C both processes hear; that of the one before counts.
  process.on('SIGINT', () => undefined)
  const take = (signal: NodeJS.Signals) => {
    if (source.emit(signal)) return
    // Nobody minds it, before a command has begun or after its end: it does what it does to any program.
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  }
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => take(name))
  process.on('message', ({ signal }: Passed) => take(signal))
  process.channel?.unref()
  delete process.env[variable]
  return {
    signals: source,
    pid,
    end(code) {
      process.exitCode = code
      setTimeout(closeAll, patience.closed).unref()
      process.send?.({ exit: code } satisfies Told, () => process.connected && process.disconnect())
    },
  }
}
