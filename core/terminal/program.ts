// The commands of the terminal form: names, arguments, options, help in the reader's language, and which function does each.
// Guarantees: parsing never ends the process; what commander objects to is thrown as UsageError.
// Does nothing itself: `run` gets the action that was chosen.

import { Command, type CommanderError } from 'commander'
import type { Existing } from '../api/contract.ts'
import { Compression, PackFormat } from '../api/plan.ts'
import { type Building, buildingOf, group, oneOf, type ProgramOptions } from './building.ts'
import { planAccept } from './commands/accept.ts'
import { planAcknowledge } from './commands/acknowledge.ts'
import { backup } from './commands/backup.ts'
import type { BackupOptions } from './commands/backup-plan.ts'
import { init } from './commands/init.ts'
import {
  keyForget,
  keyList,
  keyNew,
  keyRemember,
  keySheet,
  keyUse,
  recipientAdd,
  recipientRemove,
} from './commands/key.ts'
import { type ImportOptions, keyImport } from './commands/key-import.ts'
import { list } from './commands/list.ts'
import { type InitOptions, mediumEject, mediumInit, mediumList } from './commands/medium.ts'
import { type PackOptions, planPack } from './commands/pack.ts'
import { passwordRemove, passwordSet } from './commands/password.ts'
import {
  type PlanSetOptions,
  planExport,
  planForget,
  planImport,
  planList,
  planRemember,
  planRemove,
  planSet,
  planShow,
} from './commands/plan.ts'
import { planRestart } from './commands/restart.ts'
import { restore } from './commands/restore.ts'
import type { RestoreOptions } from './commands/restore-options.ts'
import { status } from './commands/status.ts'
import { type VerifyOptions, verify } from './commands/verify.ts'
import { commandPath, epilogue, examples, helpIn } from './help.ts'
import { addCopy, addDelete, addKeep, addNote, addSchedule } from './program-care.ts'
import { addFind } from './program-find.ts'
import { addHistory } from './program-history.ts'
import { addMail, addPing } from './program-mail.ts'
import { addPlace } from './program-place.ts'
import { addService } from './program-service.ts'
import { fromParser, UsageError } from './usage.ts'

/** Options that every command understands. */
export interface GlobalOptions {
  yes?: boolean
  json?: boolean
  lang?: string
  operatorPasswordFd?: string
  keyPasswordFd?: string
  databasePasswordFd?: string
  mailPasswordFd?: string
  placePasswordFd?: string
  placePassphraseFd?: string
  newOperatorPasswordFd?: string
}

export function createProgram(options: ProgramOptions): Command {
  const { t, columns } = options
  const program = new Command('arche')
  program
    .description(t('terminal.command.arche'))
    .version(options.version, '-V, --version', t('terminal.option.version'))
    .helpOption('-h, --help', t('terminal.option.help'))
    .helpCommand(`help [${t('terminal.arg.command')}]`, t('terminal.option.help'))
    .configureHelp(helpIn(t))
    .configureOutput({
      writeOut: options.write,
      writeErr: options.writeError,
      outputError: () => undefined,
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
    })
  const building = buildingOf(options)
  program
    .addOption(building.option('-y, --yes', 'yes'))
    .addOption(building.option('--json', 'json'))
    .addOption(building.option('--lang <fr|en>', 'lang').argParser(oneOf('--lang', ['en', 'fr'])))
    .addOption(building.option('--operator-password-fd <n>', 'operator-password-fd'))
    .addOption(building.option('--key-password-fd <n>', 'key-password-fd'))
    .addOption(building.option('--database-password-fd <n>', 'database-password-fd'))
    .addOption(building.option('--mail-password-fd <n>', 'mail-password-fd'))
    .addOption(building.option('--place-password-fd <n>', 'place-password-fd'))
    .addOption(building.option('--place-passphrase-fd <n>', 'place-passphrase-fd'))
    .addOption(building.option('--new-operator-password-fd <n>', 'new-operator-password-fd'))
  addFirstSteps(program, building)
  addBackups(program, building)
  addPlans(program, building)
  addKeep(program, building)
  addSchedule(program, building)
  addMedium(program, building)
  addPlace(program, building)
  addKey(program, building)
  addPassword(program, building)
  addMail(program, building)
  addService(program, building)
  const example = (command: string, does: string) => [`arche ${command}`, does] as const
  const folder = t('terminal.example.folder')
  program.addHelpText(
    'after',
    `${examples(t, [
      example(`backup ~/${folder} --to /media/me/STICK`, 'backup'),
      example('list --from STICK', 'list'),
      example('restore latest --from STICK --into ~/restored', 'restore'),
    ])}\n${epilogue(t, columns)}`,
  )
  everyCommand(program, (command) => command.exitOverride((error) => refuse(error, command)))
  return program
}

function refuse(error: CommanderError, command: Command): never {
  if (error.exitCode === 0 || error.code === 'commander.help') throw error
  throw fromParser(error, commandPath(command))
}

function everyCommand(command: Command, visit: (command: Command) => void): void {
  visit(command)
  for (const inner of command.commands) everyCommand(inner, visit)
}

