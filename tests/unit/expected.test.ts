// How large an archive is said to become, against what becomes of it: real trees of text, of random bytes, of photographs, of holes, mixed.
import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeArchive } from '../../core/archive/archive.ts'
import type { Pack } from '../../core/archive/packing.ts'
import { ContentSample, sampleSize } from '../../core/sources/content-sample.ts'
import { foldersSource } from '../../core/sources/folders.ts'
import { noise, randomNumbers } from '../suites/fixtures/streams.ts'
import { context, temporary } from '../support/trees.ts'

const gzip: Pack = { format: 'tar.gz' }
const core = new URL('../../core', import.meta.url).pathname

/** What is said, divided by what comes out. */
async function error(top: string, pack: Pack = gzip): Promise<number> {
  const { stored = 0 } = await foldersSource({ paths: [top], exclude: [], pack }).estimate(context(temporary()))
  let made = 0
  for await (const item of foldersSource({ paths: [top], exclude: [] }).items(context(temporary())))
    for await (const chunk of writeArchive(undefined, item.entries, [], pack)) made += chunk.length
  return stored / made
}

/** As large as is asked, of words in the proportions of a language. */
function text(size: number, seed: number): string {
  const next = randomNumbers(seed)
  const words = Array.from({ length: 4000 }, (_, at) => (at * 7919 + 13).toString(36))
  let out = ''
  while (out.length < size) out += `${words[Math.floor(4000 * (next() / 2 ** 32) ** 3)]} `
  return out
}

function folder(): string {
  const top = join(temporary(), 'top')
  mkdirSync(top)
  return top
}

/** Within so much of what comes out; small trees are read as a whole. */
const bound = { low: 0.85, high: 1.25 }

function expectNear(ratio: number): void {
  expect(ratio).toBeGreaterThan(bound.low)
  expect(ratio).toBeLessThan(bound.high)
}

it('text', async () => {
  const top = folder()
  for (let at = 0; at < 30; at += 1) writeFileSync(join(top, `${at}.txt`), text(100_000 + at * 20_000, at))
  expectNear(await error(top))
  expectNear(await error(top, { format: 'tar.zst' }))
})

it('many small files of a program, which compress better beside each other than alone', async () => {
  const top = folder()
  for (const name of readdirSync(core, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue
    const [room = '', ...rest] = name.split('/')
    mkdirSync(join(top, room), { recursive: true })
    copyFileSync(join(core, name), join(top, room, rest.join('_') || 'x.ts'))
  }
  expectNear(await error(top))
})

it('random bytes, under names that say nothing', async () => {
  const top = folder()
  for (let at = 0; at < 20; at += 1) writeFileSync(join(top, `part${at}`), noise(300_000, at))
  const ratio = await error(top)
  expect(ratio).toBeGreaterThan(0.97)
  expect(ratio).toBeLessThan(1.03)
})

it('a mixture whose files are of all sizes: photographs in full, tables of numbers, text, an image of a disk', async () => {
  const top = folder()
  for (let at = 0; at < 40; at += 1) writeFileSync(join(top, `${at}.JPG`), noise(60_000 + at * 5_000, at))
  for (let at = 0; at < 150; at += 1) writeFileSync(join(top, `n${at}.csv`), text(1_000 + at * 300, at))
  writeFileSync(
    join(top, 'disk.img'),
    Buffer.concat([noise(2_000_000, 7), Buffer.alloc(4_000_000), noise(1_000_000, 8)]),
  )
  writeFileSync(join(top, 'log'), text(3_000_000, 99))
  expectNear(await error(top))
})

it('holes take nothing', async () => {
  const top = folder()
  const file = openSync(join(top, 'disk'), 'w')
  ftruncateSync(file, 2 * 1024 ** 3)
  writeSync(file, noise(500_000), 0, 500_000, 1024 ** 3)
  closeSync(file)
  const { stored = 0 } = await foldersSource({ paths: [top], exclude: [], pack: gzip }).estimate(context(temporary()))
  expect(stored).toBeGreaterThan(480_000)
  expect(stored).toBeLessThan(700_000)
})

it('uncompressed archives take all of it', async () => {
  const top = folder()
  for (let at = 0; at < 30; at += 1) writeFileSync(join(top, `${at}.txt`), text(50_000, at))
  const ratio = await error(top, { format: 'tar' })
  expect(ratio).toBeGreaterThan(0.99)
  expect(ratio).toBeLessThan(1.03)
})

it('nothing is said of what nobody will pack', async () => {
  const top = folder()
  writeFileSync(join(top, 'x'), 'x')
  expect(await foldersSource({ paths: [top], exclude: [] }).estimate(context(temporary()))).toEqual({
    files: 1,
    bytes: 1,
    disk: 1,
  })
})

it('the sample is the same however the tree is divided, and gives every byte the same say', () => {
  const next = randomNumbers(5)
  const files = Array.from({ length: 20_000 }, (_, at) => ({
    at: `/data/${at}/file${at}`,
    size: 200 + (next() % 50_000),
  }))
  const whole = new ContentSample()
  const parts = [new ContentSample(), new ContentSample(), new ContentSample()]
  for (const [index, { at, size }] of files.entries()) {
    whole.add(at, size, size)
    parts[index % 3]?.add(at, size, size)
  }
  const together = new ContentSample()
  for (const part of parts.reverse()) together.merge(part.count())
  expect(together.count()).toEqual(whole.count())
  const { sample, other } = whole.count()
  expect(sample).toHaveLength(sampleSize + 1)
  // The weights that the chosen stand for are those of all.
  const threshold = sample[sampleSize]?.priority ?? 0
  const stand = sample.slice(0, sampleSize).reduce((sum, { weight }) => sum + Math.max(weight, threshold), 0)
  expect(stand / other).toBeGreaterThan(0.8)
  expect(stand / other).toBeLessThan(1.25)
})
