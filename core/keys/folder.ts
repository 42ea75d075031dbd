// What lies in a key folder, ours or one that somebody hands us, and what is wrong with it.
// Guarantees: nothing that lies there holds us up or fills the memory, whatever it is; what is left out is named; the pair that is in use is
// never quietly taken for another. Changes nothing: see keyring.ts and import.ts.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, type Problem } from '../api/failure.ts'
import type { KeyInfo } from '../api/model.ts'
import { type KeyFacts, publicPart, readKey } from '../archive/archive.ts'
import { fromErrno, readSmall } from '../lib/files.ts'
import { decodeName } from '../lib/paths.ts'

/** One key of a folder. */
export interface Held {
  readonly facts: KeyFacts
  /** Armored; `secret` only for own pairs. */
  readonly secret?: string
  readonly open: string
  /** File name of the public key, as it is copied. */
  readonly file: string
}

/** A file that is no key, or was not looked at. */
export interface Odd {
  readonly name: string
  readonly problem: Problem
}

export interface Content {
  /** Newest first, each once. */
  readonly own: readonly Held[]
  readonly others: readonly Held[]
  /** Every key file that is one, copies of one key included. */
  readonly copies: readonly Held[]
  readonly odd: readonly Odd[]
  readonly active: Held | undefined
  /** A pair was in use and cannot be used any more: `key-damaged`, `key-lost`. */
  readonly trouble: Failure | undefined
}

/** Names which pair is in use. */
export const activeFile = 'active'

const keyFile = /^(kpri|kpub)\.(.+)\.asc$/s
const fingerprint = /^[0-9A-F]{40}$/

/** In bytes, and in files: far more than anybody's keys. Beyond that a folder is no key folder, or somebody wants to keep us busy. */
const limits = { size: 1024 * 1024, together: 16 * 1024 * 1024, count: 500 }

/** `foreign`: it is not ours, so symlinks are not followed: what they lead to may be a device. */
export async function readFolder(folder: string, { foreign = false } = {}): Promise<Content> {
  const found: Held[] = []
  const odd: Odd[] = []
  const names = await keyNames(folder)
  let together = 0
  for (const name of names.slice(0, limits.count)) {
    const held = together > limits.together ? tooMuch(names.length, folder) : await readHeld(folder, name, !foreign)
    if ('facts' in held) found.push(held)
    else odd.push({ name, problem: held })
    together += 'facts' in held ? (held.secret ?? held.open).length : 0
  }
  for (const name of names.slice(limits.count)) odd.push({ name, problem: tooMuch(names.length, folder) })
  const own = uniqueKeys(found.filter((held) => held.secret !== undefined))
  const noted = foreign ? undefined : await notedActive(folder)
  // The public half of a pair that is lost is nobody else's key.
  const ownPrints = new Set([...own.map((held) => held.facts.fingerprint), noted])
  const others = uniqueKeys(found.filter((held) => !(held.secret || ownPrints.has(held.facts.fingerprint))))
  return { own, others, copies: found, odd, ...inUse(own, odd, noted) }
}

/** In order of their names, private keys first. */
async function keyNames(folder: string): Promise<string[]> {
  const names = await readdir(folder, { encoding: 'buffer' }).catch((error) => {
    throw fromErrno(error, { path: folder })
  })
  return names
    .map(decodeName)
    .filter((name) => keyFile.test(name))
    .sort()
}

function tooMuch(count: number, path: string): Problem {
  return { code: 'key-files-many', details: { count, path } }
}

/** A key file, or why it is none. A failing disk is a Failure. */
async function readHeld(folder: string, name: string, follow: boolean): Promise<Held | Problem> {
  try {
    return await heldIn(name, (await readSmall(join(folder, name), { limit: limits.size, follow, shown: name })) ?? '')
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'io') throw error
    return notKey(name, error.details.reason)
  }
}

/** What lies beside backups, wherever that is: the pairs whose private keys these are, newest first. */
export async function pairsIn(files: readonly { readonly name: string; readonly text: string }[]): Promise<Held[]> {
  const found: Held[] = []
  for (const { name, text } of files) {
    const held = await heldIn(name, text).catch((error: unknown) => {
      if (error instanceof Failure) return undefined
      throw error
    })
    if (held && 'facts' in held && held.secret !== undefined) found.push(held)
  }
  return uniqueKeys(found)
}

async function heldIn(name: string, text: string): Promise<Held | Problem> {
  // Told at once: a folder may hold hundreds of files that are none.
  if (!text.includes('-----BEGIN PGP ')) return notKey(name)
  const facts = await readKey(text)
  if (facts.private !== name.startsWith('kpri.')) return notKey(name)
  if (!facts.private) return { facts, open: text, file: name }
  return { facts, secret: text, open: await publicPart(text), file: `kpub.${facts.fingerprint}.asc` }
}

function notKey(name: string, why: unknown = 'no-key-text'): Problem {
  return { code: 'key-file-unreadable', details: { name, reason: typeof why === 'string' ? why : 'no-key-text' } }
}

/** Newest first, each once; of several copies of one key the one that its owner signed last. */
function uniqueKeys(keys: readonly Held[]): Held[] {
  const best = new Map<string, Held>()
  for (const held of keys) {
    const known = best.get(held.facts.fingerprint)
    if (!known || held.facts.signedAt > known.facts.signedAt) best.set(held.facts.fingerprint, held)
  }
  return [...best.values()].sort((a, b) => b.facts.createdAt.getTime() - a.facts.createdAt.getTime())
}

/** The fingerprint that is noted as in use; `null`: something is noted that is none. */
async function notedActive(folder: string): Promise<string | null | undefined> {
  const path = join(folder, activeFile)
  const text = await readSmall(path, { limit: 1000, follow: true }).catch((error: unknown) => {
    if (error instanceof Failure && error.code !== 'io') return ''
    throw error
  })
  if (text === undefined) return undefined
  return fingerprint.test(text.trim()) ? text.trim() : null
}

/**
 * The noted pair; where none is noted (LabBook's own folder), the newest usable one. A noted one that is lost or damaged is not replaced unasked:
 * its backups would open with nothing that is still here.
 */
function inUse(
  own: readonly Held[],
  odd: readonly Odd[],
  noted: string | null | undefined,
): Pick<Content, 'active' | 'trouble'> {
  const only = own.length === 1 ? own[0] : undefined
  if (noted === null)
    return { active: only, trouble: only ? undefined : new Failure('key-damaged', { name: activeFile }) }
  if (noted === undefined) {
    const damaged = own.length === 0 ? odd.find(({ name }) => name.startsWith('kpri.')) : undefined
    return {
      active: own.find((held) => !held.facts.unusable) ?? own[0],
      trouble: damaged && new Failure('key-damaged', { name: damaged.name }),
    }
  }
  const active = own.find((held) => held.facts.fingerprint === noted)
  const damaged = odd.some(({ name }) => name === `kpri.${noted}.asc`)
  if (active) return { active, trouble: undefined }
  const trouble = damaged
    ? new Failure('key-damaged', { name: `kpri.${noted}.asc` })
    : new Failure('key-lost', { fingerprint: noted })
  return { active: undefined, trouble }
}

/** The pair in use first. */
export function byUse({ own, active }: Content): readonly Held[] {
  return active ? [active, ...own.filter((held) => held !== active)] : own
}

export function listed(content: Content): KeyInfo[] {
  const { others, active } = content
  return [...byUse(content).map((held) => info(held, held === active)), ...others.map((held) => info(held, true))]
}

export function info({ facts, secret }: Held, active: boolean): KeyInfo {
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
