// The recovery sheet: its commands, typed as they stand, restore a backup; whatever names are called, it stays harmless text.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Language } from '../../core/api/model.ts'
import { translator } from '../../core/api/text/text.ts'
import { generateKeyPair, writeArchive } from '../../core/archive/archive.ts'
import { recoverySheet } from '../../core/keys/recovery-sheet.ts'
import { bytesOf } from '../../core/lib/bytes.ts'
import { read, sha256 } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

const fingerprint = '25D5CE4B4060C35D79F06C54E3B8BB786C551F8E'

function sheet(
  language: Language,
  more: { name?: string; plans?: string[]; host?: string; fingerprint?: string } = {},
): string {
  const key = {
    fingerprint: more.fingerprint ?? fingerprint,
    name: more.name ?? 'Key',
    createdAt: '2026-03-02T12:00:00.000Z',
  }
  const date = new Date('2026-03-03T10:00:00Z')
  return recoverySheet({
    key,
    plans: more.plans ?? ['Documents'],
    language,
    host: more.host ?? 'pc-1',
    date,
    t: translator(language),
  })
}

const textOf = (html: string) =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

describe.each(['en', 'fr'] as const)('the sheet in %s', (language) => {
  test('says what is needed', () => {
    const html = sheet(language)
    expect(html).toContain(`<html lang="${language}">`)
    expect(html).toContain('25D5 CE4B 4060 C35D 79F0 6C54 E3B8 BB78 6C55 1F8E')
    expect(html).toContain(`SIGL_sauvegardes/kpri.${fingerprint}.asc`)
    expect(html).toContain('Documents')
    expect(html).not.toMatch(/\{\{|undefined|sheet\./)
  })

  test('loads nothing and runs nothing', () => {
    const html = sheet(language)
    expect(html).not.toMatch(/<script|<img|<link|<iframe|src=|href=|url\(|https?:|@import| on\w+=/i)
  })

  test('shows hostile names as text', () => {
    const evil = `<script>alert("1")</script>&'\u202e\n`
    const html = sheet(language, { name: evil, plans: [evil], host: evil })
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;')
    expect(html).not.toContain('\u202e')
  })
})

test('its commands restore a backup with gpg, tar and sha256sum alone', async () => {
  const password = 'clé ключ'
  const pair = await generateKeyPair({ name: 'Arche', password })
  const folder = temporaryFolder()
  const medium = join(folder, 'my medium')
  const shelf = join(medium, 'SIGL_sauvegardes')
  mkdirSync(shelf, { recursive: true })
  const content = Buffer.from('to be restored')
  const entry = { path: 'd/f', type: 'file', mode: 0o640, uid: 0, gid: 0, mtime: 0, size: content.length } as const
  async function* entries() {
    yield { ...entry, body: bytesOf(content) }
  }
  const archive = await read(writeArchive(undefined, entries(), [pair.publicKey]))
  const name = 'backup_v30_x_2026-03-02_12h00m00s'
  writeFileSync(join(shelf, `${name}.tar.gz.gpg`), archive)
  writeFileSync(join(shelf, `kpri.${pair.fingerprint}.asc`), pair.privateKey)
  writeFileSync(join(shelf, 'SHA256SUMS'), `${sha256(archive)}  ${name}.tar.gz.gpg\n`)
  writeFileSync(join(folder, 'password'), password)
  const html = sheet('en', { fingerprint: pair.fingerprint })
  const commands = [...html.matchAll(/<li>[^<]*<pre>([^<]*)<\/pre>/g)].map((match) => textOf(match[1] as string))
  expect(commands).toHaveLength(5)
  const typed = commands.join('\n').replace('FOLDER_OF_THE_DRIVE', medium).replace('BACKUP', name)
  // A person types the password into a window; here gpg reads it from a file. The rest is as printed.
  const window = `set -e\ngpg() { command gpg --batch --pinentry-mode loopback --passphrase-file '${join(folder, 'password')}' "$@"; }\n`
  const said = execFileSync('bash', ['-c', window + typed], {
    env: { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  expect(said.toString()).toBe(`${name}.tar.gz.gpg: OK\nOK\n`)
  expect(readFileSync(join(folder, 'restored/d/f'))).toEqual(content)
})
