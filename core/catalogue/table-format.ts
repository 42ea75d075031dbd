// What is fixed in the file of a table: see table.ts.
import { fromErrno } from '../lib/files.ts'
import type { About } from './row.ts'

export const heading = Buffer.from('ARCHE CATALOGUE 1\n')
export const ending = Buffer.from('CATALOGUE ENDS\0\0')
export const trailerLength = ending.length + 8

export const newline = 10
/** Before the name of a folder: no folded name holds it. */
export const folderMark = 2

export interface BlockAt {
  readonly offset: number
  readonly text: number
  readonly rest: number
  readonly lines: number
  readonly crcs: readonly [text: number, rest: number]
  /** Its first row. */
  readonly first: readonly [dir: string, name: string]
}

export interface Footer {
  readonly about: About
  readonly rows: number
  readonly blocks: readonly BlockAt[]
}

export function onDisk<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw fromErrno(error, { path })
  }
}
