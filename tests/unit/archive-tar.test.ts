// Tar, both ways, against GNU tar: every name, type, time and owner comes back; damage is always seen.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Entry, Head } from '../../core/archive/archive.ts'
import { packTar, readTar } from '../../core/archive/tar.ts'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { all, inChunks, noise, randomNumbers, read } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { describeEntries, describeTree, entriesOf, makeTree } from './fixtures/trees.ts'

const head: Head = {
  arche: 1,
  plan: 'Données "du" labo\n',
  host: 'pc-1',
  createdAt: '2026-03-02T12:00:00.000Z',
  roots: [{ name: 'Documents', origin: '/home/é/caf\udce9' }],
  files: 3,
  bytes: 12,
}
const env = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' }

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

function entry(path: string, content: string | Uint8Array = '', more: Partial<Entry> = {}): Entry {
  const body = Buffer.from(content)
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: body.length, body: bytesOf(body), ...more }
}

async function* listOf(...entries: Entry[]): AsyncGenerator<Entry> {
  yield* entries
}

const pack = (...entries: Entry[]) => read(packTar(undefined, listOf(...entries)))
const codeOf = async (data: Bytes) => (await failureOf(describeEntries(readTar(data)))).code

describe('what is written', () => {
  test('GNU tar restores exactly and says nothing', async () => {
    const source = join(folder, 'in')
    const target = join(folder, 'out')
    for (const path of [source, target]) mkdirSync(path)
    makeTree(source)
    const archive = await read(packTar(head, entriesOf(source)))
    const args = ['xpf', '-', '-C', target, '--warning=no-timestamp']
    const done = spawnSync('tar', args, { input: archive, env })
    expect([done.status, done.stderr.toString()]).toEqual([0, ''])
    expect(describeTree(target)).toEqual(describeTree(source))
    const listing = spawnSync('tar', ['tvf', '-'], { input: archive, env, maxBuffer: 1 << 26 })
    expect([listing.status, listing.stderr.toString()]).toEqual([0, ''])
    expect(archive.length % 10_240).toBe(0)
  })

  test('comes back here, whole or byte by byte', async () => {
    makeTree(folder)
    const archive = await read(packTar(head, entriesOf(folder)))
    expect(await describeEntries(readTar(bytesOf(archive)))).toEqual(describeTree(folder))
    expect(await describeEntries(readTar(inChunks(archive, 1)))).toEqual(describeTree(folder))
    expect(await describeEntries(readTar(inChunks(archive, 511)))).toEqual(describeTree(folder))
  })

  test('holds owners and sizes that old fields cannot', async () => {
    const owner = { uid: 4_000_000_000, gid: 3_000_000, uname: 'é'.repeat(20), gname: 'groupe' }
    const archive = await pack(entry('a', 'x', owner))
    const [found] = await all(readTar(bytesOf(archive)))
    expect(found).toMatchObject(owner)
    const listing = execFileSync('tar', ['tvf', '-', '--numeric-owner'], { input: archive, env }).toString()
    expect(listing).toContain('4000000000/3000000')
  })

  test('holds a file of more than 8 GiB', async () => {
    const size = 9 * 2 ** 30
    const piece = Buffer.alloc(1 << 20)
    async function* body(): Bytes {
      for (let left = size; left > 0; left -= piece.length) yield piece
    }
    let seen = 0
    for await (const { path, size: told, body: read } of readTar(
      packTar(undefined, listOf(entry('big', '', { size, body: body() }), entry('z'))),
    )) {
      if (path === 'z') continue
      expect(told).toBe(size)
      for await (const chunk of read ?? []) seen += chunk.length
    }
    expect(seen).toBe(size)
  })

  test('a body of another length than its entry says is a bug', async () => {
    await expect(pack(entry('a', 'xyz', { size: 2 }))).rejects.toThrow('longer')
    await expect(pack(entry('a', 'xyz', { size: 4 }))).rejects.toThrow('short')
    await expect(pack(entry('a\0b'))).rejects.toThrow('NUL')
  })

  test('pulls no further than its reader, and leaving early closes the source', async () => {
    let pulled = 0
    let closed = 0
    async function* source(): AsyncGenerator<Entry> {
      try {
        for (;;) {
          pulled += 1
          yield entry(`file ${pulled}`, noise(100_000))
        }
      } finally {
        closed += 1
      }
    }
    for await (const chunk of packTar(head, source())) if (chunk.length > 0 && pulled > 3) break
    expect([pulled, closed]).toEqual([4, 1])
  })
})

