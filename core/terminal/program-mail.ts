// The commands of e-mail: names, arguments, options. The rest of the program is in program.ts.
// Does nothing itself.
import type { Command } from 'commander'
import type { Building } from './building.ts'
import {
  type MailSetOptions,
  mailOff,
  mailPassword,
  mailSet,
  mailShow,
  mailTest,
  type PingOptions,
  planPing,
  type RecipientOptions,
  recipientAdd,
  recipientRemove,
} from './commands/mail.ts'
import { examples } from './help.ts'

export function addMail(program: Command, { command, option, arg, run, t, group, oneOf }: Building): void {
  const mail = group(command(program, 'mail'))
  command(mail, 'show').action(() => run(mailShow))
  command(mail, 'set')
    .addOption(option(`--host ${arg('name', 'one')}`, 'mail-host'))
    .addOption(option('--port <n>', 'mail-port'))
    .addOption(
      option('--security <starttls|tls|none>', 'mail-security').argParser(
        oneOf('--security', ['starttls', 'tls', 'none']),
      ),
    )
    .addOption(option(`--account ${arg('name', 'one')}`, 'mail-account'))
    .addOption(option('--no-account', 'mail-no-account'))
    .addOption(option(`--ca ${arg('file', 'one')}`, 'mail-ca'))
    .addOption(option('--no-ca', 'mail-no-ca'))
    .addOption(option(`--from ${arg('address', 'one')}`, 'mail-from'))
    .addOption(option('--report-day <1-7>', 'mail-report-day'))
    .addOption(option('--report-at <hh:mm>', 'mail-report-at'))
    .addHelpText(
      'after',
      examples(t, [['arche mail set --host smtp.example.org --account me --from arche@example.org', 'mail-set']]),
    )
    .action((options: MailSetOptions) => run((session) => mailSet(session, options)))
  command(mail, 'password')
    .addOption(option('--forget', 'mail-forget'))
    .action((options: { forget?: boolean }) => run((session) => mailPassword(session, options)))
  command(mail, `test ${arg('address', 'optional')}`).action((address: string | undefined) =>
    run((session) => mailTest(session, address)),
  )
  command(mail, 'off').action(() => run(mailOff))
  const recipient = group(command(mail, 'recipient'))
  command(recipient, `add ${arg('address', 'one')}`)
    .addOption(option('--on <error,warning,success,missed>', 'mail-on'))
    .addOption(option('--language <fr|en>', 'mail-language').argParser(oneOf('--language', ['en', 'fr'])))
    .addOption(option('--no-report', 'mail-no-report'))
    .action((address: string, options: RecipientOptions) => run((session) => recipientAdd(session, address, options)))
  command(recipient, `remove ${arg('address', 'one')}`).action((address: string) =>
    run((session) => recipientRemove(session, address)),
  )
}

/** Below `arche plan`. */
export function addPing(plan: Command, { command, option, arg, run }: Building): void {
  command(plan, `ping ${arg('name', 'one')} ${arg('url', 'optional')}`)
    .addOption(option('--off', 'ping-off'))
    .addOption(option('--test', 'ping-test'))
    .action((name: string, url: string | undefined, options: PingOptions) =>
      run((session) => planPing(session, name, url, options)),
    )
}
