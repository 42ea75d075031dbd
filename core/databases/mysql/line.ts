// The way to a server, over which a statement can go as the bytes that it is. The connector takes statements as text only: rows would be made into text
// and back, which costs more than judging them.
// Guarantees: bytes take the place of a statement that no server accepts, so that none can be lost without an error; answers and errors are the
// connector's business, as of any statement. For lines without TLS and compression only. The bytes must stay as they are until the answer has come.
import { createConnection, type NetConnectOpts, type Socket } from 'node:net'

/** What the connector is given to send in the place of bytes: an error of syntax if ever it arrived. */
export const placeholder = 'arche'

/** COM_QUERY, of both makers' protocol. */
const query = 0x03

const expected = Buffer.from([placeholder.length + 1, 0, 0, 0, query, ...Buffer.from(placeholder)])

/** A packet of this length says that another one follows. */
const longestPacket = 0xffffff

export interface Line {
  readonly socket: Socket
  /** The next `placeholder` that is sent is this statement. */
  put(statement: Uint8Array): void
}

export function openLine(place: NetConnectOpts): Line {
  let waiting: Uint8Array | undefined
  const socket = createConnection({ noDelay: true, ...place })
  const write = socket.write.bind(socket) as (bytes: Uint8Array) => boolean
  // The connector calls it with whole packets and nothing else.
  socket.write = (packet: Uint8Array | string) => {
    const bytes = packet as Uint8Array
    if (!waiting || expected.compare(bytes) !== 0) return write(bytes)
    socket.cork()
    let room = true
    for (const piece of packets(waiting)) room = write(piece)
    waiting = undefined
    socket.uncork()
    return room
  }
  return {
    socket,
    put(statement) {
      waiting = statement
    },
  }
}

/** A statement as its packets, each after its head: three bytes of length, one that counts. Nothing of it is copied. */
export function* packets(statement: Uint8Array): Generator<Uint8Array> {
  const total = statement.length + 1
  for (let done = 0, number = 0; ; number += 1) {
    const length = Math.min(longestPacket, total - done)
    const head = [length & 0xff, (length >> 8) & 0xff, length >> 16, number & 0xff]
    yield Uint8Array.from(number === 0 ? [...head, query] : head)
    yield statement.subarray(Math.max(0, done - 1), done + length - 1)
    done += length
    // One that is full is followed by another, be it empty.
    if (length < longestPacket) return
  }
}
