// The commands of the service without a window: names and options. The rest of the program is in program.ts.
// Does nothing itself.
import type { Command } from 'commander'
import type { Building } from './building.ts'
import { type ServiceOptions, serviceInstall, serviceRemove, serviceRun, serviceStatus } from './commands/service.ts'
import { examples } from './help.ts'

export function addService(program: Command, { command, option, arg, run, t, group }: Building): void {
  const service = group(command(program, 'service'))
  const about = (name: string) =>
    command(service, name)
      .addOption(option('--system', 'service-system'))
      .addOption(option(`--user ${arg('name', 'one')}`, 'service-user'))
      .addOption(option(`--out ${arg('folder', 'one')}`, 'service-out'))
  about('install')
    .addHelpText(
      'after',
      examples(t, [
        ['arche service install', 'service-install'],
        ['sudo arche service install --system --user backup', 'service-system'],
      ]),
    )
    .action((options: ServiceOptions) => run((session) => serviceInstall(session, options)))
  about('status').action((options: ServiceOptions) => run((session) => serviceStatus(session, options)))
  about('remove').action((options: ServiceOptions) => run((session) => serviceRemove(session, options)))
  command(service, 'run').action(() => run(serviceRun))
}
