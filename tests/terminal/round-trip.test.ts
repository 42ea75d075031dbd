// The main job from a terminal, with the compiled program and real files: back up, list, verify, restore, take back.
import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arche, jsonLines, keyPassword, operatorPassword } from '../support/arche.ts'
import { picture } from '../support/trees.ts'
import { archives, oddNames, preparedOnce, scene } from './prepared.ts'

preparedOnce()

describe('round trip', () => {
  it('backs up, lists, verifies, restores the same tree, and takes it back', async () => {
    const at = scene()
    const before = picture(at.docs)
    const saved = await arche(at, ['backup', 'docs', '--to', 'stick'])
    expect(saved).toMatchObject({
      code: 0,
      out: expect.stringContaining('Backup of “docs” done, read back and compared.'),
    })
    const [archive = ''] = archives(at.stick)
    expect(saved.out).toContain(archive)
    expect(saved.out).toContain(`arche restore latest --from ${at.stick} --into`)

    const listed = await arche(at, ['list', '--from', at.stick])
    expect(listed).toMatchObject({ code: 0, out: expect.stringContaining(archive) })
    const verified = await arche(at, ['verify', archive, '--from', at.stick])
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('opened and read to the end') })

    const restored = await arche(at, ['restore', 'latest', '--from', 'stick', '--into', 'back', '--yes'])
    expect(restored.code, restored.err).toBe(0)
    execFileSync('diff', ['-r', '--no-dereference', at.docs, join(at.folder, 'back/docs')])
    expect(picture(join(at.folder, 'back/docs'))).toEqual(before)

    const number = /arche restore --undo (\w+)/.exec(restored.out)?.[1] ?? ''
    const undone = await arche(at, ['restore', '--undo', number, '--yes'])
    expect(undone.code, undone.err).toBe(0)
    expect(existsSync(join(at.folder, 'back/docs'))).toBe(false)
    expect(picture(at.docs)).toEqual(before)
  })

  it('opens with gpg and tar alone', async () => {
    const at = scene()
    await arche(at, ['backup', at.docs, '--to', at.stick])
    const folder = join(at.stick, 'SIGL_sauvegardes')
    const [archive = ''] = archives(at.stick)
    const script = `export GNUPGHOME="$(mktemp -d)"; trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"' EXIT
      gpg -q --batch --pinentry-mode loopback --passphrase "$PASSWORD" --import kpri.*.asc
      gpg -q --batch --pinentry-mode loopback --passphrase "$PASSWORD" -d "$ARCHIVE" | tar tz`
    const names = execFileSync('sh', ['-c', script], {
      cwd: folder,
      env: { ...process.env, PASSWORD: keyPassword, ARCHIVE: archive },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    expect(names.toString()).toContain('docs/sub/secret')
  })

  it('restores chosen files by their original place, and does with existing ones what is said', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const secret = join(at.docs, 'sub/secret')
    const choose = (...more: string[]) =>
      arche(at, ['restore', 'latest', '--from', 'stick', '--only', secret, '--yes', ...more])
    writeFileSync(secret, 'changed')

    const unsaid = await choose()
    expect(unsaid).toMatchObject({ code: 2, err: expect.stringContaining('--existing replace, skip or keep-both') })
    expect(readFileSync(secret, 'utf8')).toBe('changed')

    const replaced = await choose('--existing', 'replace')
    expect(replaced).toMatchObject({ code: 0, out: expect.stringContaining('Replaced files') })
    expect(readFileSync(secret, 'utf8')).toBe('private')

    expect((await arche(at, ['restore', '--undo', 'latest', '--yes'])).code).toBe(0)
    expect(readFileSync(secret, 'utf8')).toBe('changed')
  })

  it('lists the files of a backup with hostile names made visible', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const { code, out, err } = await arche(at, ['list', 'latest', '--from', 'stick'])
    expect(code).toBe(0)
    expect(err).toContain('From the contents index beside the backup')
    expect(out).toContain('docs/new‹000A›line')
    expect(out).toContain('docs/bell‹0007›‹001B›[31m')
    expect(out).not.toContain('\u001b')
    const entries = jsonLines((await arche(at, ['list', 'latest', '--from', 'stick', '--json'])).out).filter(
      (line) => line.type === 'entry',
    )
    expect(entries.map((entry) => entry.path)).toEqual(expect.arrayContaining(oddNames.map((name) => `docs/${name}`)))
  })

  it('uses the same plan for the same folders, and a plan by its name', async () => {
    const at = scene()
    const plans = async () => (await arche(at, ['plan', 'list', '--json'])).out
    await arche(at, ['backup', 'docs', '--to', 'stick', '--exclude', '*.sh'])
    const first = jsonLines(await plans())
    await arche(at, ['backup', `${at.docs}/`, '--to', 'stick'])
    expect(jsonLines(await plans())).toEqual(first)
    const byName = await arche(at, ['backup', '--plan', 'docs'])
    expect(byName.code, byName.err).toBe(0)
    expect(archives(at.stick)).toHaveLength(3)
    const { out } = await arche(at, ['list', 'latest', '--from', 'stick'])
    expect(out).toContain('second name')
    expect(out).not.toContain('run.sh')

    const other = await arche(at, ['backup', join(at.docs, 'sub'), '--to', 'stick', '--plan', 'docs'])
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
    expect(jsonLines(await plans())).toEqual(first)
  })

  it('restores on another computer with the medium and the key password alone', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const elsewhere = { ...at, env: { ...at.env, ARCHE_HOME: join(at.folder, 'other data') } }
    const { code, err } = await arche(elsewhere, ['restore', 'latest', '--from', at.stick, '--into', 'back', '--yes'])
    expect(code, err).toBe(0)
    expect(picture(join(at.folder, 'back/docs'))).toEqual(picture(at.docs))
  })

  it('takes passwords from descriptors, both from one too', async () => {
    const at = scene()
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'], { env: {} })).code).toBe(0)
    const rules = await arche(at, ['keep', 'set', 'docs', '--last', '3', '--yes', '--operator-password-fd', '3'], {
      env: {},
      descriptors: [`${operatorPassword}\n`],
    })
    expect(rules.code, rules.err).toBe(0)
    const options = ['--operator-password-fd', '3', '--key-password-fd', '3', '--yes']
    const both = await arche(at, ['restore', 'latest', '--from', 'stick', '--into', 'back', ...options], {
      env: {},
      descriptors: [`${operatorPassword}\n${keyPassword}`],
    })
    expect(both.code, both.err).toBe(0)
    expect(lstatSync(join(at.folder, 'back/docs/sub/secret')).mode & 0o777).toBe(0o600)
  })

  it('prints nothing but JSON lines with --json', async () => {
    const at = scene()
    const backup = await arche(at, ['backup', 'docs', '--to', 'stick', '--json'])
    expect(backup).toMatchObject({ code: 0, err: '' })
    const lines = jsonLines(backup.out)
    expect(lines.map((line) => line.type)).toEqual(expect.arrayContaining(['progress', 'finding', 'result']))
    expect(lines.at(-1)).toMatchObject({
      type: 'result',
      command: 'backup',
      outcome: 'success',
      exitCode: 0,
      run: { artifact: archives(at.stick)[0] },
    })
    for (const args of [['status'], ['history'], ['list', '--from', 'stick']]) {
      const { code, out, err } = await arche(at, [...args, '--json'])
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(jsonLines(out)).toMatchObject([{ type: 'result', outcome: 'success' }])
    }
  })

  it('lists of the history what is asked for, also as a table', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    const today = new Date().toLocaleDateString('sv')
    const csv = await arche(at, ['history', '--plan', 'docs', '--kind', 'backup', '--since', today, '--csv'])
    expect(csv.code, csv.err).toBe(0)
    const [head, line, ...rest] = csv.out.trimEnd().split('\n')
    expect(head).toMatch(/^id,kind,trigger,plan,/)
    expect(line).toMatch(/^[\w-]{36},backup,manual,docs,[^,]+,[^,]+,success,/)
    expect(line).toContain(`,${archives(at.stick)[0]},`)
    expect(rest).toEqual([])
    expect((await arche(at, ['history', '--outcome', 'error', '--outcome', 'missed'])).out).toContain('No task fits.')
    const bad = await arche(at, ['history', '--until', '2026-02-30'])
    expect(bad.code).toBe(2)
    expect(bad.err).toContain('--until needs a day')
  })

  it('writes sheet and plans to files and reads plans back', async () => {
    const at = scene()
    await arche(at, ['backup', 'docs', '--to', 'stick'])
    expect((await arche(at, ['key', 'sheet', '--out', 'sheet.html', '--lang', 'fr'])).code).toBe(0)
    expect(readFileSync(join(at.folder, 'sheet.html'), 'utf8')).toContain('<html lang="fr"')
    expect(await arche(at, ['key', 'sheet', '--out', 'sheet.html'])).toMatchObject({ code: 2 })
    expect((await arche(at, ['plan', 'export', '--out', 'plans.json'])).code).toBe(0)
    expect((await arche(at, ['plan', 'remove', 'docs', '--yes'])).code).toBe(0)
    expect((await arche(at, ['plan', 'show', 'docs'])).code).toBe(2)
    expect((await arche(at, ['plan', 'import', 'plans.json'])).code).toBe(0)
    expect((await arche(at, ['plan', 'show', 'docs'])).out).toContain(at.docs)
    const file = JSON.parse(readFileSync(join(at.folder, 'plans.json'), 'utf8'))
    file.plans[0].destinations[0].keep = { last: 1 }
    file.plans[0].restart = { kind: 'command', command: 'touch here' }
    writeFileSync(join(at.folder, 'changed.json'), JSON.stringify(file))
    const unasked = await arche(at, ['plan', 'import', 'changed.json'])
    expect(unasked.code).toBe(2)
    expect(unasked.out).toContain('touch here (now: —)')
    expect(unasked.out).toMatch(/: the newest one \(now: .*: every backup is kept\)/)
    expect((await arche(at, ['plan', 'show', 'docs'])).out).not.toContain('touch here')
    expect((await arche(at, ['plan', 'import', 'changed.json', '--yes'])).code).toBe(0)
    expect((await arche(at, ['plan', 'show', 'docs'])).out).toContain('touch here')
  })
})
