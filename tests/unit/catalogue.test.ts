// The catalogue of names: how names are compared, what a table keeps, how tables are joined, what a search gives, and what becomes of damage.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Catalogue } from '../../core/catalogue/catalogue.ts'
import { Feed } from '../../core/catalogue/feed.ts'
import { fold, wordsOf } from '../../core/catalogue/fold.ts'
import { type MergeOrder, merge } from '../../core/catalogue/merge.ts'
import { Packed, Unpacking } from '../../core/catalogue/packed.ts'
import { Table } from '../../core/catalogue/table.ts'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'arche-names-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

interface Given {
  bugs?: unknown[]
  merge?: (order: MergeOrder) => Promise<void>
}

function open(home: string, { bugs, merge: joining }: Given = {}): Promise<Catalogue> {
  return Catalogue.open({
    folder: join(home, 'catalogue'),
    merge: joining ?? (async (order) => merge(order, () => undefined)),
    onBug: (error) => {
      if (!bugs) throw error
      bugs.push(error)
    },
  })
}

type Files = Readonly<Record<string, string>>

/** Feeds a backup of these files (path → content, whose length and first letter stand for size and time). */
async function backup(
  catalogue: Catalogue,
  made: number,
  files: Files,
  more: { subject?: string; place?: string } = {},
) {
  const { subject = 'Docs', place = '/stick' } = more
  const feed = new Feed(catalogue.feeding({ path: place }), folder())
  for (const [path, text] of Object.entries(files)) feed.add(entry(path, text))
  feed.done(
    { name: `backup ${made}`, size: 1000 + made, made, roots: [{ name: 'docs', origin: '/home/me/docs' }] },
    { subject, host: 'here' },
  )
  catalogue.collect()
  await catalogue.settled()
}

function entry(path: string, text: string) {
  return { path, type: 'file' as const, size: text.length, mtime: text.charCodeAt(0) }
}

const paths = async (
  catalogue: Catalogue,
  text: string,
  more: { before?: number; subject?: string; limit?: number } = {},
) => (await catalogue.find({ text, limit: 100, ...more })).matches.map(({ path }) => path)

const tables = (home: string) => readdirSync(join(home, 'catalogue')).filter((name) => name.endsWith('.table'))
const tableIn = (home: string) => join(home, 'catalogue', tables(home)[0] ?? '')

describe('names', () => {
  test('are compared without capitals, accents and marks', () => {
    expect(fold('Été ŒUVRE straße Łódź ﬁn İstanbul.TXT')).toBe('ete oeuvre strasse lodz fin istanbul.txt')
    expect(fold('plain-name_1.txt')).toBe('plain-name_1.txt')
    expect(fold('a\nb\u0002c')).toBe('a b c')
    expect(fold('odd \udce9')).toBe('odd \ufffd')
    for (const name of ['É', 'ß', '漢字', '한글', 'a\u0301', '\udce9', 'ĳ']) expect(fold(fold(name))).toBe(fold(name))
  })

  test('are looked for by words, the longest first, each once', () => {
    expect(wordsOf('  tax  DÉCLARATION tax ')).toEqual(['declaration', 'tax'])
    expect(wordsOf('')).toEqual([])
  })
})

test('numbers of any size come back', () => {
  const packed = new Packed()
  const numbers = [0, 1, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 32, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER]
  for (const number of numbers) packed.number(number)
  for (const number of [0, -1, 5, -(2 ** 45)]) packed.signed(number)
  const back = new Unpacking(packed.view())
  for (const number of numbers) expect(back.number()).toBe(number)
  for (const number of [0, -1, 5, -(2 ** 45)]) expect(back.signed()).toBe(number)
})

