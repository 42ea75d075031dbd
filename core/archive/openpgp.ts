// Messages in OpenPGP (RFC 4880) as stages: what GnuPG 2.2 writes and opens. Keys, session keys and everything unusual with openpgp.js; the
// data of an ordinary message by openpgp-data.ts, which is faster.
// Guarantees: one chunk at a time from end to end, both ways; a stage ends normally only when its input did and, for decryption, when the
// integrity code was right. Until then what was decrypted is not proven: whoever acts on it must be able to take it back.
// Does not sign, and does not know what is inside.
import { randomBytes } from 'node:crypto'
import type * as openpgp from 'openpgp'
import { Failure } from '../api/failure.ts'
import { type Bytes, gathered, type Stage } from '../lib/bytes.ts'
import { ByteReader } from './byte-reader.ts'
import { cfbDecipher } from './cfb.ts'
import { type CipherStages, cipherStage, isLiteral, PREFIX } from './openpgp-data.ts'
import { beginData, DATA_START, readEnvelope } from './openpgp-envelope.ts'
import { encryptionDate, encryptionProblem, parseKey, tolerant } from './openpgp-key.ts'
import { loadPgp, pgp } from './openpgp-library.ts'
import { HIDDEN, openSessionKey, type SessionKey, type Unlock } from './openpgp-session.ts'

/** Largest piece handed to openpgp.js, which holds some twenty of them on their way. */
const PIECE = 64 * 1024

/**
 * To every one of these armored public keys: integrity-protected data version 1, AES-256, binary, neither compressed nor signed. A key
 * that cannot be used is Failure `key-expired` or `bad-key-file` before the input is pulled.
 */
export function encrypt(publicKeys: readonly string[], inCipher: CipherStages = cipherStage): Stage {
  return async function* (input) {
    const keys = await recipients(publicKeys)
    const key = randomBytes(32)
    yield await pgp.encryptSessionKey({
      data: key,
      // Given here, so that no recipient's preferences choose another cipher or AEAD.
      algorithm: 'aes256',
      encryptionKeys: keys,
      date: encryptionDate(keys),
      format: 'binary',
      config: { ...tolerant, aeadProtect: false },
    })
    yield* inCipher({ is: 'seal', key })(input)
  }
}

async function recipients(publicKeys: readonly string[]): Promise<openpgp.Key[]> {
  if (publicKeys.length === 0) throw new Failure('no-key')
  const keys = await Promise.all(publicKeys.map(async (armored) => (await parseKey(armored)).toPublic()))
  const problems = await Promise.all(keys.map((key) => encryptionProblem(key, encryptionDate(keys))))
  const problem = problems.find((failure) => failure !== undefined)
  if (problem) throw problem
  return keys
}

/**
 * Failures: `wrong-key` (none of the keys is a recipient; details.keyIds names those that are), `wrong-password`, `bad-key-file`: after
 * the first packets, before any data; `unsupported-format`; `damaged` and `truncated`, also after data came out.
 */
export function decrypt(unlock: Unlock, inCipher: CipherStages = cipherStage): Stage {
  return async function* (input) {
    const reader = new ByteReader(input)
    try {
      const envelope = await readEnvelope(reader)
      const sessionKey = await openSessionKey(envelope, unlock)
      const data = await beginData(envelope, reader)
      const cipher = ciphers[sessionKey.algorithm]
      if (cipher && isPlainLiteral(data.start, cipher, sessionKey.data)) {
        yield* inCipher({ is: 'open', cipher, key: sessionKey.data })(data.body())
      } else {
        const source = new WebSource(gathered(PIECE)(data.message()))
        yield* drain(source, () => decryptStream(source.stream, sessionKey), toFailure)
      }
    } finally {
      await reader.close()
    }
  }
}

/** Ciphers that are read without openpgp.js, as node:crypto names them. */
const ciphers: Record<string, string> = { aes128: 'aes-128', aes192: 'aes-192', aes256: 'aes-256' }

/** Version 1, and a literal packet inside: what can be read as it stands. `start`: the first bytes of the data packet. */
function isPlainLiteral(start: Uint8Array, cipher: string, key: Uint8Array): boolean {
  if (start.length < DATA_START || start[0] !== 1) return false
  return isLiteral(cfbDecipher(cipher, key)(start.subarray(1))[PREFIX] as number)
}

/** The recipients that a message names, 16 upper-case hex digits each; reads no more than the first packets. */
export async function keyIdsOf(input: Bytes): Promise<string[]> {
  const reader = new ByteReader(input)
  try {
    const { keyIds } = await readEnvelope(reader)
    return keyIds.filter((id) => id !== HIDDEN)
  } finally {
    await reader.close()
  }
}

async function decryptStream(
  stream: ReadableStream<Uint8Array>,
  sessionKey: SessionKey,
): Promise<ReadableStream<Uint8Array>> {
  await loadPgp()
  const config: openpgp.PartialConfig = { ...tolerant, allowUnauthenticatedStream: true }
  const message = await pgp.readMessage({ binaryMessage: stream, config })
  const { data } = await pgp.decrypt({ message, sessionKeys: sessionKey, format: 'binary', config })
  return data
}

/** Bytes as the web stream that openpgp.js reads: pulled one at a time, in small pieces of its own. */
class WebSource {
  readonly stream: ReadableStream<Uint8Array>
  /** What the input threw: openpgp.js may wrap or replace it. */
  failure: { reason: unknown } | undefined
  readonly #pieces: AsyncGenerator<Uint8Array>

  constructor(input: Bytes) {
    const pieces = copies(input)
    this.#pieces = pieces
    this.stream = new ReadableStream(
      {
        pull: async (controller) => {
          const next = await pieces.next().catch((reason: unknown) => {
            this.failure = { reason }
            throw reason
          })
          if (next.done) controller.close()
          else controller.enqueue(next.value)
        },
        cancel: () => this.close(),
      },
      { highWaterMark: 0 },
    )
  }

  async close(): Promise<void> {
    await this.#pieces.return(undefined)
  }
}

/** Copies, because openpgp.js keeps chunks beyond the next pull. */
async function* copies(input: Bytes): AsyncGenerator<Uint8Array> {
  for await (const chunk of input) {
    for (let at = 0; at < chunk.length; at += PIECE) yield new Uint8Array(chunk.subarray(at, at + PIECE))
  }
}

/** The output of openpgp.js as bytes; on the way out, whatever happened, the input is closed. */
async function* drain(
  source: WebSource,
  make: () => Promise<ReadableStream<Uint8Array>>,
  convert: (error: unknown) => unknown,
): Bytes {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  try {
    reader = (await make()).getReader()
    for (;;) {
      const next = await reader.read()
      if (next.done) return
      if (next.value.length > 0) yield next.value
    }
  } catch (error) {
    throw source.failure ? source.failure.reason : convert(error)
  } finally {
    // The stream may be in error already, which was thrown above.
    await reader?.cancel().catch(() => undefined)
    await source.close()
  }
}

/** Errors of openpgp.js while it decrypts: the message is not what it was. Its texts are from version 6.3. */
function toFailure(error: unknown): unknown {
  if (error instanceof Failure) return error
  const text = error instanceof Error ? error.message : ''
  if (/unsupported|not supported|Unknown compression/i.test(text)) {
    return new Failure('unsupported-format', { reason: 'OpenPGP' }, { cause: error })
  }
  return new Failure('damaged', { reason: 'OpenPGP' }, { cause: error })
}
