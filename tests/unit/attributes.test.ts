// The pure parts of what a file has beside its content: times as text, access lists as text, attributes as records.
import { describe, expect, test } from 'vitest'
import type { Attributes, Entry } from '../../core/archive/entry.ts'
import { attributeRecords, attributesIn, decodePax, encodePax } from '../../core/archive/pax.ts'
import { packTar, readTar } from '../../core/archive/tar.ts'
import { aclBytes, aclText } from '../../core/lib/acl.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { fileTime, instantOf, isPossible, parseTime, textOf } from '../../core/lib/instant.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { read } from '../suites/fixtures/streams.ts'

const billion = 1_000_000_000n
const most = 2n ** 63n - 1n
const plain = { type: 'file', mode: 0o644, uid: 0, gid: 0, size: 0 } as const

async function through(entry: Entry): Promise<Entry | undefined> {
  async function* one(): AsyncGenerator<Entry> {
    yield entry
  }
  for await (const found of readTar(bytesOf(await read(packTar(undefined, one()))))) return found
  return undefined
}

describe('times', () => {
  test.each<[string, bigint]>([
    ['1970', 0n],
    ['a nanosecond', 1n],
    ['a nanosecond before', -1n],
    ['a microsecond before', -1000n],
    ['before 1970', -315_619_200_123_456_000n],
    ['today', 1_795_939_971_453_805_041n],
    ['the year 30,000', 884_541_340_800n * billion],
    ['the year 4,443,251', 140_150_000_000_000n * billion + 5n],
    ['beyond 33 bits', 2n ** 33n * billion],
    ['the last second', most * billion + 999_999_999n],
    ['the first second', -(2n ** 63n) * billion],
  ])('%s goes through an archive exactly', async (_, nanos) => {
    const { seconds, nanos: rest } = instantOf(fileTime(nanos))
    expect(seconds * billion + BigInt(rest)).toBe(nanos)
    expect(isPossible({ seconds, nanos: rest })).toBe(true)
    const found = await through({ ...plain, path: 'f', ...fileTime(nanos) })
    expect(found && instantOf(found)).toEqual({ seconds, nanos: rest })
  })

  test('no system has more than 64 bits of seconds, but an archive may say so', () => {
    const time = parseTime('99999999999999999999')
    expect(time && isPossible(instantOf(time))).toBe(false)
    expect(parseTime('1'.repeat(41))).toBeUndefined()
    for (const text of ['', '-', 'now', '1e9', '0x1', '1.2.3', '+1']) expect(parseTime(text)).toBeUndefined()
  })

  test('more digits than nanoseconds are cut below', () => {
    expect(textOf(parseTime('1.9999999999') ?? { mtime: 0 })).toBe('1.999999999')
    expect(textOf(parseTime('-1.0000000001') ?? { mtime: 0 })).toBe('-1.000000001')
    expect(textOf(parseTime('007.50') ?? { mtime: 0 })).toBe('7.5')
  })
})

describe('owners that cannot be', () => {
  test.each([2 ** 32, 99_999_999_999, 2 ** 60])('%d is read as it stands', async (uid) => {
    expect((await through({ ...plain, path: 'f', mtime: 0, uid }))?.uid).toBe(uid)
  })
})

const names = { user: (id: number) => (id === 1001 ? 'anne' : undefined), group: () => 'x:y' }
const numbers = { user: (name: string) => (name === 'bob' ? 1002 : undefined), group: () => undefined }

/** version, then tag, rights, id. */
function list(...items: readonly (readonly [number, number, number])[]): Buffer {
  const bytes = Buffer.alloc(4 + 8 * items.length)
  bytes.writeUInt32LE(2, 0)
  for (const [index, [tag, rights, id]] of items.entries()) {
    bytes.writeUInt16LE(tag, 4 + 8 * index)
    bytes.writeUInt16LE(rights, 6 + 8 * index)
    bytes.writeUInt32LE(id, 8 + 8 * index)
  }
  return bytes
}

