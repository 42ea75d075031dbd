// The administrator password from the terminal: optional, set, changed and taken away by a person or a script, and what it guards.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { arche, atTerminal, jsonLines, keyPassword, operatorPassword, type Place } from '../support/arche.ts'
import { preparedOnce, scene } from './prepared.ts'

preparedOnce()

const none = { env: {} }
const key = { ARCHE_KEY_PASSWORD: keyPassword }

async function isSet(at: Place): Promise<unknown> {
  const [status] = jsonLines((await arche(at, ['status', '--json'], none)).out)
  return status?.operatorSet
}

describe('without an administrator password', () => {
  it('nothing is asked but what opens the backups', async () => {
    const at = scene({ fresh: true, bare: true })
    const only = { env: key }
    expect((await arche(at, ['init', '--yes'], only)).code).toBe(0)
    expect(existsSync(join(at.home, 'operator.json'))).toBe(false)
    for (const args of [
      ['backup', 'docs', '--to', 'stick', '--yes'],
      ['restore', 'latest', '--from', 'stick', '--existing', 'replace', '--yes'],
      ['keep', 'set', 'docs', '--last', '3', '--yes'],
      ['plan', 'remove', 'docs', '--yes'],
    ]) {
      const { code, err } = await arche(at, args, only)
      expect([args, code], err).toEqual([args, 0])
    }
    expect(await isSet(at)).toBe(false)
  })

  it('one that is given to the first steps is set; to other commands it means nothing', async () => {
    const at = scene({ fresh: true, bare: true })
    const both = { env: { ...key, ARCHE_OPERATOR_PASSWORD: operatorPassword } }
    expect((await arche(at, ['medium', 'init', 'stick', '--yes'], both)).code).toBe(0)
    expect(await isSet(at)).toBe(false)
    expect((await arche(at, ['init', '--yes'], both)).code).toBe(0)
    expect(await isSet(at)).toBe(true)
  })

  it('there is none to take away', async () => {
    const at = scene({ fresh: true })
    const refused = await arche(at, ['password', 'remove'], none)
    expect(refused).toMatchObject({ code: 4, err: expect.stringContaining('no administrator password here') })
  })
})

describe('the administrator password', () => {
  it('of a data folder that has one stays: looking and backing up ask nothing, removing does', async () => {
    const at = scene()
    for (const args of [
      ['backup', 'docs', '--to', 'stick'],
      ['list', '--from', 'stick'],
      ['verify', '--from', 'stick'],
      ['status'],
    ]) {
      const { code, err } = await arche(at, args, none)
      expect([args, code], err).toEqual([args, 0])
    }
    const into = await arche(at, ['restore', 'latest', '--from', 'stick', '--into', 'back', '--yes'], { env: key })
    expect(into.code, into.err).toBe(0)
    const over = ['restore', 'latest', '--from', 'stick', '--existing', 'replace', '--yes']
    for (const args of [over, ['plan', 'remove', 'docs', '--yes'], ['safety', 'days', '3'], ['key', 'forget']]) {
      const refused = await arche(at, args, { env: key })
      expect([args, refused.code], refused.err).toEqual([args, 4])
      expect(refused.err).toContain('ARCHE_OPERATOR_PASSWORD')
    }
  })

  it('is set, changed and taken away by scripts, with the present one', async () => {
    const at = scene({ fresh: true })
    const given = (old: string | undefined, next?: string) => ({
      env: {
        ...(old === undefined ? {} : { ARCHE_OPERATOR_PASSWORD: old }),
        ...(next === undefined ? {} : { ARCHE_NEW_OPERATOR_PASSWORD: next }),
      },
    })
    expect((await arche(at, ['password', 'set'], none)).code).toBe(4)
    const set = await arche(at, ['password', 'set', '--json'], given('first'))
    expect(jsonLines(set.out).at(-1)).toMatchObject({ command: 'password set', operatorSet: true })
    expect((await arche(at, ['password', 'set'], given(undefined, 'second'))).err).toContain('ARCHE_OPERATOR_PASSWORD')
    expect((await arche(at, ['password', 'set'], given('first'))).err).toContain('ARCHE_NEW_OPERATOR_PASSWORD')
    expect((await arche(at, ['password', 'set'], given('wrong', 'second'))).code).toBe(4)
    expect((await arche(at, ['password', 'set'], given('first', 'second'))).code).toBe(0)
    expect((await arche(at, ['password', 'remove'], given('first'))).code).toBe(4)
    const options = ['--operator-password-fd', '3', '--new-operator-password-fd', '3']
    const lines = await arche(at, ['password', 'set', ...options], { env: {}, descriptors: ['second\nthird\n'] })
    expect(lines.code, lines.err).toBe(0)
    const removed = await arche(at, ['password', 'remove', '--json'], given('third'))
    expect(jsonLines(removed.out).at(-1)).toMatchObject({ command: 'password remove', operatorSet: false })
    expect(await isSet(at)).toBe(false)
  })

  it('is asked of a person: the present one, then the new one twice', async () => {
    const at = scene()
    const terminal = atTerminal(at, ['password', 'set', '--lang', 'fr'])
    await terminal.seen('Mot de passe administrateur')
    terminal.type(operatorPassword)
    await terminal.seen('Nouveau mot de passe administrateur')
    terminal.type('un autre')
    await terminal.seen('Encore une fois le même')
    terminal.type('un autre')
    await terminal.seen('est changé')
    const { code, screen } = await terminal.ended
    expect(code).toBe(0)
    expect(screen).not.toContain('un autre')
    const gone = atTerminal(at, ['password', 'remove'])
    await gone.seen('Administrator password:')
    gone.type('un autre')
    await gone.seen('Arche asks for none')
    expect((await gone.ended).code).toBe(0)
    expect(await isSet(at)).toBe(false)
  })
})
