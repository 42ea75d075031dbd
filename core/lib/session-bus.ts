// A few plain calls on the D-Bus session bus (or the system's), each within a time limit: enough to see whether a service is there and well
// before native code, which knows no time limit, is let loose on it, and to read a property.
// Guarantees: never starts a bus (no autolaunch), never waits longer than the limit. Messages as in the D-Bus Specification 0.42,
// "Message Protocol" and "Authentication Protocol"; only strings can be passed. Does not listen to signals.
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'

/** A reply's body. `big`: its byte order. */
export interface Reply {
  readonly body: Buffer
  readonly big: boolean
}

interface MethodCall {
  readonly destination: string
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly args?: readonly string[]
}

export interface Bus {
  /** The reply; an error reply rejects with its sentence. One call at a time. */
  call(method: MethodCall): Promise<Reply>
  close(): void
}

const bus = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' }

/** Connects as this user. `limit`: milliseconds for everything until `close`. Rejects with an Error that says why. */
export async function openSessionBus(env: NodeJS.ProcessEnv, limit: number): Promise<Bus> {
  const path = socketOf(env)
  if (path === undefined) throw new Error('no D-Bus session')
  return openBus(path, limit)
}

/** The same for the bus of the whole system, at the place that the D-Bus Specification names where the environment names none. */
export function openSystemBus(env: NodeJS.ProcessEnv, limit: number): Promise<Bus> {
  const address = env.DBUS_SYSTEM_BUS_ADDRESS ?? 'unix:path=/var/run/dbus/system_bus_socket'
  return openBus(socketOf({ DBUS_SESSION_BUS_ADDRESS: address }) ?? '', limit)
}

async function openBus(path: string, limit: number): Promise<Bus> {
  const socket = createConnection(path)
  const input = reader(socket)
  const timer = setTimeout(() => socket.destroy(new Error('D-Bus does not answer')), limit)
  const close = () => {
    clearTimeout(timer)
    socket.destroy()
  }
  let serial = 0
  async function call(method: MethodCall): Promise<Reply> {
    serial += 1
    socket.write(encode(method, serial))
    for (;;) {
      const { type, ...reply } = await readMessage(input)
      if (type === 2) return reply
      if (type === 3) throw new Error(textOf(reply) || 'D-Bus error')
    }
  }
  try {
    socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(process.getuid?.() ?? 0)).toString('hex')}\r\n`)
    const answer = await input.line()
    if (!answer.startsWith('OK ')) throw new Error(`D-Bus: ${answer}`)
    socket.write('BEGIN\r\n')
    await call({ ...bus, member: 'Hello' })
  } catch (error) {
    close()
    throw error
  }
  return { call, close }
}

/** A body that begins with a string or object path. */
export function textOf({ body, big }: Reply): string {
  if (body.length < 4) return ''
  const length = big ? body.readUInt32BE(0) : body.readUInt32LE(0)
  return body.toString('utf8', 4, 4 + length)
}

/** A body that is a variant holding a boolean. */
export function isTrue(reply: Reply): boolean {
  return numberOf(reply) === 1
}

/** A body that is a variant holding an unsigned number of 32 bits. */
export function numberOf({ body, big }: Reply): number | undefined {
  if (body.length < 8) return undefined
  return big ? body.readUInt32BE(4) : body.readUInt32LE(4)
}

/** The socket of the session bus; undefined without one, or with another kind of address than a Unix socket. */
export function socketOf(env: NodeJS.ProcessEnv): string | undefined {
  const standard = env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, 'bus') : undefined
  if (!env.DBUS_SESSION_BUS_ADDRESS) return standard
  for (const address of env.DBUS_SESSION_BUS_ADDRESS.split(';')) {
    const [kind, rest = ''] = address.split(/:(.*)/s)
    if (kind !== 'unix') continue
    const values = new Map(rest.split(',').map((pair) => pair.split('=', 2) as [string, string]))
    const [path, abstract] = [values.get('path'), values.get('abstract')].map(
      (text) => text && decodeURIComponent(text),
    )
    if (path) return path
    if (abstract) return `\0${abstract}`
    if (values.has('runtime')) return standard
  }
  return undefined
}

interface Input {
  line(): Promise<string>
  bytes(count: number): Promise<Buffer>
}

/** Reads exactly what is asked for; rejects when the connection ends first. */
function reader(socket: Socket): Input {
  let data = Buffer.alloc(0)
  let end: Error | undefined
  let wake: (() => void) | undefined
  socket.on('data', (chunk) => {
    data = Buffer.concat([data, chunk])
    wake?.()
  })
  socket.on('error', (error) => {
    end ??= error
    wake?.()
  })
  socket.on('close', () => {
    end ??= new Error('D-Bus has closed the connection')
    wake?.()
  })
  async function until(count: () => number | undefined): Promise<Buffer> {
    for (;;) {
      const wanted = count()
      if (wanted !== undefined && data.length >= wanted) {
        const found = data.subarray(0, wanted)
        data = data.subarray(wanted)
        return found
      }
      if (end) throw end
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return {
    bytes: (count) => until(() => count),
    line: async () => (await until(() => data.indexOf('\n') + 1 || undefined)).toString().trim(),
  }
}

async function readMessage(input: Input): Promise<Reply & { type: number }> {
  const fixed = await input.bytes(16)
  const big = fixed[0] === 'B'.charCodeAt(0)
  const number = (at: number) => (big ? fixed.readUInt32BE(at) : fixed.readUInt32LE(at))
  if (number(4) > 2 ** 20 || number(12) > 2 ** 20) throw new Error('D-Bus: message too long')
  await input.bytes(Math.ceil(number(12) / 8) * 8)
  return { type: fixed[1] ?? 0, big, body: Buffer.from(await input.bytes(number(4))) }
}

function encode(method: MethodCall, serial: number): Buffer {
  const args = method.args ?? []
  const body = marshal((out) => {
    for (const arg of args) out.string(arg)
  })
  const fields = marshal((out) => {
    out.field(1, 'o', method.path)
    out.field(2, 's', method.interface)
    out.field(3, 's', method.member)
    out.field(6, 's', method.destination)
    if (args.length > 0) out.field(8, 'g', 's'.repeat(args.length))
  })
  const fixed = Buffer.alloc(16)
  fixed.write('l')
  fixed.set([1, 0, 1], 1)
  fixed.writeUInt32LE(body.length, 4)
  fixed.writeUInt32LE(serial, 8)
  fixed.writeUInt32LE(fields.length, 12)
  return Buffer.concat([fixed, fields, Buffer.alloc((8 - (fields.length % 8)) % 8), body])
}

interface Out {
  string(text: string): void
  field(code: number, signature: 'o' | 's' | 'g', value: string): void
}

/** Little-endian; the result begins at a multiple of 8 bytes of the message, so that its own positions decide the padding. */
function marshal(fill: (out: Out) => void): Buffer {
  const bytes: number[] = []
  const align = (to: number) => {
    while (bytes.length % to !== 0) bytes.push(0)
  }
  const out: Out = {
    string(text) {
      align(4)
      const length = Buffer.alloc(4)
      length.writeUInt32LE(Buffer.byteLength(text))
      bytes.push(...length, ...Buffer.from(text), 0)
    },
    field(code, signature, value) {
      align(8)
      bytes.push(code, 1, signature.charCodeAt(0), 0)
      if (signature === 'g') bytes.push(value.length, ...Buffer.from(value), 0)
      else out.string(value)
    },
  }
  fill(out)
  return Buffer.from(bytes)
}
