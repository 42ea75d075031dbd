// LabBook 2.5 and 2.9 backups as entries (read only): what a server of those years left on its media.
// Guarantees: which of the two it is, is decided by what opens and not by which key files lie there (a server that was upgraded kept its RSA
// key, so both may open: then it is taken for one of 2.9 where documents lie beside and it looks like one, or is the newest). The documents beside are written anew with each backup and
// only grow, so they come with every backup of 2.9, as in LabBook's own tool. The entries are those of a LabBook 3 backup (api/labbook-layout.ts), so that a restore knows one layout. These formats carry no integrity code:
// damage is found by the padding, the gzip checksum and the tar headers only.
// Formats: as LabBook 2.5 and 2.9 write them, with openssl enc (-des3 -md md5, -aes-256-cbc), openssl rsautl and gpg.
import { constants, createDecipheriv, createHash, privateDecrypt } from 'node:crypto'
import { Failure } from '../api/failure.ts'
import { type DocumentFolder, dumpFile, dumpFolder } from '../api/labbook-layout.ts'
import { type Bytes, bytesOf, collect, pipe, type Stage, through } from '../lib/bytes.ts'
import type { Entry } from './entry.ts'
import { gunzip } from './gzip.ts'
import { decrypt } from './openpgp.ts'
import type { Unlock } from './openpgp-session.ts'
import { readTar } from './tar.ts'

/** Files that lie beside the backups of those years. */
export const olderFiles = {
  /** RSA key of 2.5, protected by a password that is the same everywhere. */
  key25: 'clef_sauvegarde.privee.crypt',
  /** RSA key of 2.9, in an OpenPGP message. */
  key29: 'clef_sauvegarde.privee.gpg',
  /** Documents of 2.9. */
  documents: 'files.tar.gz.gpg',
} as const

/** Fixed and public: it is in LabBook's own source. */
const password25 = 'eiKie7di'

/** Where LabBook 2.9 kept its documents → where LabBook 3 keeps them. */
const folders29: readonly (readonly [string, DocumentFolder])[] = [
  ['www/apps/labbook/labbook_2.05/files', 'report'],
  ['applisdata/labbook/storage/sigl', 'upload'],
  ['www/apps/labbook/labbook_2.05/resources/images', 'resource'],
]

/** Keys and small members are far below this. */
const smallLimit = 1024 * 1024

export interface OlderBackup {
  /** Reads the backup from its beginning; called more than once. */
  readonly archive: () => Bytes
  /** A file beside it, from its beginning; undefined when it is not there. */
  readonly beside: (name: string) => Bytes | undefined
  /** It is the newest backup of these formats on its medium: where documents lie beside, it is not opened without them unasked. */
  readonly newest: boolean
  /** False: the documents beside are not read. */
  readonly documents?: boolean
  /** Only needed for 2.9. */
  readonly unlock?: Unlock
}

export interface OpenOlder {
  readonly version: '2.5' | '2.9'
  /** Whether the documents of 2.9 are beside it; undefined for 2.5, which saved none. */
  readonly documents?: boolean
  readonly entries: AsyncIterable<Entry>
}

/**
 * Opens a backup. Failures: `secret-missing` (2.9, and no unlock given), `wrong-password` and `wrong-key` (2.9), `damaged`, `truncated` (`name` is
 * that of the documents where they are what is wrong), `key-file-missing` {file} (no key file beside it opens it).
 */
export async function openOlder(backup: OlderBackup): Promise<OpenOlder> {
  const { beside, unlock } = backup
  const wrapped = await member(backup.archive(), '.tar.key')
  const documents = beside(olderFiles.documents) !== undefined
  const plain = beside(olderFiles.key25)
  const open25 = async (): Promise<OpenOlder | undefined> => {
    const key = plain && unwrap(wrapped, await key25(plain))
    return key && { version: '2.5', entries: entries25(backup, key) }
  }
  const sealed = beside(olderFiles.key29)
  // 2.9 compresses the outer file, 2.5 does not.
  const newer = documents && sealed && (backup.newest || (await isGzipped(backup.archive())))
  const first = newer ? undefined : await open25()
  if (first) return first
  if (!sealed) throw keyFileMissing(beside)
  if (!unlock) throw new Failure('secret-missing')
  try {
    const key = unwrap(wrapped, await collect(pipe(sealed, decrypt(unlock)), smallLimit))
    if (key) return { version: '2.9', documents, entries: entries29(backup, key, unlock) }
  } catch (error) {
    // Its password is of no concern to a backup of 2.5 on the same medium.
    const other = await open25()
    if (other) return other
    throw error
  }
  const other = await open25()
  if (other) return other
  throw keyFileMissing(beside)
}

/** Those that are not there; where both are, they belong to other backups. */
function keyFileMissing(beside: OlderBackup['beside']): Failure {
  const files = [olderFiles.key25, olderFiles.key29]
  const absent = files.filter((file) => beside(file) === undefined)
  return new Failure('key-file-missing', { file: absent.length > 0 ? absent : files })
}

async function* entries25(backup: OlderBackup, key: SessionKey): AsyncGenerator<Entry> {
  yield folder(dumpFolder)
  yield* dump(backup, key)
}

async function* entries29(backup: OlderBackup, key: SessionKey, unlock: Unlock): AsyncGenerator<Entry> {
  yield* entries25(backup, key)
  const documents = backup.documents === false ? undefined : backup.beside(olderFiles.documents)
  if (!documents) return
  for (const [, name] of folders29) yield folder(name)
  try {
    for await (const entry of readTar(pipe(documents, decrypt(unlock), gunzip()))) {
      const path = moved(entry.path)
      if (path === undefined) continue
      const target = entry.type === 'link' && entry.target !== undefined ? moved(entry.target) : undefined
      yield { ...entry, path, ...(target === undefined ? {} : { target }) }
    }
  } catch (error) {
    // Not the backup, which is good: the database can be restored without them.
    if (!(error instanceof Failure) || error.code === 'cancelled') throw error
    throw new Failure(error.code, { ...error.details, name: olderFiles.documents }, { cause: error })
  }
}

