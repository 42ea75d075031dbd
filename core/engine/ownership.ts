// One engine owns a data folder: numbered claims `owner-<n>.json`, of which the highest counts.
// Guarantees: of any number of processes that start at once exactly one owns the folder, whatever claims a crash, another boot or another
// machine (shared home) left behind; an owner that another machine gave up while this one slept is told (`lost`).
// How: a claim is linked into place under the next number, which the file system grants to one process only; the highest claim is never
// removed, only marked as released; and a process owns the folder only if, with its claim in place, no higher one exists.
// Does not say how to reach the owner (link.ts).
import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { link, lstat, open, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { Failure } from '../api/failure.ts'
import { errnoOf, fromErrno, readSmall } from '../lib/files.ts'

/** Milliseconds between two signs of life. */
const beat = 5_000

/** A claim whose process cannot be looked up, or that cannot be read, is given up after this long without a sign of life, in ms. */
const patience = { sameMachine: 30_000, elsewhere: 120_000, writing: 2_000 }

/** Bytes of a claim at most; one has some hundred. */
const longest = 64 * 1024

const Claim = z.object({
  token: z.string(),
  pid: z.number().int().positive(),
  host: z.string(),
  /** Machine id, so that two machines of one name are told apart; empty where unknown, as the following are. */
  machine: z.string(),
  bootId: z.string(),
  /** Process name space: elsewhere (container) a process number means nothing. */
  space: z.string(),
  /** When the process began, in clock ticks since boot, so that a reused process number is recognised. */
  ticks: z.string(),
  startedAt: z.iso.datetime(),
  /** What the owner is, for people: `window`, `terminal`, `service`. */
  role: z.string(),
  released: z.boolean(),
})
type Claim = z.infer<typeof Claim>

export interface Owner extends Pick<Claim, 'pid' | 'host' | 'bootId' | 'startedAt' | 'role'> {
  /** Its process is suspended (Ctrl-Z, SIGSTOP), as far as can be told from here. */
  readonly stopped: boolean
}

export interface Ownership {
  readonly owned: true
  /** Aborted when another process took the folder over (this machine slept, its clock or network was away): stop at once. */
  readonly lost: AbortSignal
  /** Asks again, at once, whether the folder is still ours; false also when it cannot be reached. */
  confirm(): Promise<boolean>
  /** Gives the folder free. Never fails: a claim left behind is recognised as dead. */
  release(): Promise<void>
}

/** Owns the data folder, or tells who does. `home` exists and is private (config.ts `dataFolder`). */
export async function own(
  home: string,
  role = 'engine',
): Promise<Ownership | { readonly owned: false; readonly owner: Owner }> {
  const mine = newClaim(role)
  for (let tries = 0; tries < 200; tries += 1) {
    const highest = Math.max(0, ...(await claims(home)))
    const holder = highest === 0 ? 'free' : await holderOf(join(home, nameOf(highest)), mine.token)
    if (holder === 'changing') continue
    if (holder !== 'free') return { owned: false, owner: holder }
    const number = highest + 1
    if (!(await put(home, number, mine))) continue
    if (Math.max(...(await claims(home))) === number) return holding(home, number, mine)
    await unlink(join(home, nameOf(number))).catch(ignoreMissing)
  }
  throw new Failure('busy', { subject: home }, { retryable: true })
}

function nameOf(number: number): string {
  return `owner-${number}.json`
}

async function claims(home: string): Promise<number[]> {
  const names = await readdir(home).catch((error) => {
    throw fromErrno(error, { path: home })
  })
  return names
    .map((name) => Number(/^owner-([1-9]\d{0,14})\.json$/.exec(name)?.[1] ?? 0))
    .filter((number) => number > 0)
}

/** Places the claim under a number that nobody has. False: somebody was faster. */
async function put(home: string, number: number, claim: Claim): Promise<boolean> {
  const path = join(home, nameOf(number))
  const draft = join(home, `owner-${claim.token}.new`)
  const text = JSON.stringify(claim)
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
    await link(draft, path)
    return true
  } catch (error) {
    const errno = errnoOf(error)
    // ENOENT: an owner has just swept the draft away.
    if (errno === 'EEXIST' || errno === 'ENOENT') return false
    if (errno !== 'EPERM' && errno !== 'ENOTSUP' && errno !== 'EOPNOTSUPP' && errno !== 'ENOSYS')
      throw fromErrno(error, { path })
    // No hard links here (FAT, some network folders): the claim is empty for an instant, which `holderOf` allows for.
    return await putDirectly(path, text)
  } finally {
    await unlink(draft).catch(ignoreMissing)
  }
}

async function putDirectly(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw fromErrno(error, { path })
  }
}

/** Who holds the folder by this claim: `free` when it was released or its process is gone, `changing` when the claim has just vanished. */
async function holderOf(path: string, token: string): Promise<Owner | 'free' | 'changing'> {
  const text = await readSmall(path, { limit: longest }).catch((error: unknown) => {
    // A pipe, a folder, a giant: no claim of ours, and given up like any other that cannot be read.
    if (error instanceof Failure && error.code === 'damaged') return ''
    throw error
  })
  if (text === undefined) return 'changing'
  const claim = parse(text)
  if (claim?.released) return 'free'
  const alive = claim && processState(claim)
  if (alive === 'dead') return 'free'
  if (claim && alive === 'alive') return { ...ownerOf(claim), stopped: isStopped(claim.pid) }
  const silence = await silenceOf(path, token)
  if (silence === undefined) return 'changing'
  if (claim)
    return silence > (claim.machine === machine().machine ? patience.sameMachine : patience.elsewhere)
      ? 'free'
      : ownerOf(claim)
  // Damaged, or being written just now (see `put`).
  if (silence > patience.writing) return 'free'
  await setTimeout(50)
  return 'changing'
}

