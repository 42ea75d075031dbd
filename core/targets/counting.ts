// What passes into an archive is counted and, where somebody gathers a summary of it, shown to that.
// Guarantees: the same members in the same order; a file that is read late is counted as what it turns out to be.
import { type Entry, type LateFile, type LateOutcome, type Member, PassedOn } from '../archive/archive.ts'
import { countedDump } from '../guard/dump.ts'
import type { Candidate, Counter, Gathering } from '../guard/summary.ts'
import type { Bytes } from '../lib/bytes.ts'
import { HeadMarker, unmarked } from '../lib/content-mark.ts'

/** Files (all that is no folder) and the bytes of their contents. */
export interface Counts {
  files: number
  bytes: number
}

/** Adds to `counts` what passes. */
export async function* counting(
  members: AsyncIterable<Member>,
  counts: Counts,
  gathering: Gathering | undefined,
): AsyncIterable<Member> {
  for await (const member of members) {
    if (member.type === 'late') yield new CountedLate(member, counts, gathering)
    else {
      count(member, counts)
      yield gathering ? gathered(member, gathering) : member
    }
  }
}

function count({ type, size }: Pick<Entry, 'type' | 'size'>, counts: Counts): void {
  if (type !== 'folder') counts.files += 1
  counts.bytes += size
}

function add(size: number, counter: Counter | undefined): void {
  if (!counter) return
  counter.files += 1
  counter.bytes += size
}

/** The same entry; what a summary wants to know of its content is seen when it passes. */
function gathered(entry: Entry, gathering: Gathering): Entry {
  const { type, path, size, body } = entry
  if (type === 'folder') {
    gathering.folder(path)
    return entry
  }
  const dump = gathering.dump(path, size)
  if (dump) return body ? { ...entry, body: countedDump(body, dump) } : entry
  const candidate = gathering.pass(path, size)
  add(size, gathering.place)
  add(size, gathering.mount)
  if (candidate && type !== 'file') candidate.mark = unmarked
  return candidate && body ? { ...entry, body: markedBody(body, candidate) } : entry
}

async function* markedBody(body: Bytes, candidate: Candidate): AsyncGenerator<Uint8Array> {
  const marker = new HeadMarker()
  for await (const chunk of body) {
    marker.take(chunk)
    yield chunk
  }
  candidate.mark = marker.mark()
}

/** Is counted as what it turns out to be. */
class CountedLate extends PassedOn {
  readonly #counts: Counts
  readonly #candidate: Candidate | undefined
  readonly #place: Counter | undefined
  readonly #mount: Counter | undefined

  constructor(file: LateFile, counts: Counts, gathering: Gathering | undefined) {
    const candidate = gathering?.pass(file.path, file.size)
    super(file, candidate !== undefined)
    this.#counts = counts
    this.#candidate = candidate
    this.#place = gathering?.place
    this.#mount = gathering?.mount
  }

  override async *open(): AsyncGenerator<Entry> {
    const candidate = this.#candidate
    if (candidate) candidate.absent = true
    for await (const entry of this.file.open()) {
      this.#count(entry.size)
      const { body } = entry
      yield candidate && body ? { ...entry, body: markedBody(body, candidate) } : entry
    }
  }

  override told(outcome: LateOutcome): void {
    if (outcome.size !== undefined) this.#count(outcome.size)
    else if (this.#candidate) this.#candidate.absent = true
    if (this.#candidate && outcome.mark !== undefined) this.#candidate.mark = outcome.mark
    this.file.told(outcome)
  }

  #count(size: number): void {
    count({ type: 'file', size }, this.#counts)
    add(size, this.#place)
    add(size, this.#mount)
    if (!this.#candidate) return
    this.#candidate.size = size
    this.#candidate.absent = false
  }
}
