// The help of the command parser in the reader's language: its titles, its placeholders, and the chapters after it.
// Guarantees: no English of commander's own shows in French; lines fit the terminal.
// Does not know the commands: see program.ts.
import type { Command, Help } from 'commander'
import type { Translate } from '../api/text/text.ts'
import { exitCodes } from './exit-codes.ts'
import { pad, width, wrap } from './layout.ts'

const titles: Readonly<Record<string, string>> = {
  'Usage:': 'usage',
  'Arguments:': 'arguments',
  'Options:': 'options',
  'Global Options:': 'global-options',
  'Commands:': 'commands',
}

/** For `configureHelp`. */
export function helpIn(t: Translate): Partial<Help> {
  return {
    showGlobalOptions: true,
    displayWidth: width,
    styleTitle: (title) => (titles[title] ? t(`terminal.help.${titles[title]}`) : title),
    styleUsage: (usage) => usage.replaceAll('[command]', `[${t('terminal.arg.command')}]`),
    // Commander would add "(default: …)" in English: descriptions say it themselves.
    optionDescription: (option) => option.description,
  }
}

/** The path of a command as it is typed: "arche key new". */
export function commandPath(command: Command): string {
  return command.parent ? `${commandPath(command.parent)} ${command.name()}` : command.name()
}

/** Examples under a command's help; each is a command and what it does. */
export function examples(t: Translate, list: readonly (readonly [command: string, does: string])[]): string {
  const lines = list.flatMap(([command, does]) => [`  # ${t(`terminal.example.${does}`)}`, `  ${command}`])
  return ['', t('terminal.help.examples'), ...lines].join('\n')
}

/** What stands under the help of `arche` itself. */
export function epilogue(t: Translate, columns: number): string {
  const codes = Object.entries(exitCodes).map(([name, code]) =>
    chapterLine(String(code), t(`terminal.exit.${name}`), 5, columns),
  )
  const names = [
    'ARCHE_HOME',
    'ARCHE_OPERATOR_PASSWORD',
    'ARCHE_NEW_OPERATOR_PASSWORD',
    'ARCHE_KEY_PASSWORD',
    'ARCHE_DATABASE_PASSWORD',
    'ARCHE_MAIL_PASSWORD',
    'ARCHE_PLACE_PASSWORD',
    'ARCHE_PLACE_KEY_FILE',
    'ARCHE_PLACE_PASSPHRASE',
    'NO_COLOR',
  ]
  const variables = names.map((name) => chapterLine(name, t(`terminal.variable.${name}`), 25, columns))
  const paragraph = (key: string) => wrap(t(`terminal.help.${key}`), columns, '  ')
  return [
    '',
    t('terminal.help.passwords'),
    paragraph('passwords-text'),
    '',
    t('terminal.help.media'),
    paragraph('media-text'),
    '',
    t('terminal.help.json'),
    paragraph('json-text'),
    '',
    t('terminal.help.variables'),
    ...variables,
    '',
    t('terminal.help.exit-codes'),
    ...codes,
  ].join('\n')
}

function chapterLine(term: string, text: string, termColumns: number, columns: number): string {
  const indent = ' '.repeat(2 + termColumns)
  return wrap(text, columns, indent, `  ${pad(term, termColumns)}`)
}
