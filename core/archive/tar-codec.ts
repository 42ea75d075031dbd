// The header codec of tar-stream, the package under tar-fs. It is a module of that package but not of its public door (`exports`), so it is
// loaded by its place; the exact version is pinned in package.json and the tests of tar would show any change.
// Guarantees: types. Does not know PAX, long names or raw bytes: see tar-header.ts.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Header } from 'tar-stream'

type Fields = Pick<Header, 'name' | 'type' | 'mode' | 'uid' | 'gid' | 'size' | 'mtime'> &
  Partial<Pick<Header, 'uname' | 'gname'>>

interface Codec {
  /** One block of 512 bytes; null when the name is not ASCII or does not fit. */
  encode(fields: Fields): Buffer | null
  /** The body of a PAX header. */
  encodePax(records: { name?: string; linkname?: string; pax: Record<string, string> }): Buffer
  /** Null for a block that is empty but for its checksum. Throws when the checksum is wrong. Numbers may be null or NaN in a damaged header. */
  decode(block: Uint8Array, encoding: 'latin1', allowUnknownFormat: true): Decoded | null
}

interface Decoded {
  name: string
  mode: number | null
  uid: number | null
  gid: number | null
  size: number | null
  mtime: Date
  linkname: string | null
  uname: string
  gname: string
}

const load = createRequire(import.meta.url)

// Not named `require`: the bundler puts a declaration of that name into every file that seems to need one.
export const codec: Codec = load(join(dirname(load.resolve('tar-stream')), 'headers.js'))