/** The place of a document in LabBook 3's layout; the folders themselves and everything else: undefined. */
function moved(path: string): string | undefined {
  for (const [from, to] of folders29) if (path.startsWith(`${from}/`)) return to + path.slice(from.length)
  return undefined
}

/** The database's dump, at any depth under the name `SIGL.sql`; the rest of the archive is read to its end too. */
async function* dump(backup: OlderBackup, { key, iv }: SessionKey): AsyncGenerator<Entry> {
  let found = false
  for await (const outer of outerTar(backup.archive())) {
    if (!outer.path.endsWith('.tar.crypt') || !outer.body) continue
    const clear = pipe(
      outer.body,
      cipher(() => createDecipheriv('aes-256-cbc', key, iv)),
      gunzipped,
    )
    for await (const entry of readTar(clear)) {
      if (found || entry.type !== 'file' || entry.path.split('/').at(-1) !== 'SIGL.sql') continue
      found = true
      yield { ...entry, path: dumpFile }
    }
  }
  if (!found) throw new Failure('damaged', { reason: 'SIGL.sql' })
}

function folder(path: string): Entry {
  return { path, type: 'folder', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 }
}

/** Despite its name the outer file is a tar, compressed or not. */
function outerTar(input: Bytes): AsyncIterable<Entry> {
  return readTar(pipe(input, gunzipped))
}

async function isGzipped(input: Bytes): Promise<boolean> {
  for await (const chunk of input) if (chunk.length > 0) return chunk[0] === 0x1f
  return false
}

async function member(input: Bytes, suffix: string): Promise<Uint8Array> {
  for await (const entry of outerTar(input)) {
    if (entry.path.endsWith(suffix) && entry.body) return await collect(entry.body, smallLimit)
  }
  throw new Failure('damaged', { reason: suffix })
}

/** Gunzips what begins as gzip (RFC 1952: 1f 8b) and passes everything else. */
const gunzipped: Stage = async function* (input) {
  const reader = input[Symbol.asyncIterator]()
  const held: Uint8Array[] = []
  let length = 0
  try {
    while (length < 2) {
      const next = await reader.next()
      if (next.done) break
      held.push(Uint8Array.from(next.value))
      length += next.value.length
    }
    const start = Buffer.concat(held)
    const whole = joined(start, reader)
    yield* start[0] === 0x1f && start[1] === 0x8b ? gunzip()(whole) : whole
  } finally {
    await reader.return?.()
  }
}

async function* joined(start: Uint8Array, rest: AsyncIterator<Uint8Array>): Bytes {
  yield start
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

function cipher(make: () => ReturnType<typeof createDecipheriv>): Stage {
  return async function* (input) {
    let foreign: unknown
    const watched = (async function* () {
      try {
        yield* input
      } catch (error) {
        foreign = error
        throw error
      }
    })()
    try {
      yield* through(make)(watched)
    } catch (error) {
      // Wrong padding at the end: the bytes or their number are not what was encrypted.
      throw (
        foreign ??
        (error instanceof Failure ? error : new Failure('damaged', { reason: 'AES-256-CBC' }, { cause: error }))
      )
    }
  }
}

/** `openssl enc -des3 -md md5 -salt`: "Salted__", eight bytes of salt, DES-EDE3-CBC; key and iv by EVP_BytesToKey with MD5, one round. */
async function key25(input: Bytes): Promise<Uint8Array> {
  const file = Buffer.from(await collect(input, smallLimit))
  if (file.subarray(0, 8).toString('latin1') !== 'Salted__') throw new Failure('damaged', { reason: olderFiles.key25 })
  const salt = file.subarray(8, 16)
  let derived = Buffer.alloc(0)
  let last = Buffer.alloc(0)
  while (derived.length < 32) {
    last = createHash('md5').update(last).update(password25).update(salt).digest()
    derived = Buffer.concat([derived, last])
  }
  const stage = cipher(() => createDecipheriv('des-ede3-cbc', derived.subarray(0, 24), derived.subarray(24, 32)))
  return collect(pipe(bytesOf(file.subarray(16)), stage), smallLimit)
}

interface SessionKey {
  readonly key: Buffer
  readonly iv: Buffer
}

/**
 * The key of the archive, if this RSA key opens it. PKCS#1 v1.5 is taken off by hand: recent Node refuses to, Electron's BoringSSL does it.
 * (An oracle needs somebody who sends messages and sees answers; here one file is opened once.)
 */
function unwrap(wrapped: Uint8Array, pem: Uint8Array): SessionKey | undefined {
  let block: Buffer
  try {
    block = privateDecrypt({ key: Buffer.from(pem), padding: constants.RSA_NO_PADDING }, wrapped)
  } catch {
    // Not this key: another length, or no key at all.
    return undefined
  }
  const end = block.indexOf(0, 2)
  if (block[0] !== 0 || block[1] !== 2 || end < 10) return undefined
  const found = /^([0-9A-Fa-f]{64})=([0-9A-Fa-f]{32})\s*$/.exec(block.subarray(end + 1).toString('latin1'))
  return found ? { key: Buffer.from(found[1] as string, 'hex'), iv: Buffer.from(found[2] as string, 'hex') } : undefined
}
