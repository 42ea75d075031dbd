// What a restore writes while the next piece comes: all bytes in their order, and a full disk is told.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LaterWriter } from '../../core/restore/later-writer.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { noise } from '../suites/fixtures/streams.ts'
import { temporary } from '../support/trees.ts'

test.each([1, 1000, 300_000, 1024 * 1024, 2_500_000])('pieces of %d bytes come out as they went in', async (size) => {
  const path = join(temporary(), 'file')
  const data = noise(Math.max(5000, 4 * size))
  const file = openSync(path, 'wx')
  const writer = new LaterWriter(file, path)
  for (let at = 0; at < data.length; at += size) {
    const piece = Buffer.from(data.subarray(at, at + size))
    await writer.add(piece)
    piece.fill(0)
  }
  await writer.finish()
  closeSync(file)
  expect(readFileSync(path).equals(data)).toBe(true)
})

test('a full disk is told, by what comes next or at the end', async () => {
  const file = openSync('/dev/full', 'w')
  const all = async () => {
    const writer = new LaterWriter(file, '/dev/full')
    try {
      for (let count = 0; count < 10; count += 1) await writer.add(noise(700_000))
      await writer.finish()
    } finally {
      await writer.settled()
    }
  }
  const failure = await failureOf(all())
  closeSync(file)
  expect([failure.code, failure.details.path]).toEqual(['no-space', '/dev/full'])
})
