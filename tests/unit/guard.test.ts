// The loss guard over simulated lives: everyday life is no alarm, every kind of loss is one at once, and many small ones are one in time.
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../core/api/failure.ts'
import { accept, type Memory, nothing, remember } from '../../core/guard/memory.ts'
import { compare } from '../../core/guard/rules.ts'
import type { Summary } from '../../core/guard/summary.ts'
import type { ContentKind } from '../../core/lib/content-mark.ts'
import {
  content,
  type Household,
  household,
  live,
  removeAll,
  renameFolder,
  root,
  type Seen,
  some,
  summarised,
} from '../support/household.ts'

interface Life {
  readonly house: Household
  memory: Memory
}

const codes = (problems: readonly Problem[]) => problems.map(({ code }) => code)

/** A backup: what is missing; remembered like a run does. */
function backUp(life: Life, seen?: Seen): Problem[] {
  const now = summarised(life.house, life.memory.good, seen)
  const found = compare(life.memory, now)
  life.memory = found.length > 0 ? { ...life.memory, held: now } : remember(life.memory, now)
  return found
}

/** Some days of everyday life, with a backup a day. */
function lived(seed: number, days: number): Life {
  const life: Life = { house: household(seed), memory: nothing }
  for (let at = 0; at < days; at += 1) {
    live(life.house)
    expect(codes(backUp(life)), `seed ${seed}, day ${at}`).toEqual([])
  }
  return life
}

const seeds = (count: number) => Array.from({ length: count }, (_, at) => at + 1)

/** Does something to the files, and gives their paths. */
function all({ files }: Household, folder = ''): string[] {
  return [...files.keys()].filter((path) => path.startsWith(folder))
}

describe('everyday life', () => {
  it('is no alarm, for years', { timeout: 120_000 }, () => {
    for (const seed of seeds(3)) lived(seed, 130)
  })

  it('nor are backups of weeks apart, or many on one day', { timeout: 120_000 }, () => {
    for (const seed of seeds(3)) {
      const life: Life = { house: household(seed), memory: nothing }
      for (let at = 0; at < 30; at += 1) {
        for (let days = [0, 1, 9][at % 3] ?? 0; days > 0; days -= 1) live(life.house)
        expect(codes(backUp(life)), `seed ${seed}, backup ${at}`).toEqual([])
      }
    }
  })

  it('nor is a first backup, a folder under another name, or very few files', () => {
    const life = lived(1, 2)
    renameFolder(life.house, 'Photos', 'Pictures')
    expect(backUp(life)).toEqual([])
    const few: Life = { house: { ...household(2), files: new Map() }, memory: nothing }
    for (const name of ['a', 'b', 'c']) few.house.files.set(name, content(few.house, 'plain'))
    expect(backUp(few)).toEqual([])
    for (const name of ['a', 'b']) few.house.files.set(name, content(few.house, 'plain'))
    expect(backUp(few)).toEqual([])
    few.house.files.delete('a')
    few.house.files.delete('b')
    expect(backUp(few)).toEqual([])
  })

  it('nor is a plan that leaves more out on purpose, or one with other folders', () => {
    const life = lived(3, 3)
    for (const path of all(life.house, 'Photos/')) life.house.files.delete(path)
    expect(backUp(life, { exclude: ['*.jpg'] })).toEqual([])
    const now = summarised(life.house)
    const elsewhere: Summary = { ...now, roots: [{ origin: '/home/ben', files: 0, bytes: 0 }] }
    expect(compare(life.memory, elsewhere)).toEqual([])
  })

  it('is learnt: what changes as a whole each time is told once', () => {
    const life: Life = { house: { ...household(4), files: new Map() }, memory: nothing }
    const write = () => {
      for (let at = 0; at < 30; at += 1) life.house.files.set(`exports/${at}.csv`, content(life.house, 'plain'))
    }
    write()
    expect(backUp(life)).toEqual([])
    write()
    expect(codes(backUp(life))).toEqual(['loss-mass-change'])
    life.memory = accept(life.memory)
    for (let at = 0; at < 10; at += 1) {
      write()
      expect(backUp(life)).toEqual([])
    }
  })
})

