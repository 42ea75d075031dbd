// Passwords that were given without a prompt: through a file descriptor or the environment. Never through an argument, because
// arguments are seen by every user of the computer.
// Guarantees: a password is taken as it is, only the line end after it is removed; an empty one is Failure `password-empty`, one that is not UTF-8
// `password-encoding`: what became of its bytes could be typed nowhere else.
// Does not ask: see ask.ts. Does not check: the engine does.
import { readFileSync } from 'node:fs'
import { Failure } from '../api/failure.ts'
import type { Translate } from '../api/text/text.ts'
import { UsageError } from './usage.ts'

export type PasswordKind = 'operator' | 'key' | 'database' | 'mail' | 'place' | 'passphrase' | 'new-operator'

/** The ways to give each password, in the order of their lines in a descriptor that several share. */
const ways = {
  operator: { variable: 'ARCHE_OPERATOR_PASSWORD', option: '--operator-password-fd' },
  key: { variable: 'ARCHE_KEY_PASSWORD', option: '--key-password-fd' },
  database: { variable: 'ARCHE_DATABASE_PASSWORD', option: '--database-password-fd' },
  mail: { variable: 'ARCHE_MAIL_PASSWORD', option: '--mail-password-fd' },
  place: { variable: 'ARCHE_PLACE_PASSWORD', option: '--place-password-fd' },
  passphrase: { variable: 'ARCHE_PLACE_PASSPHRASE', option: '--place-passphrase-fd' },
  'new-operator': { variable: 'ARCHE_NEW_OPERATOR_PASSWORD', option: '--new-operator-password-fd' },
} satisfies Record<PasswordKind, { variable: string; option: string }>

export interface Passwords {
  /** The password given, if any. A descriptor goes before the environment. */
  given(kind: PasswordKind): string | undefined
  /** Path of the private key that opens a place, if the environment names one. */
  keyFile(): string | undefined
}

export interface PasswordOptions {
  env: Readonly<Record<string, string | undefined>>
  /** Numbers of file descriptors as typed. */
  descriptors: Partial<Record<PasswordKind, string>>
  /** Everything that can be read from a descriptor. */
  read?: (descriptor: number) => Uint8Array
}

/**
 * Passwords may come through one descriptor: first the administrator password, then that of the key, of a database, of the mail account, of a place, the
 * passphrase of its key, and a new administrator password, each on its line.
 * A descriptor is read once, to its end.
 */
export function createPasswords({ env, descriptors, read = readAll }: PasswordOptions): Passwords {
  const kinds = Object.keys(ways) as PasswordKind[]
  const numbers = new Map(kinds.map((kind) => [kind, descriptorOf(kind, descriptors)]))
  const contents = new Map<number, string[]>()
  const lines = (descriptor: number, option: string) => {
    const known = contents.get(descriptor)
    if (known) return known
    const fresh = linesOf(descriptor, option, read)
    contents.set(descriptor, fresh)
    return fresh
  }
  const fromDescriptor = (kind: PasswordKind) => {
    const descriptor = numbers.get(kind)
    if (descriptor === undefined) return undefined
    const at = kinds.slice(0, kinds.indexOf(kind)).filter((other) => numbers.get(other) === descriptor).length
    return lines(descriptor, ways[kind].option)[at] ?? ''
  }
  return {
    given(kind) {
      const password = fromDescriptor(kind) ?? fromEnvironment(env[ways[kind].variable])
      if (password === '') throw new Failure('password-empty')
      return password
    },
    keyFile: () => env.ARCHE_PLACE_KEY_FILE || undefined,
  }
}

/** For when nobody can be asked: names the ways. */
export function passwordMissing(kind: PasswordKind, t: Translate): Failure {
  return new Failure('password-missing', { which: t(`terminal.password.${kind}`), ...ways[kind] })
}

function descriptorOf(kind: PasswordKind, descriptors: PasswordOptions['descriptors']): number | undefined {
  const typed = descriptors[kind]
  if (typed === undefined) return undefined
  if (!/^\d{1,6}$/.test(typed)) throw new UsageError('not-number', { name: ways[kind].option, value: typed })
  return Number(typed)
}

function linesOf(descriptor: number, option: string, read: (descriptor: number) => Uint8Array): string[] {
  let bytes: Uint8Array
  try {
    bytes = read(descriptor)
  } catch (error) {
    throw new UsageError('bad-descriptor', { name: option, value: descriptor }, { cause: error })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).split(/\r?\n/)
  } catch (error) {
    throw new Failure('password-encoding', {}, { cause: error })
  }
}

/** Node has put the replacement character in the place of what is not UTF-8. */
function fromEnvironment(value: string | undefined): string | undefined {
  if (value?.includes('\ufffd')) throw new Failure('password-encoding')
  return value
}

function readAll(descriptor: number): Uint8Array {
  return readFileSync(descriptor)
}
