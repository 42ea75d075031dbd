// What an archive can be encrypted with: a closed table, with one cipher and none. How it works: openpgp.ts.
// Guarantees: an archive is what its name says, or Failure `damaged`: one that is not encrypted where it should be was put there by somebody else.
import { Failure } from '../api/failure.ts'
import type { CipherName } from '../api/recipe.ts'
import type { Stage } from '../lib/bytes.ts'
import { ByteReader } from './byte-reader.ts'
import { codecOf, codecStart } from './codecs.ts'
import { decrypt, encrypt } from './openpgp.ts'
import type { CipherStages } from './openpgp-data.ts'
import { beginsMessage } from './openpgp-envelope.ts'
import type { Unlock } from './openpgp-session.ts'

interface Cipher {
  /** For these armored public keys; why one cannot be used is thrown before the input is pulled. */
  seal(recipients: readonly string[], inCipher: CipherStages): Stage
  /** No unlock where one is needed: `secret-missing`. */
  open(unlock: Unlock | undefined, inCipher: CipherStages): Stage
}

export const ciphers: Readonly<Record<CipherName, Cipher>> = {
  none: { seal: () => (input) => input, open: () => (input) => input },
  gpg: {
    seal: encrypt,
    open(unlock, inCipher) {
      if (!unlock) throw new Failure('secret-missing')
      return decrypt(unlock, inCipher)
    },
  },
}

/** What is inside of an archive that is `named` for a cipher: see openpgp.ts for its failures. */
export function deciphered(named: CipherName, unlock: Unlock | undefined, inCipher: CipherStages): Stage {
  return async function* (input) {
    const reader = new ByteReader(input)
    try {
      const start = new Uint8Array(await reader.upTo(codecStart))
      const clear = codecOf(start) !== undefined
      if (named === 'gpg' && clear) throw new Failure('damaged', { reason: 'not-encrypted' })
      if (named === 'none' && !clear && beginsMessage(start)) throw new Failure('damaged', { reason: 'encrypted' })
      yield* ciphers[named].open(unlock, inCipher)(reader.rest(start))
    } finally {
      await reader.close()
    }
  }
}
