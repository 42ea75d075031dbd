// `arche find`: files in all backups by their names, and what to type to restore one; with `--add` the backups that are not in the search are added first.
// Guarantees: searching reads this computer's disk alone and asks for no password; what the search does not know of is told; names of files are made visible.
import type { FileVersion, FoundFile, InBackup } from '../../api/contract-catalogue.ts'
import { Failure } from '../../api/failure.ts'
import type { Medium } from '../../api/model.ts'
import { nameInArchive } from '../../api/plan-source.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { watchCall } from '../follow.ts'
import { findPlan } from '../names.ts'
import type { Output } from '../output.ts'
import { quoted } from '../quoted.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'

export interface FindOptions {
  readonly plan?: string
  readonly before?: string
  readonly limit: string
  readonly add?: boolean
}

export async function find(session: Session, words: readonly string[], options: FindOptions): Promise<number> {
  const { output } = session
  const text = words.join(' ').trim()
  if (text === '' && !options.add)
    throw new UsageError('missing-argument', { name: output.t('terminal.arg.word'), command: 'arche find' })
  const limit = limitOf(options.limit)
  const before = options.before === undefined ? undefined : endOfDay(options.before)
  const added = options.add ? await add(session) : undefined
  const client = await session.client()
  const { subjects, missing } = await client.catalogue.missing(
    { network: options.add },
    { signal: session.interrupts.signal },
  )
  const plan = options.plan === undefined ? undefined : await subjectOf(session, options.plan, subjects)
  const found =
    text === ''
      ? { files: [], total: 0, more: false }
      : await client.catalogue.search(
          { text, limit, ...(plan === undefined ? {} : { plan }), ...(before === undefined ? {} : { before }) },
          { signal: session.interrupts.signal },
        )
  const [only] = found.files.length === 1 ? found.files : []
  const versions = only && (await client.catalogue.versions(refOf(only))).versions
  if (text !== '') tell(found, output)
  if (versions) for (const version of versions) output.say(versionLine(version, output))
  tellMissing(missing, output)
  const [first] = found.files
  if (first) tellRestore(first, session)
  return finish(session, 'find', {
    ...found,
    ...(versions && { versions }),
    missing: missing.map(({ medium, artifacts }) => ({ medium: medium.name, artifacts })),
    ...(added && { added }),
  })
}

function limitOf(typed: string): number {
  const limit = Number(typed)
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw new UsageError('not-number', { name: '--limit', value: visible(typed) })
  return limit
}

const day = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?$/

/** The end of that day here, or the minute. */
function endOfDay(typed: string): string {
  const [, year, month, date, hour = '23', minute = '59'] = day.exec(typed.trim()) ?? []
  const time = new Date(Number(year), Number(month) - 1, Number(date), Number(hour), Number(minute), 59, 999)
  const exists = time.getMonth() === Number(month) - 1 && time.getDate() === Number(date)
  if (year === undefined || !exists) throw new UsageError('bad-date', { name: '--before', value: visible(typed) })
  return time.toISOString()
}

/** A plan of this computer, or the name in the names of backups that others have made. */
async function subjectOf(session: Session, typed: string, subjects: readonly string[]): Promise<string> {
  const { plans } = await session.state()
  const plan = findPlan(typed, plans)
  const names = [...(plan ? [nameInArchive(plan)] : []), typed.trim()]
  const found = subjects.find((one) => names.some((name) => safe(name) === safe(one)))
  if (found !== undefined) return found
  if (plan) return nameInArchive(plan)
  const known = [...new Set([...plans.map(({ name }) => name), ...subjects])].map(visible).join(', ')
  throw new UsageError('no-such-plan', { name: visible(typed), known: known || '—' })
}

/** File names have other characters in place of some. */
function safe(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_')
}