type Loss = readonly [name: string, code: Problem['code'], happens: (house: Household) => void]

/** Every file gets this content, under this name. */
function become(
  house: Household,
  paths: readonly string[],
  kind: ContentKind,
  more: { ending?: string; size?: number } = {},
): void {
  for (const path of paths) {
    const { size } = house.files.get(path) ?? {}
    house.files.delete(path)
    house.files.set(`${path}${more.ending ?? ''}`, content(house, kind, more.size ?? size))
  }
}

const losses: readonly Loss[] = [
  ['all is gone', 'loss-source-emptied', (house) => house.files.clear()],
  ['a folder is gone', 'loss-folder-vanished', (house) => removeAll(house, all(house, 'Photos/'))],
  [
    'a folder is empty but for one file',
    'loss-folder-emptied',
    (house) => removeAll(house, all(house, 'Mail/').slice(1)),
  ],
  ['most files are gone', 'loss-fewer-files', (house) => removeAll(house, some(house, all(house), 0.65))],
  ['all got a new ending', 'loss-renamed', (house) => become(house, all(house), 'random', { ending: '.locked' })],
  ['all are encrypted in place, with the same sizes', 'loss-scrambled', (house) => become(house, all(house), 'random')],
  [
    'one folder is encrypted',
    'loss-scrambled',
    (house) => become(house, all(house, 'Documents/'), 'random', { size: 5000 }),
  ],
  ['all files are empty', 'loss-blanked', (house) => become(house, all(house), 'blank', { size: 0 })],
  ['all contents are others', 'loss-mass-change', (house) => become(house, all(house), 'plain', { size: 20_000 })],
  [
    'another disk stands in the place',
    'loss-replaced',
    (house) => {
      house.files.clear()
      for (const at of seeds(800)) house.files.set(`Photos/other ${at}.raw`, content(house, 'packed'))
      for (const name of ['Documents', 'Mail', 'logs', 'Downloads'])
        for (const at of seeds(400)) house.files.set(`${name}/x${at}`, content(house, 'plain'))
    },
  ],
]

describe('a loss', () => {
  it.each(losses)('is told at once, and until all is back: %s', (_, code, happens) => {
    for (const seed of seeds(3)) {
      const life = lived(seed, seed * 2)
      const before = new Map(life.house.files)
      happens(life.house)
      expect(codes(backUp(life)), `seed ${seed}`).toContain(code)
      for (const days of [1, 30, 400]) {
        life.house.time += days * 24 * 3600 * 1000
        expect(codes(backUp(life))).toContain(code)
      }
      life.house.files.clear()
      for (const [path, content] of before) life.house.files.set(path, content)
      expect(backUp(life)).toEqual([])
    }
  })

  it('is what a person accepted no longer, and the next one is', () => {
    for (const [, , happens] of losses) {
      const life = lived(9, 5)
      happens(life.house)
      expect(backUp(life)).not.toEqual([])
      life.memory = accept(life.memory)
      expect(backUp(life)).toEqual([])
      for (const at of seeds(40)) life.house.files.set(`Again/${at}.txt`, content(life.house, 'plain'))
      expect(backUp(life)).toEqual([])
      removeAll(life.house, all(life.house))
      expect(codes(backUp(life))).toEqual(['loss-source-emptied'])
    }
  })

  it('in many small steps is told in time', { timeout: 120_000 }, () => {
    for (const [share, days] of [
      [0.1, 12],
      [0.17, 5],
      [0.3, 3],
    ] as const)
      for (const seed of seeds(3)) {
        const life = lived(seed, 4)
        const told: Problem['code'][] = []
        for (let at = 0; at < days && told.length === 0; at += 1) {
          life.house.time += 24 * 3600 * 1000
          removeAll(life.house, some(life.house, all(life.house), share))
          told.push(...codes(backUp(life)))
        }
        expect(told.length, `${share} a day, seed ${seed}`).toBeGreaterThan(0)
      }
  })

  it('by encrypting a few files a day is told in time', () => {
    for (const seed of seeds(4)) {
      const life = lived(seed, 5)
      let told: Problem[] = []
      let days = 0
      for (; days < 12 && told.length === 0; days += 1) {
        become(life.house, some(life.house, all(life.house), 0.04), 'random', { size: 9000 })
        told = backUp(life)
      }
      expect(codes(told)).toEqual(['loss-scrambled'])
    }
  })
})

