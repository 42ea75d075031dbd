// How a mail looks: one headline, a few sentences, facts and a table, as plain text and as HTML that says the same.
// Guarantees: every text is shown with `visible` and escaped, so that a file name is neither a tag nor a new line of its own; the HTML has no
// script, no image and nothing from outside. Does not know what is told: see message.ts and report.ts.
import type { Language } from '../api/model.ts'
import { visible } from '../api/text/visible.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'quiet'

export interface Letter {
  readonly language: Language
  readonly subject: string
  readonly tone: Tone
  readonly headline: string
  readonly sentences: readonly string[]
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  /** Under the table. */
  readonly remarks: readonly string[]
  /** Who sends this, and why. */
  readonly footer: string
}

/** A subject longer than this is cut: RFC 5322 allows lines of 998 characters, people read about a hundred. */
const longestSubject = 200

export function subjectOf({ subject }: Letter): string {
  return visible(subject).slice(0, longestSubject)
}

export function textOf({ headline, sentences, facts, table, remarks, footer }: Letter): string {
  const blocks = [
    [headline],
    ...sentences.map((sentence) => [sentence]),
    facts.map(([label, value]) => `${label}: ${visible(value)}`),
    // One block a row: columns of a table fall apart in a proportional font.
    ...(table?.rows ?? []).map((row) =>
      row.map((cell, at) => (at === 0 ? `* ${visible(cell)}` : `  ${table?.head[at]}: ${visible(cell)}`)),
    ),
    ...remarks.map((remark) => [remark]),
    ['-- ', footer],
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

const colours = { good: '#1b7a3d', warn: '#8a5a00', bad: '#b3261e', quiet: '#444444' } satisfies Record<Tone, string>

export function htmlOf(letter: Letter): string {
  const { language, tone, headline, sentences, facts, table, remarks, footer } = letter
  const paragraphs = (texts: readonly string[]) =>
    texts.map((text) => `<p style="margin:0 0 12px">${escaped(text)}</p>`).join('\n')
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${escaped(letter.subject)}</title></head>
<body style="font:15px/1.5 sans-serif;color:#1a1a1a;background:#ffffff;margin:0;padding:16px">
<h1 style="font-size:20px;margin:0 0 12px;padding:0 0 0 12px;border-left:6px solid ${colours[tone]}">${escaped(headline)}</h1>
${paragraphs(sentences)}
${factTable(facts)}
${table ? grid(table) : ''}
${paragraphs(remarks)}
<p style="margin:16px 0 0;font-size:13px;color:#595959">${escaped(footer)}</p>
</body>
</html>
`
}

function factTable(facts: Letter['facts']): string {
  if (facts.length === 0) return ''
  const rows = facts.map(
    ([label, value]) =>
      `<tr><th scope="row" style="text-align:left;vertical-align:top;padding:2px 16px 2px 0">${escaped(label)}</th><td style="padding:2px 0"><bdi>${escaped(value)}</bdi></td></tr>`,
  )
  return `<table style="border-collapse:collapse;margin:0 0 16px">${rows.join('')}</table>`
}

function grid({ head, rows }: NonNullable<Letter['table']>): string {
  const style = 'style="text-align:left;vertical-align:top;padding:4px 12px 4px 0;border-bottom:1px solid #cccccc"'
  const cells = (tag: 'th scope="col"' | 'td', texts: readonly string[]) =>
    texts.map((text) => `<${tag} ${style}><bdi>${escaped(text)}</bdi></${tag.slice(0, 2)}>`).join('')
  return `<table style="border-collapse:collapse;margin:0 0 16px"><thead><tr>${cells('th scope="col"', head)}</tr></thead><tbody>${rows
    .map((row) => `<tr>${cells('td', row)}</tr>`)
    .join('')}</tbody></table>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
