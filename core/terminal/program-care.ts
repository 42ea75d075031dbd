// Commands for retention, pins, undo data and schedules: `arche keep`, `pin`, `unpin`, `backup delete` and `backup note`, `safety` and `schedule`.
import type { Command } from 'commander'
import { keepRules } from '../api/keep-rules.ts'
import type { Building } from './building.ts'
import { backupNote } from './commands/backup-note.ts'
import { backupCopy } from './commands/copy.ts'
import { backupDelete } from './commands/delete.ts'
import { type KeepOptions, keepApply, keepPreview, keepSet, keepShow, pin } from './commands/keep.ts'
import { safetyDays, safetyList, safetyRemove } from './commands/safety.ts'
import {
  type ScheduleOptions,
  scheduleOff,
  schedulePause,
  scheduleResume,
  scheduleSet,
  scheduleShow,
} from './commands/schedule.ts'
import { examples } from './help.ts'
import { needed, UsageError } from './usage.ts'

export function addKeep(program: Command, building: Building): void {
  const { command, option, arg, run, t, group } = building
  const keep = group(command(program, 'keep'))
  const from = () => option(`--from ${arg('medium', 'one')}`, 'from')
  const plan = t('terminal.example.plan')
  command(keep, `show ${arg('name', 'optional')}`).action((name: string | undefined) =>
    run((session) => keepShow(session, name)),
  )
  const set = command(keep, `set ${arg('name', 'one')}`)
  for (const rule of keepRules) set.addOption(option(`--${rule} <n>`, `keep-${rule}`))
  set
    .addOption(option('--until-full', 'keep-until-full'))
    .addOption(option('--all', 'keep-all'))
    .addOption(option(`--on ${arg('medium', 'one')}`, 'keep-on'))
    .addHelpText(
      'after',
      examples(t, [
        [`arche keep set ${plan}`, 'keep-propose'],
        [`arche keep set ${plan} --daily 7 --weekly 4 --monthly 12 --yearly 3`, 'keep-set'],
        [`arche keep set ${plan} --last 5`, 'keep-last'],
        [`arche keep set ${plan} --until-full`, 'keep-until-full'],
      ]),
    )
    .action((name: string, options: KeepOptions) => run((session) => keepSet(session, name, options)))
  const looks = { preview: keepPreview, apply: keepApply } as const
  for (const [name, look] of Object.entries(looks)) {
    command(keep, `${name} ${arg('name', 'one')}`)
      .addOption(from())
      .action((typed: string, options: { from?: string }) =>
        run((session) => look(session, typed, { from: needed(options.from, `keep ${name}`) })),
      )
  }
  for (const name of ['pin', 'unpin'] as const) {
    command(program, `${name} ${arg('archive', 'one')}`)
      .addOption(from())
      .action((typed: string, options: { from?: string }) =>
        run((session) => pin(session, typed, { from: needed(options.from, name) }, name === 'pin')),
      )
  }
  addSafety(program, building)
}

/** Under `arche backup`, which takes folders: the folder of this name is typed as `./delete`. */
export function addDelete(backup: Command, { command, option, arg, run, t }: Building): void {
  command(backup, `delete ${arg('archive', 'many')}`)
    .addOption(option(`--from ${arg('medium', 'one')}`, 'from'))
    .addHelpText(
      'after',
      examples(t, [
        ['arche backup delete backup_v30_Documents_2026-03-02_12h00m00s.tar.gz.gpg --from STICK', 'backup-delete'],
      ]),
    )
    .action((archives: string[], options: { from?: string }) => {
      refuseStray(backup, 'arche backup delete')
      return run((session) => backupDelete(session, archives, needed(options.from, 'backup delete')))
    })
}

/** Under `arche backup` too: a folder of this name is typed as `./copy`. */
export function addCopy(backup: Command, { command, option, arg, run, t }: Building): void {
  command(backup, `copy ${arg('archive', 'many')}`)
    .addOption(option(`--from ${arg('where', 'one')}`, 'from'))
    .addOption(option(`--to ${arg('where', 'one')}`, 'copy-to'))
    .addHelpText('after', examples(t, [['arche backup copy latest --from STICK --to NAS', 'backup-copy']]))
    .action((archives: string[], options: { from?: string; to?: string }) => {
      refuseStray(backup, 'arche backup copy', ['to'])
      // `--to` is known to `backup` as well, and is read there.
      const [to] = options.to === undefined ? (backup.opts().to ?? []) : [options.to]
      return run((session) => backupCopy(session, archives, { ...options, to: needed(to, 'backup copy', '--to') }))
    })
}

