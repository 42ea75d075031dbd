import { randomBytes, scryptSync } from 'node:crypto'
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createSession, openOperator } from '../../core/access/operator.ts'
import { temporaryFolder } from '../support/folder.ts'

/** A clock that stands until it is set. */
function clock(start = Date.parse('2026-05-01T12:00:00Z')) {
  let time = start
  return {
    now: () => time,
    pass: (seconds: number) => {
      time += seconds * 1000
    },
  }
}

/** The code of the Failure that the call ends with, with its seconds to wait where it has some. */
async function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'right',
    (error) => (error.code === 'operator-wait' ? `wait ${error.details.seconds}` : error.code),
  )
}

const right = ' pässwörd 密码 \u{1F511} '

/** With a hash that costs next to nothing: its parameters lie beside it. */
async function operatorWithPassword(time = clock()) {
  const home = await temporaryFolder()
  const [salt, cost] = [randomBytes(16), { N: 16, r: 8, p: 1 }]
  const key = scryptSync(right, salt, 32, cost).toString('base64')
  const hash = { algorithm: 'scrypt', ...cost, salt: salt.toString('base64'), key }
  await writeFile(join(home, 'operator.json'), JSON.stringify({ version: 1, hash, wrong: 0, lastWrong: 0 }), {
    mode: 0o600,
  })
  return { home, operator: await openOperator(home, time.now), time }
}

describe('the operator password', () => {
  it('is unset at first', async () => {
    const operator = await openOperator(await temporaryFolder())
    expect(operator.isSet()).toBe(false)
    await expect(operator.check('x')).rejects.toMatchObject({ code: 'operator-unset' })
    await expect(operator.set({ next: '' })).rejects.toMatchObject({ code: 'password-empty' })
    expect(operator.isSet()).toBe(false)
  })

  it('is recognised exactly as typed, also after a restart', async () => {
    const home = await temporaryFolder()
    const operator = await openOperator(home)
    await operator.set({ next: right })
    expect(operator.isSet()).toBe(true)
    await operator.check(right)
    const again = await openOperator(home)
    expect(again.isSet()).toBe(true)
    await again.check(right)
    await expect(again.check(right.trim())).rejects.toMatchObject({ code: 'operator-wrong' })
    await expect(again.check('')).rejects.toMatchObject({ code: 'operator-wrong' })
    await again.check(right)
    await expect(again.check(right.normalize('NFD'))).rejects.toMatchObject({ code: 'operator-wrong' })
  })

  it('is not in the file, which is private, and has another salt each time', async () => {
    const keys: string[] = []
    for (const home of [await temporaryFolder(), await temporaryFolder()]) {
      const operator = await openOperator(home)
      await operator.set({ next: right })
      const path = join(home, 'operator.json')
      const text = await readFile(path, 'utf8')
      expect(text).not.toContain('wörd')
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      expect(JSON.parse(text).hash).toMatchObject({ algorithm: 'scrypt', N: 32_768, r: 8, p: 1 })
      keys.push(JSON.parse(text).hash.key)
    }
    expect(new Set(keys).size).toBe(2)
  })

  it('is changed only with the present one', async () => {
    const { operator } = await operatorWithPassword()
    await expect(operator.set({ next: 'new' })).rejects.toMatchObject({ code: 'operator-needed' })
    await expect(operator.set({ current: 'wrong', next: 'new' })).rejects.toMatchObject({ code: 'operator-wrong' })
    await operator.check(right)
    await operator.set({ current: right, next: 'new' })
    await operator.check('new')
    await expect(operator.check(right)).rejects.toMatchObject({ code: 'operator-wrong' })
  })

  it.each(['', '{', '{"version":1}', 'null'])('with a damaged file (%j) is never taken as unset', async (text) => {
    const { home } = await operatorWithPassword()
    await writeFile(join(home, 'operator.json'), text)
    await expect(openOperator(home)).rejects.toMatchObject({
      code: 'config-damaged',
      details: { path: join(home, 'operator.json') },
    })
  })
})

