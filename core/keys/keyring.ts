// The key folder: this computer's backup keys, and the public keys of others who may open its backups (escrow). Named as LabBook names them:
// `kpri.<FINGERPRINT>.asc`, `kpub.<FINGERPRINT>.asc`, and any other `kpub.<anything>.asc`. Beside them `active` names the pair that is in use.
// Guarantees: no pair is ever deleted; a new one becomes active only when both its files are on the disk and opened with its password, so
// that a crash at any moment leaves the older key working; one that was in use and is lost is told, never replaced unasked. A file that cannot be
// read is told, and never stops the reading of the others.
// Does not keep passwords. What lies in a folder: folder.ts; that of others: import.ts; for whom a backup is: use.ts.
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, type Problem } from '../api/failure.ts'
import type { KeyChoice, KeyInfo, PairChoice } from '../api/model.ts'
import { checkKeyPassword, generateKeyPair, publicPart, readKey } from '../archive/archive.ts'
import { fromErrno, sweepFolder, syncFolder, writeDurably } from '../lib/files.ts'
import { oneAtATime } from '../lib/one-at-a-time.ts'
import { fsPath } from '../lib/paths.ts'
import { privateFolder } from '../lib/private-folder.ts'
import { activeFile, byUse, type Content, type Held, info, listed, readFolder } from './folder.ts'
import { type Found, look, prove, take, writePair, writeRecipient } from './import.ts'
import { type Use, usedFor, type Wanted } from './use.ts'

export interface Keyring {
  /** The active pair first, then the other pairs, then the recipients; newest first. A file that cannot be used has a `problem`. */
  list(): Promise<KeyInfo[]>
  /** The pair that was in use cannot be used any more: `key-lost`, `key-damaged`. */
  trouble(): Promise<Problem | undefined>
  /**
   * Makes a pair and makes it active. Failures `password-empty`, `bad-input` (a password that GnuPG cannot take); those of `trouble`, unless it is
   * to take the place of what was lost (`instead`).
   */
  create(options: { name: string; password: string; instead?: boolean }): Promise<KeyInfo>
  /** An older pair becomes active again. Failure `not-found`, or why it cannot be used. */
  activate(fingerprint: string): Promise<KeyInfo>
  /**
   * Adds somebody's public key; a copy that its owner signed later than the one here takes its place (`replaced`). A private key is refused
   * (`bad-key-file`): it should not have been given. Known: `key-exists`.
   */
  addRecipient(armored: string): Promise<KeyInfo & { replaced?: boolean }>
  removeRecipient(fingerprint: string): Promise<void>
  /** Whom a backup is encrypted for, and what must lie beside it. Failures: see use.ts. */
  use(wanted?: Wanted): Promise<Use>
  /** The armored private keys of all pairs, active first. */
  privateKeys(): Promise<string[]>
  privateKey(fingerprint: string): Promise<string>
  /** What another key folder or medium holds; nothing is taken. No key there at all: Failure `key-folder-empty`. */
  look(folder: string): Promise<Found>
  /** Ends normally when this password opens that pair of the folder. */
  prove(folder: string, pair: PairChoice): Promise<void>
  /** Adds those that were chosen, and tells which are new. Without a key before, one of them becomes active. Failures: see import.ts. */
  importFrom(folder: string, choice: KeyChoice): Promise<KeyInfo[]>
}

export async function openKeyring(folder: string): Promise<Keyring> {
  await privateFolder(folder)
  await sweepFolder(folder)
  const read = () => readFolder(folder)
  // Changes of the ring.
  const inTurn = oneAtATime()
  return {
    list: async () => listed(await read()),
    trouble: async () => (await read()).trouble?.toProblem(),
    create: (options) => inTurn(() => create(folder, options)),
    activate: (fingerprint) => inTurn(() => activate(folder, fingerprint)),
    addRecipient: (armored) => inTurn(() => addRecipient(folder, armored)),
    removeRecipient: (fingerprint) => inTurn(() => removeRecipient(folder, fingerprint)),
    use: async (wanted) => usedFor(await read(), wanted),
    privateKeys: async () => byUse(await read()).flatMap((key) => key.secret ?? []),
    privateKey: async (fingerprint) => ownKey(await read(), fingerprint).secret,
    look: (other) => look(folder, other),
    prove,
    importFrom: (other, choice) => inTurn(() => importFrom(folder, other, choice)),
  }
}

