// `arche schedule`: set, shown, switched off, paused; mistakes that are told; and what `status` says of schedules and alarms.
import { describe, expect, it } from 'vitest'
import { arche, jsonLines, lineThat, startArche } from '../support/arche.ts'
import { preparedOnce, type Scene, scene, slowFolder } from './prepared.ts'

preparedOnce()

async function withPlan(): Promise<Scene> {
  const at = scene()
  expect((await arche(at, ['backup', 'docs', '--to', 'stick', '--plan', 'office'])).code).toBe(0)
  return at
}

describe('a schedule', () => {
  it('is set, shown with its next times, changed in part, and switched off', async () => {
    const at = await withPlan()
    const set = await arche(at, [
      'schedule',
      'set',
      'office',
      '--weekly',
      'fri,lundi',
      '--at',
      '7:05',
      '--mains',
      '--retries',
      '5',
    ])
    expect(set).toMatchObject({ code: 0, out: expect.stringContaining('Monday and Friday at 07:05') })
    expect(set.out.match(/, 07:05/g)).toHaveLength(3)
    const changed = await arche(at, ['--json', 'schedule', 'set', 'office', '--no-mains', '--between', '22:00-6:30'])
    expect(jsonLines(changed.out)[0]).toMatchObject({
      plan: {
        schedule: {
          when: { kind: 'weekly', days: [5, 1], at: '07:05' },
          mainsPower: false,
          window: { from: '22:00', to: '06:30' },
          retries: 5,
          alarmAfterDays: 2,
        },
      },
    })
    const shown = await arche(at, ['schedule', 'show'])
    expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('Monday and Friday at 07:05') })
    // No window and no service runs here: nothing would come of it, and that is said.
    expect(shown.out).toContain('Arche is not running in the background')
    expect((await arche(at, ['schedule', 'off', 'office', '--lang', 'fr'])).out).toContain('qu’à la main')
    const [off] = jsonLines((await arche(at, ['schedule', 'show', 'office', '--json'])).out)
    expect(off).toMatchObject({ schedules: [{ state: 'inactive' }], alarms: [], paused: null })
  })

  it('is set in every other way', async () => {
    const at = await withPlan()
    const ways: [string[], string, string][] = [
      [['--daily', '--at', '20:00'], 'every day at 20:00', 'tous les jours à 20:00'],
      [['--hours', '6'], 'every 6 hours, starting at 00:00', 'toutes les 6 heures, à partir de 00:00'],
      [
        ['--monthly', '31', '--at', '03:00'],
        'on the last day of every month at 03:00',
        'le dernier jour de chaque mois à 03:00',
      ],
      [['--on-arrival'], 'when the drive is connected', 'quand le support est branché'],
    ]
    for (const [options, english, french] of ways) {
      expect((await arche(at, ['schedule', 'set', 'office', ...options])).out).toContain(english)
      expect((await arche(at, ['schedule', 'show', '--lang', 'fr'])).out).toContain(french)
    }
  })

  it('is not set where something is missing or cannot be', async () => {
    const at = await withPlan()
    const mistakes: [string[], string][] = [
      [['office'], '--daily is needed'],
      [['office', '--daily'], '--at is needed'],
      [['office', '--daily', '--at', '24:00'], '--at cannot be “24:00”'],
      [['office', '--daily', '--hours', '3', '--at', '1:00'], 'does not go together'],
      [['office', '--weekly', 'someday', '--at', '1:00'], '--weekly cannot be “someday”'],
      [['office', '--hours', '25'], '--hours cannot be “25”'],
      [['office', '--on-arrival', '--retries', 'x'], '--retries needs a whole number'],
      [['office', '--on-arrival', '--between', '8:00'], '--between cannot be'],
      [['nothing', '--on-arrival'], 'There is no plan “nothing”'],
    ]
    for (const [words, sentence] of mistakes)
      expect(await arche(at, ['schedule', 'set', ...words]), words.join(' ')).toMatchObject({
        code: 2,
        err: expect.stringContaining(sentence),
      })
    expect(await arche(at, ['schedule', 'set', 'office', '--on-arrival'], { env: {} })).toMatchObject({ code: 4 })
  })

  it('is paused for a while, never without an end, and resumed', async () => {
    const at = await withPlan()
    expect(await arche(at, ['schedule', 'pause', '--for', '169'])).toMatchObject({ code: 2 })
    expect((await arche(at, ['schedule', 'pause', '--for', '2'], { env: {} })).out).toContain(
      'Nothing is started by schedule until',
    )
    const [status] = jsonLines((await arche(at, ['status', '--json'])).out)
    expect(status).toMatchObject({ paused: { until: expect.any(String) } })
    expect((await arche(at, ['status'])).out).toContain('Paused')
    expect((await arche(at, ['schedule', 'resume'])).out).toContain('active again')
    expect(jsonLines((await arche(at, ['status', '--json'])).out)[0]).toMatchObject({ paused: null })
  })
})

describe('status', () => {
  it('says what is due next, and ends with 0 while nothing is wrong', async () => {
    const at = await withPlan()
    await arche(at, ['schedule', 'set', 'office', '--daily', '--at', '20:00'])
    expect(await arche(at, ['status'])).toMatchObject({ code: 0, out: expect.stringMatching(/office\n.*planned/) })
  })

  it('ends with 3 and names the alarm after a backup that was killed', async () => {
    const at = scene()
    const child = startArche(at, ['backup', slowFolder(at), '--to', 'stick', '--json'])
    await lineThat(child, (line) => line.type === 'progress' && line.operation === 'archive')
    child.kill('SIGKILL')
    const status = await arche(at, ['status'])
    expect(status).toMatchObject({ code: 3, out: expect.stringContaining('The backup of “slow” failed on') })
    const [line] = jsonLines((await arche(at, ['status', '--json'])).out)
    expect(line).toMatchObject({ exitCode: 3, alarms: [{ kind: 'failed', subject: 'slow' }] })
    const seen = await arche(at, ['plan', 'acknowledge', 'slow'])
    expect(seen).toMatchObject({ code: 0, out: expect.stringContaining('for 7 days at most') })
    expect((await arche(at, ['status'])).out).toMatch(/The backup of “slow” failed on .+\(acknowledged /)
    expect((await arche(at, ['plan', 'acknowledge', 'slow'])).out).toContain('Nothing to change')
    const undone = await arche(at, ['plan', 'acknowledge', 'slow', '--undo', '--json'])
    expect(jsonLines(undone.out)[0]).toMatchObject({ acknowledged: false, alarms: [{ kind: 'failed' }] })
    expect((await arche(at, ['status'])).out).not.toContain('acknowledged')
    expect((await arche(at, ['backup', 'docs', '--to', 'stick', '--plan', 'slow', '--yes'])).code).toBe(0)
  })
})
