// SFTP as servers speak it that are not OpenSSH: short answers, missing attributes, words instead of numbers, nonsense. The other side is scripted, packet by
// packet, at the border of the channel.
import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { Failure } from '../../core/api/failure.ts'
import { startTimer } from '../../core/lib/patience.ts'
import { Refusal, SftpCalls } from '../../core/stores/sftp-calls.ts'
import { Fields, field, kind, openLine, uint32, uint64 } from '../../core/stores/sftp-line.ts'
import { download, upload } from '../../core/stores/sftp-transfer.ts'
import { inWords } from '../../core/stores/sftp-words.ts'
import { failureOf } from '../suites/fixtures/failure-of.ts'
import { all, inChunks, noise, read } from '../suites/fixtures/streams.ts'

type Reply = { readonly type: number; readonly parts: readonly Buffer[] }

/** Answers a request; several answers, or none. */
type Script = (type: number, fields: Fields, id: number) => Reply[]

const said = (number: number, words?: string): Reply => ({
  type: kind.status,
  parts: words === undefined ? [uint32(number)] : [uint32(number), ...field(words), ...field('en')],
})

function packet(type: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from([type]), ...parts])
  return Buffer.concat([uint32(body.length), body])
}

/** A channel to a server that does as the script says; what it sends comes `step` bytes at a time. */
function channelTo(script: Script, step = 1 << 20, version = packet(kind.version, [uint32(3)])): Duplex {
  let heard = Buffer.alloc(0)
  const send = (data: Buffer) => {
    for (let at = 0; at < data.length; at += step) channel.push(data.subarray(at, at + step))
  }
  const channel: Duplex = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      heard = Buffer.concat([heard, chunk])
      while (heard.length >= 4 && heard.length >= 4 + heard.readUInt32BE(0)) {
        const whole = heard.subarray(4, 4 + heard.readUInt32BE(0))
        heard = heard.subarray(4 + whole.length)
        const type = whole[0] ?? 0
        if (type === kind.init) send(version)
        else {
          const id = whole.readUInt32BE(1)
          for (const reply of script(type, new Fields(whole.subarray(5)), id))
            send(packet(reply.type, [uint32(id), ...reply.parts]))
        }
      }
      done()
    },
  })
  return channel
}

async function callsTo(channel: Duplex): Promise<SftpCalls> {
  return new SftpCalls(
    await openLine(channel, {
      patience: 1_000_000,
      startTimer,
      gone: (reason) => new Failure('place-unreachable', { name: 's', reason }, { retryable: true }),
      nonsense: (reason) => new Failure('place-protocol', { name: 's', reason }),
    }),
  )
}

const handle = Buffer.from('handle')
const data = noise(200_000)

/** Gives at most `most` bytes at a time. */
const stingy =
  (most: number): Script =>
  (_type, fields) => {
    fields.bytes()
    const at = fields.uint64()
    const part = data.subarray(at, at + Math.min(most, fields.uint32()))
    return part.length === 0 ? [said(1)] : [{ type: kind.data, parts: field(part) }]
  }

test.each([1, 100, 4096, 30_000, 1 << 20])('a server that gives at most %i bytes at a time', async (most) => {
  const calls = await callsTo(channelTo(stingy(most)))
  const [start, end] = most === 1 ? [5, 3000] : [5, data.length]
  expect(
    Buffer.compare(await read(download({ calls, handle }, { name: 'n', start, end })), data.subarray(start, end)),
  ).toBe(0)
})

test('answers that come byte by byte', async () => {
  const calls = await callsTo(channelTo(stingy(7000), 1))
  expect(
    Buffer.compare(
      await read(download({ calls, handle }, { name: 'n', start: 0, end: 20_000 })),
      data.subarray(0, 20_000),
    ),
  ).toBe(0)
})

test('a file that ends before it should is truncated', async () => {
  const calls = await callsTo(channelTo(stingy(1 << 20)))
  const failure = await failureOf(read(download({ calls, handle }, { name: 'n', start: 0, end: data.length + 1 })))
  expect(failure.code).toBe('truncated')
})

test('a server that gives more than was asked for', async () => {
  const calls = await callsTo(channelTo(() => [{ type: kind.data, parts: field(data.subarray(0, 100)) }]))
  expect((await read(download({ calls, handle }, { name: 'n', start: 0, end: 10 }))).length).toBe(10)
})

