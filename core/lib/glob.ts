// Shell patterns as regular expressions: `*` and `?` within one name, `**` across folders, `[abc]`, `[!a-z]`, `{one,two}`, `\` before a character that means
// itself (glob(7), gitignore(5)). Written here because such a pattern must do the same in the window and in every thread, and name odd bytes (paths.ts).
// Guarantees: never throws; what is no complete pattern (`[` without `]`) stands for itself. Does not decide what is matched against what.

/** The source of a regular expression for the flags `su`, without anchors. */
export function globSource(glob: string): string {
  let source = ''
  for (let at = 0; at < glob.length; ) {
    const [piece, length] = pieceAt(glob, at)
    source += piece
    at += length
  }
  return source
}

function pieceAt(glob: string, at: number): [string, number] {
  const character = String.fromCodePoint(glob.codePointAt(at) as number)
  if (character === '*') return starsAt(glob, at)
  if (character === '?') return ['[^/]', 1]
  if (character === '[') return classAt(glob, at)
  if (character === '{') return choiceAt(glob, at)
  if (character === '\\' && at + 1 < glob.length) {
    const next = String.fromCodePoint(glob.codePointAt(at + 1) as number)
    return [literal(next), 1 + next.length]
  }
  return [literal(character), character.length]
}

function starsAt(glob: string, at: number): [string, number] {
  const stars = /^\*+/.exec(glob.slice(at))?.[0].length ?? 1
  const alone = stars > 1 && (at === 0 || glob[at - 1] === '/')
  if (alone && glob[at + stars] === '/') return ['(?:[^/]+/)*', stars + 1]
  if (alone && at + stars === glob.length) return ['.+', stars]
  return ['[^/]*', stars]
}

function classAt(glob: string, at: number): [string, number] {
  // A bracket that comes first means itself.
  const [whole, not, inner] = /^\[([!^]?)(\]?[^\]/]*)\]/su.exec(glob.slice(at)) ?? []
  if (whole === undefined || !inner) return ['\\[', 1]
  const source = `[${not ? '^/' : ''}${inner.replace(/[\\\]^[&~|]/g, '\\$&')}]`
  try {
    new RegExp(source, 'su')
  } catch {
    // Such as [z-a].
    return ['\\[', 1]
  }
  return [source, whole.length]
}

function choiceAt(glob: string, at: number): [string, number] {
  const whole = /^\{[^{}]*,[^{}]*\}/su.exec(glob.slice(at))?.[0]
  if (whole === undefined) return ['\\{', 1]
  return [`(?:${whole.slice(1, -1).split(',').map(globSource).join('|')})`, whole.length]
}

function literal(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
