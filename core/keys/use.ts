// For whom a backup is encrypted, and which key files lie beside it. LabBook's own tool takes the first private key of a medium by its name and
// no other, so it matters which ones lie there.
// Guarantees: a key that was chosen and cannot be used is named before anything is read; a backup opens with the pair in use, with those of our
// pairs that lie on its medium already, and for a LabBook server with LabBook's pair, whose file is then the one beside it. Pure.
import { Failure } from '../api/failure.ts'
import { byUse, type Content, type Held } from './folder.ts'

/** A key file as it lies beside the backups. */
export interface KeyFile {
  readonly name: string
  readonly text: string
}

export interface Use {
  /** Armored public keys. */
  readonly recipients: readonly string[]
  /** What opens the backups on another computer: one private key, and the public keys of all for whom they are. */
  readonly keyFiles: readonly KeyFile[]
  /** Fingerprint of the pair whose private key lies beside. */
  readonly lead: string
}

export interface Wanted {
  /** It is to open in LabBook. */
  readonly labbook?: boolean
  /** Fingerprints of the private keys that lie on the medium. */
  readonly beside?: readonly string[]
  /** For a copy that stays on this computer: other people's keys that cannot be used are left out, where a backup would not begin. */
  readonly lenient?: boolean
}

/** Failures `no-key`, `key-lost`, `key-damaged`, `bad-key-file`, and why a key that was chosen cannot be used. */
export function usedFor(content: Content, { labbook = false, beside = [], lenient = false }: Wanted = {}): Use {
  const people = lenient ? content.others.filter(({ facts }) => !facts.unusable) : recipientsOf(content)
  const active = activeOf(content)
  const lead = labbook ? (labbookPair(content) ?? active) : active
  const lying = content.own.filter(({ facts }) => beside.includes(facts.fingerprint) && !facts.unusable)
  const keys = [...new Map([lead, active, ...lying, ...people].map((held) => [held.facts.fingerprint, held])).values()]
  const { fingerprint } = lead.facts
  return {
    recipients: keys.map(({ open }) => open),
    keyFiles: [
      { name: `kpri.${fingerprint}.asc`, text: lead.secret as string },
      ...keys.map(({ file, open }) => ({ name: file, text: open })),
    ],
    lead: fingerprint,
  }
}

/** The same for what lies on a medium, where this computer has no key: its usable pairs, and nobody who is only named there. */
export function usedBeside(own: readonly Held[]): Omit<Use, 'lead'> {
  const pairs = own.filter(({ facts }) => !facts.unusable)
  const files = pairs.flatMap(({ facts, file, open, secret }) => [
    { name: `kpri.${facts.fingerprint}.asc`, text: secret as string },
    { name: file, text: open },
  ])
  return { recipients: pairs.map(({ open }) => open), keyFiles: files }
}

/** Named as LabBook names the pair that it makes ("LabBook Backup Key"). */
export function isLabbook(userIds: readonly string[]): boolean {
  return userIds.some((userId) => /labbook/i.test(userId))
}

/** The pair in use where that is one of LabBook's, else the newest of those. */
function labbookPair(content: Content): Held | undefined {
  return byUse(content).find(({ facts }) => isLabbook(facts.userIds) && !facts.unusable)
}

/** Left out silently, somebody's key would be missed when it is needed. */
function recipientsOf({ own, others, odd }: Content): readonly Held[] {
  const ours = new Set(own.map((held) => held.file))
  const lost = odd.find(({ name }) => name.startsWith('kpub.') && !ours.has(name))
  if (lost) throw new Failure(lost.problem.code, lost.problem.details)
  for (const { facts } of others) if (facts.unusable) throw facts.unusable
  return others
}

/** The pair in use, usable; else why there is none. */
function activeOf({ active, trouble }: Content): Held {
  if (trouble) throw trouble
  if (!active) throw new Failure('no-key')
  if (active.facts.unusable) throw active.facts.unusable
  return active
}
