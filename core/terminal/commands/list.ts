// `arche list`: the backups on a medium, newest first; with a backup named, the files in it.
// Guarantees: reads only; names of files are made visible.
// Listing the files of a backup needs the key's password: its contents index, or where there is none all of it, is decrypted for it.

import type { Inspection } from '../../api/contract.ts'
import { Failure } from '../../api/failure.ts'
import type { Artifact, Medium } from '../../api/model.ts'
import { isEncrypted } from '../../api/recipe.ts'
import { visible } from '../../api/text/visible.ts'
import type { Client } from '../connection.ts'
import { finish } from '../finish.ts'
import { watchCall } from '../follow.ts'
import { pad, table } from '../layout.ts'
import type { Output } from '../output.ts'
import type { Session } from '../session.ts'
import { fromMedium } from './medium.ts'

export async function list(session: Session, typed: string | undefined, options: { from?: string }): Promise<number> {
  const { output } = session
  const { t, say } = output
  const ref = await fromMedium(session, options.from)
  if (typed !== undefined) return listContents(session, ref, typed)
  const { medium, artifacts } = await artifactsOn(session, ref)
  if (artifacts.length === 0) say(t('terminal.list.none', { name: visible(medium.name) }))
  else for (const line of artifactTable(artifacts, output)) say(line)
  return finish(session, 'list', { medium, artifacts })
}

export interface OnMedium {
  medium: Medium
  artifacts: Artifact[]
}

/** Newest first; what lies beside them and was left aside is told. */
export async function artifactsOn(session: Session, ref: string): Promise<OnMedium> {
  const client = await session.client()
  const found = await client.artifact.list({ medium: ref }, { signal: session.interrupts.signal })
  for (const problem of found.odd ?? []) session.output.warning(problem)
  return found
}

/** A backup as typed: its file name, a path to it, or `latest`; `artifacts` newest first. */
export function artifactNamed(typed: string, artifacts: readonly Artifact[]): Artifact {
  const name = typed.split(/[/\\]/).at(-1)
  const found =
    typed === 'latest' ? artifacts[0] : artifacts.find((artifact) => artifact.name === typed || artifact.name === name)
  if (!found) throw new Failure('not-found', { name: typed })
  return found
}

export function artifactTable(artifacts: readonly Artifact[], output: Output): string[] {
  const { t, bytes, time } = output
  const noted = artifacts.some(({ note }) => note !== undefined)
  const columns = [
    { title: t('terminal.column.date') },
    { title: t('terminal.column.plan') },
    { title: t('terminal.column.size'), align: 'right' as const },
    { title: t('terminal.column.verified') },
    { title: t('keep.terminal.column-pinned') },
    ...(noted ? [{ title: t('keep.terminal.column-note') }] : []),
    { title: t('terminal.column.archive') },
  ]
  const rows = artifacts.map((artifact) => [
    time(artifact.time),
    subjectOf(artifact, output),
    bytes(artifact.size),
    artifact.verifiedAt ? time(artifact.verifiedAt) : '—',
    artifact.pinned ? t('keep.terminal.yes') : '',
    ...(noted ? [visible(artifact.note ?? '')] : []),
    visible(artifact.name),
  ])
  return table(columns, rows)
}

function subjectOf(artifact: Artifact, { t }: Output): string {
  const { subject, beforeRestoreOf } = artifact
  if (isOpen(artifact)) return t('terminal.list.clear', { subject: visible(subject) })
  if (beforeRestoreOf === undefined) return visible(subject)
  return t('terminal.list.before-restore', { subject: visible(subject), name: visible(beforeRestoreOf) })
}

/** It opens without a key and its password. */
export function isOpen({ pack }: Artifact): boolean {
  return pack !== undefined && !isEncrypted(pack)
}

/** Reads the beginning of a backup, or all of it. Where no key password was given, a remembered one is tried before anybody is asked. */
export async function inspect(session: Session, medium: string, found: Artifact, full: boolean): Promise<Inspection> {
  const { name: artifact, format } = found
  const read = (keyPassword?: string) =>
    session.guarded(() =>
      watchCall(session, (client, signal, job) =>
        client.restore.inspect(
          { medium, artifact, full, job, ...(keyPassword === undefined ? {} : { keyPassword }) },
          { signal },
        ),
      ),
    )
  if (isOpen(found)) return read()
  const { keychain } = await session.state()
  const given = session.passwords.given('key') !== undefined
  const needed = format === '3.0' && (given || (session.ask.possible && !keychain.remembered))
  if (needed) return session.withKeyPassword(read)
  try {
    return await read()
  } catch (error) {
    const unfit = error instanceof Failure && unremembered.has(error.code)
    if (!unfit) throw error
    return session.withKeyPassword(read)
  }
}

/** The keychain has no password, or one of another key. */
const unremembered = new Set<Failure['code']>(['secret-missing', 'no-keychain', 'wrong-password'])

async function listContents(session: Session, medium: string, typed: string): Promise<number> {
  const { output } = session
  const { artifacts } = await artifactsOn(session, medium)
  const artifact = artifactNamed(typed, artifacts)
  const inspection = await inspect(session, medium, artifact, true)
  if (inspection.listedFrom === 'index') output.note(output.t('terminal.list.from-index'))
  const folders = ['']
  let entries = 0
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const inner: string[] = []
    for await (const entry of membersOf(session, inspection.id, folder)) {
      entries += 1
      if (entry.type === 'folder') inner.push(entry.path)
      output.emit('entry', { path: entry.path, kind: entry.type, size: entry.size, mtime: entry.mtime })
      output.say(entryLine(entry, output))
    }
    folders.push(...inner.reverse())
  }
  return finish(session, 'list', {
    artifact,
    roots: inspection.roots,
    files: inspection.files,
    bytes: inspection.bytes,
    listedFrom: inspection.listedFrom,
    entries,
  })
}

/** Dates of JavaScript end in the years ±275,760; times of files do not. */
const farthest = 8.64e15

function entryLine({ path, type, size, mtime }: Member, output: Output): string {
  const folder = type === 'folder'
  const time = output.time(new Date(Math.min(Math.max(mtime, -farthest), farthest)).toISOString())
  return `${time}  ${pad(folder ? '—' : output.bytes(size), 8, 'right')}  ${visible(path)}${folder ? '/' : ''}`
}

type Member = Awaited<ReturnType<Client['restore']['browse']>>['entries'][number]

async function* membersOf(session: Session, inspection: string, folder: string): AsyncGenerator<Member, void, void> {
  const client = await session.client()
  for (let offset = 0; ; ) {
    session.interrupts.check()
    const { entries, total } = await client.restore.browse({ inspection, folder, offset, limit: 1000 })
    yield* entries
    offset += entries.length
    if (entries.length === 0 || offset >= total) return
  }
}
