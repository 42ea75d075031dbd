// Reads a dump while it is made as a restore of it will: what Arche's own reader would refuse, or the server not take, is told at the backup.
// Guarantees: changes no byte and stops no backup; memory holds two statements. After the first statement that is refused nothing more is judged, because
// what follows may depend on it.
import { Failure, type Problem } from '../../api/failure.ts'
import { Guard } from './guard.ts'
import { versionOf } from './lexer.ts'
import { megabytesFor } from './load.ts'
import { beginning, Splitter, type Statement } from './statements.ts'

export interface JudgeOptions {
  /** The database that is dumped. */
  readonly database: string
  /** As its server tells it. */
  readonly version: string
  /** `max_allowed_packet` of its server, in bytes. */
  readonly packet: number
  /** Restored by Arche itself, and not by hand with the client program, which takes what it gets. */
  readonly restorable: boolean
}

export class DumpJudge {
  readonly #options: JudgeOptions
  readonly #guard: Guard
  readonly #splitter: Splitter
  #refused: Failure | undefined
  #largest: { readonly length: number; readonly details: Problem['details'] } | undefined

  constructor(options: JudgeOptions) {
    const { database, version } = options
    this.#options = options
    this.#guard = new Guard({ server: versionOf(version), database, events: () => 'DISABLE' })
    this.#splitter = new Splitter(() => this.#guard.quoting)
  }

  push(bytes: Uint8Array): void {
    if (this.#refused) return
    this.#judging(() => {
      this.#splitter.push(bytes)
      this.#all()
    })
  }

  /** What is to be told of the whole dump. */
  end(): Problem[] {
    if (!this.#refused)
      this.#judging(() => {
        this.#splitter.end()
        this.#all()
        this.#splitter.finish()
      })
    const { database, restorable } = this.#options
    const problems: Problem[] = []
    if (this.#refused && restorable)
      problems.push({ code: 'dump-unloadable', details: { ...this.#refused.details, database } })
    if (this.#largest) problems.push({ code: 'dump-packet', details: this.#largest.details })
    return problems
  }

  #judging(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.#refused = error
    }
  }

  #all(): void {
    for (let next = this.#splitter.next(); next; next = this.#splitter.next()) {
      this.#measure(next)
      this.#guard.admit(next)
    }
  }

  #measure(statement: Statement): void {
    const { database, packet } = this.#options
    const { length, line, rows, bytes } = statement
    if (length + 1 < packet || length <= (this.#largest?.length ?? 0)) return
    const where = rows === undefined ? beginning(bytes) : Buffer.from(rows, 'latin1').toString()
    const details = { database, table: where, line, need: length, limit: packet, megabytes: megabytesFor(length) }
    this.#largest = { length, details }
  }
}
