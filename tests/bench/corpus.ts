// What is backed up when speed is measured: small text files, programs, photographs (incompressible), dumps of a database; and a tree of
// tiny files for scanning. The same bytes every time. They compress about as real ones do:
// text 2.6 times, programs 2, a dump 5.
// Modes, times below a second, symbolic links and (as root) owners differ from file to file, so that a restore has to bring them back.
import { createCipheriv } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  lchownSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

const MB = 1_000_000

/** How much of each kind, and how large a file of it is on average, in bytes. What the other kinds leave of the files is text. */
const kinds = {
  programs: { share: 0.3, size: 150_000 },
  photographs: { share: 0.2, size: 1_500_000 },
  sql: { share: 0.25, size: 20 * MB },
}

const poolSize = 16 * MB

type Random = () => number

/** mulberry32: 32 bits of state, uniform in [0, 1). */
function random(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function below(limit: number, next: Random): number {
  return Math.floor(next() * limit)
}

/** Makes the corpus in `folder`, which must not exist; sizes in bytes. */
export function makeCorpus(folder: string, wanted: { bytes: number; files: number }): void {
  const next = random(5)
  const made: string[] = []
  const write = (path: string, data: Uint8Array) => {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, data)
    made.push(file)
  }
  const size = (average: number) => Math.max(1, Math.round(average * (0.1 + 1.8 * next())))
  const count = (kind: { share: number; size: number }) =>
    Math.max(1, Math.round((wanted.bytes * kind.share) / kind.size))

  const programs = programPool(next)
  for (let index = 0; index < count(kinds.programs); index += 1)
    write(`lib/${index % 40}/module-${index}.bin`, slice(programs, size(kinds.programs.size), next))
  for (let index = 0; index < count(kinds.photographs); index += 1)
    write(`photos/${index % 12}/été ${index}.jpg`, noise(size(kinds.photographs.size), index))
  const words = vocabulary(next)
  for (let index = 0; index < count(kinds.sql); index += 1)
    write(`dumps/table_${index}.sql`, dump(kinds.sql.size, words, next))

  const text = textPool(words, next)
  const rest = wanted.files - made.length
  const share = 1 - kinds.programs.share - kinds.photographs.share - kinds.sql.share
  for (let index = 0; index < rest; index += 1)
    write(`text/${index % 20}/${index % 300}/note ${index}.txt`, slice(text, size((wanted.bytes * share) / rest), next))
  for (let index = 0; index < 200; index += 1) {
    const link = join(folder, 'text', `link ${index}`)
    symlinkSync(`0/0/note ${index * 300}.txt`, link)
    made.push(link)
  }
  mkdirSync(join(folder, 'empty'))
  dress(folder, made, next)
}

/** Gives files and folders differing modes, owners and times; folders last, because a file put into one changes its time. */
function dress(folder: string, files: readonly string[], next: Random): void {
  const asRoot = process.getuid?.() === 0
  const modes = [0o644, 0o600, 0o640, 0o755]
  // Eighths of a second: the same number in a file system, in an archive and in JavaScript.
  const one = (path: string, mode: number | undefined) => {
    const owner = 1000 + below(3, next)
    if (asRoot) lchownSync(path, owner, owner)
    if (mode !== undefined) chmodSync(path, mode)
    const time = 1_500_000_000 + below(100_000_000, next) + below(8, next) / 8
    lutimesSync(path, time, time)
  }
  for (const file of files) one(file, file.includes('/link ') ? undefined : modes[below(modes.length, next)])
  const folders = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
  for (const path of folders.sort((a, b) => b.length - a.length)) one(path, 0o755)
  one(folder, 0o750)
}

/** Tiny files, 200 in a folder. */
export function makeScanTree(folder: string, files: number): void {
  for (let index = 0; index < files; index += 1) {
    const parent = join(folder, String(Math.floor(index / 10_000)), String(Math.floor(index / 200) % 50))
    if (index % 200 === 0) mkdirSync(parent, { recursive: true })
    writeFileSync(join(parent, `file-${index}.txt`), `file ${index}\n`)
  }
}

