// Lists that may grow with the data, kept in a file instead of memory: one JSON value per line, read forwards or backwards.
// Guarantees: memory is bounded by one block of 64 KiB and one line. Not durable: see journal.ts for what must survive.
import { closeSync, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { onDisk } from './disk.ts'

const block = 64 * 1024
const newline = 0x0a

export class Spool<T> {
  readonly #path: string
  readonly #file: number
  #waiting: string[] = []
  #length = 0

  /** `path` in a private temporary folder; must not exist. */
  constructor(path: string) {
    this.#path = path
    this.#file = onDisk(path, () => openSync(path, 'wx', 0o600))
  }

  add(value: T): void {
    const line = `${JSON.stringify(value)}\n`
    this.#waiting.push(line)
    this.#length += line.length
    if (this.#length > block) this.#flush()
  }

  *forwards(): Generator<T> {
    this.#flush()
    for (const line of linesForwards(this.#path)) yield JSON.parse(line) as T
  }

  *backwards(): Generator<T> {
    this.#flush()
    for (const line of linesBackwards(this.#path)) yield JSON.parse(line) as T
  }

  /** Removes the file. */
  close(): void {
    closeSync(this.#file)
    onDisk(this.#path, () => rmSync(this.#path, { force: true }))
  }

  #flush(): void {
    const data = Buffer.from(this.#waiting.join(''))
    for (let at = 0; at < data.length; ) at += onDisk(this.#path, () => writeSync(this.#file, data, at))
    this.#waiting = []
    this.#length = 0
  }
}

/** Whole lines only: what follows the last newline was never finished and is left out. */
export function* linesForwards(path: string): Generator<string> {
  const file = onDisk(path, () => openSync(path, 'r'))
  try {
    let rest: Buffer = Buffer.alloc(0)
    for (;;) {
      const chunk = Buffer.allocUnsafe(block)
      const read = onDisk(path, () => readSync(file, chunk, 0, block, null))
      if (read === 0) return
      let data: Buffer = Buffer.concat([rest, chunk.subarray(0, read)])
      for (let end = data.indexOf(newline); end !== -1; end = data.indexOf(newline)) {
        yield data.toString('utf8', 0, end)
        data = data.subarray(end + 1)
      }
      rest = data
    }
  } finally {
    closeSync(file)
  }
}

/** The same lines, the last one first. */
export function* linesBackwards(path: string): Generator<string> {
  const file = onDisk(path, () => openSync(path, 'r'))
  try {
    let end = onDisk(path, () => fstatSync(file)).size
    let rest: Buffer = Buffer.alloc(0)
    let whole = false
    while (end > 0) {
      const start = Math.max(0, end - block)
      const chunk = Buffer.allocUnsafe(end - start)
      onDisk(path, () => readSync(file, chunk, 0, chunk.length, start))
      let data: Buffer = Buffer.concat([chunk, rest])
      for (let at = data.lastIndexOf(newline); at !== -1; at = data.lastIndexOf(newline)) {
        if (whole) yield data.toString('utf8', at + 1)
        whole = true
        data = data.subarray(0, at)
      }
      rest = data
      end = start
    }
    if (whole) yield rest.toString('utf8')
  } finally {
    closeSync(file)
  }
}
