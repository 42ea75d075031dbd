// The command of what was done: its argument and its filters. The rest of the program is in program.ts.
// Does nothing itself.
import type { Command } from 'commander'
import { Outcome, RunKind } from '../api/model.ts'
import type { Building } from './building.ts'
import { type HistoryOptions, history } from './commands/history.ts'
import { examples } from './help.ts'

export function addHistory(program: Command, { command, option, arg, run, t, oneOf }: Building): void {
  /** An option that may be given several times, each time one of these. */
  const chosen = (name: string, choices: readonly string[]) => {
    const one = oneOf(`--${name}`, choices)
    return option(`--${name} ${arg(name, 'one')}`, `history-${name}`).argParser(
      (typed: string, before: string[] = []) => [...before, one(typed)],
    )
  }
  const plan = t('terminal.example.plan')
  command(program, `history ${arg('run', 'optional')}`)
    .addOption(option('--limit <n>', 'limit').default('20'))
    .addOption(option(`--plan ${arg('name', 'one')}`, 'history-plan'))
    .addOption(chosen('kind', RunKind.options))
    .addOption(chosen('outcome', [...Outcome.options, 'running']))
    .addOption(option('--since <yyyy-mm-dd>', 'history-since'))
    .addOption(option('--until <yyyy-mm-dd>', 'history-until'))
    .addOption(option(`--find ${arg('words', 'one')}`, 'history-find'))
    .addOption(option('--csv', 'history-csv'))
    .addHelpText(
      'after',
      examples(t, [
        [`arche history --plan ${plan} --outcome error --outcome missed`, 'history'],
        ['arche history --since 2026-01-01 --limit 10000 --csv', 'history-csv'],
      ]),
    )
    .action((id: string | undefined, options: HistoryOptions) => run((session) => history(session, id, options)))
}