/** All that the places that are here have, and the search has not. */
async function add(session: Session): Promise<{ learned: string[]; without: string[] }> {
  const { t, note } = session.output
  const { missing } = await (await session.client()).catalogue.missing({ network: true })
  const all = { learned: [] as string[], without: [] as string[] }
  for (const { medium, artifacts, closed } of missing) {
    const { learned, without } = await addFrom(session, medium, artifacts, closed)
    all.learned.push(...learned)
    all.without.push(...without)
  }
  note(t('find.terminal.added', { backups: t('find.backups', { count: all.learned.length }) }))
  if (all.without.length > 0)
    note(t('find.terminal.without', { backups: t('find.backups', { count: all.without.length }) }))
  return all
}

async function addFrom(session: Session, { id, path }: Medium, artifacts: string[], closed: boolean) {
  const read = (keyPassword?: string) =>
    session.guarded(() =>
      watchCall(session, (client, signal, job) =>
        client.catalogue.add(
          { medium: id ?? path, artifacts, job, ...(keyPassword === undefined ? {} : { keyPassword }) },
          { signal },
        ),
      ),
    )
  await session.unlock()
  const given = session.passwords.given('key') !== undefined
  if (!closed) return read()
  if (given) return session.withKeyPassword(read)
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof Failure) || !unremembered.has(error.code)) throw error
    return session.withKeyPassword(read)
  }
}

/** The keychain has no password, or one of another key. */
const unremembered = new Set<Failure['code']>(['secret-missing', 'no-keychain', 'wrong-password'])

function refOf({ subject, host, path }: FoundFile) {
  return { subject, host, path }
}

interface Found {
  readonly files: readonly FoundFile[]
  readonly total: number
  readonly more: boolean
}

function tell({ files, total, more }: Found, output: Output): void {
  const { t, say } = output
  if (files.length === 0) say(t('find.none'))
  for (const file of files) {
    say(`${visible(file.origin ?? file.path)}${file.type === 'folder' ? '/' : ''}`)
    const facts = [
      timeOf(file.mtime, output),
      ...(file.type === 'file' ? [output.bytes(file.size)] : []),
      t('find.versions', { count: file.versions }),
    ]
    say(`  ${facts.join(' · ')} · ${backupIn(file.backup, output)}`)
  }
  if (total > files.length)
    say(t(more ? 'find.moreThan' : 'find.more', { count: total - files.length, shown: files.length }))
}

function versionLine({ size, mtime, backups }: FileVersion, output: Output): string {
  const [first, ...others] = backups
  if (!first) return ''
  const also = others.length > 0 ? ` ${output.t('find.also', { count: others.length })}` : ''
  return `  - ${timeOf(mtime, output)} · ${output.bytes(size)} · ${backupIn(first, output)}${also}`
}

function backupIn({ artifact, places }: InBackup, { t }: Output): string {
  const names = places.map(({ name, here }) => (here ? visible(name) : t('find.away', { name: visible(name) })))
  return `${visible(artifact)} (${names.join(', ')})`
}

/** Dates of JavaScript end in the years ±275,760; times of files do not. */
const farthest = 8.64e15

function timeOf(mtime: number, { time }: Output): string {
  return time(new Date(Math.min(Math.max(mtime, -farthest), farthest)).toISOString())
}

function tellMissing(missing: readonly { medium: Medium; artifacts: readonly string[] }[], { t, note }: Output): void {
  for (const { medium, artifacts } of missing)
    note(
      t('find.terminal.missing', {
        backups: t('find.backups', { count: artifacts.length }),
        name: visible(medium.name),
      }),
    )
}

/** What to type next. */
function tellRestore({ backup, path, origin }: FoundFile, { output }: Session): void {
  const [place] = backup.places
  if (!place) return
  output.say()
  output.say(
    output.t(place.here ? 'find.terminal.restore' : 'find.terminal.restore-away', { name: visible(place.name) }),
  )
  output.say(`  arche restore ${quoted(backup.artifact)} --from ${quoted(place.name)} --only ${quoted(origin ?? path)}`)
}