describe('a disk that is not mounted', () => {
  it.each(['', 'Photos', 'Mail', 'Documents/new/disk'])('is told as that: /%s', (at) => {
    const life = lived(5, 3)
    for (let count = 0; count < 40; count += 1) life.house.files.set(`${at}/f${count}`, content(life.house, 'plain'))
    expect(backUp(life, { mounts: [at] })).toEqual([])
    removeAll(life.house, all(life.house, at === '' ? '' : `${at}/`))
    const path = at === '' ? root : `${root}/${at}`
    expect(backUp(life, { folders: [at] })).toMatchObject([{ code: 'loss-not-mounted', details: { path } }])
  })

  it('is told however few files it had, directly below a source', () => {
    const life = lived(6, 3)
    life.house.files.set('Disk/one.txt', content(life.house, 'plain'))
    life.house.files.set('Documents/deep/disk/one.txt', content(life.house, 'plain'))
    const mounts = ['Disk', 'Documents/deep/disk']
    expect(backUp(life, { mounts })).toEqual([])
    removeAll(life.house, ['Disk/one.txt', 'Documents/deep/disk/one.txt'])
    expect(backUp(life, { folders: mounts })).toMatchObject([
      { code: 'loss-not-mounted', details: { path: `${root}/Disk`, files: 1 } },
    ])
    // A stick that was taken away with its folder, as systems do.
    expect(backUp(life)).toEqual([])
  })

  it('is nothing where its files are', () => {
    const life = lived(7, 3)
    expect(backUp(life, { mounts: ['Photos'] })).toEqual([])
    expect(backUp(life)).toEqual([])
  })
})

describe('omissions and dumps', () => {
  it('much that cannot be read is told, what could never be read is not', () => {
    const life = lived(8, 3)
    const half = Math.floor(life.house.files.size / 2)
    removeAll(life.house, all(life.house).slice(0, half))
    expect(codes(backUp(life, { leftOut: half }))).toContain('loss-unreadable')
    const usual: Life = { house: household(8), memory: nothing }
    for (const leftOut of [400, 410, 395]) expect(backUp(usual, { leftOut })).toEqual([])
  })

  const dump = (path: string, bytes: number, tables: number, inserts = tables) => ({ path, bytes, tables, inserts })
  const server = (dumps: ReturnType<typeof dump>[], more: Partial<Summary> = {}): Summary => ({
    ...summarised({ ...household(1), files: new Map() }),
    roots: [],
    folders: [],
    server: 'root@localhost/',
    dumps,
    ...more,
  })
  const lacks = (now: Summary) =>
    codes(compare(remember(nothing, server([dump('dump/lab.sql', 9e5, 40), dump('dump/log.sql', 5e5, 2)])), now))

  it('databases that are gone, empty or half are told', () => {
    expect(lacks(server([dump('dump/lab.sql', 8e5, 38), dump('dump/log.sql', 4e5, 2)]))).toEqual([])
    expect(lacks(server([dump('dump/lab.sql', 9e5, 40)]))).toEqual(['loss-database-vanished'])
    expect(lacks(server([dump('dump/lab.sql', 9e5, 40)], { databases: ['lab'] }))).toEqual([])
    expect(lacks(server([dump('dump/lab.sql', 1200, 0), dump('dump/log.sql', 5e5, 2)]))).toEqual([
      'loss-database-emptied',
    ])
    expect(lacks(server([dump('dump/lab.sql', 9e4, 40, 0), dump('dump/log.sql', 5e5, 2)]))).toEqual([
      'loss-database-emptied',
    ])
    expect(lacks(server([dump('dump/lab.sql', 8e5, 19), dump('dump/log.sql', 5e5, 2)]))).toEqual(['loss-dump-shrunk'])
    expect(lacks(server([dump('dump/lab.sql', 3e5, 40), dump('dump/log.sql', 5e5, 2)]))).toEqual(['loss-dump-shrunk'])
    expect(lacks(server([], { server: 'root@elsewhere/' }))).toEqual([])
  })
})
