// Sparse files in an archive: what GNU tar writes in all of its forms is read, what is written is read by it, and a map that lies is damaged.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Entry, Extent } from '../../core/archive/entry.ts'
import { encodePax } from '../../core/archive/pax.ts'
import { packTar, readTar } from '../../core/archive/tar.ts'
import { BLOCK, encodeMember } from '../../core/archive/tar-header.ts'
import { encodeMap } from '../../core/archive/tar-sparse.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, read } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

const MiB = 1024 * 1024
const plain = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const

/** A file of holes, but for these texts at these places. */
function makeSparse(path: string, size: number, texts: Readonly<Record<number, string>>): void {
  execFileSync('truncate', ['-s', String(size), path])
  const file = openSync(path, 'r+')
  for (const [at, text] of Object.entries(texts)) writeSync(file, text, Number(at))
  closeSync(file)
}

interface Read {
  readonly path: string
  readonly size: number
  readonly whole: Buffer
  readonly stored: number
}

/** All files, with their holes filled. */
async function files(archive: Uint8Array, chunk = 10_000): Promise<Read[]> {
  const found: Read[] = []
  for await (const entry of readTar(inChunks(archive, chunk))) {
    if (entry.type !== 'file') continue
    const data = entry.body ? await read(entry.body) : Buffer.alloc(0)
    const whole = Buffer.alloc(entry.size)
    let from = 0
    for (const { at, length } of entry.sparse ?? [{ at: 0, length: entry.size }]) {
      data.copy(whole, at, from, from + length)
      from += length
    }
    expect(from).toBe(data.length)
    found.push({ path: entry.path, size: entry.size, whole, stored: data.length })
  }
  return found
}

describe('what GNU tar writes', () => {
  const cases: [string, string[]][] = [
    ['version 0.0', ['--format=pax', '--sparse-version=0.0']],
    ['version 0.1', ['--format=pax', '--sparse-version=0.1']],
    ['version 1.0', ['--format=pax', '--sparse-version=1.0']],
    ['the older format', ['--format=gnu']],
  ]
  test.each(cases)('in %s is read, with names and what follows', async (_, options) => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'd'))
    const texts = Object.fromEntries(Array.from({ length: 40 }, (__, index) => [index * 100_000 + 7, `piece ${index}`]))
    makeSparse(join(folder, 'd/many'), 8 * MiB, texts)
    makeSparse(join(folder, 'd/none'), MiB, {})
    makeSparse(join(folder, 'd/short'), MiB, { 0: 'begins' })
    const archive = execFileSync('tar', ['-C', folder, '-S', ...options, '--sort=name', '-cf', '-', 'd'])
    for (const chunk of [archive.length, 511]) {
      const found = await files(archive, chunk)
      expect(found.map(({ path, size }) => [path, size])).toEqual([
        ['d/many', 8 * MiB],
        ['d/none', MiB],
        ['d/short', MiB],
      ])
      for (const { path, whole, stored, size } of found) {
        expect(whole.equals(readFileSync(join(folder, path)))).toBe(true)
        expect(stored).toBeLessThan(size / 2)
      }
    }
  })
})