describe('the head', () => {
  test('is read before the entries and survives', async () => {
    const archive = await read(packTar(head, listOf(entry('a', 'text'))))
    const reader = readTar(inChunks(archive, 7))
    expect(await reader.head()).toEqual(head)
    expect(await describeEntries(reader)).toHaveLength(1)
  })

  test.each([
    ['no JSON', 'x'],
    ['another record', '{}'],
    ['a root that leads out', JSON.stringify({ ...head, roots: [{ name: '..', origin: '/' }] })],
    ['a root of two parts', JSON.stringify({ ...head, roots: [{ name: 'a/b', origin: '/' }] })],
    ['a newer version', JSON.stringify({ ...head, arche: 2 })],
    ['wrong numbers', JSON.stringify({ ...head, bytes: -1 })],
  ])('is undefined when it is %s', async (_, comment) => {
    const archive = await read(packTar(JSON.parse('{"comment":true}'), listOf(entry('a'))))
    const record = Buffer.from(archive.subarray(512, 1024))
    const line = ` comment=${comment}\n`
    const length = Buffer.byteLength(line) + 3
    record.fill(0).write(`${String(length).padStart(3, '0')}${line}`)
    const forged = Buffer.concat([sizedHeader(archive.subarray(0, 512), length), record, archive.subarray(1024)])
    const reader = readTar(bytesOf(forged))
    expect(await reader.head()).toBeUndefined()
    expect(await all(reader)).toHaveLength(1)
  })

  test('of an archive without one is undefined, also when it is empty', async () => {
    expect(await readTar(bytesOf(await pack(entry('a')))).head()).toBeUndefined()
    expect(await readTar(bytesOf(Buffer.alloc(1024))).head()).toBeUndefined()
  })
})

/** The same header with another size. */
function sizedHeader(block: Uint8Array, size: number): Buffer {
  return changed(block, (copy) => copy.write(`${size.toString(8).padStart(11, '0')} `, 124, 'latin1'))
}

/** A changed header with a right checksum. */
function changed(block: Uint8Array, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(block)
  change(copy)
  copy.fill(0x20, 148, 156)
  const sum = copy.reduce((total, byte) => total + byte, 0)
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return copy
}

describe('what other programs write', () => {
  function tar(...args: string[]): Buffer {
    return execFileSync('tar', ['-C', folder, '-cf', '-', ...args], { env, maxBuffer: 1 << 28 })
  }

  test.each(['gnu', 'oldgnu', 'pax', 'posix'])('GNU tar in format %s', async (format) => {
    makeTree(folder)
    const args = [`--format=${format}`, '--sort=name', '--numeric-owner', '.']
    const found = await describeEntries(withoutTop(readTar(inChunks(tar(...args), 1000))))
    // Formats before PAX have whole seconds only, and round down.
    const coarse = format.includes('gnu')
    const expected = describeTree(folder).map((line) => (coarse ? wholeSeconds(line) : line))
    expect(found.map(JSON.parse as (line: string) => unknown)).toEqual(
      expected.map(JSON.parse as (line: string) => unknown),
    )
  })

  test.each(['ustar', 'v7'])('GNU tar in format %s', async (format) => {
    mkdirSync(join(folder, 'd'))
    writeFileSync(join(folder, 'd/f.txt'), 'text')
    mkdirSync(join(folder, 'd/empty'))
    const long = format === 'ustar' ? `${'p'.repeat(90)}/${'n'.repeat(90)}` : 'n'.repeat(90)
    mkdirSync(join(folder, long), { recursive: true })
    const found = await all(withoutTop(readTar(bytesOf(tar(`--format=${format}`, '--sort=name', '.')))))
    expect(found.map(({ path, type }) => `${type} ${path}`).sort()).toEqual(
      [
        'folder d',
        'file d/f.txt',
        'folder d/empty',
        `folder ${long}`,
        ...(format === 'ustar' ? [`folder ${'p'.repeat(90)}`] : []),
      ].sort(),
    )
  })

  test('the records of GNU tar: names and times to the nanosecond', async () => {
    writeFileSync(join(folder, 'f'), '')
    execFileSync('touch', ['-d', '1969-12-31T23:59:58.000000001Z', join(folder, 'f')])
    const [found] = await all(readTar(bytesOf(tar('--format=pax', 'f'))))
    expect([found?.mtime, found?.time]).toEqual([-2000, '-1.999999999'])
    execFileSync('touch', ['-d', '2026-03-02T12:00:00.123456789Z', join(folder, 'f')])
    const [later] = await all(readTar(bytesOf(tar('--format=pax', 'f'))))
    expect([later?.mtime, later?.time]).toEqual([
      Date.parse('2026-03-02T12:00:00Z') + 123.456,
      `${Date.parse('2026-03-02T12:00:00Z') / 1000}.123456789`,
    ])
  })

  test('times before 1970 in the binary numbers of GNU tar', async () => {
    writeFileSync(join(folder, 'f'), '')
    execFileSync('touch', ['-d', '1969-12-31T23:59:58Z', join(folder, 'f')])
    const [found] = await all(readTar(bytesOf(tar('--format=gnu', 'f'))))
    expect(found?.mtime).toBe(-2000)
  })

  test('pipes and devices come as other', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    writeFileSync(join(folder, 'z'), 'after')
    const found = await all(readTar(bytesOf(tar('--sort=name', 'pipe', 'z'))))
    expect(found.map(({ path, type, size }) => [path, type, size])).toEqual([
      ['pipe', 'other', 0],
      ['z', 'file', 5],
    ])
  })
})

