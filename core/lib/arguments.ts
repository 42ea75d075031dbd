// The arguments of this process with every byte: names that are not UTF-8 keep theirs as lone surrogates (paths.ts), which Node's own list replaces.
// Guarantees: differs from Node's list only where the system shows the very same arguments as bytes (Linux); elsewhere it is that list.
import { readFileSync, readlinkSync } from 'node:fs'
import { decodeName } from './paths.ts'

/** The last arguments of the process, as many as `argv` (those after the program's own). `pid`: they are those of this other process. */
export function exactArguments(argv: readonly string[], pid?: number): string[] {
  if (!argv.some((one) => one.includes('\ufffd'))) return [...argv]
  try {
    const bytes = readFileSync(`/proc/${pid ?? 'self'}/cmdline`)
    const all: Buffer[] = []
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(0, from)
      const to = end < 0 ? bytes.length : end
      all.push(bytes.subarray(from, to))
      from = to + 1
    }
    const own = all.slice(-argv.length)
    const same = own.length === argv.length && own.every((raw, index) => raw.toString('utf8') === argv[index])
    return same ? own.map(decodeName) : [...argv]
  } catch {
    return [...argv]
  }
}

/** The folder that this process is in, likewise. */
export function exactFolder(): string {
  const folder = process.cwd()
  if (!folder.includes('\ufffd')) return folder
  try {
    const exact = decodeName(readlinkSync('/proc/self/cwd', { encoding: 'buffer' }))
    return Buffer.from(folder).equals(Buffer.from(exact)) ? folder : exact
  } catch {
    return folder
  }
}
