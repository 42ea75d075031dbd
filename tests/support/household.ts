// A simulated set of folders and what people and programs do with it, day by day: photographs, documents, mail, logs, downloads. From a seed.

import { Gathering, type Summary } from '../../core/guard/summary.ts'
import { contentKinds } from '../../core/lib/content-mark.ts'
import { randomNumbers } from '../suites/fixtures/streams.ts'

type Kind = (typeof contentKinds)[number]

/** A content, as a mark would tell it. */
interface Content {
  readonly size: number
  readonly mark: number
}

export interface Household {
  /** Path below the root → content. */
  readonly files: Map<string, Content>
  readonly below: (limit: number) => number
  /** ms since 1970 of the last backup. */
  time: number
}

export const root = '/home/anna'
const day = 24 * 3600 * 1000

export function content(house: Household, kind: Kind, size = 200 + house.below(20_000)): Content {
  return { size, mark: (size === 0 ? 0 : house.below(2 ** 30) * 8) + contentKinds.indexOf(kind) }
}

function put(house: Household, path: string, kind: Kind): void {
  house.files.set(path, content(house, kind))
}

export function household(seed: number): Household {
  const next = randomNumbers(seed)
  const house: Household = {
    files: new Map(),
    below: (limit) => next() % limit,
    time: Date.parse('2026-01-01T20:00:00Z'),
  }
  const scale = 1 + house.below(3)
  for (let at = 0; at < 120 * scale; at += 1) put(house, `Photos/${2020 + (at % 6)}/IMG_${1000 + at}.jpg`, 'packed')
  for (let at = 0; at < 60 * scale; at += 1) put(house, `Documents/${at % 9}/letter ${at}.txt`, 'plain')
  for (let at = 0; at < 90 * scale; at += 1) put(house, `Mail/cur/${1_700_000_000 + at}.M${at}P7.host:2,`, 'plain')
  for (let at = 0; at < 12; at += 1)
    put(house, `logs/app.log${at === 0 ? '' : `.${at}.gz`}`, at === 0 ? 'plain' : 'packed')
  for (let at = 0; at < 25; at += 1) put(house, `Downloads/setup ${at}.zip`, 'packed')
  for (let at = 0; at < 10; at += 1) put(house, `profile-${at}.ini`, 'plain')
  return house
}

const pathsIn = ({ files }: Household, folder: string) =>
  [...files.keys()].filter((path) => path.startsWith(`${folder}/`))

export function some(house: Household, paths: readonly string[], share: number): string[] {
  return paths.filter(() => house.below(1000) < share * 1000)
}

function move(house: Household, from: string, to: string): void {
  const content = house.files.get(from)
  if (!content) return
  house.files.delete(from)
  house.files.set(to, content)
}

/** What happens on most days, and what happens now and then; all of it in order. */
export function live(house: Household): void {
  const { below, files } = house
  house.time += day
  for (let count = below(6); count > 0; count -= 1) put(house, `Photos/2026/IMG_${below(1e9)}.jpg`, 'packed')
  for (const path of some(house, pathsIn(house, 'Documents'), 0.03)) put(house, path, 'plain')
  for (const path of some(house, pathsIn(house, 'Documents'), 0.01)) files.delete(path)
  for (let count = below(4); count > 0; count -= 1)
    put(house, `Documents/${below(9)}/letter ${below(1e9)}.txt`, 'plain')
  for (let count = below(8); count > 0; count -= 1) put(house, `Mail/new/${below(1e9)}.M1P7.host`, 'plain')
  for (const path of pathsIn(house, 'Mail/new')) move(house, path, `${path.replace('/new/', '/cur/')}:2,S`)
  put(house, 'logs/app.log', 'plain')
  const events: readonly (readonly [everyDays: number, what: () => void])[] = [
    [7, () => rotate(house)],
    [20, () => markAllRead(house)],
    [30, () => removeAll(house, pathsIn(house, 'Downloads'))],
    [15, () => put(house, `Downloads/film ${below(1e9)}.mkv`, 'packed')],
    // A clean-up, an upgrade of a program that keeps its files there, a folder that gets another name, a year that moves.
    [60, () => removeAll(house, some(house, pathsIn(house, 'Documents'), 0.25))],
    [40, () => upgrade(house)],
    [90, () => renameFolder(house, 'Photos/2020', `Photos/Album ${below(1e6)}`)],
    [120, () => renameFolder(house, `Documents/${below(9)}`, `Archive/${below(9)}`)],
    [50, () => addMany(house)],
  ]
  for (const [every, what] of events) if (below(every) === 0) what()
}

export function removeAll({ files }: Household, paths: readonly string[]): void {
  for (const path of paths) files.delete(path)
}

function upgrade(house: Household): void {
  for (const path of some(house, [...house.files.keys()], 0.25))
    put(house, path, path.endsWith('.jpg') ? 'packed' : 'plain')
}

function rotate(house: Household): void {
  for (let at = 11; at > 0; at -= 1) move(house, `logs/app.log.${at - 1}.gz`, `logs/app.log.${at}.gz`)
  put(house, 'logs/app.log.1.gz', 'packed')
  house.files.set('logs/app.log', { size: 0, mark: contentKinds.indexOf('blank') })
}

function markAllRead(house: Household): void {
  for (const path of pathsIn(house, 'Mail/cur')) move(house, path, path.replace(/:2,.*$/, ':2,RS'))
}

export function renameFolder(house: Household, from: string, to: string): void {
  for (const path of pathsIn(house, from)) move(house, path, path.replace(from, to))
}

function addMany(house: Household): void {
  const trip = house.below(1e6)
  for (let at = 0; at < 80; at += 1) put(house, `Photos/Trip ${trip}/DSC_${at}.jpg`, 'packed')
}

/** What a run sees beside the files. Paths below the root, '' is the root. */
export interface Seen {
  /** Where another file system begins. */
  readonly mounts?: readonly string[]
  /** Folders that are there, with files or without. */
  readonly folders?: readonly string[]
  readonly leftOut?: number
  readonly exclude?: readonly string[]
}

/** As a run would gather it. */
export function summarised(
  house: Household,
  before?: Summary,
  { mounts = [], folders = mounts, leftOut = 0, exclude = [] }: Seen = {},
): Summary {
  const inArchive = (path: string) => (path === '' ? 'anna' : `anna/${path}`)
  const gathering = new Gathering(
    { roots: [{ name: 'anna', origin: root }], mounts: new Set(mounts.map(inArchive)), exclude },
    before,
  )
  const seen = new Set<string>()
  const enter = (path: string) => {
    if (seen.has(path)) return
    if (path !== '') enter(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '')
    seen.add(path)
    gathering.folder(inArchive(path))
  }
  enter('')
  for (const path of [...house.files.keys(), ...folders].sort()) {
    const file = house.files.get(path)
    enter(file ? path.slice(0, Math.max(0, path.lastIndexOf('/'))) : path)
    if (!file) continue
    const { size, mark } = file
    const candidate = gathering.pass(inArchive(path), size)
    for (const counter of [gathering.place, gathering.mount]) {
      if (!counter) continue
      counter.files += 1
      counter.bytes += size
    }
    if (candidate) candidate.mark = mark
  }
  gathering.leftOut = leftOut
  return gathering.summary('backup', house.time)
}
