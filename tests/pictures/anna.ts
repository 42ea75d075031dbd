// The computer in the pictures: Anna's, with five plans, a stick, a disk that is away and an office disk, and half a year of backups.
// Needs to be root in a mount name space of its own, where /home/anna and /media/anna may be made (build/pictures.mjs). Drives are files of the size that they say.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { Desk } from '../e2e/desk.ts'
import { catalogue, layDown, type Past, remember } from '../support/lived-in.ts'

export const user = '/home/anna'
const media = '/media/anna'
const GB = 1e9
const day = 24 * 3600 * 1000

export const drives = { stick: 'Blue stick', disk: 'Black disk', office: 'Office disk' } as const
const sizes: Readonly<Record<string, number>> = { [drives.stick]: 128, [drives.disk]: 1000, [drives.office]: 500 }

interface Kept {
  readonly name: string
  readonly on: string
  readonly at: string
  readonly every: number
  readonly count: number
  /** Bytes read, and stored, of the newest backup. */
  readonly bytes: number
  readonly stored: number
  readonly files: number
  readonly seconds: number
}

const plans: readonly Kept[] = [
  {
    name: 'Documents',
    on: drives.stick,
    at: '12:00',
    every: 1,
    count: 180,
    bytes: 2.31 * GB,
    stored: 1.42 * GB,
    files: 8214,
    seconds: 48,
  },
  {
    name: 'Photos',
    on: drives.disk,
    at: '18:00',
    every: 7,
    count: 26,
    bytes: 18.6 * GB,
    stored: 18.2 * GB,
    files: 6120,
    seconds: 640,
  },
  {
    name: 'Accounts',
    on: drives.stick,
    at: '12:30',
    every: 1,
    count: 180,
    bytes: 0.41 * GB,
    stored: 0.19 * GB,
    files: 1312,
    seconds: 9,
  },
  {
    name: 'LabBook',
    on: drives.office,
    at: '06:00',
    every: 1,
    count: 120,
    bytes: 4.6 * GB,
    stored: 1.9 * GB,
    files: 21_480,
    seconds: 95,
  },
  {
    name: 'Website',
    on: drives.office,
    at: '07:00',
    every: 1,
    count: 60,
    bytes: 0.86 * GB,
    stored: 0.61 * GB,
    files: 4933,
    seconds: 22,
  },
]

/** A drive with a file system of its own, of which nothing is written but what lies on it. */
function mount(image: string, label: string, gigabytes: number): void {
  const path = join(media, label)
  mkdirSync(path, { recursive: true })
  writeFileSync(image, '')
  truncateSync(image, gigabytes * GB)
  execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', image])
  execFileSync('mount', ['-o', 'loop', image, path])
}

/** `gigabytes`: another size than usual. */
export function plugIn(desk: Desk, label: string, gigabytes = sizes[label] ?? 0): string {
  mount(join(desk.folder, `${label}.img`), label, gigabytes)
  return desk.drives.plugIn(label, { size: gigabytes * GB })
}

export function pull(desk: Desk, label: string): void {
  desk.drives.pull(label)
  execFileSync('umount', ['-l', join(media, label)])
}

