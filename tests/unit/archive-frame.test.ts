// Blocks of tar built in place are those that packTar makes, byte for byte, whatever the names, times and sizes are.
import { expect, test } from 'vitest'
import { blockSize } from '../../core/archive/blocks.ts'
import type { Entry } from '../../core/archive/entry.ts'
import { Frame } from '../../core/archive/frame.ts'
import { encodeMember } from '../../core/archive/tar-header.ts'
import { placeFile } from '../../core/archive/tar-template.ts'
import { noise } from '../suites/fixtures/streams.ts'

const entry = (more: Partial<Entry>): Entry => ({
  path: 'folder/file.txt',
  type: 'file',
  mode: 0o644,
  uid: 1000,
  gid: 1000,
  uname: 'marie',
  gname: 'labo',
  mtime: 1_700_000_000_123.456,
  size: 5,
  ...more,
})

const ordinary: Partial<Entry>[] = [
  {},
  { mtime: 0 },
  { mtime: 1_700_000_000_000 },
  { mtime: 1_700_000_000_500 },
  { mtime: 1.001 },
  { mtime: 999.999 },
  { mtime: 2_147_483_647_999.999 },
  { mtime: 86_400_000.25 },
  { path: 'x'.repeat(100) },
  { path: ' ~"\\' },
  { size: 0 },
  { size: 0o77777777777 },
  { uid: 0o7777777, gid: 0 },
  { uname: 'u'.repeat(31), gname: '' },
  { mode: 0o7777 },
  { mode: 0 },
]

const others: Partial<Entry>[] = [
  { path: 'x'.repeat(101) },
  { path: 'été' },
  { path: 'caf\udce9' },
  { uid: 0o7777777 + 1 },
  { uname: 'u'.repeat(32) },
  { gname: 'équipe' },
  { mtime: -1 },
  { mtime: 2_147_483_648_000 },
  { size: 0o77777777777 + 1 },
  { type: 'folder', size: 0 },
  { type: 'symlink', target: 'x', size: 0 },
]

test.each(ordinary)('the headers of %j are put in place', (more) => {
  const expected = encodeMember(entry(more))
  const block = Buffer.alloc(4096, 0xff)
  const placed = placeFile(entry(more), block, 512)
  expect(placed).toBe(expected.length)
  expect(block.subarray(512, 512 + placed).equals(expected)).toBe(true)
  expect(block.subarray(512 + placed).every((byte) => byte === 0xff)).toBe(true)
})

test.each(others)('%j is left to the one who knows all', (more) => {
  const block = Buffer.alloc(4096)
  expect(placeFile(entry(more), block, 0)).toBe(0)
  expect(block.every((byte) => byte === 0)).toBe(true)
})

test('where there is no room nothing is written', () => {
  const block = Buffer.alloc(2048)
  expect(placeFile(entry({}), block, 512)).toBe(1536)
  expect(placeFile(entry({}), block, 513)).toBe(0)
})

test('a template of one file says nothing of the next', () => {
  const block = Buffer.alloc(4096)
  for (const more of [...ordinary, ...ordinary].reverse()) {
    const expected = encodeMember(entry(more))
    placeFile(entry(more), block, 0)
    expect(block.subarray(0, expected.length).equals(expected)).toBe(true)
  }
})

test('parts of all lengths come out as they went in, in blocks that are full', () => {
  const out: Buffer[] = []
  const frame = new Frame(
    () => Buffer.alloc(blockSize),
    (block) => out.push(Buffer.from(block)),
  )
  const expected: Uint8Array[] = []
  for (const size of [0, 1, 511, 512, 513, 300_000, blockSize - 1536, 2 * blockSize + 7, 3]) {
    const data = noise(size + 4).subarray(0, size)
    const member = entry({ size, path: size % 2 ? `file ${size}` : `é ${size}` })
    expected.push(encodeMember(member), data, Buffer.alloc((512 - (size % 512)) % 512))
    frame.begin(member)
    for (let left = size; left > 0; ) {
      const room = frame.room(left)
      room.set(data.subarray(size - left, size - left + room.length))
      frame.filled(room.length)
      left -= room.length
    }
    frame.end(size)
  }
  frame.add(noise(1000))
  expected.push(noise(1000))
  expect(frame.position).toBe(Buffer.concat(expected).length)
  frame.close()
  expect(Buffer.concat(out).equals(Buffer.concat(expected))).toBe(true)
  expect(out.slice(0, -1).every((block) => block.length === blockSize)).toBe(true)
})
