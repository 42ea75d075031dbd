// Between an item and bytes: the composition of the stages that write and read an archive. The face of this folder: others import pools.ts beside it, and nothing else.
// The file opens with standard tools: `gpg -d x.tar.gz.gpg | tar xz`, or `tar xf x.tar.gz`. What an archive contains: entry.ts; what it can be made
// with: tar.ts, codecs.ts, ciphers.ts.
import type { PackFormat } from '../api/plan.ts'
import { type CipherName, recipes } from '../api/recipe.ts'
import { type Bytes, pipe } from '../lib/bytes.ts'
import { staged } from '../lib/staged.ts'
import { ciphers, deciphered } from './ciphers.ts'
import { decompressed } from './codecs.ts'
import {
  type Attributes,
  type Entry,
  type Extent,
  type LateFile,
  type LateOutcome,
  type Member,
  PassedOn,
} from './entry.ts'
import type { Frame } from './frame.ts'
import { type Head, type Incomplete, type Parent, parseHead, type Root } from './head.ts'
import { olderFiles, openOlder } from './labbook-old.ts'
import { keyIdsOf } from './openpgp.ts'
import { type CipherStages, cipherStage } from './openpgp-data.ts'
import { checkKeyPassword, generateKeyPair, type KeyFacts, provePair, publicPart, readKey } from './openpgp-key.ts'
import type { Unlock } from './openpgp-session.ts'
import { type Pack, packed, type ReadLate } from './packing.ts'
import { inlinePools, type Pools, type Task } from './pools.ts'
import { packTar, readTar } from './tar.ts'

export type {
  Attributes,
  Entry,
  Extent,
  Frame,
  Head,
  Incomplete,
  KeyFacts,
  LateFile,
  LateOutcome,
  Member,
  Pack,
  Parent,
  Pools,
  ReadLate,
  Root,
  Task,
  Unlock,
}
export {
  checkKeyPassword,
  generateKeyPair,
  keyIdsOf,
  olderFiles,
  openOlder,
  PassedOn,
  parseHead,
  provePair,
  publicPart,
  readKey,
}

/**
 * Members as an archive, encrypted for all of these recipients (armored public keys) where its recipe says so. A recipient that cannot be used is
 * Failure `key-expired` or `bad-key-file` before the first member is pulled.
 */
export function writeArchive(
  head: Head | undefined,
  members: AsyncIterable<Member>,
  recipients: readonly string[],
  pack: Pack = { format: 'tar.gz.gpg' },
  pools: Pools = inlinePools(),
): Bytes {
  const pieces = pools.lateSize === undefined ? packTar(head, members) : packTar(head, members, pools.lateSize)
  return pipe(packed(pieces, pack, pools.pack), ciphers[recipes[pack.format].cipher].seal(recipients, cipherOf(pools)))
}

/** Other content than an archive, made as its recipe says: `openSealed` gives it back. The recipe must have a codec. */
export function seal(
  content: Bytes,
  recipients: readonly string[],
  format: PackFormat,
  pools: Pools = inlinePools(),
): Bytes {
  return pipe(
    packed(content, { format }, pools.pack),
    ciphers[recipes[format].cipher].seal(recipients, cipherOf(pools)),
  )
}

/** Failures as of `openArchive`; proven only when it ends. */
export function openSealed(
  input: Bytes,
  unlock: Unlock | undefined,
  named: CipherName,
  pools: Pools = inlinePools(),
): Bytes {
  return pipe(input, deciphered(named, unlock, cipherOf(pools)), decompressed(pools.inflate))
}

/** In its own thread where there is one. */
function cipherOf({ cipher }: Pools): CipherStages {
  return cipher ? (what) => staged(what, cipher) : cipherStage
}

/** An archive whose head has been read: the key and the password were right. */
export interface OpenArchive {
  /** Untrusted: whoever could write to the medium could write an archive for the public key. */
  readonly head: Head | undefined
  /**
   * In order, once. Ends normally only when the end of the tar, what the codec checks (gzip: CRC) and the integrity code of the OpenPGP message have
   * all been checked; until then nothing of it is proven. Leaving early closes the input. An archive without codec and cipher has checksums of its
   * headers alone: a flipped byte in the content of a file is found by SHA256SUMS only.
   */
  readonly entries: AsyncIterable<Entry>
  /** Known once `entries` has ended: members whose content ends in zeros, because no more of the file could be read. Untrusted. */
  incomplete(): readonly Incomplete[]
  /** Closes the input when the entries will not be read. */
  close(): Promise<void>
}

/**
 * `named`: the cipher that its name says. Failures here: `secret-missing`, `wrong-password`, `wrong-key`, `bad-key-file`, `damaged`, `truncated`,
 * `unsupported-format`; those of the input unchanged.
 */
export async function openArchive(
  input: Bytes,
  unlock: Unlock | undefined,
  pools: Pools = inlinePools(),
  named: CipherName = 'gpg',
): Promise<OpenArchive> {
  const entries = readTar(openSealed(input, unlock, named, pools))
  try {
    return { head: await entries.head(), entries, incomplete: () => entries.incomplete(), close: () => entries.close() }
  } catch (error) {
    await entries.close()
    throw error
  }
}
