// What a mail says of a run, in both languages; hostile names stay text.
import { describe, expect, it } from 'vitest'
import { MailEvent } from '../../core/api/mail.ts'
import { Language, Outcome, type Run, RunKind } from '../../core/api/model.ts'
import { htmlOf, subjectOf, textOf } from '../../core/notify/letter.ts'
import { eventOf, pingText, runLetter, testLetter } from '../../core/notify/message.ts'

const run: Run = {
  id: '00000000-0000-4000-8000-000000000001',
  kind: 'backup',
  trigger: 'scheduled',
  planId: '00000000-0000-4000-8000-000000000002',
  subject: 'Bureau',
  medium: { name: 'STICK', path: '/media/STICK' },
  startedAt: '2026-03-06T12:00:00.000Z',
  endedAt: '2026-03-06T12:02:05.000Z',
  outcome: 'success',
  warnings: 0,
  files: 1234,
  bytes: 5_600_000,
  stored: 1_200_000,
  operations: [],
}

describe('a run', () => {
  it('is told under the event that people subscribe to', () => {
    const events = Outcome.options.map((outcome) => [outcome, eventOf({ outcome })])
    expect(Object.fromEntries(events)).toEqual({
      success: 'success',
      warning: 'warning',
      error: 'error',
      cancelled: undefined,
      skipped: 'missed',
      missed: 'missed',
      abandoned: 'error',
    })
  })

  it.each(Language.options)('is told in %s whatever it was and however it ended', (language) => {
    for (const kind of RunKind.options)
      for (const outcome of Outcome.options) {
        const event = eventOf({ outcome })
        if (!event) continue
        const letter = runLetter({ ...run, kind, outcome }, event, language, 'pc')
        for (const text of [subjectOf(letter), textOf(letter), htmlOf(letter)]) {
          expect(text).toContain('Bureau')
          expect(text).not.toMatch(/undefined|\{\{|mail\.|NaN/)
        }
      }
  })

  it('is told with what matters, the same in text and HTML', () => {
    const failure = { code: 'no-space' as const, details: { path: '/media/STICK', need: 9_000_000, free: 1000 } }
    const letter = runLetter({ ...run, outcome: 'error', failure }, 'error', 'fr', 'labo')
    expect(subjectOf(letter)).toBe('[Arche] Échec\u00a0: Sauvegarde de «\u202fBureau\u202f» sur labo')
    for (const text of [textOf(letter), htmlOf(letter)]) {
      expect(text).toContain('Ce qui était inachevé a été effacé')
      expect(text).toMatch(/1\u202f234 fichiers, 5,6\u00a0Mo/)
      expect(text).toContain('2\u00a0min 05\u00a0s')
      expect(text).toContain('STICK')
    }
    expect(htmlOf(letter)).toContain('<html lang="fr">')
  })

  it('says what is missing, and that nothing older goes', () => {
    const loss = {
      code: 'loss-folder-vanished' as const,
      details: { path: '/home/anna/Photos', files: 12, bytes: 9000 },
    }
    const lacking: Run = { ...run, outcome: 'warning', warnings: 1, losses: [loss] }
    const text = (one: Run) => textOf(runLetter(one, 'warning', 'en', 'pc'))
    expect(subjectOf(runLetter(lacking, 'warning', 'en', 'pc'))).toContain('Please look')
    expect(text(lacking)).toMatch(/\/home\/anna\/Photos is gone[\s\S]*no older backup of this plan is removed/)
    expect(text({ ...lacking, lossesAccepted: '2026-03-02T12:00:00Z' })).not.toContain('is gone')
  })

  it('cannot smuggle a tag, a line or a hidden character in by its names', () => {
    const name = '<script>alert(1)</script>"\'&\r\nX: y\u202etxt\u001b[2J'
    const hostile: Run = {
      ...run,
      subject: name,
      artifact: name,
      outcome: 'error',
      medium: { name, path: name },
      failure: { code: 'source-missing', details: { path: name, name } },
    }
    for (const language of Language.options) {
      const letter = runLetter(hostile, 'error', language, name)
      const [subject, text, html] = [subjectOf(letter), textOf(letter), htmlOf(letter)]
      expect(subject).not.toMatch(/\p{C}/u)
      expect(text).not.toMatch(/^X: y|(?!\n)\p{C}/mu)
      expect(html).not.toMatch(/<script|(?!\n)\p{C}/u)
      expect(html).toContain('&lt;script&gt;')
      expect(html).toContain('‹202E›')
    }
    expect(pingText(hostile, name)).not.toMatch(/(?!\n)\p{C}/u)
  })

  it('is told to a watchman in a few lines', () => {
    expect(pingText({ ...run, outcome: 'warning', warnings: 3 }, 'pc')).toBe(
      'backup of Bureau on pc: warning\nwarnings: 3\nstored: 1200000 bytes\ntook: 2\u00a0min 05\u00a0s\n',
    )
  })
})

describe('a test', () => {
  it.each(Language.options)('has words in %s', (language) => {
    const letter = testLetter(language, 'pc')
    expect(textOf(letter)).toContain('pc')
    expect(MailEvent.options).toHaveLength(4)
  })
})