/** Under `backup` as well: a folder of this name is typed as `./note`. */
export function addNote(backup: Command, { command, option, arg, run, t }: Building): void {
  command(backup, `note ${arg('archive', 'one')} ${arg('words', 'optional-many')}`)
    .addOption(option(`--from ${arg('medium', 'one')}`, 'from'))
    .addHelpText(
      'after',
      examples(t, [[`arche backup note latest --from STICK ${t('keep.terminal.note-example')}`, 'backup-note']]),
    )
    .action((archive: string, words: string[], options: { from?: string }) => {
      refuseStray(backup, 'arche backup note')
      return run((session) => backupNote(session, archive, words, needed(options.from, 'backup note')))
    })
}

/** Options of `backup` are parsed before its subcommand is known: those that do not apply there are refused. */
function refuseStray(backup: Command, name: string, shared: readonly string[] = []): void {
  const stray = backup.options.find(
    (one) => !shared.includes(one.attributeName()) && backup.opts()[one.attributeName()] !== undefined,
  )
  if (stray) throw new UsageError('unknown-option', { name: stray.long ?? '', command: name })
}

function addSafety(program: Command, { command, option, arg, run, group }: Building): void {
  const safety = group(command(program, 'safety'))
  command(safety, 'list').action(() => run(safetyList))
  command(safety, `remove ${arg('run', 'optional-many')}`)
    .addOption(option('--all', 'safety-all'))
    .action((runs: string[], options: { all?: boolean }) => run((session) => safetyRemove(session, runs, options)))
  command(safety, `days ${arg('days', 'one')}`).action((days: string) => run((session) => safetyDays(session, days)))
}

export function addSchedule(program: Command, { command, option, arg, run, t, group }: Building): void {
  const schedule = group(command(program, 'schedule'))
  command(schedule, `show ${arg('name', 'optional')}`).action((name: string | undefined) =>
    run((session) => scheduleShow(session, name)),
  )
  const set = command(schedule, `set ${arg('name', 'one')}`)
  for (const [flags, name] of [
    ['--daily', 'daily'],
    ['--weekly <mon,…>', 'weekly'],
    ['--hours <n>', 'hours'],
    ['--monthly <n>', 'monthly'],
    ['--on-arrival', 'on-arrival'],
    ['--at <HH:MM>', 'at'],
    ['--mains', 'mains'],
    ['--no-mains', 'no-mains'],
    ['--unmetered', 'unmetered'],
    ['--no-unmetered', 'no-unmetered'],
    ['--between <HH:MM-HH:MM>', 'between'],
    ['--no-between', 'no-between'],
    ['--anyway-after <n>', 'anyway-after'],
    ['--reminder <n>', 'reminder'],
    ['--medium-window <n>', 'medium-window'],
    ['--retries <n>', 'retries'],
    ['--alarm-after <n>', 'alarm-after'],
  ] as const)
    set.addOption(option(flags, name))
  const plan = t('terminal.example.plan')
  set
    .addHelpText(
      'after',
      examples(t, [
        [`arche schedule set ${plan} --daily --at 20:00 --mains`, 'schedule-daily'],
        [`arche schedule set ${plan} --weekly mon,fri --at 18:30 --retries 5`, 'schedule-weekly'],
        [`arche schedule set ${plan} --on-arrival`, 'schedule-arrival'],
      ]),
    )
    .action((name: string, options: ScheduleOptions) => run((session) => scheduleSet(session, name, options)))
  command(schedule, `off ${arg('name', 'one')}`).action((name: string) => run((session) => scheduleOff(session, name)))
  command(schedule, 'pause')
    .addOption(option('--for <n>', 'pause-for').default('24'))
    .action((options: { for: string }) => run((session) => schedulePause(session, options)))
  command(schedule, 'resume').action(() => run(scheduleResume))
}
