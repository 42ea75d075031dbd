// Commands that are shown to be typed again: words as a shell takes them literally.
// Guarantees: the result is one word for sh, bash and zsh, and has no character that a terminal would obey.
// A name that cannot be shown as it is (control characters) cannot be typed either: it is shown visibly and must be chosen otherwise.
import { visible } from '../api/text/visible.ts'

const plain = /^[\p{L}\p{N}_@%+=:,./-]+$/u

export function quoted(word: string): string {
  const shown = visible(word)
  return plain.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`
}