describe('wrong tries', () => {
  it('must wait from the third on, twice as long each time, up to a quarter of an hour', async () => {
    const { operator, time } = await operatorWithPassword()
    const waits: number[] = []
    for (let tries = 1; tries <= 14; tries += 1) {
      expect(await outcome(operator.check('wrong'))).toBe('operator-wrong')
      const next = await outcome(tries < 3 ? Promise.reject({ code: 'no wait' }) : operator.check(right))
      const seconds = Number(/^wait (\d+)$/.exec(next)?.[1] ?? 0)
      waits.push(seconds)
      time.pass(seconds)
    }
    expect(waits).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
    expect(await outcome(operator.check(right))).toBe('right')
    expect(await outcome(operator.check('wrong'))).toBe('operator-wrong')
    expect(await outcome(operator.check('wrong'))).toBe('operator-wrong')
    expect(await outcome(operator.check(right))).toBe('right')
  })

  async function afterWrong(tries: number) {
    const it = await operatorWithPassword()
    for (let n = 1; n <= tries; n += 1) {
      expect(await outcome(it.operator.check('wrong'))).toBe('operator-wrong')
      if (n < tries) it.time.pass(1000)
    }
    return it
  }

  it('tried too early count nothing and do not prolong the wait', async () => {
    const { operator, time } = await afterWrong(6)
    expect(await outcome(operator.check('wrong'))).toBe('wait 8')
    time.pass(7.5)
    expect(await outcome(operator.check('wrong'))).toBe('wait 1')
    time.pass(0.5)
    expect(await outcome(operator.check(right))).toBe('right')
  })

  it('are remembered over a restart and by another process', async () => {
    const { home, operator, time } = await afterWrong(4)
    const other = await openOperator(home, time.now)
    expect(await outcome(other.check(right))).toBe('wait 2')
    time.pass(2)
    expect(await outcome(other.check('wrong'))).toBe('operator-wrong')
    expect(await outcome(operator.check(right))).toBe('wait 4')
  })

  it('are not judged where they cannot be counted, so that killing the program in between is of no use', async () => {
    const { home, time } = await operatorWithPassword()
    // A path so long that the file can be read, but its replacement, with a longer temporary name, cannot be written.
    const folder = join(home, ...Array.from({ length: 40 }, () => 'd'.repeat(100)))
    const long = folder.slice(0, 4075)
    await mkdir(long, { recursive: true })
    await copyFile(join(home, 'operator.json'), join(long, 'operator.json'))
    const operator = await openOperator(long, time.now)
    const outcomes = [await outcome(operator.check(right)), await outcome(operator.check('wrong'))]
    expect(outcomes).toEqual(['bad-input', 'bad-input'])
  })

  it('that come together are judged one after the other', async () => {
    const { operator } = await operatorWithPassword()
    const outcomes = await Promise.all(['a', 'b', 'c', 'd', right].map((password) => outcome(operator.check(password))))
    expect(outcomes).toEqual(['operator-wrong', 'operator-wrong', 'operator-wrong', 'wait 1', 'wait 1'])
  })

  it('also count when changing the password', async () => {
    const { operator } = await afterWrong(2)
    expect(await outcome(operator.set({ current: 'wrong', next: 'new' }))).toBe('operator-wrong')
    expect(await outcome(operator.set({ current: right, next: 'new' }))).toBe('wait 1')
  })

  it('with the clock set back must wait the full time once, and no longer', async () => {
    const { operator, time } = await afterWrong(10)
    time.pass(100)
    expect(await outcome(operator.check(right))).toBe('wait 28')
    time.pass(-365 * 24 * 3600)
    expect(await outcome(operator.check(right))).toBe('wait 128')
    time.pass(100)
    expect(await outcome(operator.check(right))).toBe('wait 28')
    time.pass(28)
    expect(await outcome(operator.check(right))).toBe('right')
  })
})

describe('a session', () => {
  it('guards nothing until a password is set; then it must be given', async () => {
    const operator = await openOperator(await temporaryFolder())
    const session = createSession(operator)
    const other = createSession(operator)
    expect(() => other.require()).not.toThrow()
    await session.set({ next: right })
    expect(() => session.require()).not.toThrow()
    expect(() => other.require()).toThrow(expect.objectContaining({ code: 'operator-needed' }))
  })

  it('guards nothing once the password is taken away, which takes the password', async () => {
    const home = await temporaryFolder()
    const operator = await openOperator(home)
    const session = createSession(operator)
    const other = createSession(operator)
    expect(await outcome(session.remove(right))).toBe('operator-unset')
    await session.set({ next: right })
    expect(await outcome(other.remove('wrong'))).toBe('operator-wrong')
    expect(() => other.require()).toThrow(expect.objectContaining({ code: 'operator-needed' }))
    await other.remove(right)
    expect(() => other.require()).not.toThrow()
    expect((await openOperator(home)).isSet()).toBe(false)
    // An earlier grant does not outlive it: who sets a new one does not let others in.
    await other.set({ next: 'another' })
    expect(() => session.require()).toThrow(expect.objectContaining({ code: 'operator-needed' }))
  })

  it('lasts ten minutes, whatever is done meanwhile', async () => {
    const { operator, time } = await operatorWithPassword()
    const session = createSession(operator, time.now)
    expect(await session.unlock(right)).toBe('2026-05-01T12:10:00.000Z')
    time.pass(599)
    expect(() => session.require()).not.toThrow()
    time.pass(1)
    expect(() => session.require()).toThrow(expect.objectContaining({ code: 'operator-needed' }))
    time.pass(-300)
    expect(() => session.require()).toThrow(expect.objectContaining({ code: 'operator-needed' }))
  })

  it('is not prolonged by a clock set back', async () => {
    const { operator, time } = await operatorWithPassword()
    const session = createSession(operator, time.now)
    await session.unlock(right)
    time.pass(-1)
    expect(() => session.require()).toThrow(expect.objectContaining({ code: 'operator-needed' }))
  })

  it('ends when it is locked, and when the password is changed elsewhere', async () => {
    const { operator, time } = await operatorWithPassword()
    const [one, two] = [createSession(operator, time.now), createSession(operator, time.now)]
    await one.unlock(right)
    await two.unlock(right)
    one.lock()
    expect(() => one.require()).toThrow(expect.objectContaining({ code: 'operator-needed' }))
    await one.set({ current: right, next: 'new' })
    expect(() => one.require()).not.toThrow()
    expect(() => two.require()).toThrow(expect.objectContaining({ code: 'operator-needed' }))
  })

  it('stays open after a wrong try, and shut', async () => {
    const { operator, time } = await operatorWithPassword()
    const session = createSession(operator, time.now)
    await expect(session.unlock('wrong')).rejects.toMatchObject({ code: 'operator-wrong' })
    expect(() => session.require()).toThrow(expect.objectContaining({ code: 'operator-needed' }))
    await session.unlock(right)
    await expect(session.unlock('wrong')).rejects.toMatchObject({ code: 'operator-wrong' })
    expect(() => session.require()).not.toThrow()
  })
})
