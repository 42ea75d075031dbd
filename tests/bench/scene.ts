// The computer on which the window is measured: ten plans, some 300 runs of which 200 made backups of one plan, a folder of 5,000 files that is really backed up,
// and a million names in the search. What is restored or backed up is real; the rest is as tests/support/lived-in.ts leaves it.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Desk } from '../e2e/desk.ts'
import { catalogue, layDown, type Past, remember } from '../support/lived-in.ts'

export interface LivedIn {
  readonly desk: Desk
  /** The plan that is really backed up: a folder of many files, and one file that is looked for by `words`. */
  readonly real: { plan: string; folder: string; path: string; file: string; content: string; words: string }
  /** The plan of the 200 backups. */
  readonly long: string
  readonly names: number
}

const many = 5000
const longPlan = 'Documents'
const others = ['Accounts', 'Photos', 'Music', 'Letters', 'LabBook', 'Reports', 'Website', 'Archive']
const day = 24 * 3600 * 1000

/** Names in the search, beside those of the real backup. */
const names = 1_000_000
const words = ['invoice', 'photo', 'report', 'étude', 'IMG', 'budget', 'letter', 'scan', 'notes', 'results']
const word = (at: number) => words[at % words.length] as string

/** Folder by folder, as a walk gives them, in no order that would help anybody. */
function* manyNames(): Generator<{ path: string; type: 'file'; size: number; mtime: number }> {
  const inFolder = 40
  for (let at = 0; at < names; at += 1) {
    const folder = (Math.floor(at / inFolder) * 7919) % (names / inFolder)
    const one = folder * inFolder + ((at * 7) % inFolder)
    const path = `Documents/${word(folder % 7)} ${2000 + (folder % 26)}/${word(folder)}-${folder}/${word(one)}_${one}.${['jpg', 'pdf', 'odt'][one % 3]}`
    yield { path, type: 'file', size: one, mtime: Date.parse('2026-01-01') + one }
  }
}

export async function livedIn(tell: (line: string) => void): Promise<LivedIn> {
  const desk = new Desk('window budgets')
  try {
    const real = await realPlan(desk)
    const pasts = await pastOf(desk)
    remember(desk.home, pasts)
    layDown(pasts)
    const long = pasts.filter(({ plan }) => plan.name === longPlan)
    tell(
      `${pasts.length} runs, ${long.length} backups of ${longPlan}; ${names.toLocaleString('en')} names for the search …`,
    )
    await catalogue(desk.home, long.slice(-1), hostname(), manyNames)
    return { desk, real, long: longPlan, names }
  } catch (error) {
    await desk.close()
    throw error
  }
}

async function realPlan(desk: Desk): Promise<LivedIn['real']> {
  await desk.prepare({ label: 'STICK', tmpfs: '400m' })
  const folder = join(desk.user, 'Measurements')
  mkdirSync(join(folder, 'Many'), { recursive: true })
  for (let at = 0; at < many; at += 1)
    writeFileSync(join(folder, 'Many', `sample ${String(at).padStart(4, '0')}.txt`), 'x'.repeat(at % 97))
  const name = 'Quarterly overview zq-1742.txt'
  const content = 'all of it\n'
  writeFileSync(join(folder, name), content)
  await desk.run('backup', folder, '--to', desk.drives.path('STICK'), '--plan', 'Measurements', '--yes')
  return {
    plan: 'Measurements',
    folder: 'Measurements/Many',
    path: `Measurements/${name}`,
    file: join(folder, name),
    content,
    words: 'zq-1742',
  }
}

/** Nine more plans on the same drive, and what they have done. */
async function pastOf(desk: Desk): Promise<Past[]> {
  const file = join(desk.folder, 'plans.json')
  await desk.run('plan', 'export', '--out', file)
  const saved = JSON.parse(readFileSync(file, 'utf8'))
  const [first] = saved.plans
  const plans = [longPlan, ...others].map((name) => {
    const folder = join(desk.user, name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'a file'), name)
    return { ...first, id: randomUUID(), name, source: { ...first.source, paths: [folder] } }
  })
  writeFileSync(file, JSON.stringify({ ...saved, plans }))
  await desk.run('plan', 'import', file, '--yes')
  const known = JSON.parse(await desk.run('history', '--json'))
  const medium = known.runs[0].medium
  const start = Date.now() - day
  return plans.flatMap((plan, at) =>
    Array.from({ length: at === 0 ? 200 : 12 }, (_, back): Past => {
      const grown = 1 - back / 400
      return {
        plan,
        medium,
        time: start - back * day - at * 600_000,
        outcome: back % 11 === 10 && at > 0 ? 'error' : back % 23 === 22 ? 'warning' : 'success',
        seconds: 40 + back / 10,
        files: Math.round(12_000 * grown),
        bytes: Math.round(900_000_000 * grown),
        stored: Math.round(600_000_000 * grown),
      }
    }),
  )
}
