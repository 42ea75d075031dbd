// What is wrong with a command line, as sentences of the catalogue (`terminal.usage.<name>.text` and `.hint`), exit code 2.
// Guarantees: every error of the command parser becomes one of these; its own English never shows.
// Does not know the commands.
import type { CommanderError } from 'commander'
import type { Translate } from '../api/text/text.ts'

export type UsageName =
  | 'unknown-option'
  | 'unknown-command'
  | 'missing-argument'
  | 'missing-value'
  | 'missing-option'
  | 'too-many'
  | 'conflict'
  | 'not-day'
  | 'bad-note'
  | 'other'
  | 'not-number'
  | 'not-choice'
  | 'bad-value'
  | 'bad-size'
  | 'bad-date'
  | 'service-user'
  | 'bad-descriptor'
  | 'nothing-to-save'
  | 'nothing-to-change'
  | 'confirmation'
  | 'choose-existing'
  | 'archive-needed'
  | 'latest-removed'
  | 'no-such-run'
  | 'no-such-key'
  | 'recipients-unnamed'
  | 'name-not-utf8'
  | 'several-runs'
  | 'no-such-plan'
  | 'no-such-place'
  | 'bad-address'
  | 'no-database'
  | 'no-restart'
  | 'no-rule'
  | 'which-server'
  | 'file-exists'
  | 'file-too-big'
  | 'file-unreadable'
  | 'file-unwritable'

/** Thrown for a command line that cannot be followed. `vars` fill the gaps of the sentence; names in them are already made visible. */
export class UsageError extends Error {
  readonly usage: UsageName
  readonly vars: Readonly<Record<string, string | number>>

  constructor(usage: UsageName, vars: Readonly<Record<string, string | number>> = {}, options?: { cause: unknown }) {
    super(usage, options)
    this.name = 'UsageError'
    this.usage = usage
    this.vars = vars
  }

  /** The sentence and the hint in the language of `t`. */
  describe(t: Translate): { text: string; hint: string } {
    const suggestion = this.vars.suggestion
    const hint = suggestion
      ? t('terminal.usage.suggestion', { suggestion })
      : t(`terminal.usage.${this.usage}.hint`, this.vars)
    return { text: t(`terminal.usage.${this.usage}.text`, this.vars), hint }
  }
}

const parserErrors: Readonly<Record<string, UsageName>> = {
  'commander.unknownOption': 'unknown-option',
  'commander.unknownCommand': 'unknown-command',
  'commander.missingArgument': 'missing-argument',
  'commander.optionMissingArgument': 'missing-value',
  'commander.missingMandatoryOptionValue': 'missing-option',
  'commander.excessArguments': 'too-many',
  'commander.conflictingOption': 'conflict',
}

/** An error of commander as ours. `command`: the command that was being parsed, for the hint ("arche backup --help"). */
export function fromParser(error: CommanderError, command: string): UsageError {
  const name = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  const suggestion = /\(Did you mean (?:one of )?(.*?)\?\)/.exec(error.message)?.[1] ?? ''
  return new UsageError(parserErrors[error.code] ?? 'other', { name, suggestion, command }, { cause: error })
}

/** For what changes a medium: it is named. Checked here and not by commander, which would ask for it before it names a mistyped option. */
export function needed(given: string | undefined, command: string, name = '--from'): string {
  if (given === undefined) throw new UsageError('missing-option', { name, command: `arche ${command}` })
  return given
}
