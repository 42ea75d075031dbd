// The key folder: this computer's backup keys, and the public keys of others who may open its backups (escrow). Named as LabBook names them:
// `kpri.<FINGERPRINT>.asc`, `kpub.<FINGERPRINT>.asc`, and any other `kpub.<anything>.asc`. Beside them `active` names the pair that is in use.
// Guarantees: no pair is ever deleted; a new one becomes active only when both its files are on the disk and opened with its password, so
// that a crash at any moment leaves the older key working. A file that cannot be read is told, and never stops the reading of the others.
// Does not keep passwords.
import { readdir, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, type Problem } from './api/failure.ts'
import type { KeyInfo } from './api/model.ts'
import { checkKeyPassword, generateKeyPair, type KeyFacts, publicPart, readKey } from './archive/archive.ts'
import { errnoOf, fromErrno, sweepFolder, syncFolder, writeDurably } from './lib/files.ts'
import { privateFolder } from './lib/private-folder.ts'

/** A key file as it lies beside the backups. */
export interface KeyFile {
  readonly name: string
  readonly text: string
}

export interface Keyring {
  /** The active pair first, then the other pairs, then the recipients; newest first. A file that cannot be used has a `problem`. */
  list(): Promise<KeyInfo[]>
  /** The files that are no key at all: Failures `bad-key-file` as plain data, `reason` is the file name. */
  unreadable(): Promise<Problem[]>
  /** Makes a pair and makes it active. Failures `password-empty`, `bad-input` (a password that GnuPG cannot take). */
  create(options: { name: string; password: string }): Promise<KeyInfo>
  /** An older pair becomes active again. Failure `not-found`, or why it cannot be used. */
  activate(fingerprint: string): Promise<KeyInfo>
  /** Adds somebody's public key. A private key is refused (`bad-key-file`): it should not have been given. Known: `key-exists`. */
  addRecipient(armored: string): Promise<KeyInfo>
  removeRecipient(fingerprint: string): Promise<void>
  /** Whom a backup is encrypted for: armored public keys of the active pair and of all recipients. None active: Failure `no-key`. */
  recipients(): Promise<string[]>
  /** What must lie beside the backups so that they open on another computer: the active pair and the recipients' public keys. */
  filesToCopy(): Promise<KeyFile[]>
  /** The armored private keys of all pairs, active first. */
  privateKeys(): Promise<string[]>
  privateKey(fingerprint: string): Promise<string>
  /**
   * Adds the keys of another key folder or medium that are not here yet, and tells which. Without a key before, one of them is active. No key
   * there at all: Failure `key-folder-empty`.
   */
  importFrom(folder: string): Promise<KeyInfo[]>
}

/** One key of the folder. */
interface Held {
  readonly facts: KeyFacts
  /** Armored; `secret` only for own pairs. */
  readonly secret?: string
  readonly open: string
  /** File name of the public key, as it is copied. */
  readonly file: string
}

interface Content {
  readonly own: Held[]
  readonly others: Held[]
  readonly bad: string[]
  readonly active: Held | undefined
}

const activeFile = 'active'
const keyFile = /^(kpri|kpub)\.(.+)\.asc$/s

export async function openKeyring(folder: string): Promise<Keyring> {
  await privateFolder(folder)
  await sweepFolder(folder)
  const read = () => readFolder(folder)
  const inTurn = oneAtATime()
  return {
    list: async () => listed(await read()),
    unreadable: async () => (await read()).bad.map((name) => ({ code: 'bad-key-file', details: { reason: name } })),
    create: (options) => inTurn(() => create(folder, options)),
    activate: (fingerprint) => inTurn(() => activate(folder, fingerprint)),
    addRecipient: (armored) => inTurn(() => addRecipient(folder, armored)),
    removeRecipient: (fingerprint) => inTurn(() => removeRecipient(folder, fingerprint)),
    recipients: async () => toEncryptFor(await read()).map((key) => key.open),
    filesToCopy: async () => copies(await read()),
    privateKeys: async () => byUse(await read()).flatMap((key) => key.secret ?? []),
    privateKey: async (fingerprint) => ownKey(await read(), fingerprint).secret,
    importFrom: (other) => inTurn(() => importFrom(folder, other)),
  }
}

