// The command line as words: help in both languages, mistakes and suggestions, which language is spoken, exit codes.
import { type Command, CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { failureCodes } from '../../core/api/failure.ts'
import { Language, Operation, Outcome, type Run, RunKind } from '../../core/api/model.ts'
import { translator } from '../../core/api/text/text.ts'
import { exitCodes, exitOfFailure, exitOfRun } from '../../core/terminal/exit-codes.ts'
import { commandPath } from '../../core/terminal/help.ts'
import { environmentLanguage, requestedLanguage } from '../../core/terminal/language.ts'
import { width } from '../../core/terminal/layout.ts'
import { createProgram } from '../../core/terminal/program.ts'
import { UsageError } from '../../core/terminal/usage.ts'

interface Parsed {
  actions: number
  printed: string
  /** Sentence and hint. */
  error?: { text: string; hint: string }
  code?: string
}

async function parse(language: Language, ...argv: string[]): Promise<Parsed> {
  const parsed: Parsed = { actions: 0, printed: '' }
  const program = programIn(language, parsed)
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (error instanceof UsageError) parsed.error = error.describe(translator(language))
    else if (error instanceof CommanderError) parsed.code = error.code
    else throw error
  }
  return parsed
}

function programIn(language: Language, parsed: Parsed = { actions: 0, printed: '' }): Command {
  const write = (text: string) => {
    parsed.printed += text
  }
  return createProgram({
    t: translator(language),
    version: '1.2.3',
    columns: 80,
    write,
    writeError: write,
    run: async () => {
      parsed.actions += 1
    },
  })
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

describe('commands', () => {
  it('are those that were promised', () => {
    const leaves = allCommands(programIn('en')).filter((command) =>
      command.commands.every((inner) => ['copy', 'delete', 'note'].includes(inner.name())),
    )
    expect(leaves.map((command) => commandPath(command).replace('arche ', '')).sort()).toEqual([
      'backup',
      'backup copy',
      'backup delete',
      'backup note',
      'find',
      'history',
      'init',
      'keep apply',
      'keep preview',
      'keep set',
      'keep show',
      'key forget',
      'key import',
      'key list',
      'key new',
      'key recipient add',
      'key recipient remove',
      'key remember',
      'key sheet',
      'key use',
      'list',
      'mail off',
      'mail password',
      'mail recipient add',
      'mail recipient remove',
      'mail set',
      'mail show',
      'mail test',
      'medium eject',
      'medium init',
      'medium list',
      'password remove',
      'password set',
      'pin',
      'place add',
      'place list',
      'place make-room',
      'place note',
      'place remove',
      'place test',
      'plan accept',
      'plan acknowledge',
      'plan export',
      'plan forget',
      'plan import',
      'plan list',
      'plan pack',
      'plan ping',
      'plan remember',
      'plan remove',
      'plan restart',
      'plan set',
      'plan show',
      'restore',
      'safety days',
      'safety list',
      'safety remove',
      'schedule off',
      'schedule pause',
      'schedule resume',
      'schedule set',
      'schedule show',
      'service install',
      'service remove',
      'service run',
      'service status',
      'status',
      'unpin',
      'verify',
    ])
  })

  it.each(Language.options)('have help in %s that fits 80 columns', async (language) => {
    for (const command of allCommands(programIn(language))) {
      const words = commandPath(command).split(' ').slice(1)
      const { printed, code } = await parse(language, ...words, '--help')
      expect(code).toBe('commander.helpDisplayed')
      expect(printed).not.toMatch(/undefined|\{\{|terminal\.|\(default|\(choices|display help/)
      expect(printed).toMatch(language === 'fr' ? /^Utilisation\u00a0: arche/ : /^Usage: arche/)
      if (language === 'fr')
        expect(printed).not.toMatch(/Usage:|Options:|Arguments:|Commands:|\[command\]|Exit codes|Examples/)
      const lines = printed.split('\n').filter((line) => !line.startsWith('  arche '))
      expect(lines.filter((line) => width(line) > 80)).toEqual([])
    }
  })

  it('document every exit code', async () => {
    const { printed } = await parse('en', '--help')
    for (const code of Object.values(exitCodes)) expect(printed).toMatch(new RegExp(`^ {2}${code} +\\S`, 'm'))
  })

  it('understand global options before and after the command', async () => {
    for (const argv of [
      ['--yes', 'status', '--json'],
      ['status', '-y', '--lang', 'fr'],
      ['--lang=en', 'backup', 'a', '--key-password-fd', '3', '--to', 'b'],
    ]) {
      expect(await parse('en', ...argv)).toEqual({ actions: 1, printed: '' })
    }
  })

  it('show the version', async () => {
    expect(await parse('fr', '--version')).toMatchObject({ printed: '1.2.3\n', code: 'commander.version' })
  })
})

describe('mistakes', () => {
  const cases: [argv: string[], en: string, fr: string][] = [
    [['bakup'], 'There is no command “bakup”.', 'La commande «\u202fbakup\u202f» n’existe pas.'],
    [['key', 'nwe'], 'There is no command “nwe”.', 'La commande «\u202fnwe\u202f» n’existe pas.'],
    [['backup', 'a', '--tto', 'b'], 'There is no option --tto.', 'L’option --tto n’existe pas.'],
    [
      ['backup', 'a', '--to'],
      'The option --to <place> needs a value.',
      'L’option --to <emplacement> demande une valeur.',
    ],
    [['medium', 'init'], 'Something is missing: <path>.', 'Il manque\u00a0: <chemin>.'],
    [['status', 'x'], 'There are too many words on the line.', 'Il y a trop de mots sur la ligne.'],
    [
      ['restore', '--undo', 'x', '--from', 'y'],
      'The option --undo <task> does not go together with the others.',
      'L’option --undo <tâche> ne va pas avec les autres.',
    ],
    [
      ['verify', 'x', '--all', '--from', 'y'],
      'The option --all does not go together with the others.',
      'L’option --all ne va pas avec les autres.',
    ],
    [
      ['restore', 'x', '--existing', 'all'],
      '--existing cannot be “all”.',
      '--existing ne peut pas être «\u202fall\u202f».',
    ],
    [['status', '--lang', 'de'], '--lang cannot be “de”.', '--lang ne peut pas être «\u202fde\u202f».'],
  ]
  it.each(cases)('%j', async (argv, en, fr) => {
    for (const [language, text] of [
      ['en', en],
      ['fr', fr],
    ] as const) {
      const { error, actions, printed } = await parse(language, ...argv)
      expect({ text: error?.text, actions, printed }).toEqual({ text, actions: 0, printed: '' })
      expect(error?.hint).toMatch(/\S/)
    }
  })

  it('get a suggestion where one is near, else the way to the help', async () => {
    expect((await parse('en', 'bakup')).error?.hint).toBe('Did you mean backup?')
    expect((await parse('fr', 'list', '--form', 'x')).error?.hint).toBe('Vouliez-vous dire --from\u202f?')
    expect((await parse('en', 'key', 'zzzzzz')).error?.hint).toBe('“arche key --help” shows what is possible.')
  })
})

describe('language', () => {
  it.each([
    [{ LC_ALL: 'fr_FR.UTF-8', LANG: 'en_US.UTF-8' }, 'fr'],
    [{ LC_ALL: '', LC_MESSAGES: 'fr_CA', LANG: 'en_US.UTF-8' }, 'fr'],
    [{ LANG: 'fr' }, 'fr'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    [{}, 'en'],
  ])('of the environment %j is %s', (env, language) => {
    expect(environmentLanguage(env)).toBe(language)
  })

  it.each([
    [['--lang', 'fr', 'status'], 'fr'],
    [['status', '--lang=fr'], 'fr'],
    [['status', '--lang', 'xx'], undefined],
    [['status', '--lang'], undefined],
    [['backup', '--', '--lang', 'fr'], undefined],
    [['status'], undefined],
  ])('asked for by %j is %s', (argv, language) => {
    expect(requestedLanguage(argv)).toBe(language)
  })
})

describe('exit codes', () => {
  const run: Run = {
    id: '00000000-0000-4000-8000-000000000000',
    kind: 'backup',
    trigger: 'manual',
    subject: 'docs',
    startedAt: '2026-01-01T00:00:00Z',
    warnings: 0,
    files: 0,
    bytes: 0,
    stored: 0,
    operations: [],
  } // prettier-ignore

  it('of failures are all in the table, and never success', () => {
    for (const code of failureCodes) {
      expect(Object.values(exitCodes)).toContain(exitOfFailure(code))
      expect(exitOfFailure(code)).not.toBe(0)
    }
  })

  it('of runs follow the outcome', () => {
    expect(exitOfRun({ ...run, outcome: 'success' })).toBe(0)
    expect(exitOfRun({ ...run, outcome: 'warning' })).toBe(3)
    expect(exitOfRun({ ...run, outcome: 'cancelled' })).toBe(130)
    expect(exitOfRun({ ...run, outcome: 'error', failure: { code: 'no-space', details: {} } })).toBe(6)
    expect(exitOfRun({ ...run, outcome: 'error' })).toBe(1)
    expect(exitOfRun(run)).toBe(13)
  })
})

describe('sentences', () => {
  it.each(Language.options)('exist in %s for everything that a run can be', (language) => {
    const t = translator(language)
    for (const kind of RunKind.options)
      for (const outcome of Outcome.options)
        expect(t(`terminal.headline.${kind}.${outcome}`, { subject: 'x' })).toContain('x')
    for (const operation of Operation.options) expect(t(`common.operation.${operation}`)).not.toBe('')
    expect([0, 1, 2, 1_000_000].map((count) => t('terminal.count.files', { count }))).toEqual(
      language === 'en'
        ? ['0 files', '1 file', '2 files', '1,000,000 files']
        : ['0 fichier', '1 fichier', '2 fichiers', '1\u202f000\u202f000 fichiers'],
    )
  })
})
