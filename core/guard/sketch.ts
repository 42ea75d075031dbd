// Small samples of large sets of files, the same files from backup to backup: those whose hashes are the lowest (bottom-k, Cohen and Kaplan 2007).
// Guarantees: what two sketches hold below the lower of both limits is the same random sample of both sets; memory does not grow with the set.

/** Entries that a sketch keeps. Half of them off by five in a hundred: enough to tell most from some. */
const sampled = 512

/** Above every hash: nothing was left out. */
const everything = 2 ** 32

interface Keyed {
  readonly key: number
}

export class Lowest<T extends Keyed> {
  readonly #same: (one: T, other: T) => boolean
  #items: T[] = []
  #limit = everything

  /** `same`: of two entries with one key, one is enough. */
  constructor(same: (one: T, other: T) => boolean = () => false) {
    this.#same = same
  }

  /** Anything with a lower key may be kept. */
  get limit(): number {
    return this.#limit
  }

  add(item: T): void {
    this.#items.push(item)
    if (this.#items.length >= 2 * sampled) this.#cut()
  }

  /** In the order of their keys; `limit` holds for them afterwards. */
  settled(): readonly T[] {
    this.#cut()
    return this.#items
  }

  #cut(): void {
    const sorted = this.#items.sort((one, other) => one.key - other.key)
    const items: T[] = []
    for (const item of sorted) {
      const twice = nearby(items, item.key).some((other) => this.#same(item, other))
      if (!twice) items.push(item)
    }
    const over = items[sampled]
    if (over) this.#limit = over.key
    // All with the limit's own key go: perhaps some of them were not seen.
    this.#items = over ? items.slice(0, sampled).filter(({ key }) => key < over.key) : items
  }
}

/** The last ones, as long as they have this key. */
function nearby<T extends Keyed>(items: readonly T[], key: number): T[] {
  const found: T[] = []
  for (let at = items.length - 1; at >= 0 && items[at]?.key === key; at -= 1) found.push(items[at] as T)
  return found
}

const basis = 0x811c9dc5
const prime = 0x01000193

/** FNV-1a over UTF-16 units: quick, and good enough once mixed. Not mixed, so that it can go on. */
export function hashText(text: string, seed = basis): number {
  let hash = seed
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), prime)
  return hash
}

/** Spreads a hash over 32 bits (MurmurHash3's finalizer). */
function mixed(hash: number): number {
  let value = hash
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

/** Three hashes of a path, found in one pass because every file of a backup has them. */
export class PathHashes {
  /** Of the whole path. */
  path = 0
  /** Of the path without its last extension: that of the file which `x.locked` was before. 0: none. */
  stem = 0
  #name = 0

  /** From the position `from` on, after whatever `seed` stands for. */
  read(seed: number, path: string, from: number): void {
    let full = seed
    let name = basis
    let stem = 0
    let flags = false
    for (let at = from; at < path.length; at += 1) {
      const code = path.charCodeAt(at)
      if (code === 0x2f) {
        name = basis
        stem = 0
        flags = false
      } else {
        if (code === 0x2e) stem = full
        // A maildir notes in a mail's name that it was read (":2,S"): the mail is the same.
        flags ||= (code === 0x3a || code === 0x3b || code === 0x21) && path.startsWith('2,', at + 1)
        if (!flags) name = Math.imul(name ^ code, prime)
      }
      full = Math.imul(full ^ code, prime)
    }
    this.path = mixed(full)
    this.stem = stem === 0 ? 0 : mixed(stem)
    this.#name = name
  }

  /** Of the name and the size: the same wherever the file is moved to. */
  moved(size: number): number {
    return mixed(Math.imul(this.#name ^ (size >>> 0), prime) ^ (size / 2 ** 32))
  }
}