function ownKey(content: Content, fingerprint: string): Held & { secret: string } {
  const held = content.own.find((candidate) => candidate.facts.fingerprint === fingerprint)
  if (held?.secret === undefined) throw new Failure('not-found', { name: fingerprint })
  return { ...held, secret: held.secret }
}

async function create(
  folder: string,
  { instead, ...options }: { name: string; password: string; instead?: boolean },
): Promise<KeyInfo> {
  if (options.password === '') throw new Failure('password-empty')
  const { trouble } = await readFolder(folder)
  if (trouble && !instead) throw trouble
  const pair = await generateKeyPair(options)
  await keepActive(folder)
  await writePair(folder, pair.fingerprint, pair.privateKey, pair.publicKey)
  const { secret } = ownKey(await readFolder(folder), pair.fingerprint)
  await checkKeyPassword(secret, options.password)
  return activate(folder, pair.fingerprint)
}

/** Notes which pair is active where nothing says so yet, so that a newer one does not take over by its age alone. */
async function keepActive(folder: string): Promise<void> {
  const { active } = await readFolder(folder)
  if (active) await noteActive(folder, active.facts.fingerprint)
}

function noteActive(folder: string, fingerprint: string): Promise<void> {
  return writeDurably(join(folder, activeFile), `${fingerprint}\n`, { mode: 0o600 })
}

async function activate(folder: string, fingerprint: string): Promise<KeyInfo> {
  const held = ownKey(await readFolder(folder), fingerprint)
  if (held.facts.unusable) throw held.facts.unusable
  await noteActive(folder, fingerprint)
  return info(held, true)
}

async function addRecipient(folder: string, armored: string): Promise<KeyInfo & { replaced?: boolean }> {
  const facts = await readKey(armored)
  if (facts.private) throw new Failure('bad-key-file', { reason: 'PRIVATE KEY' })
  if (facts.unusable) throw facts.unusable
  const here = await readFolder(folder)
  const { fingerprint } = facts
  const older = here.others.find((held) => held.facts.fingerprint === fingerprint)
  const own = here.own.some((held) => held.facts.fingerprint === fingerprint)
  if (own || (older && older.facts.signedAt >= facts.signedAt)) throw new Failure('key-exists', { fingerprint })
  const held = { facts, open: await publicPart(armored), file: `kpub.${fingerprint}.asc` }
  await writeRecipient(folder, held, here)
  return { ...info(held, true), ...(older && { replaced: true }) }
}

/** All files that hold it: one that stayed would bring the person back. */
async function removeRecipient(folder: string, fingerprint: string): Promise<void> {
  const { others, copies } = await readFolder(folder)
  if (!others.some((held) => held.facts.fingerprint === fingerprint))
    throw new Failure('not-found', { name: fingerprint })
  for (const held of copies.filter(({ facts, secret }) => facts.fingerprint === fingerprint && secret === undefined)) {
    const path = join(folder, held.file)
    await unlink(fsPath(path)).catch((error) => {
      throw fromErrno(error, { path })
    })
  }
  await syncFolder(folder)
}

async function importFrom(folder: string, other: string, choice: KeyChoice): Promise<KeyInfo[]> {
  await keepActive(folder)
  const taken = new Set(await take(folder, other, choice))
  await keepActive(folder)
  return listed(await readFolder(folder)).filter((key) => taken.has(key.fingerprint))
}
