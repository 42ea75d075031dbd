// Takes over keys of another key folder: LabBook's, another Arche's, or that of a medium, which may have been in anybody's hands.
// Guarantees: looking changes nothing and trusts nothing; only keys that were named by their fingerprint are taken, a pair only with its
// password, and either all of them or none. A key that is known is replaced only by a copy that its owner has signed later.
// Does not decide which of them a person wants.
import { join } from 'node:path'
import { Failure, type Problem } from '../api/failure.ts'
import type { ImportedKey, KeyChoice, PairChoice } from '../api/model.ts'
import { provePair } from '../archive/archive.ts'
import { writeDurably } from '../lib/files.ts'
import { type Content, type Held, info, readFolder } from './folder.ts'

export interface Found {
  readonly keys: ImportedKey[]
  /** What was left out, and why. */
  readonly odd: Problem[]
}

/** What a folder holds. No key there at all: Failure `key-folder-empty`, or why what lies there is none. */
export async function look(folder: string, other: string): Promise<Found> {
  const here = await readFolder(folder)
  const there = await readFolder(other, { foreign: true })
  const keys = [...there.own, ...there.others].map((held) => ({ ...info(held, false), state: stateOf(held, here) }))
  const odd = oddOf(there)
  const [first] = odd
  if (keys.length === 0)
    throw first ? new Failure(first.code, first.details) : new Failure('key-folder-empty', { path: other })
  return { keys, odd }
}

/** One line for thousands of files that were not looked at. */
function oddOf({ odd }: Content): Problem[] {
  const many = odd.find(({ problem }) => problem.code === 'key-files-many')
  const single = odd.filter(({ problem }) => problem.code !== 'key-files-many').slice(0, 20)
  return [...single.map(({ problem }) => problem), ...(many ? [many.problem] : [])]
}

function stateOf(held: Held, here: Content): ImportedKey['state'] {
  const { fingerprint, signedAt, unusable } = held.facts
  const own = here.own.find(({ facts }) => facts.fingerprint === fingerprint)
  if (own && held.secret === undefined) return 'known'
  const known =
    own ?? (held.secret === undefined ? here.others.find(({ facts }) => facts.fingerprint === fingerprint) : undefined)
  if (!known) return 'new'
  return signedAt > known.facts.signedAt && !unusable ? 'newer' : 'known'
}

/** Takes what was chosen; gives the fingerprints. Failures before anything is written: `not-found`, `wrong-password`, `key-unprotected`, and why one is unusable. */
export async function take(folder: string, other: string, { pairs, recipients }: KeyChoice): Promise<string[]> {
  const here = await readFolder(folder)
  const there = await readFolder(other, { foreign: true })
  const wanted = (held: readonly Held[], print: string) => {
    const found = heldAs(held, print)
    return stateOf(found, here) === 'known' ? [] : [found]
  }
  const people = recipients.flatMap((print) => wanted(there.others, print))
  for (const { facts } of people) if (facts.unusable) throw facts.unusable
  const own: Held[] = []
  for (const { fingerprint, password } of pairs)
    for (const held of wanted(there.own, fingerprint)) {
      await provePair(held.secret as string, password)
      own.push(held)
    }
  for (const { facts, secret, open } of own) await writePair(folder, facts.fingerprint, secret as string, open)
  for (const held of people) await writeRecipient(folder, held, here)
  return [...own, ...people].map(({ facts }) => facts.fingerprint)
}

/** Failures `not-found`, `wrong-password`, `key-unprotected`, `bad-key-file`. */
export async function prove(other: string, { fingerprint, password }: PairChoice): Promise<void> {
  const { own } = await readFolder(other, { foreign: true })
  await provePair(heldAs(own, fingerprint).secret as string, password)
}

function heldAs(held: readonly Held[], fingerprint: string): Held {
  const found = held.find(({ facts }) => facts.fingerprint === fingerprint)
  if (!found) throw new Failure('not-found', { name: fingerprint })
  return found
}

/** The private key first: a public key without it would make backups that nobody opens. */
export async function writePair(folder: string, fingerprint: string, secret: string, open: string): Promise<void> {
  await writeDurably(join(folder, `kpri.${fingerprint}.asc`), secret, { mode: 0o600 })
  await writeDurably(join(folder, `kpub.${fingerprint}.asc`), open, { mode: 0o600 })
}

/** Under the name that it has, where that is a plain one that stands for nothing else; a newer copy takes the place of the older. */
export async function writeRecipient(folder: string, { facts, open, file }: Held, here: Content): Promise<void> {
  const older = here.others.find((held) => held.facts.fingerprint === facts.fingerprint)
  const name =
    older?.file ?? (isPlain(file, facts.fingerprint) && !taken(file, here) ? file : `kpub.${facts.fingerprint}.asc`)
  await writeDurably(join(folder, name), open, { mode: 0o600 })
}

/** `kpub.fondation-merieux.asc`; not one that looks like the fingerprint of another key, nor one that plays tricks on a screen. */
function isPlain(file: string, fingerprint: string): boolean {
  const middle = /^kpub\.([\p{L}\p{N} ._@+-]{1,100})\.asc$/u.exec(file)?.[1]
  return middle !== undefined && (!/^[0-9A-F]{40}$/i.test(middle) || middle === fingerprint)
}

/** The name stands for another key here. */
function taken(file: string, here: Content): boolean {
  return here.odd.some(({ name }) => name === file) || [...here.others, ...here.own].some((held) => held.file === file)
}