async function* withoutTop(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  for await (const item of entries) if (item.path !== '' && item.path !== '.') yield item
}

function wholeSeconds(line: string): string {
  const parts = JSON.parse(line) as [string, string, string, number, ...string[]]
  parts[3] = Math.floor(parts[3] / 1_000_000) * 1_000_000
  return JSON.stringify(parts)
}

describe('damage', () => {
  test('an early end is seen wherever it is', async () => {
    const archive = await read(
      packTar(head, listOf(entry('a', noise(700)), entry('b'.repeat(150), 'x'), entry('c', ''))),
    )
    const ends = Array.from({ length: Math.ceil(archive.length / 256) }, (_, index) => index * 256)
    const before = ends.filter((cut) => cut < endOfArchive(archive))
    expect(before.length).toBeGreaterThan(15)
    for (const cut of before) expect([cut, await codeOf(bytesOf(archive.subarray(0, cut)))]).toEqual([cut, 'truncated'])
  })

  test('one block of zeros is an end', async () => {
    const archive = await pack(entry('a', 'x'))
    expect(await describeEntries(readTar(bytesOf(archive.subarray(0, 1024 + 512))))).toHaveLength(1)
  })

  test('a changed header is seen', async () => {
    const archive = await pack(entry('a', 'x'))
    const next = randomNumbers(7)
    for (let round = 0; round < 200; round += 1) {
      const copy = Buffer.from(archive)
      const at = next() % 500
      copy[at] = (copy[at] as number) ^ (1 << (next() % 8))
      expect([at, await codeOf(bytesOf(copy))]).toEqual([
        at,
        expect.stringMatching(/^(?:damaged|truncated|unsupported-format)$/),
      ])
    }
  })

  test('numbers and records that make no sense are seen', async () => {
    const archive = await read(packTar(undefined, listOf(entry('é', 'x'))))
    const block = archive.subarray(0, 512)
    const rest = archive.subarray(512)
    const forged = (change: (copy: Buffer) => void) => bytesOf(Buffer.concat([changed(block, change), rest]))
    expect(await codeOf(forged((copy) => copy.fill(0xff, 124, 136)))).toBe('damaged')
    expect(await codeOf(forged((copy) => copy.fill(0x80, 124, 125).fill(0xff, 125, 136)))).toBe('damaged')
    expect(await codeOf(forged((copy) => copy.write('zzzzzzzzzzz ', 124)))).toBe('damaged')
    const record = (text: string) =>
      bytesOf(Buffer.concat([block, Buffer.from(text.padEnd(512, '\0')), archive.subarray(1024)]))
    for (const text of ['99 path=é\n', 'x path=é\n\0', '0 path=aaa\n', '-1 path=aa\n', '11 pathaaaa\n']) {
      expect([text, await codeOf(record(text))]).toEqual([text, 'damaged'])
    }
  })

  test('a huge extended header is refused before it is read', async () => {
    const archive = await read(packTar(undefined, listOf(entry('é', 'x'))))
    let pulled = 0
    async function* endless(): Bytes {
      yield sizedHeader(archive.subarray(0, 512), 2 ** 31)
      for (;;) {
        pulled += 1
        yield Buffer.alloc(65_536)
      }
    }
    expect(await codeOf(endless())).toBe('damaged')
    expect(pulled).toBeLessThan(2)
  })

  test('what the input throws is thrown unchanged, also after the end of the archive', async () => {
    const archive = await pack(entry('a', 'x'))
    async function* failing(): Bytes {
      yield archive
      throw new RangeError('of the input')
    }
    await expect(describeEntries(readTar(failing()))).rejects.toThrow(RangeError)
  })
})

/** Where the two blocks of zeros begin, to the byte. */
function endOfArchive(archive: Buffer): number {
  let end = archive.length
  while (end > 0 && archive[end - 1] === 0) end -= 1
  return Math.ceil(end / 512) * 512
}

describe('reading', () => {
  test('skips what is not read and forbids what is read too late', async () => {
    const archive = await pack(entry('a', noise(5000)), entry('b', noise(5000)), entry('c', 'end'))
    const seen: string[] = []
    let old: Bytes | undefined
    for await (const { path, body } of readTar(inChunks(archive, 100))) {
      seen.push(path)
      if (path === 'b') for await (const chunk of body ?? []) if (chunk.length > 0) break
      old ??= body
    }
    expect(seen).toEqual(['a', 'b', 'c'])
    await expect(read(old as Bytes)).rejects.toThrow('after the next entry')
  })

  test('leaving early closes the input', async () => {
    const archive = await pack(entry('a', 'x'), entry('b', 'y'))
    let closed = 0
    async function* source(): Bytes {
      try {
        yield* inChunks(archive, 64)
      } finally {
        closed += 1
      }
    }
    for await (const item of readTar(source())) if (item.path === 'a') break
    expect(closed).toBe(1)
    const unread = readTar(source())
    await unread.head()
    await unread.close()
    expect(closed).toBe(2)
  })
})