describe('the catalogue', () => {
  test('keeps each path once, with its versions and the backups in which they stand', async () => {
    const home = folder()
    const catalogue = await open(home)
    await backup(catalogue, 1, { 'docs/a.txt': 'one', 'docs/b.txt': 'same' })
    const small = statSync(tableIn(home)).size
    await backup(catalogue, 2, { 'docs/a.txt': 'two!', 'docs/b.txt': 'same' })
    await backup(catalogue, 3, { 'docs/a.txt': 'one', 'docs/b.txt': 'same', 'docs/c.txt': 'new' })
    for (let made = 4; made < 40; made += 1)
      await backup(catalogue, made, { 'docs/b.txt': 'same', 'docs/c.txt': 'new' })
    expect(tables(home)).toHaveLength(1)
    expect([...Table.open(tableIn(home)).all()].map(({ name, versions }) => [name, versions.length])).toEqual([
      ['a.txt', 2],
      ['b.txt', 1],
      ['c.txt', 1],
    ])
    // Forty backups of the same names: a little for each backup itself, nothing for the names.
    expect(statSync(tableIn(home)).size).toBeLessThan(small + 40 * 200)
    const owner = { subject: 'Docs', host: 'here' }
    const of = async (path: string) =>
      (await catalogue.versions(owner, path)).map(({ size, held }) => [size, held.map(({ made }) => made)])
    expect(await of('docs/a.txt')).toEqual([
      [3, [3, 1]],
      [4, [2]],
    ])
    expect(await of('docs/nothing')).toEqual([])
    expect(await catalogue.versions({ subject: 'Docs', host: 'elsewhere' }, 'docs/a.txt')).toEqual([])
    expect(await paths(catalogue, 'a.txt')).toEqual(['docs/a.txt'])
    expect(await paths(catalogue, 'c.txt', { before: 2.5 })).toEqual([])
    expect(await paths(catalogue, 'a.txt', { before: 2.5 })).toEqual(['docs/a.txt'])
    expect(await paths(catalogue, 'a.txt', { before: 99 })).toEqual([])
  })

  test('takes backups in any order, and those that are gone leave nothing', async () => {
    const home = folder()
    const catalogue = await open(home)
    await backup(catalogue, 5, { 'docs/a.txt': 'new', 'docs/only five': 'x' })
    await backup(catalogue, 2, { 'docs/a.txt': 'old one' })
    await backup(catalogue, 9, { 'docs/a.txt': 'new' })
    const owner = { subject: 'Docs', host: 'here' }
    const of = async () =>
      (await catalogue.versions(owner, 'docs/a.txt')).map(({ held }) => held.map(({ made }) => made))
    expect(await of()).toEqual([[9, 5], [2]])
    catalogue.note({ kind: 'backup', medium: { path: '/stick', name: 'S' }, stored: 0, removed: ['backup 5'] })
    expect(await of()).toEqual([[9], [2]])
    expect(await paths(catalogue, 'five')).toEqual([])
    await catalogue.settled()
    const next = await open(home)
    expect(await paths(next, 'five')).toEqual([])
    await backup(next, 10, { 'docs/a.txt': 'new' })
    expect([...Table.open(tableIn(home)).all()].map(({ name }) => name)).toEqual(['a.txt'])
    expect(readFileSync(tableIn(home)).includes('only five')).toBe(false)
    next.listing({ path: '/stick' })([])
    await next.settled()
    expect(tables(home)).toEqual([])
  })

  test('what is in two places is forgotten when it is in none', async () => {
    const catalogue = await open(folder())
    await backup(catalogue, 1, { 'docs/a': 'x' })
    const medium = { id: 'second', path: '/second', name: 'Second' }
    catalogue.note({ kind: 'copy', medium, artifact: 'backup 1', sha256: 'x', stored: 1001 })
    // Another backup of the same name.
    catalogue.note({ kind: 'copy', medium: { ...medium, id: 'third' }, artifact: 'backup 1', sha256: 'x', stored: 7 })
    const places = async () => (await catalogue.find({ text: 'a', limit: 1 })).matches[0]?.held.places
    expect(await places()).toEqual(['/stick', 'second'])
    catalogue.listing({ path: '/stick' })([])
    expect(await places()).toEqual(['second'])
    catalogue.listing({ path: '/stick' })([{ name: 'backup 1', size: 1001 }])
    expect(await places()).toEqual(['second', '/stick'])
    catalogue.note({ kind: 'prune', medium, stored: 0, removed: ['backup 1'] })
    catalogue.note({ kind: 'prune', medium: { path: '/stick', name: 'S' }, stored: 0, removed: ['backup 1'] })
    expect(await places()).toBeUndefined()
  })

  test('what comes to a place while it is listed is not taken away by the answer', async () => {
    const catalogue = await open(folder())
    await backup(catalogue, 1, { 'docs/a': 'x' })
    const medium = { id: 'second', path: '/second', name: 'Second' }
    const stick = catalogue.listing({ path: '/stick' })
    const second = catalogue.listing(medium)
    await backup(catalogue, 2, { 'docs/b': 'x' })
    catalogue.note({ kind: 'copy', medium, artifact: 'backup 1', sha256: 'x', stored: 1001 })
    stick([{ name: 'backup 1', size: 1001 }])
    second([])
    await backup(catalogue, 3, { 'docs/zebra': 'x' })
    const before = catalogue.listing({ path: '/stick' })
    catalogue.note({ kind: 'prune', medium: { path: '/stick', name: 'S' }, stored: 0, removed: ['backup 3'] })
    before([1, 2, 3].map((number) => ({ name: `backup ${number}`, size: 1000 + number })))
    expect((await catalogue.find({ text: 'zebra', limit: 1 })).matches).toEqual([])
    const places = async (text: string) => (await catalogue.find({ text, limit: 1 })).matches[0]?.held.places
    expect([await places('a'), await places('b')]).toEqual([['/stick', 'second'], ['/stick']])
    catalogue.listing(medium)([])
    catalogue.listing({ path: '/stick' })([])
    expect([await places('a'), await places('b')]).toEqual([undefined, undefined])
  })

  test('shows the best first: the whole name, its beginning, within the name, only in the path; of equal ones the newest', async () => {
    const catalogue = await open(folder())
    await backup(catalogue, 1, {
      'docs/tax/other.odt': 'a',
      'docs/old tax.pdf': 'a',
      'docs/tax return.pdf': 'a',
      'docs/tax return new.pdf': 'z',
      'docs/2025/tax.pdf': 'a',
      'docs/letter': 'a',
    })
    expect(await paths(catalogue, 'TAX')).toEqual([
      'docs/2025/tax.pdf',
      'docs/tax return new.pdf',
      'docs/tax return.pdf',
      'docs/old tax.pdf',
      'docs/tax/other.odt',
    ])
    expect(await paths(catalogue, 'tax pdf')).toHaveLength(4)
    expect(await paths(catalogue, '2025 tax')).toEqual(['docs/2025/tax.pdf'])
    expect(await paths(catalogue, 'tax letter')).toEqual([])
    const found = await catalogue.find({ text: 'docs', limit: 2 })
    expect(found).toMatchObject({ total: 6, more: false })
    expect(found.matches).toHaveLength(2)
  })

  test('finds words with slashes where folder and name meet', async () => {
    const catalogue = await open(folder())
    await backup(catalogue, 1, {
      'docs/sub/a.txt': 'x',
      'docs/subway/a.txt': 'x',
      'a.txt': 'x',
      'docs/sub/deep/b': 'x',
    })
    expect(await paths(catalogue, 'sub/a')).toEqual(['docs/sub/a.txt'])
    expect(await paths(catalogue, 'docs/sub/')).toEqual(['docs/sub/a.txt', 'docs/sub/deep/b'])
    expect(await paths(catalogue, '/a.txt')).toEqual(['a.txt', 'docs/sub/a.txt', 'docs/subway/a.txt'])
    expect(await paths(catalogue, 'ub/deep/b')).toEqual(['docs/sub/deep/b'])
    expect(await paths(catalogue, '/')).toHaveLength(4)
  })

  test('keeps names that no line could hold, and bytes that are no UTF-8', async () => {
    const home = folder()
    const odd = [
      'docs/new\nline',
      'docs/\u0002mark',
      'docs/caf\udce9',
      'docs/ends ',
      'docs/bell\u0007',
      'docs/É\u202egpj',
    ]
    const catalogue = await open(home)
    await backup(catalogue, 1, Object.fromEntries(odd.map((path) => [path, 'x'])))
    await backup(catalogue, 2, Object.fromEntries(odd.map((path) => [path, 'x'])))
    expect((await paths(catalogue, 'docs')).sort()).toEqual([...odd].sort())
    for (const path of odd) expect(await catalogue.versions({ subject: 'Docs', host: 'here' }, path)).toHaveLength(1)
    expect(await paths(catalogue, 'new line')).toEqual(['docs/new\nline'])
    expect(await paths(catalogue, 'caf')).toEqual(['docs/caf\udce9'])
  })

  test('holds plans apart, and can be asked for one', async () => {
    const catalogue = await open(folder())
    await backup(catalogue, 1, { 'docs/a': 'x' })
    await backup(catalogue, 2, { 'docs/a': 'x' }, { subject: 'Photos' })
    expect(await paths(catalogue, 'a')).toHaveLength(2)
    expect(await paths(catalogue, 'a', { subject: 'Photos' })).toHaveLength(1)
    expect(catalogue.subjects()).toEqual(['Docs', 'Photos'])
  })

  test('of a path that comes twice in a backup the later one counts, also over many pieces', async () => {
    const home = folder()
    const catalogue = await open(home)
    const feed = new Feed(catalogue.feeding({ path: '/stick' }), folder())
    const many = 90_000
    for (let at = 0; at < many; at += 1) feed.add(entry(`docs/${at % 300}/a file with a rather long name ${at}`, 'x'))
    feed.add(entry('docs/0/a file with a rather long name 0', 'changed'))
    feed.add(entry('docs/0/a file with a rather long name 0', 'changed again'))
    feed.done({ name: 'large', size: 1, made: 1, roots: [] }, { subject: 'Docs', host: 'here' })
    catalogue.collect()
    await catalogue.settled()
    const table = Table.open(tableIn(home))
    expect(table.rows).toBe(many)
    expect(table.blocks).toBeGreaterThan(3)
    const found = await catalogue.find({ text: 'a file with a rather long name 0', limit: 1 })
    expect(found.matches[0]).toMatchObject({ size: 13, versions: 1 })
    expect(found.total).toBeGreaterThan(1)
    // Every block is found by its first row.
    for (let at = 0; at < many; at += 4001) {
      const path = `docs/${at % 300}/a file with a rather long name ${at}`
      expect(await catalogue.versions({ subject: 'Docs', host: 'here' }, path), path).toHaveLength(1)
      expect(await paths(catalogue, `a file with a rather long name ${at}`), path).toContain(path)
    }
    expect((await catalogue.find({ text: 'docs', limit: 5 })).more).toBe(true)
  })

  test('a table that another has replaced is not read by what was learnt of the former one, and nothing is lost by it', async () => {
    const home = folder()
    const catalogue = await open(home)
    await backup(catalogue, 1, { 'docs/a.txt': 'x' })
    const before = Table.open(tableIn(home))
    const other = await open(home)
    expect(await paths(other, 'a.txt')).toEqual(['docs/a.txt'])
    await backup(catalogue, 2, { 'docs/a.txt': 'x', 'docs/b.txt': 'y', 'docs/c.txt': 'z' })
    await expect(before.reading()).rejects.toMatchObject({ code: 'changed' })
    expect(() => [...before.all()]).toThrow()
    // It knows only the former one.
    expect(await paths(other, 'c.txt')).toEqual(['docs/c.txt'])
    expect(tables(home)).toHaveLength(1)
  })

  test('a byte that is not what it was, wherever it is, costs the table and nothing else', async () => {
    const home = folder()
    const whole = await open(home)
    await backup(whole, 1, { 'docs/a.txt': 'x', 'docs/b.txt': 'y' })
    await backup(whole, 2, { 'docs/photo': 'x' }, { subject: 'Photos' })
    const damaged = join(
      home,
      'catalogue',
      tables(home).find((name) => readFileSync(join(home, 'catalogue', name)).includes('a.txt')) ?? '',
    )
    const sound = readFileSync(damaged)
    for (let at = 0; at < sound.length; at += 7) {
      const bytes = Buffer.from(sound)
      bytes[at] = (bytes[at] as number) ^ 0x10
      writeFileSync(damaged, bytes)
      const catalogue = await open(home)
      expect(await paths(catalogue, 'txt'), String(at)).toEqual([])
      expect(catalogue.knows('backup 1'), String(at)).toBe(false)
      expect(await paths(catalogue, 'photo'), String(at)).toEqual(['docs/photo'])
    }
    writeFileSync(damaged, sound)
    truncateSync(damaged, sound.length - 1)
    const catalogue = await open(home)
    expect(existsSync(damaged)).toBe(false)
    await backup(catalogue, 3, { 'docs/a.txt': 'x' })
    expect(await paths(catalogue, 'txt')).toEqual(['docs/a.txt'])
  })

  test('a table that is found damaged while another is joined to it makes room for that', async () => {
    const home = folder()
    const catalogue = await open(home)
    await backup(catalogue, 1, { 'docs/a.txt': 'x' })
    const bytes = readFileSync(tableIn(home))
    bytes[25] = (bytes[25] as number) ^ 1
    writeFileSync(tableIn(home), bytes)
    await backup(catalogue, 2, { 'docs/b.txt': 'x' })
    expect(await paths(catalogue, 'txt')).toEqual(['docs/b.txt'])
    expect(catalogue.knows('backup 1')).toBe(false)
  })

  test('what could not be joined is joined the next time, and what was cut off leaves nothing', async () => {
    const home = folder()
    const bugs: unknown[] = []
    const failing = await open(home, {
      bugs,
      merge: async () => {
        throw new Error('killed')
      },
    })
    await backup(failing, 1, { 'docs/a.txt': 'x' })
    await backup(failing, 2, { 'docs/b.txt': 'x' })
    expect(bugs).toHaveLength(1)
    expect(await paths(failing, 'txt')).toEqual(['docs/a.txt'])
    const next = await open(home)
    next.collect()
    await next.settled()
    expect(await paths(next, 'txt')).toEqual(['docs/a.txt', 'docs/b.txt'])
    expect(readdirSync(join(home, 'catalogue', 'arrivals'))).toEqual([])
    expect(() =>
      merge({ into: tableIn(home), from: [tableIn(home)], places: { '1001 backup 1': [] } }, () => undefined),
    ).not.toThrow()
    const stopped = () => {
      throw new Error('cancelled')
    }
    const many = new Feed(next.feeding({ path: '/stick' }), folder())
    for (let at = 0; at < 9000; at += 1) many.add(entry(`docs/${at}`, 'x'))
    mkdirSync(join(home, 'other'))
    many.done({ name: 'many', size: 1, made: 5, roots: [] }, { subject: 'Docs', host: 'here' })
    const [arrived = ''] = readdirSync(join(home, 'catalogue', 'arrivals'))
    const from = [join(home, 'catalogue', 'arrivals', arrived)]
    expect(() => merge({ into: join(home, 'other', 'x.table'), from, places: {} }, stopped)).toThrow('cancelled')
    expect(readdirSync(join(home, 'other'))).toEqual([])
  })
})
