// What the form for a plan makes of the answers, and back.
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../core/api/plan.ts'
import {
  type Choice,
  choiceOf,
  databasePasswordOf,
  draftOf,
  isToRemember,
  noChoice,
} from '../../renderer/areas/plans/choice.ts'

function labbook(part: Partial<Choice['labbook']>): Choice {
  return {
    ...noChoice,
    kind: 'labbook',
    name: 'Labo',
    labbook: { ...noChoice.labbook, storage: '/space/été', user: 'me', ...part },
  }
}

const base = { name: 'SIGL', user: 'me' }

describe('a LabBook server', () => {
  it.each([
    ['', base],
    ['/run/mysqld/mysqld.sock', { ...base, socket: '/run/mysqld/mysqld.sock' }],
    [' db.example.org ', { ...base, host: 'db.example.org' }],
    ['db.example.org:3307', { ...base, host: 'db.example.org', port: 3307 }],
    ['[::1]:3306', { ...base, host: '::1', port: 3306 }],
    ['::1', { ...base, host: '::1' }],
  ])('is found at “%s”', (server, database) => {
    const draft = draftOf(labbook({ server }))
    expect(draft).toEqual({
      name: 'Labo',
      source: { kind: 'labbook', storage: '/space/été', database },
      destinations: [{ place: { kind: 'medium' }, keep: { daily: 7, weekly: 4, monthly: 12 } }],
    })
  })

  it.each([
    [{ storage: 'relative' }],
    [{ storage: '' }],
    [{ user: ' ' }],
    [{ database: '' }],
    [{ server: 'host:99999' }],
  ])('is no plan with %j', (part) => {
    expect(draftOf(labbook(part))).toBeUndefined()
  })

  it('comes back into the form as it was, without a password', () => {
    for (const server of ['', '/run/s.sock', 'host', 'host:1']) {
      const answers = labbook({ server, password: 'secret' })
      const draft = draftOf(answers)
      expect(JSON.stringify(draft)).not.toContain('secret')
      const again = choiceOf(draft as Plan)
      expect(again).toEqual(labbook({ server }))
      expect([databasePasswordOf(answers), databasePasswordOf(again)]).toEqual([{ databasePassword: 'secret' }, {}])
    }
  })
})

describe('databases', () => {
  const mysql = (part: Partial<Choice['mysql']>): Choice => ({
    ...noChoice,
    kind: 'mysql',
    name: 'Server',
    mysql: { ...noChoice.mysql, user: 'me', ...part },
  })

  it('are all, or those named', () => {
    expect(draftOf(mysql({}))?.source).toEqual({ kind: 'mysql', server: { user: 'me' }, databases: 'all' })
    expect(draftOf(mysql({ all: false, names: ['a', 'é /'], server: 'h:1' }))?.source).toEqual({
      kind: 'mysql',
      server: { user: 'me', host: 'h', port: 1 },
      databases: ['a', 'é /'],
    })
    expect(draftOf(mysql({ all: false }))).toBeUndefined()
    expect(draftOf(mysql({ user: '' }))).toBeUndefined()
  })

  it('come back into the form as they were, without a password', () => {
    for (const part of [{ server: '/run/s.sock' }, { all: false, names: ['a'] }]) {
      const answers = mysql({ ...part, password: 'secret', remember: true })
      expect(JSON.stringify(draftOf(answers))).not.toContain('secret')
      expect(choiceOf(draftOf(answers) as Plan)).toEqual(mysql(part))
      expect([databasePasswordOf(answers), isToRemember(answers)]).toEqual([{ databasePassword: 'secret' }, true])
    }
  })
})

describe('how long backups of a new plan are kept', () => {
  const plan: Choice = { ...noChoice, name: 'x', paths: ['/a'] }

  it('is what is proposed, or what a person says; never what is incomplete', () => {
    expect(draftOf(plan)?.destinations).toEqual([
      { place: { kind: 'medium' }, keep: { daily: 7, weekly: 4, monthly: 12 } },
    ])
    const of = (part: Partial<Choice['keep']>) => draftOf({ ...plan, keep: { ...plan.keep, ...part } })
    expect(of({ preset: 'all' })?.destinations).toEqual([{ place: { kind: 'medium' } }])
    expect(of({ preset: 'last', last: 3 })?.destinations[0]?.keep).toEqual({ last: 3 })
    expect(of({ preset: 'last', last: '' })).toBeUndefined()
  })
})

describe('what is restarted', () => {
  const plan: Choice = { ...noChoice, name: 'x', paths: ['/a'] }

  it('is nothing, a command, or Arche', () => {
    const of = (restart: Choice['restart']) => draftOf({ ...plan, restart })
    expect(of({ kind: 'none', command: 'kept' })).not.toHaveProperty('restart')
    expect(of({ kind: 'command', command: ' a b ' })?.restart).toEqual({ kind: 'command', command: 'a b' })
    expect(of({ kind: 'arche', command: '' })?.restart).toEqual({ kind: 'arche' })
    expect(of({ kind: 'command', command: ' ' })).toBeUndefined()
    for (const kind of ['none', 'command', 'arche'] as const) {
      const restart = { kind, command: kind === 'command' ? 'a' : '' }
      expect(choiceOf(of(restart) as Plan).restart).toEqual(restart)
    }
  })
})

describe('folders', () => {
  it('make a plan once there is one, under a name', () => {
    expect(draftOf({ ...noChoice, name: 'x' })).toBeUndefined()
    expect(draftOf({ ...noChoice, paths: ['/a'] })).toBeUndefined()
    expect(draftOf({ ...noChoice, name: ' x ', paths: ['/a'] })).toMatchObject({ name: 'x' })
  })

  it('leave out what can mean something; those of older plans mean what they meant', () => {
    const of = (exclude: string[]) => draftOf({ ...noChoice, name: 'x', paths: ['/a'], exclude })
    expect(of(['!x'])).toBeUndefined()
    expect(of(['*/cache'])?.source).toMatchObject({ exclude: ['*/cache'], excludeSyntax: 2 })
    const older = { ...of([]), source: { kind: 'folders', paths: ['/a'], exclude: ['[x]*'] } } as Plan
    expect(choiceOf(older).exclude).toEqual(['\\[x\\]*'])
  })
})
