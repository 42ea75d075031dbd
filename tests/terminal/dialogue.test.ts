// The terminal program on a pseudo-terminal: what is asked, what answers do, Ctrl-C; from a newcomer's first line on, in both languages.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arche, atTerminal, ctrlC, jsonLines, keyPassword, operatorPassword, passwords } from '../support/arche.ts'
import { picture } from '../support/trees.ts'
import { archives, preparedOnce, scene, slowFolder } from './prepared.ts'

preparedOnce()

describe('first backup of a newcomer', () => {
  it('is one line: everything that is missing is offered on the way', async () => {
    const at = scene({ fresh: true, bare: true })
    const terminal = atTerminal(at, ['backup', 'docs', '--to', 'stick', '--lang', 'fr'])
    await terminal.seen('Créer une clé de sauvegarde maintenant ? (O/n)')
    terminal.type('peut-être')
    await terminal.seen('Répondez par o ou n.')
    terminal.press('\x15')
    terminal.type('oui')
    await terminal.seen('NE PEUT PAS être retrouvé')
    await terminal.seen('Nouveau mot de passe de la clé de sauvegarde :')
    terminal.type('')
    await terminal.seen('Le mot de passe est vide.')
    terminal.type(keyPassword)
    await terminal.seen('Encore une fois le même :')
    terminal.type(`${keyPassword}!`)
    await terminal.seen('Ce n’est pas le même mot de passe')
    await terminal.seen('Nouveau mot de passe de la clé de sauvegarde :')
    terminal.type(keyPassword)
    await terminal.seen('Encore une fois le même :')
    terminal.type(keyPassword)
    await terminal.seen('arche key sheet')
    await terminal.seen('disque qui reste dans cet ordinateur')
    await terminal.seen('(o/N)')
    terminal.type('o')
    await terminal.seen('Sauvegarde de « docs » terminée, relue et comparée.')
    const { code, screen } = await terminal.ended
    expect(code).toBe(0)
    expect(screen).not.toContain(keyPassword)
    expect(screen).not.toContain('administrateur')

    const restored = await arche(at, ['restore', 'latest', '--from', 'stick', '--into', 'back', '--yes'], {
      env: passwords,
    })
    expect(restored.code, restored.err).toBe(0)
    expect(picture(join(at.folder, 'back/docs'))).toEqual(picture(at.docs))
  })

  it('changes nothing when it is left at the first question', async () => {
    const at = scene({ fresh: true, bare: true })
    const terminal = atTerminal(at, ['backup', 'docs', '--to', 'stick'])
    await terminal.seen('Create a backup key now?')
    terminal.press(ctrlC)
    expect(await terminal.ended).toMatchObject({
      code: 130,
      screen: expect.stringContaining('Cancelled at your request'),
    })
    expect(readdirSync(at.stick)).toEqual([])
    const [status] = jsonLines((await arche(at, ['status', '--json'])).out)
    expect(status).toMatchObject({ operatorSet: false, keys: [], plans: [] })
  })
})

describe('questions', () => {
  it('asks again after wrong passwords, three times in all', async () => {
    const at = scene()
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
    const terminal = atTerminal(at, ['keep', 'set', 'docs', '--last', '1', '--yes'])
    for (const wrong of ['one', 'two', 'three']) {
      await terminal.seen('Administrator password:')
      terminal.type(wrong)
      await terminal.seen('This is not the administrator password.')
    }
    const { code, screen } = await terminal.ended
    expect(code).toBe(4)
    expect(screen).toContain('After several wrong tries, Arche makes you wait.')
    expect((await arche(at, ['keep', 'show', 'docs'])).out).toContain('every backup')
  })

  it('shows what a restore replaces, asks what shall happen, and takes a yes', async () => {
    const at = scene()
    expect((await arche(at, ['backup', 'docs', '--to', 'stick'])).code).toBe(0)
    const secret = join(at.docs, 'sub/secret')
    writeFileSync(secret, 'changed')
    const ask = async () => {
      const terminal = atTerminal(at, ['restore', 'latest', '--from', 'stick'], {
        env: { ARCHE_OPERATOR_PASSWORD: operatorPassword },
      })
      await terminal.seen('Password of the backup key:')
      terminal.type('wrong')
      await terminal.seen('Try again.')
      await terminal.seen('Password of the backup key:')
      terminal.type(keyPassword)
      await terminal.seen('13 files there already')
      await terminal.seen('What shall happen to the files that exist?')
      terminal.press('\x1b[B')
      terminal.press('\x1b[B')
      await terminal.seen('❯ Replace')
      terminal.type('')
      await terminal.seen('13 files will be replaced')
      await terminal.seen('Go on?')
      return terminal
    }
    const left = await ask()
    left.type('')
    expect((await left.ended).code).toBe(130)
    expect(readFileSync(secret, 'utf8')).toBe('changed')

    const done = await ask()
    done.type('y')
    await done.seen('arche restore --undo')
    expect((await done.ended).code).toBe(0)
    expect(readFileSync(secret, 'utf8')).toBe('private')
  })

  it('takes a typed word where more than a hundred files are replaced', async () => {
    const at = scene()
    const many = join(at.folder, 'many')
    mkdirSync(many)
    for (let number = 0; number <= 100; number += 1) writeFileSync(join(many, `${number}.txt`), 'first')
    expect((await arche(at, ['backup', many, '--to', 'stick', '--yes'])).code).toBe(0)
    writeFileSync(join(many, '0.txt'), 'changed')
    const over = ['restore', 'latest', '--from', 'stick', '--existing', 'replace']
    const ask = async (word: string) => {
      const terminal = atTerminal(at, over, { env: passwords })
      await terminal.seen('101 files will be replaced')
      await terminal.seen('Type “replace” to go on:')
      terminal.type(word)
      return (await terminal.ended).code
    }
    expect(await ask('')).toBe(130)
    expect(readFileSync(join(many, '0.txt'), 'utf8')).toBe('changed')
    expect(await ask('replace')).toBe(0)
    expect(readFileSync(join(many, '0.txt'), 'utf8')).toBe('first')
  })
})

describe('Ctrl-C', () => {
  it('in the middle of a backup leaves nothing half, and says so', async () => {
    const at = scene()
    const slow = slowFolder(at)
    const terminal = atTerminal(at, ['backup', slow, '--to', 'stick'], { env: passwords })
    await terminal.seen('Making the archive')
    await terminal.seen('%')
    terminal.press(ctrlC)
    await terminal.seen('Cancelling: Arche tidies up first')
    const { code, screen } = await terminal.ended
    expect(code).toBe(130)
    expect(screen).toContain('Cancelled at your request.')
    expect(archives(at.stick)).toEqual([])
    expect(
      readdirSync(join(at.stick, 'SIGL_sauvegardes')).filter(
        (name) => name.startsWith('.arche') && name !== '.arche-medium.json',
      ),
    ).toEqual([])
    const [history] = jsonLines((await arche(at, ['history', '--json'])).out)
    expect(history).toMatchObject({ runs: [{ kind: 'backup', outcome: 'cancelled' }] })
    expect(existsSync(slow)).toBe(true)
  })
})
