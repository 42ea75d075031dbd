// What every recipe of an archive promises (core/api/recipe.ts), as one suite that runs on each: what is written opens here and with the standard
// programs, byte by byte, made and opened in this thread or by a pool; and what is cut or flipped never gives other content without a word.
//
// One recipe promises less: `tar`, without codec and cipher. A tar has a checksum for each header and a mark at its end, and nothing over the content
// of its files, the bodies of extended headers (long names) and the zeros after that mark. A byte flipped there is found by SHA256SUMS alone, which
// every verification compares: see recipe-engine.test.ts.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseArtifactName } from '../../core/api/backup-name.ts'
import { Compression, type PackFormat } from '../../core/api/plan.ts'
import { type CipherName, type CodecName, recipes } from '../../core/api/recipe.ts'
import { type Head, openArchive, type Pools, type Task, writeArchive } from '../../core/archive/archive.ts'
import { inlinePools } from '../../core/archive/pools.ts'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { ThreadPool } from '../../core/lib/pool.ts'
import { artifactName } from '../../core/targets/names.ts'
import type { Gnupg, GnupgKey } from '../unit/fixtures/gnupg.ts'
import { describeEntries, describeTree, entriesOf, makeTree } from '../unit/fixtures/trees.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { inChunks, noise, randomNumbers, read } from './fixtures/streams.ts'
import { temporaryFolder } from './fixtures/temp-folder.ts'

const head: Head = { arche: 1, plan: 'p', host: 'h', createdAt: '2026-03-02T12:00:00Z', roots: [], files: 1, bytes: 2 }

/** The compiled thread of the program: see build/fresh-build.mjs. */
const script = pathToFileURL(join(import.meta.dirname, '../../out/main/pool-thread.js'))

/** The programs that undo each, from standard input to standard output. */
const programs = {
  codec: { none: 'cat', gz: 'gzip -dc', zst: 'zstd -dcq' } satisfies Record<CodecName, string>,
  cipher: { none: 'cat', gpg: 'gpg --batch --no-tty -q -d' } satisfies Record<CipherName, string>,
}

export interface Keys {
  readonly gpg: Gnupg
  readonly key: GnupgKey
}

export function recipeSuite(format: PackFormat, keys: () => Keys): void {
  describe(`recipe: ${format}`, () => {
    const bench = new Bench(format, keys)
    whole(bench)
    damage(bench)
  })
}

function threads(): Pools {
  const several = new ThreadPool<Task, never>(script, 2)
  return { pack: several, inflate: several, cipher: new ThreadPool<Task, never>(script, 1) }
}

/** Writes and opens archives of one format, with everything but what is asked for at hand. */
class Bench {
  readonly format: PackFormat
  readonly #keys: () => Keys

  constructor(format: PackFormat, keys: () => Keys) {
    this.format = format
    this.#keys = keys
  }

  get recipe() {
    return recipes[this.format]
  }

