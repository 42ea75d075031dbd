// A stage that works in a thread of its own: what comes in goes there in pieces of a mebibyte, what comes out of it comes back.
// Guarantees: the bytes and failures of the stage, in their order; two pieces are under way at the most; leaving early ends the stage there.
// Does not know what the stage does: both sides name it by a plain value.
import type { Bytes, Stage } from './bytes.ts'
import type { Done, Pool } from './pool.ts'

/** Bytes that go to the thread at once. */
const pieceSize = 1024 * 1024

/** Room for what comes out meanwhile: a cipher adds a few bytes. */
const roomSize = pieceSize + 64 * 1024

/** One is worked on while the next one waits. */
const underWay = 2

/** `begin` comes with the first piece only. */
export interface StageTask<Name> {
  readonly do: 'stage'
  readonly id: string
  readonly begin?: Name
  /** Absent: the input has ended (`end`) or is not wanted any more. */
  readonly piece?: Uint8Array
  readonly end?: boolean
  /** Memory that the thread may fill. */
  readonly spare?: ArrayBuffer | undefined
}

export interface Staged {
  /** What came out meanwhile. */
  readonly out: readonly Uint8Array[]
  /** The memory of the piece, to be filled again. */
  readonly back?: ArrayBuffer | undefined
}

let made = 0

/** The stage that `name` stands for, in a pool of one thread. */
export function staged<Name>(name: Name, pool: Pool<StageTask<Name>, Staged>): Stage {
  return async function* (input) {
    const id = `${process.pid}-${performance.now()}-${made++}`
    const spare: ArrayBuffer[] = []
    const going: Promise<Staged>[] = []
    let begun = false
    let ended = false
    const send = (task: Partial<StageTask<Name>>) => {
      const out = spare.pop()
      const begin = begun ? {} : { begin: name }
      begun = true
      const transfer = [...(task.piece ? [task.piece.buffer as ArrayBuffer] : []), ...(out ? [out] : [])]
      const result = pool.run({ do: 'stage', id, ...begin, ...task, spare: out }, transfer)
      // Whoever takes it gets the failure; until then it must not count as unhandled.
      result.catch(() => undefined)
      going.push(result)
    }
    const free: ArrayBuffer[] = []
    const take = async function* (): Bytes {
      const { out, back } = await (going.shift() as Promise<Staged>)
      if (back) free.push(back)
      for (const bytes of out) {
        yield bytes
        if (bytes.buffer.byteLength === roomSize && spare.length < underWay) spare.push(bytes.buffer as ArrayBuffer)
      }
    }
    try {
      for await (const piece of pieces(input, () => new Uint8Array(free.pop() ?? new ArrayBuffer(pieceSize)))) {
        send({ piece })
        if (going.length > underWay) yield* take()
      }
      send({ end: true })
      ended = true
      while (going.length > 0) yield* take()
    } finally {
      if (begun && !ended) send({})
      await Promise.allSettled(going)
    }
  }
}

/** Each piece is its reader's. */
async function* pieces(input: Bytes, room: () => Uint8Array): Bytes {
  let piece: Uint8Array | undefined
  let used = 0
  for await (const chunk of input) {
    for (let at = 0; at < chunk.length; ) {
      piece ??= room()
      const part = chunk.subarray(at, at + pieceSize - used)
      piece.set(part, used)
      used += part.length
      at += part.length
      if (used < pieceSize) continue
      yield piece
      piece = undefined
      used = 0
    }
  }
  if (piece) yield piece.subarray(0, used)
}

/** The other side: the stages that are open in this thread. */
export class OpenStages<Name> {
  readonly #make: (name: Name) => Stage
  readonly #open = new Map<string, Driven>()

  constructor(make: (name: Name) => Stage) {
    this.#make = make
  }

  /** A stage that failed is forgotten: what still comes for it is answered with nothing. */
  async carryOut({ id, begin, piece, end, spare }: StageTask<Name>): Promise<Done<Staged>> {
    if (begin !== undefined) this.#open.set(id, new Driven(this.#make(begin)))
    const stage = this.#open.get(id)
    if (!piece) this.#open.delete(id)
    const out = new Output(spare)
    try {
      if (piece || end) await stage?.drive(piece, out)
      else await stage?.leave()
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
    const back = piece?.buffer as ArrayBuffer | undefined
    const answer = { out: out.parts, ...(back && { back }) }
    return { answer, transfer: [...(back ? [back] : []), ...out.parts.map((part) => part.buffer as ArrayBuffer)] }
  }
}

/** Copies, because a stage uses its memory again. */
class Output {
  readonly parts: Uint8Array[] = []
  #room: Uint8Array
  #used = 0

  constructor(spare: ArrayBuffer | undefined) {
    this.#room = new Uint8Array(spare ?? new ArrayBuffer(0))
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#used === this.#room.length) {
        this.#room = new Uint8Array(roomSize)
        this.#used = 0
      }
      if (this.#used === 0) this.parts.push(this.#room.subarray(0, 0))
      const part = bytes.subarray(at, at + this.#room.length - this.#used)
      this.#room.set(part, this.#used)
      this.#used += part.length
      at += part.length
      this.parts[this.parts.length - 1] = this.#room.subarray(0, this.#used)
    }
  }
}

const hungry = Symbol('hungry')

/** A stage whose input is given to it from outside. */
class Driven {
  readonly #output: AsyncIterator<Uint8Array>
  #next: Promise<IteratorResult<Uint8Array>> | undefined
  #piece: Uint8Array | undefined
  #ended = false
  #fed: (() => void) | undefined
  #starve: () => void = () => undefined

  constructor(stage: Stage) {
    this.#output = stage(this.#input())[Symbol.asyncIterator]()
  }

  /** Gives it a piece, or the end, and takes what comes out until it wants more. */
  async drive(piece: Uint8Array | undefined, out: Output): Promise<void> {
    this.#piece = piece
    this.#ended = piece === undefined
    const starved = new Promise<typeof hungry>((resolve) => {
      this.#starve = () => resolve(hungry)
    })
    this.#fed?.()
    for (;;) {
      this.#next ??= this.#output.next()
      const next = await Promise.race([this.#next, starved])
      if (next === hungry) return
      this.#next = undefined
      if (next.done) return
      out.add(next.value)
    }
  }

  async leave(): Promise<void> {
    this.#ended = true
    // What it says of an early end is nobody's business any more.
    this.#next?.catch(() => undefined)
    this.#fed?.()
    await this.#output.return?.()
  }

  async *#input(): Bytes {
    for (;;) {
      while (this.#piece === undefined && !this.#ended) {
        this.#starve()
        await new Promise<void>((resolve) => {
          this.#fed = resolve
        })
      }
      if (this.#piece === undefined) return
      const piece = this.#piece
      this.#piece = undefined
      yield piece
    }
  }
}
