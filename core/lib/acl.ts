// POSIX access lists: the bytes in which Linux keeps them (uapi/linux/posix_acl_xattr.h) and the text in which archives do (star, libarchive, GNU tar).
// Guarantees: pure; a list that was written comes back the same; text that is no list gives nothing instead of another list. Names of others are
// written with their number behind, as star and bsdtar do, which GNU tar takes; the number counts, as it does for owners.

/** The extended attributes in which Linux keeps them. */
export const aclNames = { access: 'system.posix_acl_access', inherited: 'system.posix_acl_default' } as const

const VERSION = 2
const noId = 0xffff_ffff

const tags = { userOwner: 0x01, user: 0x02, groupOwner: 0x04, group: 0x08, mask: 0x10, other: 0x20 } as const

interface Item {
  readonly tag: number
  readonly rights: number
  readonly id: number
}

export interface NamesOf {
  user(uid: number): string | undefined
  group(gid: number): string | undefined
}

export interface NumbersOf {
  user(name: string): number | undefined
  group(name: string): number | undefined
}

/** `user::rw-,user:anne:r--:1001,group::r--,mask::r--,other::---`; undefined for what is no list. */
export function aclText(bytes: Buffer, names: NamesOf): string | undefined {
  if (bytes.length < 4 || bytes.length % 8 !== 4 || bytes.readUInt32LE(0) !== VERSION) return undefined
  const words: string[] = []
  for (let at = 4; at < bytes.length; at += 8) {
    const item = { tag: bytes.readUInt16LE(at), rights: bytes.readUInt16LE(at + 2), id: bytes.readUInt32LE(at + 4) }
    const word = wordOf(item, names)
    if (word === undefined) return undefined
    words.push(word)
  }
  return words.join(',')
}

function wordOf({ tag, rights, id }: Item, names: NamesOf): string | undefined {
  const bits = `${rights & 4 ? 'r' : '-'}${rights & 2 ? 'w' : '-'}${rights & 1 ? 'x' : '-'}`
  if (tag === tags.userOwner) return `user::${bits}`
  if (tag === tags.groupOwner) return `group::${bits}`
  if (tag === tags.mask) return `mask::${bits}`
  if (tag === tags.other) return `other::${bits}`
  if (tag !== tags.user && tag !== tags.group) return undefined
  const kind = tag === tags.user ? 'user' : 'group'
  const name = names[kind](id)
  // A name that could be read as something else is not written.
  return name !== undefined && /^[A-Za-z_][\w.-]*$/.test(name)
    ? `${kind}:${name}:${bits}:${id}`
    : `${kind}:${id}:${bits}`
}

/** The bytes of a list; undefined where the text is none, or names somebody who is not known here. */
export function aclBytes(text: string, numbers: NumbersOf): Buffer | undefined {
  const items: Item[] = []
  for (const line of text.split(/[,\n]/)) {
    const word = line.replace(/#.*$/, '').trim()
    if (word === '') continue
    const item = itemOf(word, numbers)
    if (!item) return undefined
    items.push(item)
  }
  if (items.length < 3) return undefined
  items.sort((one, other) => one.tag - other.tag || one.id - other.id)
  const bytes = Buffer.alloc(4 + 8 * items.length)
  bytes.writeUInt32LE(VERSION, 0)
  for (const [index, { tag, rights, id }] of items.entries()) {
    bytes.writeUInt16LE(tag, 4 + 8 * index)
    bytes.writeUInt16LE(rights, 6 + 8 * index)
    bytes.writeUInt32LE(id, 8 + 8 * index)
  }
  return bytes
}

/** Says no more than the permission bits do. */
export function isPlainAcl(bytes: Buffer): boolean {
  return bytes.length === 4 + 3 * 8
}

const kinds: Record<string, 'user' | 'group' | 'mask' | 'other'> = {
  user: 'user',
  u: 'user',
  group: 'group',
  g: 'group',
  mask: 'mask',
  m: 'mask',
  other: 'other',
  o: 'other',
}

function itemOf(word: string, numbers: NumbersOf): Item | undefined {
  const [kind = '', who = '', bits = '', id] = word.split(':').map((part) => part.trim())
  const known = kinds[kind]
  const rights = rightsOf(bits === '' && (known === 'mask' || known === 'other') ? who : bits)
  if (known === undefined || rights === undefined) return undefined
  if (known === 'mask' || known === 'other') return { tag: tags[known], rights, id: noId }
  if (who === '') return { tag: known === 'user' ? tags.userOwner : tags.groupOwner, rights, id: noId }
  const number = numberOf(id) ?? numberOf(who) ?? numbers[known](who)
  return number === undefined ? undefined : { tag: tags[known], rights, id: number }
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) && Number(text) < noId ? Number(text) : undefined
}

function rightsOf(bits: string): number | undefined {
  if (!/^[r-]?[w-]?[xX-]?$/.test(bits) || bits === '') return undefined
  return (bits.includes('r') ? 4 : 0) | (bits.includes('w') ? 2 : 0) | (/x/i.test(bits) ? 1 : 0)
}