function parse(text: string): Claim | undefined {
  try {
    return Claim.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

function ownerOf({ pid, host, bootId, startedAt, role }: Claim): Owner {
  return { pid, host, bootId, startedAt, role, stopped: false }
}

/**
 * Milliseconds since the claim was last written, by the clock of the file system: compared with a file made there now, so that neither a
 * wrong clock here nor one elsewhere matters. Undefined: the claim is gone.
 */
async function silenceOf(path: string, token: string): Promise<number | undefined> {
  const probe = `${path}.${token}.now`
  try {
    await writeFile(probe, '')
    const [now, then] = await Promise.all([stat(probe), lstat(path)])
    return now.mtimeMs - then.mtimeMs
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw fromErrno(error, { path })
  } finally {
    await unlink(probe).catch(ignoreMissing)
  }
}

async function holding(home: string, number: number, claim: Claim): Promise<Ownership> {
  const path = join(home, nameOf(number))
  const lost = new AbortController()
  // What cannot be removed is in nobody's way: the highest claim counts.
  await sweep(home, number).catch(() => undefined)
  let beating: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    beating = live(home, number, claim).then(
      (stillOurs) => (stillOurs ? undefined : end()),
      // A folder that cannot be reached just now: the next beat tells more.
      () => undefined,
    )
  }, beat).unref()
  function end() {
    clearInterval(timer)
    lost.abort(new Failure('locked', { pid: claim.pid, host: claim.host }))
  }
  return {
    owned: true,
    lost: lost.signal,
    async confirm() {
      const ours = await live(home, number, claim).catch(() => undefined)
      if (ours === false) end()
      return ours === true && !lost.signal.aborted
    },
    async release() {
      clearInterval(timer)
      await beating
      if (lost.signal.aborted) return
      const draft = join(home, `owner-${claim.token}.new`)
      const free = writeFile(draft, JSON.stringify({ ...claim, released: true }), { mode: 0o600 }).then(() =>
        rename(draft, path),
      )
      await free.catch(() => undefined)
    },
  }
}

/** Writes the claim again with the same bytes (a sign of life in the time of the file system). False: a higher claim exists. */
async function live(home: string, number: number, claim: Claim): Promise<boolean> {
  if (Math.max(...(await claims(home)), number) > number) return false
  const handle = await open(join(home, nameOf(number)), 'r+')
  try {
    await handle.write(JSON.stringify(claim), 0)
  } finally {
    await handle.close()
  }
  return true
}

/** Removes the lower claims, and drafts that a crash left more than a minute ago. */
async function sweep(home: string, number: number): Promise<void> {
  const lower = (await claims(home)).filter((other) => other < number)
  await Promise.all(lower.map((other) => unlink(join(home, nameOf(other))).catch(() => undefined)))
  const { mtimeMs } = await stat(join(home, nameOf(number)))
  for (const name of (await readdir(home)).filter((each) => /^owner-.*\.(new|now)$/.test(each))) {
    const found = await stat(join(home, name)).catch(ignoreMissing)
    if (found && mtimeMs - found.mtimeMs > 60_000) await unlink(join(home, name)).catch(ignoreMissing)
  }
}

function ignoreMissing(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw fromErrno(error)
  return undefined
}

/** What can be said about the process of a claim from here; `unknown`: only its signs of life tell. */
function processState(claim: Claim): 'alive' | 'dead' | 'unknown' {
  const here = machine()
  if (claim.host !== here.host || claim.machine !== here.machine) return 'unknown'
  if (claim.bootId !== here.bootId) return 'dead'
  if (claim.space !== here.space) return 'unknown'
  if (!exists(claim.pid) || isDying(claim.pid)) return 'dead'
  // Without /proc nothing tells a reused process number from the owner.
  if (claim.ticks === '') return 'unknown'
  return claim.ticks === ticksOf(claim.pid) ? 'alive' : 'dead'
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'
  }
}

/** Start time of a process (field 22 of /proc/<pid>/stat, proc(5)); empty when there is none, or when it is dead and only not yet reaped. */
function ticksOf(pid: number): string {
  const [state = '', ...fields] = fieldsOf(pid)
  return state === 'Z' || state === 'X' ? '' : (fields[18] ?? '')
}

/**
 * Killed, and only held up by the system in a call that does not end (a file system that does not answer): no line of it will ever run again.
 * SIGKILL is the ninth signal: SigPnd of /proc/<pid>/status, proc(5).
 */
function isDying(pid: number): boolean {
  const pending = /^SigPnd:\s*([0-9a-f]+)$/m.exec(attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8')))?.[1]
  return pending !== undefined && (BigInt(`0x${pending}`) & 0x100n) !== 0n
}

/** By a signal, or by a debugger. */
function isStopped(pid: number): boolean {
  return ['T', 't'].includes(fieldsOf(pid)[0] ?? '')
}

/** From its state (field 3) on. */
function fieldsOf(pid: number): string[] {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function newClaim(role: string): Claim {
  return {
    token: randomUUID(),
    pid: process.pid,
    ...machine(),
    ticks: ticksOf(process.pid),
    startedAt: new Date().toISOString(),
    role,
    released: false,
  }
}

function machine(): Pick<Claim, 'host' | 'machine' | 'bootId' | 'space'> {
  return {
    host: hostname(),
    machine: attempt(() => readFileSync('/etc/machine-id', 'utf8').trim()),
    bootId: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    space: attempt(() => readlinkSync('/proc/self/ns/pid')),
  }
}

/** The text, or none where this system does not have it. */
function attempt(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
