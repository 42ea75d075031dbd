// The data packet that is read and written without openpgp.js: against node's own cipher, against openpgp.js, against forged integrity codes.
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import * as openpgp from 'openpgp'
import { describe, expect, test } from 'vitest'
import { cfbDecipher } from '../../core/archive/cfb.ts'
import { openData, sealData } from '../../core/archive/openpgp-data.ts'
import { type Bytes, bytesOf } from '../../core/lib/bytes.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { inChunks, noise, randomNumbers, read } from '../suites/fixtures/streams.ts'

const key = noise(32)

/** The body of an encrypted packet: version, then what was encrypted with its integrity code. */
function sealed(inside: Uint8Array, mdcOf: (all: Buffer) => Buffer = (all) => sha1(all)): Buffer {
  const random = randomBytes(16)
  const clear = Buffer.concat([random, random.subarray(14), inside, Buffer.from([0xd3, 0x14])])
  const cipher = createCipheriv('aes-256-cfb', key, Buffer.alloc(16))
  return Buffer.concat([Buffer.from([1]), cipher.update(Buffer.concat([clear, mdcOf(clear)]))])
}

const sha1 = (data: Uint8Array) => createHash('sha1').update(data).digest()

/** Kind, name and date of a literal packet, then content. */
function literalOf(name: string, content: string): Buffer {
  return Buffer.from(`b${String.fromCharCode(name.length)}${name}\0\0\0\0${content}`, 'latin1')
}

const opened = (body: Bytes) => read(openData(body, 'aes-256', key))

describe('cipher feedback', () => {
  test.each(['aes-128', 'aes-192', 'aes-256'])('%s is that of node:crypto, whatever the pieces are', (name) => {
    const own = key.subarray(0, Number(name.slice(4)) / 8)
    const clear = noise(70_000)
    const encrypted = createCipheriv(`${name}-cfb`, own, Buffer.alloc(16)).update(clear)
    const next = randomNumbers(5)
    for (const most of [1, 15, 16, 17, 40, 5000, 70_000]) {
      const decipher = cfbDecipher(name, own)
      const parts: Buffer[] = []
      for (let at = 0; at < encrypted.length; ) {
        const piece = encrypted.subarray(at, at + 1 + (next() % most))
        parts.push(Buffer.from(decipher(piece)))
        at += piece.length
      }
      expect(Buffer.concat(parts).equals(clear)).toBe(true)
    }
  })
})

describe('the data packet', () => {
  test.each([0, 1, 511, 512, 513, 8000, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 300, 3_000_000])(
    'openpgp.js reads %d bytes',
    async (length) => {
      const content = noise(length + 4).subarray(0, length)
      const sessionKeys = { data: key, algorithm: 'aes256' as const }
      for (const size of [1000, 2 ** 20]) {
        const message = await openpgp.readMessage({ binaryMessage: await read(sealData(key)(inChunks(content, size))) })
        const { data } = await openpgp.decrypt({ message, sessionKeys, format: 'binary' })
        expect(Buffer.from(data as Uint8Array).equals(content)).toBe(true)
      }
    },
  )

  test('every form of a literal packet is read: old and new lengths, parts, a name', async () => {
    const inside = literalOf('a name', 'content')
    const { length } = inside
    const forms: [string, Buffer][] = [
      ['new, one octet', Buffer.from([0xcb, length])],
      ['new, five octets', Buffer.from([0xcb, 0xff, 0, 0, 0, length])],
      ['old, one octet', Buffer.from([0xac, length])],
      ['old, two octets', Buffer.from([0xad, 0, length])],
      ['old, four octets', Buffer.from([0xae, 0, 0, 0, length])],
      ['old, to the end', Buffer.from([0xaf])],
    ]
    for (const [form, header] of forms) {
      for (const size of [1, 3, 1000]) {
        const clear = await opened(inChunks(sealed(Buffer.concat([header, inside])), size))
        expect([form, size, clear.toString()]).toEqual([form, size, 'content'])
      }
    }
    const parts = Buffer.concat([
      Buffer.from([0xcb, 0xe2]),
      inside.subarray(0, 4),
      Buffer.from([0xe0]),
      inside.subarray(4, 5),
      Buffer.from([length - 5]),
      inside.subarray(5),
    ])
    expect((await opened(inChunks(sealed(parts), 2))).toString()).toBe('content')
  })

  test('what is not whole or not as it was is damaged', async () => {
    const inside = literalOf('', 'content')
    const whole = Buffer.concat([Buffer.from([0xcb, inside.length]), inside])
    expect((await opened(bytesOf(sealed(whole)))).toString()).toBe('content')
    const cases: [string, Buffer][] = [
      ['another code', sealed(whole, () => sha1(Buffer.from('other')))],
      ['no code', sealed(whole).subarray(0, -22)],
      ['half a code', sealed(whole).subarray(0, -10)],
      ['a packet after it', sealed(Buffer.concat([whole, Buffer.from([0xcb, 0])]))],
      ['a byte after it', sealed(Buffer.concat([whole, Buffer.from([0])]))],
      ['a packet that is longer than the message', sealed(Buffer.concat([Buffer.from([0xcb, 200]), inside]))],
      ['a packet that ends in its header', sealed(Buffer.from([0xcb, 3, 0x62, 0, 0]))],
      ['another kind of packet', sealed(Buffer.concat([Buffer.from([0xca, inside.length]), inside]))],
      ['a part and no more', sealed(Buffer.concat([Buffer.from([0xcb, 0xe3]), inside.subarray(0, 8)]))],
      ['nothing', sealed(Buffer.alloc(0))],
      ['less than nothing', sealed(Buffer.alloc(0)).subarray(0, 5)],
    ]
    for (const [what, body] of cases) {
      for (const size of [1, 1000]) {
        const failure = await failureOf(opened(inChunks(body, size)))
        expect([what, failure.code]).toEqual([what, 'damaged'])
      }
    }
  })
})