/** Changes come one after the other, whoever asks for them. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work, work)
    last = next.catch(() => undefined)
    return next
  }
}

// --- reading ----------------------------------------------------------------------------------------------------------

async function readFolder(folder: string): Promise<Content> {
  const names = (await readdir(folder).catch((error) => fail(error, folder)))
    .filter((name) => keyFile.test(name))
    .sort()
  const read = await Promise.all(names.map((name) => readHeld(folder, name)))
  const bad = names.filter((_, index) => read[index] === undefined)
  const found = read.filter((held) => held !== undefined)
  const own = uniqueKeys(found.filter((held) => held.secret !== undefined))
  const ownPrints = new Set(own.map((held) => held.facts.fingerprint))
  const others = uniqueKeys(found.filter((held) => !(held.secret || ownPrints.has(held.facts.fingerprint))))
  return { own, others, bad, active: chooseActive(own, await activeName(folder)) }
}

/** The noted pair; where none is noted (LabBook's own folder), the newest usable one. A noted one that is lost is not replaced unasked. */
function chooseActive(own: Held[], noted: string): Held | undefined {
  if (/^[0-9A-F]{40}$/.test(noted)) return own.find((held) => held.facts.fingerprint === noted)
  return own.find((held) => !held.facts.unusable) ?? own[0]
}

function fail(error: unknown, path: string): never {
  throw fromErrno(error, { path })
}