test('what is written arrives where it belongs; the first refusal ends it', async () => {
  const file = Buffer.alloc(data.length)
  const written: Script = (_type, fields) => {
    fields.bytes()
    const at = fields.uint64()
    file.set(fields.bytes(), at)
    return [said(0, 'ok')]
  }
  expect(await upload({ calls: await callsTo(channelTo(written)), handle }, inChunks(data, 999), 0)).toBe(data.length)
  expect(Buffer.compare(file, data)).toBe(0)
  file.fill(0)
  await upload({ calls: await callsTo(channelTo(written)), handle }, inChunks(data, 999), 150_000)
  expect(Buffer.compare(file.subarray(150_000), data.subarray(150_000))).toBe(0)
  expect(file.subarray(0, 150_000).every((byte) => byte === 0)).toBe(true)
  const full = await callsTo(channelTo(() => [said(4, 'No space left on device')]))
  await expect(upload({ calls: full, handle }, inChunks(data, 999), 0)).rejects.toThrow('No space')
})

test('attributes that a server leaves out, and those that nobody knows', async () => {
  const flags = 0x80000000 | 0x1 | 0x2
  const attributes = [uint32(flags >>> 0), uint64(7), uint32(0), uint32(0), uint32(1), ...field('x@y'), ...field('z')]
  let asked = 0
  const calls = await callsTo(
    channelTo((type) => {
      if (type === kind.opendir) return [{ type: kind.handle, parts: field(handle) }]
      if (type === kind.close) return [said(0)]
      if (type === kind.lstat) return [{ type: kind.attributes, parts: attributes }]
      asked += 1
      const odd = Buffer.from([0x63, 0xe9])
      const entries = [Buffer.from('.'), odd, Buffer.from('..')].flatMap((name) => [
        ...field(name),
        ...field(''),
        uint32(0),
      ])
      return asked === 1 ? [{ type: kind.name, parts: [uint32(3), ...entries] }] : [said(1, 'end')]
    }),
  )
  expect(await calls.look(Buffer.from('n'))).toEqual({ size: 7 })
  expect((await all(calls.names(Buffer.from('f')))).flat()).toEqual([
    { name: Buffer.from([0x63, 0xe9]), attributes: {} },
  ])
})

test.each([
  ['a packet that is too long', Buffer.from([0x7f, 0, 0, 0, 0])],
  ['an empty packet', Buffer.from([0, 0, 0, 0])],
  ['an answer to nothing', packet(kind.status, [uint32(77), uint32(0)])],
])('%s ends the line, and whatever is under way', async (_what, bytes) => {
  const channel = channelTo(() => [])
  const calls = await callsTo(channel)
  const waiting = failureOf(calls.ping())
  channel.push(bytes)
  expect((await waiting).code).toBe('place-protocol')
  expect((await failureOf(calls.ping())).code).toBe('place-protocol')
})

test.each([
  ['no version', packet(kind.status, [uint32(0), uint32(0)])],
  ['an old version', packet(kind.version, [uint32(2)])],
  ['half an extension', packet(kind.version, [uint32(3), uint32(50)])],
])('a greeting with %s is refused', async (_what, version) => {
  expect((await failureOf(callsTo(channelTo(() => [], 1 << 20, version)))).code).toBe('place-protocol')
})

test('an answer that ends too early, or is of another kind', async () => {
  const subject = { name: 'n', server: 's', path: '/n' }
  const answers: [Reply, string][] = [
    [{ type: kind.attributes, parts: [uint32(1)] }, 'place-protocol'],
    [{ type: kind.handle, parts: field('h') }, 'place-protocol'],
    [said(4), 'place-refused'],
  ]
  for (const [answer, code] of answers) {
    const calls = await callsTo(channelTo(() => [answer]))
    const error = await calls.look(Buffer.from('n')).catch((thrown: unknown) => inWords(thrown, subject))
    expect(error).toMatchObject({ code })
  }
})

test.each([
  [2, 'No such file', 'not-found'],
  [3, 'Permission denied', 'denied'],
  [4, 'Failure', 'place-refused'],
  [4, '', 'place-refused'],
  [4, 'Disk quota exceeded', 'no-space'],
  [4, 'write: No space left on device', 'no-space'],
  [4, 'File too large', 'file-too-large'],
  [4, 'Read-only file system', 'denied'],
  [4, 'File exists', 'exists'],
  [7, 'Connection lost', 'place-unreachable'],
  [8, 'Operation unsupported', 'place-protocol'],
  [14, '', 'no-space'],
  [15, '', 'no-space'],
])('status %i %j is %s', (number, words, code) => {
  const failure = inWords(new Refusal(number, words), { name: 'n', server: 'host', path: '/n' }) as Failure
  expect(failure.code).toBe(code)
  expect(failure.details.name).toBe(['not-found', 'denied', 'exists'].includes(code) ? 'n' : 'host')
  expect(failure.retryable).toBe(code === 'place-unreachable')
})