describe('what is written', () => {
  const sparse: Extent[] = [
    { at: 4096, length: 512 },
    { at: MiB, length: 3 },
  ]
  const entry = (): Entry => ({
    ...plain,
    path: 'd/f',
    size: 2 * MiB,
    sparse,
    body: bytesOf(Buffer.from(`${'hello'.padEnd(512)}end`)),
  })
  const of = async (...entries: Entry[]) => read(packTar(undefined, listed(entries)))

  test('is read by GNU tar, as a file with holes', async () => {
    const folder = temporaryFolder()
    execFileSync('tar', ['-C', folder, '-xf', '-'], { input: await of(entry()) })
    const whole = readFileSync(join(folder, 'd/f'))
    expect([whole.length, whole.toString('latin1', 4096, 4101), whole.toString('latin1', MiB, MiB + 3)]).toEqual([
      2 * MiB,
      'hello',
      'end',
    ])
    expect(statSync(join(folder, 'd/f')).blocks * 512).toBeLessThan(MiB)
  })

  test('comes back, with what follows', async () => {
    const after = (): Entry => ({ ...plain, path: 'g', size: 5, body: bytesOf(Buffer.from('after')) })
    for (const chunk of [1, 511, 100_000]) {
      const [found, next] = await files(await of(entry(), after()), chunk)
      expect([found?.path, found?.size, found?.stored, next?.path, next?.whole.toString()]).toEqual([
        'd/f',
        2 * MiB,
        515,
        'g',
        'after',
      ])
      expect(found?.whole.toString('latin1', MiB, MiB + 3)).toBe('end')
    }
  })

  test('without any piece is a file, and so is one of a hundred thousand', async () => {
    const many = Array.from({ length: 100_000 }, (_, index) => ({ at: index * 8192, length: 512 }))
    const size = 100_000 * 8192
    const body = bytesOf(Buffer.alloc(512 * 100_000, 0x61))
    const archive = await of(
      { ...plain, path: 'hole', size: 1024 ** 4, sparse: [] },
      { ...plain, path: 'many', size, sparse: many, body },
    )
    const found: [string, number, number | undefined][] = []
    for await (const { path, size: length, sparse: map } of readTar(bytesOf(archive)))
      found.push([path, length, map?.length])
    expect(found).toEqual([
      ['hole', 1024 ** 4, 0],
      ['many', size, 100_000],
    ])
  })
})

async function* listed(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries
}

/** A sparse file of version 1.0 whose map says what it likes. */
function lying(map: Buffer, data: number, realsize = String(MiB)): Buffer {
  const records = encodePax({
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.name': 'f',
    'GNU.sparse.realsize': realsize,
  })
  const header = encodeMember({ ...plain, path: 'x', size: records.length })
  header[156] = 'x'.charCodeAt(0)
  const pax = Buffer.concat([sealed(header), records, Buffer.alloc((BLOCK - (records.length % BLOCK)) % BLOCK)])
  const body = Buffer.concat([map, Buffer.alloc(data, 0x61)])
  const file = encodeMember({ ...plain, path: 'GNUSparseFile.0/f', size: body.length })
  return Buffer.concat([pax, file, body, Buffer.alloc(4 * BLOCK + ((BLOCK - (body.length % BLOCK)) % BLOCK))])
}

function sealed(header: Buffer): Buffer {
  header.fill(0x20, 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

function mapOf(text: string): Buffer {
  const map = Buffer.alloc(Math.ceil(text.length / BLOCK) * BLOCK)
  map.write(text, 'latin1')
  return map
}

describe('a map that lies is damaged', () => {
  const half = MiB / 2
  test('but not one that is right', async () => {
    const [found] = await files(lying(encodeMap([{ at: half, length: 4 }], MiB), 4))
    expect(found?.whole.toString('latin1', half, half + 4)).toBe('aaaa')
  })

  test.each<[string, Buffer, number, string?]>([
    ['pieces that overlap', mapOf('2\n0\n8\n4\n8\n'), 16],
    ['pieces in no order', mapOf('2\n4096\n8\n0\n8\n'), 16],
    ['a piece beyond the end', mapOf(`1\n${MiB - 4}\n8\n`), 8],
    ['more than there is', mapOf('1\n0\n8\n'), 4],
    ['less than there is', mapOf('1\n0\n8\n'), 400],
    ['petabytes of content', mapOf('1\n0\n4000000000000000\n'), 8, '4000000000000000'],
    ['a size of exabytes', mapOf('1\n0\n8\n'), 8, '9000000000000000000'],
    ['a size that is none', mapOf('1\n0\n8\n'), 8, '-1'],
    ['a number of pieces without end', mapOf('999999999\n'), 8],
    ['numbers without end', Buffer.alloc(20 * BLOCK, 0x31), 8],
    ['no numbers', mapOf('one\n0\n8\n'), 8],
    ['no map', Buffer.alloc(0), 8],
    ['a map that does not end', mapOf('2\n0\n'), 0],
  ])('%s', async (_, map, data, realsize) => {
    const { code, details } = await failureOf(files(lying(map, data, realsize)))
    expect([code, details.reason]).toEqual(['damaged', 'tar: GNU sparse'])
  })
})
