// Waiting for file systems that do not answer: asked once, shared, never more than two left hanging.
import { expect, test } from 'vitest'
import { patient } from '../../core/drives/patience.ts'

/** A question that is answered when the test says so. */
function question() {
  let answer: (value: string) => void = () => undefined
  let refuse: (error: Error) => void = () => undefined
  let asked = 0
  const promise = new Promise<string>((resolve, reject) => {
    answer = resolve
    refuse = reject
  })
  const job = () => {
    asked += 1
    return promise
  }
  return { job, answer: (value: string) => answer(value), refuse: (error: Error) => refuse(error), asked: () => asked }
}

const long = 60_000

test('an answer in time is passed on, and so is a failure', async () => {
  const ask = patient<string>()
  expect(await ask('a', async () => 'yes', long)).toBe('yes')
  await expect(ask('a', async () => Promise.reject(new Error('no')), long)).rejects.toThrow('no')
  expect(await ask('a', async () => 'again', long)).toBe('again')
})

test('no answer: undefined; it is not asked again, and the late answer is shared', async () => {
  const ask = patient<string>()
  const slow = question()
  expect(await ask('a', slow.job, 1)).toBeUndefined()
  expect(await ask('a', slow.job, 1)).toBeUndefined()
  expect(slow.asked()).toBe(1)
  const waiting = ask('a', slow.job, long)
  slow.answer('late')
  expect(await waiting).toBe('late')
  expect(await ask('a', async () => 'fresh', long)).toBe('fresh')
})

test('with two hanging no third is risked, until one answers', async () => {
  const ask = patient<string>()
  const [a, b, c] = [question(), question(), question()] as const
  await ask('a', a.job, 1)
  await ask('b', b.job, 1)
  expect(await ask('c', c.job, long)).toBeUndefined()
  expect(c.asked()).toBe(0)
  a.refuse(new Error('gone'))
  c.answer('now')
  // The failure of an unasked-for answer must not count as unhandled.
  await Promise.resolve()
  await Promise.resolve()
  expect(await ask('c', c.job, long)).toBe('now')
})
