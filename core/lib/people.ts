// How many people can log in to this computer, as the system knows them.
// Guarantees: never fails; where that is not known (other systems than Linux, accounts of a directory service) it is no sign of several.
import { existsSync } from 'node:fs'
import { readSmall } from './files.ts'

/** The file has a line of some hundred bytes an account. */
const limit = 10_000_000

/** Numbers of accounts that people have; lower ones are the system's (login.defs(5), systemd "UIDs and GIDs"). */
const ofPeople = { first: 1000, last: 60_000 }

/** Shells of accounts that nobody logs in with. */
const noLogin = /\/(?:nologin|false|sync|halt|shutdown)$/

/** Names of people with a home and a shell, of a text as passwd(5) describes it. `exists`: whether the folder is there. */
export function peopleIn(passwd: string, exists: (folder: string) => boolean): string[] {
  return passwd.split('\n').flatMap((line) => {
    const [name = '', , uid = '', , , home = '', shell = ''] = line.split(':')
    const number = /^\d+$/.test(uid) ? Number(uid) : -1
    const person = number >= ofPeople.first && number <= ofPeople.last && shell !== '' && !noLogin.test(shell.trim())
    return person && home.startsWith('/') && home !== '/' && exists(home) ? [name] : []
  })
}

/** True where more than one person has a login here. */
export async function severalPeople(path = '/etc/passwd'): Promise<boolean> {
  const passwd = await readSmall(path, { limit, follow: true }).catch(() => undefined)
  return peopleIn(passwd ?? '', existsSync).length > 1
}
