// Between an item and bytes: the composition of the stages that write and read an archive. The only file of this folder that others import.
// The file opens with standard tools: `gpg -d x.tar.gz.gpg | tar xz`. What an archive contains: entry.ts; formats: tar.ts, gzip.ts, zstd.ts,
// openpgp.ts; names: labbook.ts; lists of checksums: checksums.ts.
import type { Compression, PackFormat } from '../api/plan.ts'
import { type Bytes, pipe } from '../lib/bytes.ts'
import { parseChecksums, removeChecksum, setAside, setChecksum, settleAside } from './checksums.ts'
import { compressed, decompressed } from './compression.ts'
import type { Entry, Head, Root } from './entry.ts'
import { artifactName, FOLDER, parseArtifactName } from './labbook.ts'
import { openOlder } from './labbook-old.ts'
import { decrypt, encrypt, keyIdsOf, type Unlock } from './openpgp.ts'
import { checkKeyPassword, generateKeyPair, type KeyFacts, publicPart, readKey } from './openpgp-key.ts'
import { parsePins, pinFile, setPin } from './pins.ts'
import { packTar, readTar } from './tar.ts'

export type { Entry, Head, KeyFacts, Root, Unlock }
export {
  artifactName,
  checkKeyPassword,
  FOLDER,
  generateKeyPair,
  keyIdsOf,
  openOlder,
  parseArtifactName,
  parseChecksums,
  parsePins,
  pinFile,
  publicPart,
  readKey,
  removeChecksum,
  setAside,
  setChecksum,
  setPin,
  settleAside,
}

/**
 * Entries as an encrypted archive for all of these recipients (armored public keys). A recipient that cannot be used is Failure
 * `key-expired` or `bad-key-file` before the first entry is pulled.
 */
export function writeArchive(
  head: Head | undefined,
  entries: AsyncIterable<Entry>,
  recipients: readonly string[],
  pack: Pack = { format: 'tar.gz.gpg' },
): Bytes {
  return pipe(packTar(head, entries), compressed(pack.format, pack.compression), encrypt(recipients))
}

/** How an archive is compressed. */
export interface Pack {
  readonly format: PackFormat
  /** Absent: balanced. */
  readonly compression?: Compression | undefined
}

/** An archive whose head has been read: the key and the password were right. */
export interface OpenArchive {
  /** Untrusted: whoever could write to the medium could write an archive for the public key. */
  readonly head: Head | undefined
  /**
   * In order, once. Ends normally only when the end of the tar, the CRC of the gzip and the integrity code of the OpenPGP message have all
   * been checked; until then nothing of it is proven. Leaving early closes the input.
   */
  readonly entries: AsyncIterable<Entry>
  /** Closes the input when the entries will not be read. */
  close(): Promise<void>
}

/** Failures here: `wrong-password`, `wrong-key`, `bad-key-file`, `damaged`, `truncated`, `unsupported-format`; those of the input unchanged. */
export async function openArchive(input: Bytes, unlock: Unlock): Promise<OpenArchive> {
  const entries = readTar(pipe(input, decrypt(unlock), decompressed()))
  try {
    return { head: await entries.head(), entries, close: () => entries.close() }
  } catch (error) {
    await entries.close()
    throw error
  }
}
