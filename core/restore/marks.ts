// Knows again what a restore wrote: eight bytes for each file, from its inode number, size and time. Before something restored is removed
// (roll back, undo), this tells whether it is still what was restored; what is not is kept.
// Guarantees: a false "changed" only keeps a file too many; a false "unchanged" needs two of 2^64 values to meet.
import { type BigIntStats, closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { onDisk } from './disk.ts'

const bufferedMarks = 8192

/** Odd constants of SplitMix64 (Steele et al. 2014): they spread the three numbers over 64 bits. */
export function markOf(stat: BigIntStats): bigint {
  const mixed = stat.ino * 0x9e3779b97f4a7c15n + stat.size * 0xbf58476d1ce4e5b9n + stat.mtimeNs * 0x94d049bb133111ebn
  return BigInt.asUintN(64, mixed)
}

export class MarkWriter {
  readonly #path: string
  readonly #file: number
  readonly #waiting = new BigUint64Array(bufferedMarks)
  #count = 0

  constructor(path: string) {
    this.#path = path
    this.#file = onDisk(path, () => openSync(path, 'wx', 0o600))
  }

  add(stat: BigIntStats): void {
    this.addMark(markOf(stat))
  }

  addMark(mark: bigint): void {
    this.#waiting[this.#count++] = mark
    if (this.#count === bufferedMarks) this.#flush()
  }

  /** Durable from here on. */
  sync(): void {
    this.#flush()
    onDisk(this.#path, () => fsyncSync(this.#file))
  }

  close(): void {
    closeSync(this.#file)
  }

  #flush(): void {
    const data = Buffer.from(this.#waiting.buffer, 0, this.#count * 8)
    for (let at = 0; at < data.length; ) at += onDisk(this.#path, () => writeSync(this.#file, data, at))
    this.#count = 0
  }
}

/** Tells whether a file is as it was restored. */
export type Unchanged = (stat: BigIntStats) => boolean

/** Without the file nothing counts as unchanged. */
export function readMarks(path: string): Unchanged {
  if (!existsSync(path)) return () => false
  const data = onDisk(path, () => readFileSync(path))
  const marks = new BigUint64Array(
    data.buffer.slice(data.byteOffset, data.byteOffset + data.length - (data.length % 8)),
  ).sort()
  return (stat) => has(marks, markOf(stat))
}

function has(sorted: BigUint64Array, value: bigint): boolean {
  let low = 0
  let high = sorted.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = sorted[middle] as bigint
    if (found === value) return true
    if (found < value) low = middle + 1
    else high = middle - 1
  }
  return false
}