function addFirstSteps(program: Command, { command, run }: Building): void {
  command(program, 'init').action(() => run(init))
  command(program, 'status').action(() => run(status))
}

function addPassword(program: Command, { command, run, t }: Building): void {
  const password = group(command(program, 'password'), t)
  command(password, 'set').action(() => run(passwordSet))
  command(password, 'remove').action(() => run(passwordRemove))
}

function addKey(program: Command, { command, option, arg, run, t }: Building): void {
  const key = group(command(program, 'key'), t)
  command(key, 'new')
    .addOption(option(`--name ${arg('name', 'one')}`, 'key-name'))
    .addOption(option('--remember', 'remember'))
    .action((options: { name?: string; remember?: boolean }) => run((session) => keyNew(session, options)))
  command(key, 'list').action(() => run(keyList))
  command(key, 'sheet')
    .addOption(option(`--out ${arg('file', 'one')}`, 'sheet-out'))
    .action((options: { out?: string }) => run((session) => keySheet(session, options)))
  command(key, `use ${arg('fingerprint', 'one')}`).action((fingerprint: string) =>
    run((session) => keyUse(session, fingerprint)),
  )
  command(key, `import ${arg('folder', 'one')}`)
    .addOption(option(`--recipient ${arg('fingerprint', 'many')}`, 'import-recipient'))
    .addOption(option('--no-recipients', 'no-recipients'))
    .action((folder: string, options: ImportOptions) => run((session) => keyImport(session, folder, options)))
  const recipient = group(command(key, 'recipient'), t)
  command(recipient, `add ${arg('file', 'one')}`).action((file: string) =>
    run((session) => recipientAdd(session, file)),
  )
  command(recipient, `remove ${arg('fingerprint', 'one')}`).action((fingerprint: string) =>
    run((session) => recipientRemove(session, fingerprint)),
  )
  command(key, 'remember').action(() => run(keyRemember))
  command(key, 'forget').action(() => run(keyForget))
}

function addMedium(program: Command, { command, option, arg, run, t }: Building): void {
  const medium = group(command(program, 'medium'), t)
  command(medium, 'list').action(() => run(mediumList))
  command(medium, `init ${arg('path', 'one')}`)
    .addOption(option(`--name ${arg('name', 'one')}`, 'medium-name'))
    .addOption(option('--new', 'medium-new'))
    .action((path: string, options: InitOptions) => run((session) => mediumInit(session, path, options)))
  command(medium, `eject ${arg('medium', 'one')}`).action((name: string) =>
    run((session) => mediumEject(session, name)),
  )
}

function addBackups(program: Command, building: Building): void {
  const { command, option, arg, run, t } = building
  const from = () => option(`--from ${arg('medium', 'one')}`, 'from')
  const folder = t('terminal.example.folder')
  const backupCommand = command(program, `backup ${arg('folder', 'optional-many')}`)
    .addOption(option(`--to ${arg('where', 'one')}`, 'to').argParser(collected))
    .addOption(option(`--plan ${arg('name', 'one')}`, 'plan'))
    .addOption(option(`--exclude ${arg('pattern', 'many')}`, 'exclude'))
    .addOption(option(`--databases ${arg('name', 'many')}`, 'databases'))
    .addOption(option('--all-databases', 'all-databases'))
  addPack(backupCommand, building)
  addDelete(backupCommand, building)
  addCopy(backupCommand, building)
  addNote(backupCommand, building)
  addServerOptions(backupCommand, building)
    .addHelpText('after', `\n${t('keep.terminal.delete-folder')}`)
    .addHelpText(
      'after',
      examples(t, [
        [`arche backup ~/${folder} --to /media/me/STICK`, 'backup'],
        [
          `arche backup ~/${folder} /etc --to STICK --plan ${t('terminal.example.plan')} --exclude '*.tmp' node_modules`,
          'backup-exclude',
        ],
        [`arche backup ~/${folder} --to STICK --to NAS`, 'backup-copies'],
        [`arche backup --plan ${t('terminal.example.plan')}`, 'backup-plan'],
        [
          'arche backup --labbook /space/labbook/storage --database SIGL --db-user labbook --to STICK',
          'backup-labbook',
        ],
        ['arche backup --all-databases --db-user backup --to STICK', 'backup-databases'],
      ]),
    )
    .action((folders: string[], options: BackupOptions) => run((session) => backup(session, folders, options)))
  command(program, `list ${arg('archive', 'optional')}`)
    .addOption(from())
    .action((archive: string | undefined, options: { from?: string }) =>
      run((session) => list(session, archive, options)),
    )
  addFind(program, building)
  addRestore(program, building)
  command(program, `verify ${arg('archive', 'optional')}`)
    .addOption(from())
    .addOption(option('--all', 'all'))
    .action((archive: string | undefined, options: VerifyOptions) => {
      if (archive !== undefined && options.all) throw new UsageError('conflict', { name: '--all' })
      return run((session) => verify(session, archive, options))
    })
  addHistory(program, building)
}

/** An option that may be given several times. */
function collected(value: string, before: string[] = []): string[] {
  return [...before, value]
}

