// Backups that are not encrypted, from a terminal: a plan made without any key, then backed up, listed, verified and restored, and no password of a key
// is asked for or given on the way.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scriptedLsblk } from '../suites/fixtures/scripted-lsblk.ts'
import { arche, atTerminal, jsonLines, operatorPassword } from '../support/arche.ts'
import { picture } from '../support/trees.ts'
import { type Scene, scene } from './prepared.ts'

/** For scripts: the administrator's alone. */
const env = { ARCHE_OPERATOR_PASSWORD: operatorPassword }

function shelf(at: Scene): string[] {
  return readdirSync(join(at.stick, 'SIGL_sauvegardes')).sort()
}

/** A medium made ready; there is no key. */
async function ready(): Promise<Scene> {
  const at = scene({ fresh: true, bare: true })
  scriptedLsblk().plug({ path: at.stick, label: 'STICK' })
  const { code, err } = await arche(at, ['medium', 'init', at.stick, '--name', 'STICK', '--yes'], { env })
  expect(code, err).toBe(0)
  return at
}

it('makes, lists, verifies and restores without a key, from scripts', async () => {
  const at = await ready()
  const run = async (...args: string[]) => {
    const done = await arche(at, args, { env })
    expect(done.code, done.err).toBe(0)
    return done
  }
  const line = ['backup', 'docs', '--to', 'STICK', '--format', 'tar.gz', '--compression', 'fast']
  const unasked = await arche(at, line, { env })
  expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining('These backups are not encrypted') })
  const saved = await run(...line, '--yes')
  expect(saved.err).toContain('tar.gz, fast, not encrypted')
  expect(saved.err).toContain('whoever gets at STICK can read everything in them')
  const [archive = ''] = shelf(at).filter((name) => name.startsWith('backup_'))
  expect(archive).toMatch(/^backup_v30_docs_.*s\.tar\.gz$/)
  expect(shelf(at).filter((name) => name.endsWith('.asc'))).toEqual([])
  const again = await run('backup', '--plan', 'docs')
  expect(again.err).toContain('These backups are not encrypted')
  expect((await run('plan', 'show', 'docs')).out).toContain('tar.gz, fast, not encrypted')

  expect((await run('list', '--from', 'STICK')).out).toContain('docs (not encrypted)')
  const { out } = await run('list', 'latest', '--from', 'STICK', '--json')
  expect(jsonLines(out).filter(({ type }) => type === 'entry').length).toBeGreaterThan(5)
  expect((await run('verify', '--all', '--from', 'STICK')).out).toContain('read to the end')
  await run('restore', 'latest', '--from', 'STICK', '--into', 'back', '--yes')
  expect(picture(join(at.folder, 'back/docs'))).toEqual(picture(at.docs))
  const status = await run('status')
  expect(status.out).toContain('Protected')
  expect(status.out).not.toMatch(/key/)

  const plain = join(at.folder, 'plain')
  mkdirSync(plain)
  execFileSync('tar', ['xpf', join(at.stick, 'SIGL_sauvegardes', archive), '-C', plain])
  expect(picture(join(plain, 'docs'))).toEqual(picture(at.docs))
})

it('asks a person about the warning, and for no password', async () => {
  const at = await ready()
  const backup = atTerminal(at, ['backup', 'docs', '--to', 'STICK', '--format', 'tar.zst', '--lang', 'fr'])
  await backup.seen('Ces sauvegardes ne sont pas chiffrées : quiconque accède à STICK')
  await backup.seen('(o/N)')
  backup.type('o')
  await backup.seen('Sauvegarde de « docs » terminée, relue et comparée.')
  expect((await backup.ended).code).toBe(0)

  for (const [args, end] of [
    [['verify', '--from', 'STICK'], 'read to the end'],
    [['list', 'latest', '--from', 'STICK'], 'docs/sub/secret'],
    [['restore', 'latest', '--from', 'STICK', '--into', 'back'], 'Restore of'],
  ] as const) {
    const terminal = atTerminal(at, args)
    if (args[0] === 'restore') {
      await terminal.seen('(Y/n)')
      terminal.type('y')
    }
    await terminal.seen(end)
    const { code, screen } = await terminal.ended
    expect([args[0], code]).toEqual([args[0], 0])
    expect(screen).not.toMatch(/key/i)
  }
  expect(picture(join(at.folder, 'back/docs'))).toEqual(picture(at.docs))
})

it('plan pack takes every kind, and refuses others', async () => {
  const at = await ready()
  const run = (...args: string[]) => arche(at, args, { env })
  await run('backup', 'docs', '--to', 'STICK', '--format', 'tar', '--yes')
  for (const format of ['tar', 'tar.gz', 'tar.zst', 'tar.gpg', 'tar.gz.gpg', 'tar.zst.gpg']) {
    const { code, out, err } = await run('plan', 'pack', 'docs', '--format', format)
    expect([format, code, err]).toEqual([format, 0, ''])
    expect(out).toContain(`: ${format}`)
    expect(out.includes('not encrypted')).toBe(!format.endsWith('.gpg'))
  }
  expect((await run('backup', '--plan', 'docs', '--yes')).code).toBe(4)
  expect((await run('plan', 'pack', 'docs', '--format', 'tar.xz')).code).toBe(2)
})
