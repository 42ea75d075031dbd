// What the form for a plan makes of the answers, and back.
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../core/api/model.ts'
import { type Choice, choiceOf, databasePasswordOf, draftOf, noChoice } from '../../renderer/wizards/choice.ts'

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
      store: { kind: 'medium' },
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

describe('folders', () => {
  it('make a plan once there is one, under a name', () => {
    expect(draftOf({ ...noChoice, name: 'x' })).toBeUndefined()
    expect(draftOf({ ...noChoice, paths: ['/a'] })).toBeUndefined()
    expect(draftOf({ ...noChoice, name: ' x ', paths: ['/a'] })).toMatchObject({ name: 'x' })
  })
})
