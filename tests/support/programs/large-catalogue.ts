// Very many names through the catalogue: two backups fed and joined, then looked for. Arguments: the number of names, an empty folder. Prints what came out as JSON.
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Catalogue } from '../../../core/catalogue/catalogue.ts'
import { Feed } from '../../../core/catalogue/feed.ts'
import { merge } from '../../../core/catalogue/merge.ts'

export interface Answer {
  /** Of memory at the most while names were taken, and while they were looked for. */
  readonly megabytes: { readonly taking: number; readonly looking: number }
  readonly times: Readonly<Record<string, number>>
  /** Of the table, for each name. */
  readonly bytes: number
  /** By what was typed: ms, the slowest of some, and how many were found. */
  readonly searches: Readonly<Record<string, { readonly ms: number; readonly total: number; readonly first?: string }>>
  readonly versions: number
}

const [count, folder] = [Number(process.argv[2]), process.argv[3] ?? '']
const times: Record<string, number> = {}
const timed = async <T>(name: string, work: () => T | Promise<T>) => {
  const start = performance.now()
  const result = await work()
  times[name] = Math.round(performance.now() - start)
  return result
}

const inFolder = 40
const words = ['Rechnung', 'Photo', 'report', 'Étude', 'IMG', 'budget', 'lettre', 'scan', 'notes', 'Résultats']
const word = (at: number) => words[at % words.length] as string

/** Folder by folder, as a walk gives them, in no order that would help anybody. */
function* paths() {
  for (let at = 0; at < count; at += 1) {
    const inside = (Math.floor(at / inFolder) * 7919) % (count / inFolder)
    const mixed = inside * inFolder + ((at * 7) % inFolder)
    const path = `home/marie/${word(inside % 7)} ${2000 + (inside % 26)}/${word(inside)}-${inside}/${word(mixed)}_${mixed}.${['jpg', 'pdf', 'odt'][mixed % 3]}`
    yield { path, mixed }
  }
}

const catalogue = await Catalogue.open({
  folder: join(folder, 'catalogue'),
  merge: async (order) => merge(order, () => undefined),
  onBug: (error) => {
    throw error
  },
})
const owner = { subject: 'Large', host: 'here' }

async function backup(day: number, changed: (mixed: number) => boolean): Promise<void> {
  const temp = join(folder, `temp-${day}`)
  mkdirSync(temp)
  const feed = new Feed(catalogue.feeding({ path: '/stick' }), temp)
  await timed(`feed ${day}`, () => {
    for (const { path, mixed } of paths())
      feed.add({ path, type: 'file', size: mixed, mtime: 1e12 + mixed + (changed(mixed) ? day : 0) })
    feed.done({ name: `backup ${day}`, size: day, made: day, roots: [] }, owner)
  })
  await timed(`join ${day}`, () => {
    catalogue.collect()
    return catalogue.settled()
  })
}

await backup(1, () => false)
await backup(2, (mixed) => mixed % 100 === 0)
const taking = Math.round(process.resourceUsage().maxRSS / 1024)

let looking = 0
const searches: Record<string, { ms: number; total: number; first?: string }> = {}
for (const text of [
  `scan_${count - 3}`,
  'rechnung 2013',
  'etude',
  'lettre_7777 odt',
  'zebra',
  'e',
  'marie budget 4242',
  'aaaaaaaa',
  'photo 2003/img',
]) {
  let ms = 0
  for (let round = 0; round < 3; round += 1) {
    const start = performance.now()
    const { matches, total } = await catalogue.find({ text, limit: 100 })
    if (round > 0) ms = Math.max(ms, performance.now() - start)
    const first = matches[0]?.path
    searches[text] = { ms: Math.round(ms), total, ...(first === undefined ? {} : { first }) }
    looking = Math.max(looking, process.memoryUsage().rss)
  }
}
const [first] = paths()
const versions = await timed('versions', () => catalogue.versions(owner, first?.path ?? ''))
const [table] = (await import('node:fs'))
  .readdirSync(join(folder, 'catalogue'))
  .filter((name) => name.endsWith('.table'))
const bytes = statSync(join(folder, 'catalogue', table ?? '')).size / count
const megabytes = { taking, looking: Math.round(looking / 1024 / 1024) }
const answer: Answer = { megabytes, times, bytes: Math.round(bytes), searches, versions: versions.length }
process.stdout.write(JSON.stringify(answer))
