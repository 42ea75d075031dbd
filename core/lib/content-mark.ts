// What the beginning of a file says about its content, in one number: the same for the same beginning, and what kind of bytes it is made of.
// Guarantees: looks at the first 4096 bytes only, whatever pieces they come in, so that the same file has the same mark wherever it is read.
// Proves nothing: it is for judging many files at once (guard/rules.ts).

/** Bytes that are looked at. */
const headSize = 4096

/**
 * `unknown`: too few bytes to tell, or not looked at; `blank`: nothing, or the same byte again and again; `plain`: anything with a structure;
 * `packed`: a format that compresses, by its signature; `random`: like encrypted bytes, without any signature.
 */
export const contentKinds = ['unknown', 'blank', 'plain', 'packed', 'random'] as const
export type ContentKind = (typeof contentKinds)[number]

/** Of a file whose content was not looked at. */
export const unmarked = 0

/** Of a file without content. */
export const emptyMark = contentKinds.indexOf('blank')

export function kindOf(mark: number): ContentKind {
  return contentKinds[mark % 8] ?? 'unknown'
}

/** Takes the beginning of one file after the other. */
export class HeadMarker {
  readonly #head = new Uint8Array(headSize)
  #used = 0

  begin(): void {
    this.#used = 0
  }

  take(bytes: Uint8Array): void {
    if (this.#used === headSize) return
    const piece = bytes.subarray(0, headSize - this.#used)
    this.#head.set(piece, this.#used)
    this.#used += piece.length
  }

  /** A whole number below 2^35. */
  mark(): number {
    const head = this.#head.subarray(0, this.#used)
    if (head.length === 0) return emptyMark
    let hash = 0x811c9dc5
    for (const byte of head) hash = Math.imul(hash ^ byte, 0x01000193)
    return (hash >>> 0) * 8 + contentKinds.indexOf(judged(head))
  }
}

/** Fewer bytes than these look like anything. */
const fewest = 32

function judged(head: Uint8Array): ContentKind {
  const counts = new Uint16Array(256)
  let high = 0
  for (const byte of head) {
    counts[byte] = (counts[byte] as number) + 1
    if (byte >= 0x80) high += 1
  }
  const distinct = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
  if (distinct === 1) return 'blank'
  if (head.length < fewest) return 'unknown'
  if (isPacked(head)) return 'packed'
  // So many different bytes are to be expected of random ones, and half of them have the highest bit; text of any language has fewer.
  const expected = 256 * (1 - (255 / 256) ** head.length)
  const share = high / head.length
  return distinct >= 0.85 * expected && share > 0.3 && share < 0.7 ? 'random' : 'plain'
}

/** Signatures of formats whose content looks random: images, sound, films, compressed archives and documents. Source: their specifications. */
const signatures: readonly (readonly [at: number, bytes: string])[] = [
  [0, '\xff\xd8\xff'],
  [0, '\x89PNG'],
  [0, 'GIF8'],
  [0, 'PK\x03\x04'],
  [0, 'PK\x05\x06'],
  [0, '\x1f\x8b'],
  [0, '\x28\xb5\x2f\xfd'],
  [0, '\xfd7zXZ'],
  [0, 'BZh'],
  [0, '7z\xbc\xaf'],
  [0, 'Rar!'],
  [0, 'MSCF'],
  [0, '%PDF'],
  [0, 'RIFF'],
  [0, 'OggS'],
  [0, 'ID3'],
  [0, '\xff\xfb'],
  [0, '\xff\xf1'],
  [0, 'fLaC'],
  [4, 'ftyp'],
  [0, '\x1a\x45\xdf\xa3'],
  [0, 'II*\0'],
  [0, 'MM\0*'],
  [0, '\xd0\xcf\x11\xe0'],
  [0, 'hsqs'],
]

function isPacked(head: Uint8Array): boolean {
  return signatures.some(([at, bytes]) => {
    for (let index = 0; index < bytes.length; index += 1) if (head[at + index] !== bytes.charCodeAt(index)) return false
    return true
  })
}
