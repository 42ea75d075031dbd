// The administrator password ("operator" in code and files): where one is set, it is asked for before what methods/guard.ts names. Also the short grants
// that a right password gives.
// Guarantees: a try is counted on the disk before it is judged, so that killing the program or starting another one gives no free tries; from
// the third wrong try on each further one must wait, twice as long as the time before; a clock set back restarts the wait, never more.
// Does not protect against someone who can write to the data folder, and has no part in encrypting backups (the backup key does that).
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Failure } from '../api/failure.ts'
import { readSmall, syncFolder, writeDurably } from '../lib/files.ts'

/** RFC 7914: about 0.1 s and 32 MiB for each try. */
const cost = { N: 2 ** 15, r: 8, p: 1 }
const keyLength = 32

/** The wrong try with this number is the first that is followed by a wait: 1 s, then twice as long each time, at most a quarter of an hour. */
const patience = 3
const longestWait = 15 * 60

/** How long a grant lasts, in milliseconds. It does not slide. */
const grantTime = 10 * 60 * 1000

/** Upper bounds on the parameters: a file that was tampered with must not exhaust the memory. */
const Stored = z.object({
  version: z.literal(1),
  hash: z.object({
    algorithm: z.literal('scrypt'),
    N: z
      .number()
      .int()
      .min(2)
      .max(2 ** 18),
    r: z.number().int().min(1).max(16),
    p: z.number().int().min(1).max(16),
    salt: z.base64().min(24),
    /** 32 bytes. */
    key: z.base64().length(44),
  }),
  /** Wrong tries in a row, and when the last one was (ms since 1970). */
  wrong: z.number().int().nonnegative(),
  lastWrong: z.number(),
})
type Stored = z.infer<typeof Stored>

export interface Operator {
  /** A password has been chosen. */
  isSet(): boolean
  /** Rises with each change of the password, so that older grants end. */
  readonly generation: number
  /**
   * The first time without `current`, afterwards with it (else Failure `operator-needed`); the rest as `check`. An empty `next`:
   * `password-empty`; one that was not UTF-8: `password-encoding`.
   */
  set(change: { current?: string | undefined; next: string }): Promise<void>
  /** Takes it away, so that nothing is guarded. Failures as of `check`. */
  remove(current: string): Promise<void>
  /** Failure `operator-unset`, `operator-wrong`, or `operator-wait` {seconds}: then the password was not even looked at. */
  check(password: string): Promise<void>
}

/** Opens `operator.json` of a data folder. `now` in ms since 1970. A damaged file: Failure `config-damaged`, never "no password". */
export async function openOperator(home: string, now: () => number = Date.now): Promise<Operator> {
  const path = join(home, 'operator.json')
  let set = (await load(path)) !== undefined
  let generation = 0
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }

  async function check(password: string): Promise<void> {
    // Read anew each time: another process may have counted tries.
    const stored = await load(path)
    set = stored !== undefined
    if (!stored) throw new Failure('operator-unset')
    const seconds = waiting(stored, now())
    if (stored.lastWrong > now()) await save(path, { ...stored, lastWrong: now() })
    if (seconds > 0) throw new Failure('operator-wait', { seconds }, { retryable: true })
    await save(path, { ...stored, wrong: stored.wrong + 1, lastWrong: now() })
    if (!(await matches(password, stored.hash)))
      throw new Failure('operator-wrong', { seconds: waitAfter(stored.wrong + 1) })
    await save(path, { ...stored, wrong: 0, lastWrong: 0 })
  }

  return {
    isSet: () => set,
    get generation() {
      return generation
    },
    set: ({ current, next }) =>
      inTurn(async () => {
        if (next === '') throw new Failure('password-empty')
        if (next.includes('\ufffd')) throw new Failure('password-encoding')
        if (await load(path)) {
          if (current === undefined) throw new Failure('operator-needed')
          await check(current)
        }
        await save(path, { version: 1, hash: await newHash(next), wrong: 0, lastWrong: 0 })
        set = true
        generation += 1
      }),
    remove: (current) =>
      inTurn(async () => {
        await check(current)
        await rm(path)
        await syncFolder(home)
        set = false
        generation += 1
      }),
    check: (password) => inTurn(() => check(password)),
  }
}

export interface Session {
  /** Opens the session; gives its end as ISO 8601. Failures as of `check`; a wrong password leaves an open session open. */
  unlock(password: string): Promise<string>
  /** Changes the password and opens the session. */
  set(change: { current?: string | undefined; next: string }): Promise<void>
  /** Takes the password away. */
  remove(current: string): Promise<void>
  lock(): void
  /** Throws Failure `operator-needed` without a grant that is still good; where no password is set, nothing. */
  require(): void
}

/** The grant of one connection. */
export function createSession(operator: Operator, now: () => number = Date.now): Session {
  let grant: { from: number; generation: number } | undefined
  const open = () => {
    grant = { from: now(), generation: operator.generation }
    return grant.from + grantTime
  }
  return {
    async unlock(password) {
      await operator.check(password)
      return new Date(open()).toISOString()
    },
    async set(change) {
      await operator.set(change)
      open()
    },
    async remove(current) {
      await operator.remove(current)
      grant = undefined
    },
    lock() {
      grant = undefined
    },
    require() {
      if (!operator.isSet()) return
      const age = grant === undefined ? -1 : now() - grant.from
      // A negative age is a clock set back: it must not prolong the grant.
      if (age < 0 || age >= grantTime || grant?.generation !== operator.generation) {
        grant = undefined
        throw new Failure('operator-needed')
      }
    },
  }
}

/** Seconds to wait, by the number of wrong tries in a row. */
function waitAfter(wrong: number): number {
  return wrong < patience ? 0 : Math.min(longestWait, 2 ** (wrong - patience))
}

/** Whole seconds still to wait; with a clock set back, the full wait. */
function waiting(stored: Stored, now: number): number {
  const full = waitAfter(stored.wrong)
  const passed = Math.max(0, (now - stored.lastWrong) / 1000)
  return Math.max(0, Math.ceil(full - passed))
}

async function newHash(password: string): Promise<Stored['hash']> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, cost, keyLength)
  return { algorithm: 'scrypt', ...cost, salt: salt.toString('base64'), key: key.toString('base64') }
}

async function matches(password: string, hash: Stored['hash']): Promise<boolean> {
  const expected = Buffer.from(hash.key, 'base64')
  const found = await derive(password, Buffer.from(hash.salt, 'base64'), hash, expected.length)
  return timingSafeEqual(found, expected)
}

function derive(password: string, salt: Buffer, { N, r, p }: typeof cost, length: number): Promise<Buffer> {
  // scrypt needs 128 N r bytes and a little for p (RFC 7914, section 5); Node's default limit is just below that.
  const maxmem = 128 * N * r + 128 * r * p + 2 ** 20
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { N, r, p, maxmem }, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/** Bytes of the file at most; it has some hundred. */
const limit = 64 * 1024

async function load(path: string): Promise<Stored | undefined> {
  const text = await readSmall(path, { limit, follow: true }).catch((error: unknown) => {
    throw error instanceof Failure && error.code === 'damaged' ? damaged(error, path) : error
  })
  if (text === undefined) return undefined
  try {
    return Stored.parse(JSON.parse(text))
  } catch (error) {
    throw damaged(error, path)
  }
}

function damaged(error: unknown, path: string): Failure {
  return new Failure('config-damaged', { path, backup: '—', reason: 'JSON' }, { cause: error })
}

function save(path: string, stored: Stored): Promise<void> {
  return writeDurably(path, `${JSON.stringify(stored)}\n`, { mode: 0o600 })
}