/** Reads every file once, so that all programs find the tree in the page cache. Returns files and bytes. */
export function readThrough(folder: string): { files: number; bytes: number } {
  const buffer = Buffer.allocUnsafe(MB)
  const total = { files: 0, bytes: 0 }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isDirectory()) total.files += 1
    if (!entry.isFile()) continue
    const file = openSync(join(entry.parentPath, entry.name), 'r')
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) total.bytes += read
    closeSync(file)
  }
  return total
}

function slice(pool: Buffer, length: number, next: Random): Buffer {
  const start = below(Math.max(1, pool.length - length), next)
  return pool.subarray(start, start + length)
}

function vocabulary(next: Random): string[] {
  const letters = 'eeeeaaaiiooutttnnnsssrrhhldcumfpgwybvk'
  const letter = () => letters[below(letters.length, next)]
  return Array.from({ length: 20_000 }, () => Array.from({ length: 2 + below(9, next) }, letter).join(''))
}

/** As often as words in a language: a few very often, most of them rarely. */
function oftenFirst<T>(values: readonly T[], next: Random): T {
  return values[Math.floor(values.length * next() ** 3)] as T
}

/** Sentences of phrases that come again, as in letters and logs. */
function textPool(words: readonly string[], next: Random): Buffer {
  const several = (least: number, most: number, one: () => string) =>
    Array.from({ length: least + below(most - least + 1, next) }, one).join(' ')
  const phrases = Array.from({ length: 20_000 }, () => several(1, 5, () => oftenFirst(words, next)))
  const pool = Buffer.alloc(poolSize, 0x0a)
  for (let at = 0; at < pool.length; ) {
    const sentence = several(2, 5, () => oftenFirst(phrases, next))
    at += pool.write(`${sentence}.${next() < 0.3 ? '\n' : ' '}`, at, 'latin1')
  }
  return pool
}

/** Like machine code: a few thousand instructions of differing frequency, with numbers and addresses between. */
function programPool(next: Random): Buffer {
  const instructions = Array.from({ length: 3000 }, (_, index) => noise(1 + (index % 8), index + 1_000_000))
  const numbers = noise(poolSize, 7)
  const pool = Buffer.alloc(poolSize)
  for (let at = 0; at < pool.length - 16; ) {
    const instruction = instructions[Math.floor(instructions.length * next() ** 4)] as Buffer
    at += instruction.copy(pool, at)
    if (next() < 0.1) at += numbers.copy(pool, at, at, at + 3)
  }
  return pool
}

/** Bytes that do not compress, the same for the same seed. */
function noise(length: number, seed: number): Buffer {
  const start = Buffer.alloc(16)
  start.writeUInt32LE(seed)
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), start).update(Buffer.alloc(length))
}

/** Results of a laboratory as mysqldump writes them: numbered, in the order of time, few kinds. */
function dump(length: number, words: readonly string[], next: Random): Buffer {
  const units = ['mmol/L', 'g/dL', '10^9/L', 'UI/L', '%', 'mg/L']
  const analyses = Array.from({ length: 150 }, (_, index) => `'${words[index]}','${units[below(units.length, next)]}'`)
  const data = Buffer.alloc(length, 0x0a)
  let time = Date.UTC(2015, 0, 1)
  for (let at = 0, id = 1; at < length; id += 1) {
    time += below(120_000, next)
    const date = new Date(time).toISOString().slice(0, 19).replace('T', ' ')
    const result = `${oftenFirst(analyses, next)},${(next() ** 2 * 100).toFixed(1)}`
    const row = `(${id},${100_000 + (id >> 3)},'${date}',${result},'${next() < 0.8 ? 'N' : 'H'}',NULL,${below(12, next)})`
    at += data.write(id % 100 === 1 ? `;\nINSERT INTO \`result\` VALUES ${row}` : `,${row}`, at, 'latin1')
  }
  return data
}
