// Extended attributes and access lists of what was restored, by namespace: `user.` for anybody, `trusted.` and `security.` for root.
// Guarantees: what is not set is named, with why; labels of the system's own security (SELinux, IMA, EVM) are never set: they are true of the system
// that made them only. Names in access lists are those of this machine where the archive has no numbers. Does not decide when: see metadata.ts.
import { readFileSync } from 'node:fs'
import type { Attributes } from '../archive/archive.ts'
import { aclBytes, aclNames, isPlainAcl, type NumbersOf } from '../lib/acl.ts'
import { errnoOf } from '../lib/files.ts'
import { type Libc, libc, type Where } from '../lib/libc.ts'
import type { Tally } from '../lib/tally.ts'

/** Goes with every change of owner: set last. */
const capability = 'security.capability'

const labels = new Set(['security.selinux', 'security.ima', 'security.evm', 'security.SMACK64', 'security.apparmor'])

const privileged = process.getuid?.() === 0

/** Those that need the right to write, and must be set before permissions are; the others after. */
export type Turn = 'before' | 'after'

/** The attributes of one file or folder on their way to it. */
export class Attributing {
  readonly #where: Where
  readonly #wanted: Attributes
  readonly #setting: Setting | undefined
  readonly #skipped: string[] = []

  constructor(where: Where, wanted: Attributes) {
    const system = libc()
    this.#where = where
    this.#wanted = wanted
    this.#setting = system && new Setting(system, where)
  }

  /** Sets what there is for this turn. */
  set(turn: Turn): void {
    const setting = this.#setting
    if (!setting) return
    const lists = new Set<string>(Object.values(aclNames))
    for (const { name, value } of this.#wanted.extended) {
      if (lists.has(name) || turnOf(name) !== turn) continue
      if (labels.has(name)) this.#skipped.push(name)
      else if (!privileged && !name.startsWith('user.')) setting.not(name, 'EPERM')
      else setting.set(name, Buffer.from(value, 'latin1'))
    }
    if (turn !== 'after' || 'link' in this.#where) return
    setting.list('access', this.#wanted)
    setting.list('inherited', this.#wanted)
  }

  /** After both turns: what was not set is counted. */
  tell(path: string, tally: Tally): void {
    if (this.#skipped.length > 0) tally.count('attributes-skipped', path, { names: this.#skipped })
    const setting = this.#setting
    if (!setting) {
      if (!isPlain(this.#wanted)) tally.count('attributes-unsupported', path, { names: namesIn(this.#wanted) })
    } else if (setting.failed.length > 0)
      tally.count('attributes-failed', path, { names: setting.failed, reason: setting.reason ?? '' })
  }

  /** The file has capabilities now. */
  get capable(): boolean {
    const setting = this.#setting
    const has = this.#wanted.extended.some(({ name }) => name === capability)
    return has && setting !== undefined && !setting.failed.includes(capability)
  }
}

/** Takes away what is not among `wanted`, as far as that can be; for a folder that gets back what it had. */
export function removeOthers(where: Where, wanted: Attributes): void {
  const system = libc()
  if (!system) return
  const kept = new Set(wanted.extended.map(({ name }) => name))
  if (wanted.access !== undefined) kept.add(aclNames.access)
  if (wanted.inherited !== undefined) kept.add(aclNames.inherited)
  quietly(() => {
    for (const name of system.attributes(where))
      if (!kept.has(name) && !labels.has(name)) quietly(() => system.removeAttribute(where, name))
  })
}

/** What is made in a folder gets only what is set for it, whatever the folder above says. */
export function removeInherited(folder: string): void {
  const system = libc()
  if (!system) return
  for (const name of Object.values(aclNames)) quietly(() => system.removeAttribute({ folder }, name))
}

function quietly(call: () => void): void {
  try {
    call()
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
  }
}

function turnOf(name: string): Turn {
  return name.startsWith('user.') || name.startsWith('trusted.') ? 'before' : 'after'
}

function namesIn({ extended, access, inherited }: Attributes): string[] {
  const lists = access !== undefined || inherited !== undefined ? ['ACL'] : []
  return [...extended.map(({ name }) => name), ...lists]
}

/** GNU tar notes a list for each file, which says no more than the permissions do. */
function isPlain({ extended, access = '', inherited }: Attributes): boolean {
  return extended.length === 0 && inherited === undefined && access.split(/[,\n]/).filter(Boolean).length <= 3
}

class Setting {
  readonly failed: string[] = []
  reason: string | undefined
  readonly #system: Libc
  readonly #where: Where

  constructor(system: Libc, where: Where) {
    this.#system = system
    this.#where = where
  }

  not(name: string, reason: string): void {
    this.failed.push(name)
    this.reason ??= reason
  }

  set(name: string, value: Buffer): void {
    try {
      this.#system.setAttribute(this.#where, name, value)
    } catch (error) {
      const reason = errnoOf(error)
      if (reason === undefined) throw error
      this.not(name, reason)
    }
  }

  list(kind: 'access' | 'inherited', wanted: Attributes): void {
    const text = wanted[kind]
    const kept = wanted.extended.find(({ name }) => name === aclNames[kind])
    if (text === undefined && !kept) return
    const bytes = text === undefined ? Buffer.from(kept?.value ?? '', 'latin1') : aclBytes(text, numbers())
    if (!bytes) this.not('ACL', 'EINVAL')
    else if (kind === 'inherited' || !isPlainAcl(bytes)) this.set(aclNames[kind], bytes)
    const at = this.failed.indexOf(aclNames[kind])
    if (at >= 0) this.failed[at] = 'ACL'
  }
}

let known: NumbersOf | undefined

/** Of names of this machine, read when the first list needs them. */
function numbers(): NumbersOf {
  const users = lazily('/etc/passwd')
  const groups = lazily('/etc/group')
  known ??= { user: (name) => users().get(name), group: (name) => groups().get(name) }
  return known
}

function lazily(file: string): () => ReadonlyMap<string, number> {
  let table: Map<string, number> | undefined
  return () => {
    table ??= numbersIn(file)
    return table
  }
}

/** `name:password:number:…` a line: passwd(5), group(5). */
function numbersIn(file: string): Map<string, number> {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    return new Map(lines.map((line) => line.split(':')).map(([name = '', , id]) => [name, Number(id)]))
  } catch {
    // Not every system has these files.
    return new Map()
  }
}
