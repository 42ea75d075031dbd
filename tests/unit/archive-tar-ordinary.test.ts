// Headers of ordinary files are read to the same entries as by the reader that knows everything, or not at all: as Arche and GNU tar write them,
// and with every byte of them changed.
import { execFileSync } from 'node:child_process'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Entry } from '../../core/archive/entry.ts'
import { decodePax } from '../../core/archive/pax.ts'
import { BLOCK, decodeBlock, decodeMember, encodeMember } from '../../core/archive/tar-header.ts'
import { ordinary, readOrdinary } from '../../core/archive/tar-ordinary.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

const plain: Entry = { path: 'Documents/a', type: 'file', mode: 0o644, uid: 1000, gid: 100, mtime: 0, size: 5 }

/** What the other reader says: the entry, `undefined` where it says that it is damaged, or not one file with at most one header before it. */
function slowly(headers: Buffer): unknown {
  try {
    const first = decodeBlock(headers)
    if (first?.flag !== 'x') return first && decodeMember(first, { pax: new Map() }).entry
    const pax = decodePax(headers.subarray(BLOCK, BLOCK + first.size))
    const block = decodeBlock(headers.subarray(2 * BLOCK))
    return block && decodeMember(block, { pax }).entry
  } catch {
    return undefined
  }
}

function quickly(headers: Buffer, at = 0): { length: number; entry: unknown } {
  const into = ordinary()
  const length = readOrdinary(headers, at, into)
  return { length, entry: into }
}

test.each<[string, Partial<Entry>, number]>([
  ['nothing special', {}, 1],
  ['whole seconds', { mtime: 1_600_000_000_000 }, 1],
  ['an eighth of a second', { mtime: 1_600_000_000_125 }, 3],
  ['microseconds', { mtime: 1_600_000_000_123.456 }, 3],
  ['a microsecond', { mtime: 1_599_999_999_000.001 }, 3],
  ['nanoseconds', { mtime: 1_600_000_000_123.456, time: '1600000000.123456789' }, 3],
  ['a nanosecond', { mtime: 1_600_000_000_000, time: '1600000000.000000001' }, 3],
  ['the year 30,000', { mtime: 884_541_340_800_000, time: '884541340800' }, 0],
  ['an attribute', { attributes: { extended: [{ name: 'user.a', value: '1' }] } }, 0],
  ['owners', { uname: 'alice', gname: 'personnel' }, 1],
  ['one owner', { gname: 'é' }, 0],
  ['a name of 100 bytes', { path: 'n'.repeat(100) }, 1],
  ['a name with accents', { path: 'été/ñ' }, 0],
  ['a name that is not UTF-8', { path: 'caf\udce9' }, 1],
  ['a hidden file', { path: '.profile' }, 1],
  ['a long name', { path: `${'d'.repeat(90)}/${'n'.repeat(60)}` }, 0],
  ['a large file', { size: 0o77777777777 }, 1],
  ['a larger file', { size: 0o77777777777 + 1 }, 0],
  ['a large owner', { uid: 4_000_000_000 }, 0],
  ['a time before 1970', { mtime: -1500 }, 0],
  ['setuid', { mode: 0o4755 }, 1],
  ['a folder', { type: 'folder' }, 0],
  ['a symlink', { type: 'symlink', target: 'b', size: 0 }, 0],
])('%s', (_, more, blocks) => {
  const headers = encodeMember({ ...plain, ...more })
  const { length, entry } = quickly(headers)
  expect(length).toBe(blocks * BLOCK)
  if (blocks > 0) expect(entry).toEqual(slowly(headers))
  const later = Buffer.concat([Buffer.alloc(3 * BLOCK, 0x61), headers])
  expect(quickly(later, 3 * BLOCK)).toEqual({ length, entry })
  // Not all of it is there.
  for (let end = 0; end < length; end += 100) expect(quickly(headers.subarray(0, end)).length).toBe(0)
})

test('with any byte changed it says the same as the other reader, or nothing', () => {
  const headers = encodeMember({
    ...plain,
    mtime: 1_600_000_000_123.456,
    time: '1600000000.123456789',
    uname: 'alice',
    gname: 'users',
  })
  let read = 0
  for (let at = 0; at < headers.length; at += 1) {
    for (const change of [1, 0x10, 0x80]) {
      const changed = Buffer.from(headers)
      changed[at] = (changed[at] as number) ^ change
      const { length, entry } = quickly(changed)
      if (length === 0) continue
      read += 1
      expect(entry, `${at} ^ ${change}`).toEqual(slowly(changed))
    }
  }
  // Only where no checksum looks: the body of the extended header and what pads it.
  expect(read).toBeGreaterThan(1000)
  expect(read).toBeLessThan(3 * BLOCK)
})

test.each(['posix', 'ustar', 'gnu', 'v7'])('what GNU tar writes as %s', (format) => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'in'))
  const names = ['one', 'été', '-x', '..y', 'z.']
  for (const [index, name] of names.entries()) {
    writeFileSync(join(folder, 'in', name), 'x'.repeat(index))
    utimesSync(join(folder, 'in', name), 1_500_000_000 + index / 8, 1_500_000_000 + index / 8)
  }
  // A header of its own for each time, and for the name with accents: it is seen with and without the one before it.
  const options = ['-C', join(folder, 'in'), `--format=${format}`, '--pax-option=delete=atime,delete=ctime']
  const args = format === 'posix' ? options : options.slice(0, 3)
  const archive = execFileSync('tar', ['-c', ...args, '--', ...names])
  let found = 0
  for (let at = 0; at + BLOCK <= archive.length; at += BLOCK) {
    const { length, entry } = quickly(archive, at)
    if (length === 0) continue
    found += 1
    expect(entry).toEqual(slowly(archive.subarray(at)))
  }
  expect(found).toBe({ posix: 8, ustar: 5, gnu: 0, v7: 0 }[format])
})
