// XXH64, the checksum of a Zstandard frame (RFC 8878, 3.1.1; github.com/Cyan4973/xxHash, doc/xxhash_spec.md), for frames that node:zlib does not make:
// it writes it itself. Guarantees: seed 0, the number that every decoder checks. It finds damage, not forgery.

const P1 = 0x9e3779b185ebca87n
const P2 = 0xc2b2ae3d27d4eb4fn
const P3 = 0x165667b19e3779f9n
const P4 = 0x85ebca77c2b2ae63n
const P5 = 0x27d4eb2f165667c5n

/** High and low half, as signed numbers. */
const [p1High, p1Low] = [0x9e3779b1 | 0, 0x85ebca87 | 0]
const [p2High, p2Low] = [0xc2b2ae3d | 0, 0x27d4eb4f | 0]

/** Bytes that are taken at once: eight for each of four sums. */
const stripe = 32

/** The low half of the checksum, which is what a frame holds. */
export function xxh64Low(data: Uint8Array): number {
  const stripes = data.length - (data.length % stripe)
  let hash = stripes > 0 ? merged(sumsOf(data, stripes)) : P5
  hash = wrapped(hash + BigInt(data.length))
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  let at = stripes
  for (; at + 8 <= data.length; at += 8)
    hash = wrapped(turned(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4)
  for (; at + 4 <= data.length; at += 4)
    hash = wrapped(turned(hash ^ wrapped(BigInt(view.getUint32(at, true)) * P1), 23n) * P2 + P3)
  for (; at < data.length; at += 1) hash = wrapped(turned(hash ^ wrapped(BigInt(data[at] as number) * P5), 11n) * P1)
  hash = wrapped((hash ^ (hash >> 33n)) * P2)
  hash = wrapped((hash ^ (hash >> 29n)) * P3)
  return Number((hash ^ (hash >> 32n)) & 0xffffffffn)
}

const wrapped = (value: bigint): bigint => BigInt.asUintN(64, value)

function turned(value: bigint, bits: bigint): bigint {
  return wrapped((value << bits) | (value >> (64n - bits)))
}

function round(sum: bigint, input: bigint): bigint {
  return wrapped(turned(wrapped(sum + wrapped(input * P2)), 31n) * P1)
}

function merged(sums: readonly bigint[]): bigint {
  const turns = [1n, 7n, 12n, 18n]
  let hash = wrapped(sums.reduce((all, sum, index) => all + turned(sum, turns[index] as bigint), 0n))
  for (const sum of sums) hash = wrapped((hash ^ round(0n, sum)) * P1 + P4)
  return hash
}

/** The four sums over the first `length` bytes. Halves of 32 bits, high before low, because BigInt is some fifty times slower here. */
function sumsOf(data: Uint8Array, length: number): bigint[] {
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data)
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, length / 4)
  const sums = new Int32Array(8)
  for (const [index, start] of [P1 + P2, P2, 0n, -P1].entries()) {
    sums[2 * index] = Number(wrapped(start) >> 32n)
    sums[2 * index + 1] = Number(wrapped(start) & 0xffffffffn)
  }
  for (let at = 0; at < words.length; at += 8) for (let lane = 0; lane < 8; lane += 2) addRound(sums, lane, words, at)
  return [0, 2, 4, 6].map((lane) => joined(sums[lane] as number, sums[lane + 1] as number))
}

function joined(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

/** `round` on one sum; a product of two halves wraps as it should. */
function addRound(sums: Int32Array, lane: number, words: Int32Array, at: number): void {
  const low = words[at + lane] as number
  const high = words[at + lane + 1] as number
  const product = Math.imul(low, p2Low)
  const productHigh = highOf(low, p2Low) + Math.imul(low, p2High) + Math.imul(high, p2Low)
  const sum = ((sums[lane + 1] as number) >>> 0) + (product >>> 0)
  const sumHigh = ((sums[lane] as number) + productHigh + (sum > 0xffffffff ? 1 : 0)) | 0
  const turnedHigh = (sumHigh << 31) | ((sum | 0) >>> 1)
  const turnedLow = (sum << 31) | (sumHigh >>> 1)
  sums[lane + 1] = Math.imul(turnedLow, p1Low)
  sums[lane] = highOf(turnedLow, p1Low) + Math.imul(turnedLow, p1High) + Math.imul(turnedHigh, p1Low)
}

/** The high half of the product of two unsigned numbers of 32 bits. */
function highOf(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const one = aLow * bHigh
  const other = aHigh * bLow
  const middle = ((aLow * bLow) >>> 16) + (one & 0xffff) + (other & 0xffff)
  return (aHigh * bHigh + (one >>> 16) + (other >>> 16) + (middle >>> 16)) | 0
}
