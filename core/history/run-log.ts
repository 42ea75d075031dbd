// The log of one run: JSON lines in `runs/<id>.jsonl`, written in batches while it goes on, read in pages.
// Guarantees: what was appended is in the file within a second, and flushed when `close` resolves; a page never repeats or skips a line; memory
// is bounded. A log that cannot be written never stops the run: `close` tells the problem instead.
import { type Problem, toProblem } from '../api/failure.ts'
import { LogLine } from '../api/model.ts'
import { type LineFile, linesOf, openLines, parseLine } from '../lib/lines.ts'

/** Milliseconds between two batches, and how many lines make one at once. */
const pace = 1000
const batch = 1000

/** Lines kept while the file cannot be written (full disk); further ones are lost, and `close` tells. */
const most = 50_000

export interface RunLog {
  append(line: LogLine): void
  /** What has been appended can be read. */
  flush(): Promise<void>
  /** Ends the log; the last lines are on the disk. What went wrong while writing, if anything. Never rejects. */
  close(): Promise<Problem | undefined>
}

/** The file is made with the first line. */
export function openRunLog(path: string): RunLog {
  let file: LineFile | undefined
  let pending: LogLine[] = []
  let problem: Problem | undefined
  let timer: NodeJS.Timeout | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function write(flush: boolean): Promise<void> {
    const lines = pending
    pending = []
    if (lines.length === 0 && !(flush && file)) return
    try {
      file ??= await openLines(path)
      await file.append(lines, { flush })
    } catch (error) {
      problem = toProblem(error)
      pending = lines.concat(pending).slice(0, most)
    }
  }

  function inTurn(flush: boolean): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const done = last.then(() => write(flush))
    last = done
    return done
  }

  return {
    append(line) {
      if (pending.length >= most) return
      pending.push(line)
      if (pending.length % batch === 0) void inTurn(false)
      else timer ??= setTimeout(() => void inTurn(false), pace).unref()
    },
    flush: () => inTurn(false),
    async close() {
      await inTurn(true)
      await file?.close().catch((error) => {
        problem = toProblem(error)
      })
      return problem
    },
  }
}

/**
 * Lines `from` … `from + limit - 1` and how many there are. A damaged line shows as problem `damaged`, so that positions stay; a last line
 * that is still being written does not count yet. No log: no lines.
 */
export async function readRunLog(
  path: string,
  from: number,
  limit: number,
): Promise<{ lines: LogLine[]; total: number }> {
  const lines: LogLine[] = []
  let total = 0
  for await (const { text, ended } of linesOf(path)) {
    if (!ended || text === '') continue
    if (total >= from && lines.length < limit) lines.push(toLine(text, lines.at(-1)))
    total += 1
  }
  return { lines, total }
}

function toLine(text: string | undefined, before: LogLine | undefined): LogLine {
  const line = LogLine.safeParse(parseLine(text))
  if (line.success) return line.data
  const time = before?.time ?? new Date(0).toISOString()
  return { time, level: 'warning', problem: { code: 'damaged', details: { name: 'log', reason: 'line' } } }
}
