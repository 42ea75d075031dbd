// The commands of places: names, arguments, options. The rest of the program is in program.ts.
// Does nothing itself.
import type { Command } from 'commander'
import type { Building } from './building.ts'
import { type MakeRoomOptions, makeRoom } from './commands/make-room.ts'
import { type PlaceAddOptions, placeAdd, placeList, placeRemove, placeTest } from './commands/place.ts'
import { placeNote } from './commands/place-note.ts'
import { examples } from './help.ts'

export function addPlace(program: Command, { command, option, arg, run, t, group }: Building): void {
  const place = group(command(program, 'place'))
  command(place, `add ${arg('place', 'one')}`)
    .addOption(option(`--name ${arg('name', 'one')}`, 'place-name'))
    .addOption(option(`--key-file ${arg('file', 'one')}`, 'place-key-file'))
    .addOption(option('--host-key <SHA256:…>', 'place-host-key'))
    .addOption(option('--new', 'medium-new'))
    .addHelpText(
      'after',
      examples(t, [
        ['arche place add /mnt/share --name OFFICE', 'place-folder'],
        ['arche place add sftp://me@nas.example.org/srv/backups --name NAS', 'place-sftp'],
        ['arche backup ~/Documents --to NAS', 'place-backup'],
      ]),
    )
    .action((typed: string, options: PlaceAddOptions) => run((session) => placeAdd(session, typed, options)))
  command(place, 'list')
    .addOption(option('--test', 'place-ask'))
    .action((options: { test?: boolean }) => run((session) => placeList(session, options)))
  command(place, `test ${arg('name', 'one')}`).action((name: string) => run((session) => placeTest(session, name)))
  command(place, `note ${arg('name', 'one')} ${arg('words', 'optional-many')}`).action(
    (name: string, words: string[]) => run((session) => placeNote(session, name, words)),
  )
  command(place, `make-room ${arg('name', 'one')}`)
    .addOption(option(`--plan ${arg('name', 'one')}`, 'room-plan'))
    .addOption(option('--others', 'room-others'))
    .addOption(option(`--backups ${arg('count', 'one')}`, 'room-backups'))
    .addOption(option(`--need ${arg('size', 'one')}`, 'room-need'))
    .addHelpText(
      'after',
      examples(t, [
        ['arche place make-room STICK --plan Documents', 'room-plan'],
        ['arche place make-room STICK --need 2GB', 'room-need'],
      ]),
    )
    .action((name: string, options: MakeRoomOptions) => run((session) => makeRoom(session, name, options)))
  command(place, `remove ${arg('name', 'one')}`).action((name: string) => run((session) => placeRemove(session, name)))
}
