// How hard a password is to guess, roughly, for the meter beside a new password. It advises and never forbids.
// An estimate from length, kinds of characters, repetitions, sequences and a short list of the commonest passwords; no word
// list: one that is worth having weighs more than the rest of this window. Nothing leaves this file but a number.

/** 0 nothing typed or known to everybody, 1 weak, 2 fair, 3 good, 4 very good. */
export type Strength = 0 | 1 | 2 | 3 | 4

/** From the yearly lists of leaked passwords, English and French. */
const known = new Set(
  (
    'password motdepasse azerty azertyuiop qwerty qwertyuiop qwertz admin administrator administrateur letmein welcome ' +
    'bienvenue bonjour soleil doudou loulou chouchou marseille iloveyou jetaime monkey dragon football secret secrets ' +
    'master labbook laboratoire laboratory sauvegarde backup arche arch changeme test user root passw0rd princess ' +
    'sunshine superman michael shadow nicolas camille'
  ).split(' '),
)

const pools: [RegExp, number][] = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[0-9]/, 10],
  [/[ -/:-@[-`{-~]/, 33],
  [/[^ -~]/, 100],
]

/** Guesses as a power of two, pessimistic. */
export function bitsOf(password: string): number {
  const characters = [...password]
  const pool = pools.reduce((sum, [kind, size]) => (kind.test(password) ? sum + size : sum), 0)
  const each = Math.log2(Math.max(pool, 2))
  const seen = new Map<string, number>()
  let bits = 0
  let previous = Number.NaN
  for (const character of characters) {
    const code = character.codePointAt(0) ?? 0
    const times = seen.get(character) ?? 0
    seen.set(character, times + 1)
    // A repeated or next character ("aaa", "123", "cba") adds almost nothing; one already used adds less each time.
    bits += Math.abs(code - previous) <= 1 ? 1 : each / (1 + times / 2)
    previous = code
  }
  // People choose words: about half of what random characters would give.
  return bits * (/^[\p{L}\s]+$/u.test(password) ? 0.6 : 0.8)
}

/** A name or another single word with a number, such as a year: what is tried after the lists, whatever the length of the word. */
const wordAndNumber = /^(?:\p{L}{1,12}[\s._-]*\d{1,8}|\d{1,8}[\s._-]*\p{L}{1,12})[!?.*]{0,2}$/u

export function strengthOf(password: string): Strength {
  if (password === '') return 0
  const bare = password
    .toLowerCase()
    .replace(/[^\p{L}]+$/u, '')
    .replace(/^[^\p{L}]+/u, '')
  if (known.has(bare) || known.has(password.toLowerCase())) return 0
  if (wordAndNumber.test(password)) return 1
  const bits = bitsOf(password)
  if (bits < 28) return 1
  if (bits < 42) return 2
  return bits < 60 ? 3 : 4
}
