// What the parts of the command line are built with: commands, options and arguments with their words in the reader's language.
import { type Command, Option } from 'commander'
import type { Translate } from '../api/text/text.ts'
import { visible } from '../api/text/visible.ts'
import { commandPath } from './help.ts'
import type { Session } from './session.ts'
import { UsageError } from './usage.ts'

export type Action = (session: Session) => Promise<number>

export interface ProgramOptions {
  t: Translate
  version: string
  /** Columns for help. */
  columns: number
  write: (text: string) => void
  writeError: (text: string) => void
  run: (action: Action) => Promise<void>
}

export interface Building extends ProgramOptions {
  /** A command with its description and translated words. */
  command(parent: Command, name: string): Command
  /** An option whose description is `terminal.option.<name>`. */
  option(flags: string, name: string): Option
  /** `<name>` or `[name]` in the reader's language. */
  arg(name: string, form: 'one' | 'optional' | 'many' | 'optional-many'): string
  /** A command that only has others under it. */
  group(command: Command): Command
  oneOf(name: string, choices: readonly string[]): (typed: string) => string
}

export function oneOf(name: string, choices: readonly string[]): (typed: string) => string {
  return (typed) => {
    if (choices.includes(typed)) return typed
    throw new UsageError('not-choice', { name, value: visible(typed), choices: choices.join(', ') })
  }
}

export function buildingOf(options: ProgramOptions): Building {
  const { t } = options
  const brackets = {
    one: ['<', '>'],
    optional: ['[', ']'],
    many: ['<', '...>'],
    'optional-many': ['[', '...]'],
  } as const
  return {
    ...options,
    command: (parent, name) => {
      const [first] = name.split(' ')
      const path = `${commandPath(parent)} ${first}`.split(' ').slice(1).join('-')
      return parent
        .command(name)
        .description(t(`terminal.command.${path}`))
        .helpOption('-h, --help', t('terminal.option.help'))
    },
    option: (flags, name) => new Option(flags, t(`terminal.option.${name}`)),
    arg: (name, form) => `${brackets[form][0]}${t(`terminal.arg.${name}`)}${brackets[form][1]}`,
    group: (command) => group(command, t),
    oneOf,
  }
}

/** A command that only has others under it. */
export function group(command: Command, t: Translate): Command {
  return command.helpCommand(`help [${t('terminal.arg.command')}]`, t('terminal.option.help'))
}
