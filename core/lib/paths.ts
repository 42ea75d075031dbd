// File names as strings that lose nothing: a name that is not valid UTF-8 (an old Latin-1 disk) keeps each odd byte 0x80-0xFF as a lone
// surrogate U+DC80-U+DCFF, as Python's "surrogateescape" (PEP 383) does. Such strings sort, compare and survive JSON.
// Does not decide which names are allowed, nor how they are shown (see api/text/visible.ts).

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Raw bytes of a name or path to a string. Never throws. */
export function decodeName(raw: Uint8Array): string {
  // Faster than the decoder below; a replacement character means that some byte may not be UTF-8.
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('utf8')
  if (!text.includes('\ufffd')) return text
  try {
    return strict.decode(raw)
  } catch {
    return decodeOdd(raw)
  }
}

function decodeOdd(raw: Uint8Array): string {
  let text = ''
  let at = 0
  while (at < raw.length) {
    const length = sequenceLength(raw[at] as number)
    const piece = raw.subarray(at, at + length)
    try {
      text += strict.decode(piece)
      at += piece.length
    } catch {
      text += String.fromCharCode(0xdc00 + (raw[at] as number))
      at += 1
    }
  }
  return text
}

/** Length in bytes of the UTF-8 sequence that this lead byte announces (1 for anything that is not a lead byte). */
function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4
  if (lead >= 0xe0) return 3
  return lead >= 0xc0 ? 2 : 1
}

/** True when the string stands for bytes that are not UTF-8. Asked for every path of a run: a loop is several times faster than an expression here. */
export function isOdd(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at)
    if (code < 0xd800 || code > 0xdfff) continue
    // A pair is one character.
    if (code < 0xdc00 && isLow(name.charCodeAt(at + 1))) at += 1
    else if (code >= 0xdc80 && code <= 0xdcff) return true
  }
  return false
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}

/** The raw bytes of a name or path. */
export function encodeName(name: string): Buffer {
  if (!isOdd(name)) return Buffer.from(name)
  const parts: Buffer[] = []
  for (const character of name) {
    const code = character.charCodeAt(0)
    const lone = character.length === 1 && code >= 0xdc80 && code <= 0xdcff
    parts.push(lone ? Buffer.from([code - 0xdc00]) : Buffer.from(character))
  }
  return Buffer.concat(parts)
}

/** What to hand to `node:fs`: the string itself, or its bytes when no string could name the file. */
export function fsPath(path: string): string | Buffer {
  return isOdd(path) ? encodeName(path) : path
}