  write(folder: string, pools = inlinePools(), compression: Compression = 'balanced'): Promise<Buffer> {
    const recipients = this.recipe.cipher === 'gpg' ? [this.#keys().key.publicKey] : []
    const pack = { format: this.format, compression }
    return read(writeArchive(head, entriesOf(folder), recipients, pack, pools))
  }

  open(archive: Bytes, pools = inlinePools()) {
    const { cipher } = this.recipe
    const unlock = cipher === 'gpg' ? { privateKeys: [this.#keys().key.privateKey], password: '' } : undefined
    return openArchive(archive, unlock, pools, cipher)
  }

  async contents(archive: Bytes, pools = inlinePools()): Promise<string[]> {
    return describeEntries((await this.open(archive, pools)).entries)
  }

  /** Runs a command of the shell with the archive as its input. */
  shell(command: string, archive: Uint8Array) {
    const { env } = this.#keys().gpg
    const done = spawnSync('bash', ['-o', 'pipefail', '-c', command], { input: archive, env, maxBuffer: 1 << 28 })
    expect([command, done.status, done.stderr.toString()]).toEqual([command, 0, ''])
    return done.stdout
  }
}

/** Everything that an archive may get wrong, and a file that fills several blocks of it. */
function tree(large = 2_500_000): string {
  const folder = join(temporaryFolder(), 'in')
  mkdirSync(folder)
  makeTree(folder)
  writeFileSync(join(folder, 'large'), Buffer.concat([noise(large / 2), Buffer.alloc(large / 2, 'prose ')]))
  return folder
}

/** A few files, whose archive is small enough to be cut and flipped a hundred times. */
function fewFiles(): string {
  const folder = join(temporaryFolder(), 'in')
  mkdirSync(folder)
  for (const [name, content] of [
    ['a', noise(20_000)],
    ['b', Buffer.from('words, words, words. '.repeat(900))],
    ['c', Buffer.from('end')],
  ] as const)
    writeFileSync(join(folder, name), content)
  return folder
}

function whole(bench: Bench): void {
  const { format } = bench

  test('the name tells it, and is taken for no other', () => {
    const when = new Date(2026, 2, 2, 12, 0, 5)
    const name = artifactName('Documents', when, format)
    expect(name).toBe(`backup_v30_Documents_2026-03-02_12h00m05s.${format}`)
    expect(parseArtifactName(name)).toMatchObject({ format: '3.0', pack: format, name: 'Documents', time: when })
    for (const other of [`${name}.part`, `${name}x`, name.replace('.tar', '.tar.xz'), name.replace('v30_', 'v31_')])
      expect([other, parseArtifactName(other)?.format === '3.0']).toEqual([other, false])
  })

  test('the standard programs open it, exactly', async () => {
    const source = tree()
    const archive = await bench.write(source)
    const { codec, cipher } = bench.recipe
    const into = temporaryFolder()
    const extract = `tar xpf - --warning=no-timestamp -C '${into}'`
    bench.shell(`${programs.cipher[cipher]} | ${programs.codec[codec]} | ${extract}`, archive)
    expect(describeTree(into)).toEqual(describeTree(source))
    if (cipher === 'gpg') return
    // Without a cipher it is a file like any other: tar sees by itself what it is compressed with.
    const [file, plain] = [join(temporaryFolder(), artifactName('P', new Date(), format)), temporaryFolder()]
    writeFileSync(file, archive)
    execFileSync('tar', ['xpf', file, '--warning=no-timestamp', '-C', plain])
    expect(describeTree(plain)).toEqual(describeTree(source))
  })

  test('made and opened in this thread or by a pool, it is the same', async () => {
    const source = tree()
    const expected = describeTree(source)
    for (const makers of [inlinePools(), threads()]) {
      const archive = await bench.write(source, makers)
      for (const openers of [inlinePools(), threads()])
        expect(await bench.contents(inChunks(archive, 70_000), openers)).toEqual(expected)
    }
  })

  test('it comes back byte by byte, and tells its head first', async () => {
    const source = fewFiles()
    const archive = await bench.write(source)
    const opened = await bench.open(inChunks(archive, 1))
    expect(opened.head).toEqual(head)
    expect(await describeEntries(opened.entries)).toEqual(describeTree(source))
  })

  test('every choice of compression opens', async () => {
    const source = tree(1_200_000)
    const { codec, cipher } = bench.recipe
    const sizes: number[] = []
    for (const compression of Compression.options) {
      const archive = await bench.write(source, inlinePools(), compression)
      sizes.push(archive.length)
      bench.shell(`${programs.cipher[cipher]} | ${programs.codec[codec]} | tar tf - >/dev/null`, archive)
      expect(await bench.contents(bytesOf(archive))).toEqual(describeTree(source))
    }
    const [none = 0, fast = 0] = sizes
    expect(fast < none).toBe(codec !== 'none')
  })

  test('what is encrypted needs a key to be opened, and what is not needs none', async () => {
    const archive = await bench.write(fewFiles())
    const { cipher } = bench.recipe
    const without = () => openArchive(bytesOf(archive), undefined, inlinePools(), cipher)
    if (cipher === 'gpg') expect((await failureOf(without())).code).toBe('secret-missing')
    else expect(await describeEntries((await without()).entries)).toHaveLength(3)
  })

  test('under a name that says another cipher it is damaged', async () => {
    const archive = await bench.write(fewFiles())
    const [named, reason] =
      bench.recipe.cipher === 'gpg' ? (['none', 'encrypted'] as const) : (['gpg', 'not-encrypted'] as const)
    for (const unlock of [undefined, { privateKeys: [], password: 'x' }]) {
      const failure = await failureOf(openArchive(bytesOf(archive), unlock, inlinePools(), named))
      expect([failure.code, failure.details.reason]).toEqual(['damaged', reason])
    }
  })
}

function damage(bench: Bench): void {
  const bare = bench.format === 'tar'

  test('cut anywhere, it never ends well', async () => {
    const source = fewFiles()
    const archive = await bench.write(source)
    const end = bare ? endOfTar(archive) : archive.length
    const next = randomNumbers(31)
    for (let round = 0; round < 80; round += 1) {
      const cut = round < 20 ? end - 1 - round : round < 40 ? round - 20 : next() % end
      const failure = await failureOf(bench.contents(inChunks(archive.subarray(0, cut), 5000)))
      expect([cut, failure.code]).toEqual([cut, 'truncated'])
    }
    // Of a bare tar only zeros are missing then.
    if (bare) expect(await bench.contents(bytesOf(archive.subarray(0, end)))).toEqual(describeTree(source))
  })

  test('with any bit flipped, it says so or gives what was saved', async () => {
    const source = fewFiles()
    const archive = await bench.write(source)
    const expected = describeTree(source)
    const places = bare ? headersOf(archive) : [...archive.keys()]
    const next = randomNumbers(37)
    let found = 0
    for (let round = 0; round < 150; round += 1) {
      const copy = Buffer.from(archive)
      // The beginning of a file says what it is: every byte of it once.
      const at = places[round < 50 ? round : next() % places.length] as number
      copy[at] = (copy[at] as number) ^ (1 << (next() % 8))
      const outcome = await bench.contents(inChunks(copy, 5000)).catch((error: unknown) => error)
      if (Array.isArray(outcome)) expect([at, outcome]).toEqual([at, expected])
      else {
        found += 1
        expect(outcome).toMatchObject({
          code: expect.stringMatching(/^(?:damaged|truncated|unsupported-format|wrong-key|bad-key-file)$/),
        })
      }
    }
    // Some bits mean nothing: the time and the system of a gzip member, unused ones of a frame, who a message is for.
    expect(found).toBeGreaterThan(100)
  })

  if (bare)
    test('a flipped byte in the content of a file passes unseen: that is for SHA256SUMS', async () => {
      const source = fewFiles()
      const archive = await bench.write(source)
      const at = archive.indexOf('words, words')
      archive[at] = (archive[at] as number) ^ 1
      const contents = await bench.contents(bytesOf(archive))
      expect(contents).toHaveLength(3)
      expect(contents).not.toEqual(describeTree(source))
    })
}

const block = 512

/** Where the first empty block ends, which ends a tar. */
function endOfTar(archive: Buffer): number {
  return 512 * Math.ceil(lastOf(archive) / block) + block
}

/** The bytes before the zeros at the end. */
function lastOf(archive: Buffer): number {
  let last = archive.length
  while (archive[last - 1] === 0) last -= 1
  return last
}

/** Every byte of the headers that have a checksum: blocks with the magic of a tar. */
function headersOf(archive: Buffer): number[] {
  const starts = Array.from({ length: archive.length / block }, (_, index) => index * block)
  const headers = starts.filter((start) => archive.toString('latin1', start + 257, start + 262) === 'ustar')
  return headers.flatMap((start) => Array.from({ length: block }, (_, index) => start + index))
}
