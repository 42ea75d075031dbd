// Names as they are compared in a search: without capitals, accents and marks, each character by its simplest form.
// Guarantees: pure; the result has no control character, so that it can stand in a line of its own; folding what was folded changes nothing.

/** Letters that no normal form takes apart. */
const simpler: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
}
const special = new RegExp(`[${Object.keys(simpler).join('')}]`, 'g')

const simple = /^[\x20-\x40\x5b-\x7e]*$/
const ascii = /^[\x20-\x7e]*$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const controls = /[\x00-\x1f\x7f]/g

export function fold(name: string): string {
  if (simple.test(name)) return name
  if (ascii.test(name)) return name.toLowerCase()
  const bare = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
  return bare
    .replace(special, (letter) => simpler[letter] ?? letter)
    .replace(controls, ' ')
    .replace(/\p{Cs}/gu, '\ufffd')
}

/** The words that are looked for, each once; the longest first, because it is found most rarely. */
export function wordsOf(query: string): string[] {
  const words = fold(query).split(/\s+/u)
  return [...new Set(words.filter((word) => word !== ''))].sort((one, other) => other.length - one.length)
}
