// Names of users and groups for the archive, from /etc/passwd and /etc/group, read once per run.
// Names are a courtesy to whoever lists the archive; a restore goes by numbers. Does not ask directory services.
import { readFileSync } from 'node:fs'

export interface OwnerNames {
  user(uid: number): string | undefined
  group(gid: number): string | undefined
}

export function ownerNames(): OwnerNames {
  const users = table('/etc/passwd')
  const groups = table('/etc/group')
  return { user: (uid) => users.get(uid), group: (gid) => groups.get(gid) }
}

/** `name:password:number:…` per line: passwd(5), group(5). */
function table(file: string): Map<number, string> {
  const names = new Map<number, string>()
  for (const line of contents(file).split('\n')) {
    const [name, , id] = line.split(':')
    if (name && id && /^\d+$/.test(id) && !names.has(Number(id))) names.set(Number(id), name)
  }
  return names
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Not every system has these files; numbers are enough.
    return ''
  }
}