/** What lies in the home folder: names and sizes, hardly any bytes. */
export function furnish(): void {
  const things: readonly (readonly [string, number])[] = [
    ['Documents/Contracts/Lease 2024.pdf', 2_400_000],
    ['Documents/Thesis/Thesis final.docx', 18_300_000],
    ['Music/Collection.zip', 7_800_000_000],
    ['Videos/Family.mkv', 31_000_000_000],
    ['Downloads/installer.iso', 4_700_000_000],
  ]
  for (const [name, size] of things) {
    const path = join(user, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')
    truncateSync(path, size)
  }
  // What is looked into to say how small it becomes.
  for (const [name, size] of [
    ['Documents/Scans.zip', 96_000_000],
    ['Pictures/2026.zip', 431_000_000],
  ] as const) {
    mkdirSync(dirname(join(user, name)), { recursive: true })
    writeFileSync(join(user, name), randomBytes(size))
  }
}

export const newDesk = (name: string) => {
  const desk = new Desk(name, { user, media })
  desk.home = join(user, '.local/share', name.replaceAll(' ', '-'))
  mkdirSync(dirname(desk.home), { recursive: true })
  return desk
}

export async function lived(desk: Desk): Promise<void> {
  await desk.prepare()
  for (const label of Object.values(drives))
    await desk.run('medium', 'init', plugIn(desk, label), '--name', label, '--yes')
  const known = await savePlans(desk)
  const pasts = plans.flatMap((kept) => pastOf(kept, known))
  writeFileSync(join(desk.home, 'history.jsonl'), '')
  rmSync(join(desk.home, 'catalogue'), { recursive: true, force: true })
  remember(desk.home, pasts)
  layDown(pasts, true)
  const origin = ({ plan }: Past) => join(user, plan.name)
  await catalogue(
    desk.home,
    pasts.toSorted((one, other) => one.time - other.time),
    hostname(),
    namesIn,
    (past) => [{ name: past.plan.name, origin: origin(past) }],
  )
  pull(desk, drives.disk)
}

type Saved = Readonly<Record<string, { plan: Past['plan']; medium: Past['medium'] }>>

/** A real backup of each tells how it is written; then it is forgotten. */
async function savePlans(desk: Desk): Promise<Saved> {
  const saved: Record<string, { plan: Past['plan']; medium: Past['medium'] }> = {}
  const file = join(desk.folder, 'plans.json')
  const made: object[] = []
  let about: { plans: { id: string; name: string; source: object; destinations: object[] }[] } = { plans: [] }
  for (const kept of plans) {
    const path = join(media, kept.on)
    const source = join(user, kept.name)
    mkdirSync(source, { recursive: true })
    const letter = join(source, 'a letter')
    writeFileSync(letter, 'dear')
    await desk.run('backup', letter, '--to', path, '--plan', kept.name, '--yes')
    rmSync(file, { force: true })
    await desk.run('plan', 'export', '--out', file)
    about = JSON.parse(readFileSync(file, 'utf8'))
    const plan = about.plans.find(({ name }) => name === kept.name)
    const [run] = JSON.parse(await desk.run('history', '--json')).runs
    if (!plan) throw new Error('no such plan')
    saved[kept.name] = { plan: { id: plan.id, name: plan.name }, medium: run.medium }
    rmSync(join(path, 'SIGL_sauvegardes', run.artifact))
    rmSync(join(path, 'SIGL_sauvegardes', 'contents'), { recursive: true, force: true })
    rmSync(join(path, 'SIGL_sauvegardes', 'SHA256SUMS'))
    made.push({
      ...plan,
      source: { ...plan.source, paths: [source] },
      destinations: [
        {
          ...plan.destinations[0],
          place: { kind: 'medium', id: run.medium.id },
          keep: { daily: 7, weekly: 4, monthly: 12 },
        },
      ],
    })
  }
  writeFileSync(file, JSON.stringify({ ...about, plans: made }))
  await desk.run('plan', 'import', file, '--yes')
  // A file of plans has no schedules.
  for (const { name, every, at } of plans)
    await desk.run('schedule', 'set', name, ...(every === 7 ? ['--weekly', 'sun'] : ['--daily']), '--at', at, '--yes')
  return saved
}

/** The last 7 days, then a week each, then a month each stay. */
function isKept(back: number, every: number): boolean {
  return every === 7 ? back % 4 === 0 || back < 4 : back < 7 || (back < 35 && back % 7 === 0) || back % 30 === 0
}

function pastOf(kept: Kept, known: Saved): Past[] {
  const found = known[kept.name]
  if (!found) return []
  const [hour = 0, minute = 0] = kept.at.split(':').map(Number)
  const newest = new Date()
  newest.setHours(hour, minute, 0, 0)
  if (newest.getTime() > Date.now()) newest.setDate(newest.getDate() - 1)
  while (kept.every === 7 && newest.getDay() !== 0) newest.setDate(newest.getDate() - 1)
  return Array.from({ length: kept.count }, (_, back): Past => {
    const time = new Date(newest)
    time.setDate(time.getDate() - back * kept.every)
    const share = 1 - (back * kept.every) / 420 + Math.sin(back * 1.7) / 90
    const outcome = back % 47 === 46 ? 'error' : back % 29 === 12 ? 'warning' : back % 61 === 33 ? 'missed' : 'success'
    return {
      ...found,
      time: time.getTime() + ((back * 7) % 40) * 1000,
      outcome,
      seconds: kept.seconds * share * (1 + Math.cos(back * 2.3) / 8),
      files: Math.round(kept.files * share),
      bytes: Math.round(kept.bytes * share),
      stored: Math.round(kept.stored * share),
      gone: !isKept(back, kept.every),
    }
  })
}

/** File, size, and after how many days it changes; 0: never. */
const papers: Readonly<Record<string, readonly (readonly [string, number, number])[]>> = {
  Documents: [
    ['Budget/Budget 2026.xlsx', 86_400, 2],
    ['Budget/Budget 2025.xlsx', 79_300, 0],
    ['Budget/Budget proposal for the board.docx', 148_200, 9],
    ['Projects/Lisbon/Travel budget.ods', 31_700, 30],
    ['Projects/Laboratory/Budget of the laboratory.pdf', 412_000, 60],
    ['Contracts/Lease 2024.pdf', 2_400_000, 0],
    ['Thesis/Thesis final.docx', 18_300_000, 3],
  ],
  Accounts: [
    ['2026/Household budget.gnucash', 1_240_000, 1],
    ['2025/Household budget.gnucash', 1_180_000, 0],
    ['2026/Invoices/Invoice 2026-114.pdf', 96_000, 0],
  ],
  Photos: [
    ['2026/Lisbon/IMG_2041.jpg', 4_310_000, 0],
    ['2026/Lisbon/IMG_2042.jpg', 3_980_000, 0],
  ],
}

function* namesIn({ plan, time }: Past) {
  for (const [path, size, changes] of papers[plan.name] ?? []) {
    const age = changes === 0 ? 400 * day : 0
    const since =
      changes === 0 ? Date.parse('2025-10-14T09:20:00') : Math.floor(time / (changes * day)) * changes * day - 5_460_000
    yield {
      path: `${plan.name}/${path}`,
      type: 'file' as const,
      size: Math.round(size * (age > 0 ? 1 : 0.7 + (since % 7.9e9) / 3e10)),
      mtime: since,
    }
  }
}
