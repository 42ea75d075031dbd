// tests/bench/RESULTS.md has a part for each kind of run, under a heading of the first level; recording one leaves the others as they are.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** Puts the part in place of the one with the same heading, or at the end. `text`: without the heading. */
export function keepPart(file: string, heading: string, text: string): void {
  const known = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const parts = known.split(/^(?=# )/m).filter((part) => part.trim() !== '')
  const made = `# ${heading}\n\n${text.trim()}\n\n`
  const at = parts.findIndex((part) => part.startsWith(`# ${heading}\n`))
  const next = at < 0 ? [...parts, made] : parts.with(at, made)
  writeFileSync(file, `${next.map((part) => part.trim()).join('\n\n')}\n`)
}
