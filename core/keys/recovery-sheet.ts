// The sheet that is printed and put away with the key: one HTML page with all that is needed to restore with `gpg` and `tar` alone.
// Guarantees: complete in itself (no script, no image, no font, nothing from outside), prints on A4 and Letter, every text escaped; it never
// holds the password. The commands are run by a test as they stand.
import type { KeyInfo, Language } from '../api/model.ts'
import { formatTime } from '../api/text/format.ts'
import type { Translate } from '../api/text/text.ts'
import { visible } from '../api/text/visible.ts'
import { commandsWithoutArche } from '../api/without-arche.ts'
import { mediumFolder } from '../drives/drives.ts'

export interface SheetInput {
  readonly key: Pick<KeyInfo, 'fingerprint' | 'name' | 'createdAt' | 'expiresAt'>
  /** Names of the plans whose backups this key opens. */
  readonly plans: readonly string[]
  readonly language: Language
  /** Name of this computer. */
  readonly host: string
  readonly date: Date
  readonly t: Translate
}

const style = `
  @page { margin: 16mm }
  body { font: 11pt/1.45 'Noto Sans', 'DejaVu Sans', Arial, sans-serif; color: #111; background: #fff; max-width: 178mm; margin: 0 auto; padding: 4mm }
  h1 { font-size: 18pt; margin: 0 0 2mm }
  h2 { font-size: 12.5pt; margin: 6mm 0 1.5mm; break-after: avoid }
  p { margin: 0 0 2mm }
  table { border-collapse: collapse; width: 100% }
  th { text-align: left; font-weight: 600; width: 42mm; vertical-align: top; padding: 0.8mm 3mm 0.8mm 0 }
  td { padding: 0.8mm 0; overflow-wrap: anywhere }
  code, pre { font-family: 'DejaVu Sans Mono', 'Liberation Mono', Consolas, monospace; font-size: 9.5pt }
  pre { border: 0.3mm solid #999; border-radius: 1mm; padding: 2mm 3mm; white-space: pre-wrap; overflow-wrap: anywhere; break-inside: avoid; margin: 0 0 2mm }
  .print { font-size: 12.5pt; font-weight: 600; letter-spacing: 0.02em }
  .warning { border: 0.6mm solid #111; padding: 2.5mm 3mm; margin: 4mm 0; break-inside: avoid }
  .line { border-bottom: 0.3mm solid #111; height: 9mm }
  ol { margin: 0; padding-left: 6mm }
  li { margin-bottom: 2mm; break-inside: avoid }
`

/** The page; `plans` may be empty. */
export function recoverySheet(input: SheetInput): string {
  const { t, language } = input
  const say = (key: string, vars?: Record<string, unknown>) => escapeHtml(t(`sheet.${key}`, vars))
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<title>${say('title')} ${escapeHtml(grouped(input.key.fingerprint))}</title>
<style>${style}</style>
</head>
<body>
<h1>${say('title')}</h1>
<p>${say('purpose')}</p>
${facts(input)}
<div class="warning"><p><strong>${say('password.warning')}</strong></p>
<p>${say('password.hint')}</p><div class="line"></div></div>
<h2>${say('place.title')}</h2>
<p>${say('place.text')}</p>
<pre>${escapeHtml(`${mediumFolder}/kpri.${input.key.fingerprint}.asc`)}</pre>
<h2>${say('arche.title')}</h2>
<p>${say('arche.text')}</p>
<h2>${say('without.title')}</h2>
<p>${say('without.text')}</p>
${steps(input.key.fingerprint, say)}
</body>
</html>
`
}

type Say = (key: string, vars?: Record<string, unknown>) => string

function facts({ key, plans, host, date, language, t }: SheetInput): string {
  const time = (iso: string) => formatTime(iso, language)
  const opens = plans.length > 0 ? plans.map(visible).join(' · ') : t('sheet.facts.anyPlan')
  const rows: [string, string][] = [
    ['facts.name', escapeHtml(visible(key.name))],
    ['facts.fingerprint', `<span class="print">${escapeHtml(grouped(key.fingerprint))}</span>`],
    ['facts.opens', escapeHtml(opens)],
    ['facts.host', escapeHtml(visible(host))],
    ['facts.created', escapeHtml(time(key.createdAt))],
    ['facts.expires', escapeHtml(key.expiresAt ? time(key.expiresAt) : t('sheet.facts.never'))],
    ['facts.printed', escapeHtml(time(date.toISOString()))],
  ]
  const lines = rows.map(
    ([name, html]) => `<tr><th scope="row">${escapeHtml(t(`sheet.${name}`))}</th><td>${html}</td></tr>`,
  )
  return `<table>\n${lines.join('\n')}\n</table>`
}

function steps(fingerprint: string, say: Say): string {
  const commands = commandsWithoutArche(mediumFolder, `kpri.${fingerprint}.asc`)
  const items = commands.map(([key, command]) => `<li>${say(key)}<pre>${escapeHtml(command)}</pre></li>`)
  return `<ol>\n${items.join('\n')}\n</ol>`
}

/** Ten groups of four, as on paper it is compared. */
function grouped(fingerprint: string): string {
  return (fingerprint.match(/.{1,4}/gs) ?? []).join(' ')
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (character) => entities[character] as string)
}