const existing: readonly Existing[] = ['replace', 'skip', 'keep-both']

/** A LabBook server, in the same words for backups and restores. */
function addServerOptions(command: Command, { option, arg }: Building): Command {
  return command
    .addOption(option(`--labbook ${arg('folder', 'one')}`, 'labbook'))
    .addOption(option(`--database ${arg('name', 'one')}`, 'database'))
    .addOption(option(`--db-user ${arg('name', 'one')}`, 'db-user'))
    .addOption(option(`--db-host ${arg('name', 'one')}`, 'db-host'))
    .addOption(option('--db-port <n>', 'db-port'))
    .addOption(option(`--db-socket ${arg('path', 'one')}`, 'db-socket'))
}

function addRestore(program: Command, building: Building): void {
  const { command, option, arg, run, t } = building
  const restoreCommand = command(program, `restore ${arg('archive', 'optional')}`)
    .addOption(option(`--from ${arg('medium', 'one')}`, 'from'))
    .addOption(option(`--into ${arg('folder', 'one')}`, 'into'))
    .addOption(option(`--only ${arg('path', 'many')}`, 'only'))
    .addOption(option('--existing <replace|skip|keep-both>', 'existing').argParser(oneOf('--existing', existing)))
    .addOption(option(`--server ${arg('name', 'optional')}`, 'server'))
    .addOption(
      option(`--undo ${arg('run', 'one')}`, 'undo').conflicts([
        'from',
        'into',
        'only',
        'existing',
        'server',
        'labbook',
      ]),
    )
    .addOption(option('--without-copy', 'without-copy'))
    .addOption(option('--restart', 'restart'))
    .addOption(option('--no-restart', 'no-restart'))
    .addOption(
      option('--recover', 'recover').conflicts(['undo', 'from', 'into', 'only', 'existing', 'server', 'labbook']),
    )
  addServerOptions(restoreCommand, building)
    .addHelpText(
      'after',
      examples(t, [
        ['arche restore latest --from STICK --into ~/restored', 'restore'],
        [`arche restore latest --from STICK --only ~/${t('terminal.example.folder')}/letter.odt`, 'restore-only'],
        ['arche restore latest --from STICK --server', 'restore-server'],
        ['arche restore --undo latest', 'restore-undo'],
      ]),
    )
    .action((archive: string | undefined, options: RestoreOptions) =>
      run((session) => restore(session, archive, options)),
    )
}

/** How archives are made, in the same words for a backup and a saved plan. */
function addPack(command: Command, { option, arg }: Building): Command {
  const level = oneOf('--compression', Compression.options)
  return command
    .addOption(option(`--compression ${arg('level', 'one')}`, 'compression').argParser(level))
    .addOption(option(`--format ${arg('format', 'one')}`, 'format').argParser(oneOf('--format', PackFormat.options)))
}

function addPlans(program: Command, building: Building): void {
  const { command, option, arg, run, t } = building
  const plan = group(command(program, 'plan'), t)
  command(plan, 'list').action(() => run(planList))
  command(plan, `show ${arg('name', 'one')}`).action((name: string) => run((session) => planShow(session, name)))
  command(plan, `set ${arg('name', 'one')}`)
    .addOption(option(`--restart-command ${arg('shell-command', 'one')}`, 'restart-command'))
    .addOption(option('--restart-arche', 'restart-arche').conflicts('restartCommand'))
    .addOption(option('--restart-nothing', 'restart-nothing').conflicts(['restartCommand', 'restartArche']))
    .addOption(option(`--to ${arg('where', 'one')}`, 'plan-to').argParser(collected))
    .action((name: string, options: PlanSetOptions) => run((session) => planSet(session, name, options)))
  command(plan, `restart ${arg('name', 'one')}`).action((name: string) => run((session) => planRestart(session, name)))
  command(plan, `accept ${arg('name', 'one')}`).action((name: string) => run((session) => planAccept(session, name)))
  command(plan, `acknowledge ${arg('name', 'one')}`)
    .addOption(option('--undo', 'acknowledge-undo'))
    .action((name: string, options: { undo?: boolean }) => run((session) => planAcknowledge(session, name, options)))
  command(plan, `export ${arg('name', 'optional-many')}`)
    .addOption(option(`--out ${arg('file', 'one')}`, 'out'))
    .action((names: string[], options: { out?: string }) => run((session) => planExport(session, names, options)))
  command(plan, `import ${arg('file', 'one')}`).action((file: string) => run((session) => planImport(session, file)))
  addPack(command(plan, `pack ${arg('name', 'one')}`), building).action((name: string, options: PackOptions) =>
    run((session) => planPack(session, name, options)),
  )
  command(plan, `remember ${arg('name', 'one')}`).action((name: string) =>
    run((session) => planRemember(session, name)),
  )
  command(plan, `forget ${arg('name', 'one')}`).action((name: string) => run((session) => planForget(session, name)))
  command(plan, `remove ${arg('name', 'one')}`).action((name: string) => run((session) => planRemove(session, name)))
  addPing(plan, building)
}
