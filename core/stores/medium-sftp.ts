// The store of a place in an account of a server: its folder `SIGL_sauvegardes`, as long as the marker that lies there is the one that is meant.
// Guarantees: the marker is compared on every new connection, and again before anything is written or removed; another one, or none, and nothing is
// touched. A new marker is laid whole or not at all, and only where there is none. Does not repeat anything: open.ts wraps it.

import { addressOf } from '../api/address.ts'
import { Failure } from '../api/failure.ts'
import { type Marker, markerLimit, markerName, markerText, mediumFolder, parseMarker } from '../drives/marker.ts'
import { temporaryName } from '../lib/files.ts'
import { encodeName } from '../lib/paths.ts'
import { openSftpOver } from './sftp.ts'
import { isFile, isFolder, openFor, type SftpCalls } from './sftp-calls.ts'
import { connector, type SftpSpec } from './sftp-connection.ts'
import { type Secrets, serverOf } from './sftp-login.ts'
import { publishNew } from './sftp-publish.ts'
import { attempt } from './sftp-words.ts'
import type { Store } from './store.ts'

/** How to get to a place, as plain data. */
export interface SftpMedium {
  readonly spec: SftpSpec
  readonly secrets: Secrets
  /** Of the marker; absent: whichever lies there. */
  readonly id?: string
}

/**
 * Failures: those of `openSftp`, `not-initialised` (no marker), `medium-changed` (another id), `damaged` (marker). `readOnly`: nothing is written, so a marker
 * that cannot be read is no obstacle.
 */
export async function openSftpMedium(medium: SftpMedium, { readOnly = false } = {}): Promise<Store> {
  const { spec, secrets } = medium
  let { id } = medium
  let name: string | undefined
  const check = async (calls: SftpCalls) => {
    const marker = await markerBy(calls, spec, readOnly)
    if (marker === 'unreadable') return
    if (id !== undefined && marker.id !== id) throw new Failure('medium-changed', named(spec))
    id = marker.id
    name = marker.name
  }
  const connect = connector(spec, { ...secrets, greet: check })
  const store = await openSftpOver(connect, { ...spec, path: inside(spec) }, secrets)
  const address = addressOf(spec)
  const checked = async (signal?: AbortSignal) => check(await connect.calls(signal))
  return {
    traits: { ...store.traits, label: name === undefined ? address : `${name} (${address})` },
    async put(object, body, options) {
      await checked(options?.signal)
      return store.put(object, body, options)
    },
    get: (object, options) => store.get(object, options),
    stat: (object) => store.stat(object),
    list: (prefix, fits) => store.list(prefix, fits),
    blocked: (object) => store.blocked(object),
    async remove(object) {
      await checked()
      await store.remove(object)
    },
    free: () => store.free(),
    close: () => store.close(),
  }
}

/**
 * Logs in and gives the marker that lies there (`adopted`), or lays the one that `fresh` makes. Without `fresh`, and no marker: `not-initialised`. Failures:
 * those of `openSftp`, `damaged` (a marker that does not read well is never replaced).
 */
export async function claimSftpMedium(
  { spec, secrets }: SftpMedium,
  fresh: (() => Marker) | undefined,
): Promise<{ marker: Marker; adopted: boolean }> {
  const connect = connector(spec, secrets)
  try {
    const calls = await connect.calls()
    await mustBeFolder(calls, spec)
    const there = await attempt(subjectOf(spec), () => readMarker(calls, spec))
    if (there) return { marker: there, adopted: true }
    if (!fresh) throw new Failure('not-initialised', named(spec))
    const laid = await attempt(subjectOf(spec), () => layMarker(calls, spec, fresh()))
    const marker = await attempt(subjectOf(spec), () => readMarker(calls, spec))
    if (!marker) throw new Failure('place-refused', { ...named(spec), reason: markerName })
    return { marker, adopted: marker.id !== laid.id }
  } finally {
    await connect.close()
  }
}

/** The folder with the backups. */
function inside({ path }: SftpSpec): string {
  if (path === '') return mediumFolder
  return path.endsWith('/') ? `${path}${mediumFolder}` : `${path}/${mediumFolder}`
}

function named(spec: SftpSpec): { name: string; path: string } {
  const address = addressOf(spec)
  return { name: address, path: address }
}

function subjectOf(spec: SftpSpec) {
  return { name: '', server: serverOf(spec), path: inside(spec) }
}

async function mustBeFolder(calls: SftpCalls, spec: SftpSpec): Promise<void> {
  const path = spec.path === '' ? '.' : spec.path
  const found = await attempt({ ...subjectOf(spec), path }, () => calls.look(encodeName(path), true))
  if (!found) throw new Failure('place-folder-missing', { name: serverOf(spec), path })
  if (!isFolder(found)) throw new Failure('bad-input', { reason: path, rule: 'not a folder' })
}

async function markerBy(calls: SftpCalls, spec: SftpSpec, readOnly: boolean): Promise<Marker | 'unreadable'> {
  try {
    const marker = await attempt(subjectOf(spec), () => readMarker(calls, spec))
    if (marker) return marker
  } catch (error) {
    const unreadable = error instanceof Failure && ['damaged', 'unsupported-format'].includes(error.code)
    if (readOnly && unreadable) return 'unreadable'
    throw error
  }
  await mustBeFolder(calls, spec)
  throw new Failure('not-initialised', named(spec))
}

async function readMarker(calls: SftpCalls, spec: SftpSpec): Promise<Marker | undefined> {
  const path = encodeName(`${inside(spec)}/${markerName}`)
  const shown = `${addressOf(spec)}/${mediumFolder}/${markerName}`
  const folder = await calls.look(encodeName(inside(spec)))
  const found = folder && isFolder(folder) ? await calls.look(path) : undefined
  if (!found) return undefined
  const { size = 0 } = found
  if (!isFile(found) || size > markerLimit)
    throw new Failure('damaged', { name: shown, path: shown, reason: isFile(found) ? String(size) : 'not a file' })
  const handle = await calls.open(path, openFor.reading)
  const parts: Buffer[] = []
  try {
    for (let at = 0; at <= markerLimit; ) {
      const part = await calls.read(handle, at, markerLimit)
      if (part.length === 0) break
      parts.push(Buffer.from(part))
      at += part.length
    }
  } finally {
    calls.close(handle).catch(() => undefined)
  }
  return parseMarker(Buffer.concat(parts).toString('utf8'), shown)
}

async function layMarker(calls: SftpCalls, spec: SftpSpec, marker: Marker): Promise<Marker> {
  const top = encodeName(inside(spec))
  // There already, made by LabBook or by another writer in the meantime: what matters is what is there afterwards.
  const refused = await calls.makeFolder(top).catch((error: unknown) => error)
  const folder = await calls.look(top)
  if (!folder) throw refused
  if (!isFolder(folder)) throw new Failure('bad-input', { reason: inside(spec), rule: 'not a folder' })
  const temporary = encodeName(temporaryName())
  const before = encodeName(`${inside(spec)}/`)
  const handle = await calls.open(Buffer.concat([before, temporary]), openFor.creating)
  let left = true
  try {
    await calls.write(handle, 0, Buffer.from(markerText(marker)))
    if (calls.able.flush) await calls.flush(handle)
    await calls.close(handle)
    left = await publishNew(calls, { folder: before, temporary, name: encodeName(markerName) })
  } catch (error) {
    // Somebody was faster: theirs is the marker of this place.
    if (!(error instanceof Failure) || error.code !== 'exists') throw error
  } finally {
    if (left) await calls.remove(Buffer.concat([before, temporary])).catch(() => undefined)
  }
  return marker
}
