// The extended attributes and access lists of a file or folder, as the system has them: read for a backup, and for what a restore changes.
// Guarantees: one call of the system for a file that has none; what cannot be read, or is more than an archive takes, is named instead of
// thrown. Nothing is followed but what is open or held. Does not set any: see restore/attributes.ts.
import { aclNames, aclText, type NamesOf } from './acl.ts'
import { errnoOf } from './files.ts'
import type { Libc, Where } from './libc.ts'

/** As in archive/entry.ts. */
export interface FoundAttributes {
  readonly extended: readonly { readonly name: string; readonly value: string }[]
  readonly access?: string | undefined
  readonly inherited?: string | undefined
}

export interface Attributed {
  /** Absent: none. */
  readonly attributes?: FoundAttributes
  /** Names of those that are there and are not in it. */
  readonly unread: readonly string[]
  /** Why, for the first one. */
  readonly reason?: string | undefined
}

/** Of one file together, in bytes: a header of an archive must hold them (META_LIMIT of archive/tar-header.ts). */
const most = 512 * 1024

/** Kept by the system in forms of its own, which mean nothing elsewhere: NFS version 4 and SMB. */
const foreign = /^system\.(?!posix_acl_)/

const none: Attributed = { unread: [] }

export function readAttributes(libc: Libc, where: Where, names: NamesOf): Attributed {
  let listed: readonly string[]
  try {
    listed = libc.attributes(where)
  } catch (error) {
    return { unread: ['*'], reason: errnoOf(error) }
  }
  if (listed.length === 0) return none
  const found = new Found(names)
  for (const name of listed) found.read(libc, where, name)
  return found.all
}

class Found {
  readonly #names: NamesOf
  readonly #extended: { name: string; value: string }[] = []
  readonly #unread: string[] = []
  #access: string | undefined
  #inherited: string | undefined
  #reason: string | undefined
  #length = 0

  constructor(names: NamesOf) {
    this.#names = names
  }

  read(libc: Libc, where: Where, name: string): void {
    try {
      const value = foreign.test(name) ? this.#not(name, 'EOPNOTSUPP') : libc.attribute(where, name)
      // Undefined also where it went between the two calls.
      if (value === undefined) return
      this.#length += value.length + name.length
      if (this.#length > most) this.#not(name, 'E2BIG')
      else if (name === aclNames.access) this.#access = aclText(value, this.#names) ?? this.#not(name, 'EINVAL')
      else if (name === aclNames.inherited) this.#inherited = aclText(value, this.#names) ?? this.#not(name, 'EINVAL')
      else this.#extended.push({ name, value: value.toString('latin1') })
    } catch (error) {
      const reason = errnoOf(error)
      if (reason === undefined) throw error
      this.#not(name, reason)
    }
  }

  #not(name: string, reason: string): undefined {
    this.#unread.push(name)
    this.#reason ??= reason
  }

  get all(): Attributed {
    const attributes = {
      extended: this.#extended,
      ...(this.#access !== undefined && { access: this.#access }),
      ...(this.#inherited !== undefined && { inherited: this.#inherited }),
    }
    const any = this.#extended.length > 0 || this.#access !== undefined || this.#inherited !== undefined
    return { ...(any && { attributes }), unread: this.#unread, reason: this.#reason }
  }
}
