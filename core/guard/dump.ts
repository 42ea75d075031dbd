// Counts the statements of a dump while it passes: a database without tables still makes a dump.
// Guarantees: passes every byte on unchanged. Knows mysqldump's and mariadb-dump's own lines, not SQL: a row that holds such a line counts too.
import type { Bytes } from '../lib/bytes.ts'

/** Counts how often a text begins somewhere in the pieces. */
class Occurrences {
  count = 0
  readonly #text: Buffer
  #end = Buffer.alloc(0)

  constructor(text: string) {
    this.#text = Buffer.from(text)
  }

  take(piece: Buffer): void {
    const border = this.#text.length - 1
    this.#look(Buffer.concat([this.#end, piece.subarray(0, border)]))
    this.#look(piece)
    this.#end = Buffer.concat([this.#end, piece.subarray(-border)]).subarray(-border)
  }

  #look(bytes: Buffer): void {
    for (let at = bytes.indexOf(this.#text); at >= 0; at = bytes.indexOf(this.#text, at + this.#text.length))
      this.count += 1
  }
}

/** The same bytes; `dump` holds the counts once all have passed. */
export async function* countedDump(
  body: Bytes,
  dump: { tables: number; inserts: number },
): AsyncGenerator<Uint8Array, void, void> {
  const tables = new Occurrences('\nCREATE TABLE ')
  const inserts = new Occurrences('\nINSERT INTO ')
  for await (const chunk of body) {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    tables.take(piece)
    inserts.take(piece)
    yield chunk
  }
  dump.tables = tables.count
  dump.inserts = inserts.count
}