/** A key file; undefined when it is no key, or holds the other half than its name says. */
async function readHeld(folder: string, name: string): Promise<Held | undefined> {
  const path = join(folder, name)
  const text = await readFile(path, 'utf8').catch((error) => unlessMissing(error, path))
  try {
    const facts = await readKey(text)
    if (facts.private !== name.startsWith('kpri.')) return undefined
    if (!facts.private) return { facts, open: text, file: name }
    return { facts, secret: text, open: await publicPart(text), file: `kpub.${facts.fingerprint}.asc` }
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** A file that went away between listing and reading, or is shut, is no key; a failing disk is a failure. */
function unlessMissing(error: unknown, path: string): string {
  if (['ENOENT', 'EACCES', 'EPERM', 'EISDIR'].includes(errnoOf(error) ?? '')) return ''
  return fail(error, path)
}

/** Newest first, each once. */
function uniqueKeys(keys: Held[]): Held[] {
  const sorted = keys.toSorted((a, b) => b.facts.createdAt.getTime() - a.facts.createdAt.getTime())
  return [...new Map(sorted.toReversed().map((held) => [held.facts.fingerprint, held])).values()].reverse()
}

async function activeName(folder: string): Promise<string> {
  const path = join(folder, activeFile)
  return (await readFile(path, 'utf8').catch((error) => unlessMissing(error, path))).trim()
}

function byUse({ own, active }: Content): Held[] {
  return active ? [active, ...own.filter((held) => held !== active)] : own
}

function listed(content: Content): KeyInfo[] {
  const { others, active } = content
  return [...byUse(content).map((held) => info(held, held === active)), ...others.map((held) => info(held, true))]
}

function info({ facts, secret }: Held, active: boolean): KeyInfo {
  return {
    fingerprint: facts.fingerprint,
    name: facts.userIds[0] ?? '',
    createdAt: facts.createdAt.toISOString(),
    ...(facts.expiresAt && { expiresAt: facts.expiresAt.toISOString() }),
    kind: secret === undefined ? 'recipient' : 'own',
    active,
    ...(facts.unusable && { problem: facts.unusable.toProblem() }),
  }
}

function ownKey(content: Content, fingerprint: string): Held & { secret: string } {
  const held = content.own.find((candidate) => candidate.facts.fingerprint === fingerprint)
  if (held?.secret === undefined) throw new Failure('not-found', { name: fingerprint })
  return { ...held, secret: held.secret }
}

/** A recipient that was chosen and cannot be read must stop the backup: left out silently, it would be missed when it is needed. */
function toEncryptFor({ active, own, others, bad }: Content): Held[] {
  const ours = new Set(own.map((held) => held.file))
  const lost = bad.find((name) => name.startsWith('kpub.') && !ours.has(name)) ?? (active ? undefined : bad[0])
  if (lost !== undefined) throw new Failure('bad-key-file', { reason: lost })
  if (!active) throw new Failure('no-key')
  return [active, ...others]
}

function copies(content: Content): KeyFile[] {
  const keys = toEncryptFor(content)
  const [active] = keys as [Held]
  const secret = { name: `kpri.${active.facts.fingerprint}.asc`, text: active.secret as string }
  return [secret, ...keys.map((held) => ({ name: held.file, text: held.open }))]
}

// --- changing ---------------------------------------------------------------------------------------------------------

async function create(folder: string, options: { name: string; password: string }): Promise<KeyInfo> {
  if (options.password === '') throw new Failure('password-empty')
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
  if (active && (await activeName(folder)) !== active.facts.fingerprint)
    await noteActive(folder, active.facts.fingerprint)
}

function noteActive(folder: string, fingerprint: string): Promise<void> {
  return writeDurably(join(folder, activeFile), `${fingerprint}\n`, { mode: 0o600 })
}

/** The private key first: a public key without it would make backups that nobody opens. */
async function writePair(folder: string, fingerprint: string, secret: string, open: string): Promise<void> {
  await writeDurably(join(folder, `kpri.${fingerprint}.asc`), secret, { mode: 0o600 })
  await writeDurably(join(folder, `kpub.${fingerprint}.asc`), open, { mode: 0o600 })
}

async function activate(folder: string, fingerprint: string): Promise<KeyInfo> {
  const held = ownKey(await readFolder(folder), fingerprint)
  if (held.facts.unusable) throw held.facts.unusable
  await noteActive(folder, fingerprint)
  return info(held, true)
}

async function addRecipient(folder: string, armored: string): Promise<KeyInfo> {
  const facts = await readKey(armored)
  if (facts.private) throw new Failure('bad-key-file', { reason: 'PRIVATE KEY' })
  if (facts.unusable) throw facts.unusable
  const { own, others } = await readFolder(folder)
  const known = [...own, ...others].some((held) => held.facts.fingerprint === facts.fingerprint)
  if (known) throw new Failure('key-exists', { fingerprint: facts.fingerprint })
  const open = await publicPart(armored)
  const file = `kpub.${facts.fingerprint}.asc`
  await writeDurably(join(folder, file), open, { mode: 0o600 })
  return info({ facts, open, file }, true)
}

async function removeRecipient(folder: string, fingerprint: string): Promise<void> {
  const { others } = await readFolder(folder)
  if (!others.some((held) => held.facts.fingerprint === fingerprint))
    throw new Failure('not-found', { name: fingerprint })
  for (const name of (await readdir(folder)).filter((candidate) => /^kpub\..+\.asc$/s.test(candidate))) {
    const held = await readHeld(folder, name)
    const path = join(folder, name)
    if (held?.facts.fingerprint === fingerprint) await unlink(path).catch((error) => fail(error, path))
  }
  await syncFolder(folder)
}

async function importFrom(folder: string, other: string): Promise<KeyInfo[]> {
  await keepActive(folder)
  const here = await readFolder(folder)
  const there = await readFolder(other)
  if (there.own.length + there.others.length === 0) throw new Failure('key-folder-empty', { path: other })
  const known = new Set([...here.own, ...here.others].map((held) => held.facts.fingerprint))
  const ours = new Set(here.own.map((held) => held.facts.fingerprint))
  const pairs = there.own.filter((held) => !ours.has(held.facts.fingerprint))
  const recipients = there.others.filter((held) => !known.has(held.facts.fingerprint))
  for (const { facts, secret, open } of pairs) await writePair(folder, facts.fingerprint, secret as string, open)
  for (const { facts, open, file } of recipients) {
    const name = taken(file, here) ? `kpub.${facts.fingerprint}.asc` : file
    await writeDurably(join(folder, name), open, { mode: 0o600 })
  }
  await keepActive(folder)
  const added = new Set([...pairs, ...recipients].map((held) => held.facts.fingerprint))
  return listed(await readFolder(folder)).filter((key) => added.has(key.fingerprint))
}

/** The name stands for another key here. */
function taken(file: string, here: Content): boolean {
  return here.bad.includes(file) || [...here.others, ...here.own].some((held) => held.file === file)
}
