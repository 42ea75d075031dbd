// The command that looks for files in all backups: `arche find`.
import type { Command } from 'commander'
import type { Building } from './building.ts'
import { type FindOptions, find } from './commands/find.ts'
import { examples } from './help.ts'

export function addFind(program: Command, { command, option, arg, run, t }: Building): void {
  const plan = t('terminal.example.plan')
  command(program, `find ${arg('word', 'optional-many')}`)
    .addOption(option(`--plan ${arg('name', 'one')}`, 'find-plan'))
    .addOption(option(`--before ${arg('date', 'one')}`, 'find-before'))
    .addOption(option('--limit <n>', 'find-limit').default('20'))
    .addOption(option('--add', 'find-add'))
    .addHelpText(
      'after',
      examples(t, [
        ['arche find tax 2025 pdf', 'find'],
        [`arche find report --plan ${plan} --before 2026-03-31`, 'find-before'],
        ['arche find --add', 'find-add'],
      ]),
    )
    .action((words: string[], options: FindOptions) => run((session) => find(session, words, options)))
}
