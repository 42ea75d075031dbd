// Hostile text made harmless to show: file names may hold control characters, escape sequences, or characters that reverse what is read.
// Guarantees: the result has no control, format, bidirectional or lone-surrogate character and cannot move a terminal's cursor.
// For showing only: never hand the result back to the file system.

const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu

/** Emoji sequences need these two; they are invisible but harmless between other characters. */
const joiners = new Set(['\u200d', '\ufe0f'])

/** A file name for people: what cannot be seen is written as its code, `‹000A›`; a byte that is no UTF-8 as `‹\xE9›`. */
export function visible(name: string): string {
  return name.replace(hidden, (character, offset: number) => {
    if (joiners.has(character) && offset > 0) return character
    const code = character.codePointAt(0) ?? 0
    if (code >= 0xdc80 && code <= 0xdcff) return `‹\\x${(code - 0xdc00).toString(16).toUpperCase()}›`
    return `‹${code.toString(16).toUpperCase().padStart(4, '0')}›`
  })
}