describe('access lists', () => {
  const none = 0xffff_ffff
  const bytes = list([1, 6, none], [2, 4, 1001], [2, 7, 4242], [4, 4, none], [8, 1, 99], [16, 7, none], [32, 0, none])

  test('say names with their numbers, and come back', () => {
    const text = aclText(bytes, names)
    expect(text).toBe('user::rw-,user:anne:r--:1001,user:4242:rwx,group::r--,group:99:--x,mask::rwx,other::---')
    expect(aclBytes(text ?? '', numbers)).toEqual(bytes)
  })

  test('as GNU tar and bsdtar write them', () => {
    const gnu = 'user::rw-\nuser:bob:r--\nuser:4242:rwx\ngroup::r--\nmask::rwx\nother::---\n'
    const bsd = 'user::rw-,group::r--,other::---,user:nobody-here:r--:1002,user:4242:rwx,mask::rwx'
    const expected = list([1, 6, none], [2, 4, 1002], [2, 7, 4242], [4, 4, none], [16, 7, none], [32, 0, none])
    expect(aclBytes(gnu, numbers)).toEqual(expected)
    expect(aclBytes(bsd, numbers)).toEqual(expected)
  })

  test('what is none is nothing, and neither is one that names somebody unknown', () => {
    for (const text of ['', 'user::rwx', 'user::rwz,group::r--,other::r--', 'who::r--,group::r--,other::r--', 'a,b,c'])
      expect(aclBytes(text, numbers)).toBeUndefined()
    expect(aclBytes('user::rw-,user:nobody-here:r--,group::r--,mask::r--,other::r--', numbers)).toBeUndefined()
    for (const wrong of [Buffer.alloc(0), Buffer.alloc(5), list([3, 7, 1]), Buffer.alloc(12)])
      expect(aclText(wrong, names)).toBeUndefined()
  })
})

describe('attributes', () => {
  const attributes: Attributes = {
    extended: [
      { name: 'user.lines', value: 'a\n7 b=c\n\0\xff' },
      { name: 'user.empty', value: '' },
      { name: 'user.a=b%c%3D', value: '=' },
      { name: 'user.café', value: '1' },
      { name: 'user.caf\udce9', value: '2' },
    ],
    access: 'user::rw-,group::r--,other::r--',
    inherited: 'user::rwx,group::r-x,other::---',
  }

  test('with any name and any bytes go through an archive, on files, folders and symlinks', async () => {
    for (const type of ['file', 'folder', 'symlink'] as const) {
      const more = type === 'symlink' ? { target: 'x' } : {}
      const found = await through({ ...plain, path: 'f', mtime: 0, ...more, type, attributes })
      expect(found?.attributes).toEqual(attributes)
    }
  })

  test('of bsdtar are read once, with their names', () => {
    const records = {
      'SCHILY.xattr.user.%C3%BC': '2',
      'LIBARCHIVE.xattr.user.%C3%BC': 'AP8K',
    }
    expect(attributesIn(decodePax(encodePax(records)))).toEqual({ extended: [{ name: 'user.ü', value: '\0\xff\n' }] })
  })

  test('none are none', () => {
    expect(attributeRecords(undefined)).toEqual({})
    expect(attributesIn(new Map([['mtime', Buffer.from('1')]]))).toBeUndefined()
  })

  test.each<[string, Record<string, string>]>([
    ['a name without end', { [`SCHILY.xattr.user.${'n'.repeat(300)}`]: '1' }],
    ['no name', { 'SCHILY.xattr.': '1' }],
    ['a name with a NUL', { 'SCHILY.xattr.user.a\0b': '1' }],
    ['a value without end', { 'SCHILY.xattr.user.a': 'v'.repeat(70_000) }],
    ['an access list without end', { 'SCHILY.acl.access': 'u'.repeat(600_000) }],
  ])('%s is damaged', async (_, records) => {
    const { code } = await failureOf(Promise.resolve().then(() => attributesIn(decodePax(encodePax(records)))))
    expect(code).toBe('damaged')
  })
})
