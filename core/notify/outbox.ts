// The mails that wait, and what has been told already: one append-only file of JSON lines, `outbox.jsonl` in the data folder (0600).
// Guarantees: a notice is noted as told in the same line that holds its mails, so that a kill neither loses them nor tells it twice; what was
// noted as sent is never sent again. A kill between the server's "accepted" and our note sends a mail again, with the same Message-ID.
// Only the owner of the data folder may open it (ownership.ts). Does not send: see delivery.ts.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { errnoOf, fromErrno, writeDurably } from '../lib/files.ts'
import { type LineFile, linesOf, openLines, parseLine } from '../lib/lines.ts'

const Mail = z.object({
  id: z.string(),
  to: z.string(),
  queuedAt: z.iso.datetime(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
})
/** A mail that waits, ready to be sent. */
export type Mail = z.infer<typeof Mail>

const End = z.enum(['sent', 'given-up', 'dropped'])
type End = z.infer<typeof End>

const Line = z.discriminatedUnion('type', [
  /** Everything before is forgotten: written when mail is set up, and when the file has grown. */
  z.object({
    type: z.literal('from'),
    /** No weekly report that was due before this is sent. */
    reportsFrom: z.iso.datetime(),
    told: z.array(z.string()),
    reported: z.array(z.string()),
    mails: z.array(Mail),
    givenUp: z.array(z.iso.datetime()),
    lastSent: z.iso.datetime().optional(),
  }),
  /** `run`: the id of the notice, which was that of a run when only runs were told. */
  z.object({ type: z.literal('told'), run: z.string(), mails: z.array(Mail) }),
  /** What was told has passed, and would be news again. */
  z.object({ type: z.literal('over'), notice: z.string() }),
  z.object({ type: z.literal('reported'), key: z.string(), mails: z.array(Mail) }),
  z.object({ type: z.literal('gone'), id: z.string(), how: End, at: z.iso.datetime() }),
])
type Line = z.infer<typeof Line>

export interface Outbox {
  /** Mail has been set up: `begin` was called once. */
  readonly begun: boolean
  /** Oldest first. */
  readonly waiting: readonly Mail[]
  readonly lastSent: string | undefined
  /** In ms since 1970. */
  readonly reportsFrom: number
  /** Marks these notices as told; the next report is due at `at` (ms) at the earliest. */
  begin(told: readonly string[], at: number): Promise<void>
  hasTold(notice: string): boolean
  hasReported(key: string): boolean
  /** Durable once resolved, as are the following. A notice that was told already: nothing happens. */
  tell(notice: string, mails: readonly Mail[]): Promise<void>
  /** What was told has passed: it may be told again. */
  over(notice: string): Promise<void>
  report(key: string, mails: readonly Mail[]): Promise<void>
  /** `at` in ms. */
  end(id: string, how: End, at: number): Promise<void>
  /** How many were given up after `time` (ms). */
  givenUpSince(time: number): number
  close(): Promise<void>
}

/** A file longer than this is written anew when it is opened, in bytes. */
const longest = 2_000_000

/** How many told notices and reports are remembered: more than anybody looks back. */
const remembered = { notices: 5_000, reports: 500 }

interface Known {
  begun: boolean
  reportsFrom: number
  told: Set<string>
  reported: Set<string>
  waiting: Map<string, Mail>
  givenUp: string[]
  lastSent: string | undefined
}

export async function openOutbox(home: string): Promise<Outbox> {
  const path = join(home, 'outbox.jsonl')
  const known: Known = {
    begun: false,
    reportsFrom: 0,
    told: new Set(),
    reported: new Set(),
    waiting: new Map(),
    givenUp: [],
    lastSent: undefined,
  }
  for await (const { text } of linesOf(path)) {
    const line = Line.safeParse(parseLine(text))
    if (line.success) take(line.data, known)
  }
  if ((await sizeOf(path)) > longest) await writeDurably(path, `${JSON.stringify(snapshot(known))}\n`, { mode: 0o600 })
  // Opened with the first line: who has no mail has no file.
  let file: LineFile | undefined
  let last: Promise<unknown> = Promise.resolve()

  /** One after the other; `make` sees everything before it. */
  function append(make: () => Line | undefined): Promise<void> {
    const done = last.then(async () => {
      const line = make()
      if (!line) return
      file ??= await openLines(path)
      await file.append([line], { flush: true })
      take(line, known)
    })
    last = done.catch(() => undefined)
    return done
  }

  return {
    get begun() {
      return known.begun
    },
    get waiting() {
      return [...known.waiting.values()]
    },
    get lastSent() {
      return known.lastSent
    },
    get reportsFrom() {
      return known.reportsFrom
    },
    begin: (told, at) =>
      append(() => {
        const now = snapshot(known)
        return { ...now, told: [...now.told, ...told], reportsFrom: new Date(at).toISOString() }
      }),
    hasTold: (notice) => known.told.has(notice),
    hasReported: (key) => known.reported.has(key),
    tell: (notice, mails) =>
      append(() => (known.told.has(notice) ? undefined : { type: 'told', run: notice, mails: [...mails] })),
    over: (notice) => append(() => (known.told.has(notice) ? { type: 'over', notice } : undefined)),
    report: (key, mails) =>
      append(() => (known.reported.has(key) ? undefined : { type: 'reported', key, mails: [...mails] })),
    end: (id, how, at) => append(() => ({ type: 'gone', id, how, at: new Date(at).toISOString() })),
    givenUpSince: (time) => known.givenUp.filter((at) => Date.parse(at) > time).length,
    async close() {
      await last
      await file?.close()
    },
  }
}

function take(line: Line, known: Known): void {
  switch (line.type) {
    case 'from':
      Object.assign(known, {
        begun: true,
        reportsFrom: Date.parse(line.reportsFrom),
        told: new Set(line.told),
        reported: new Set(line.reported),
        waiting: new Map(line.mails.map((mail) => [mail.id, mail])),
        givenUp: line.givenUp,
        lastSent: line.lastSent,
      } satisfies Known)
      return
    case 'told':
      known.told.add(line.run)
      add(line.mails, known)
      return
    case 'over':
      known.told.delete(line.notice)
      return
    case 'reported':
      known.reported.add(line.key)
      add(line.mails, known)
      return
    case 'gone':
      known.waiting.delete(line.id)
      if (line.how === 'given-up') known.givenUp.push(line.at)
      if (line.how === 'sent') known.lastSent = line.at
  }
}

function add(mails: readonly Mail[], known: Known): void {
  for (const mail of mails) known.waiting.set(mail.id, mail)
}

function snapshot(known: Known): Extract<Line, { type: 'from' }> {
  return {
    type: 'from',
    reportsFrom: new Date(known.reportsFrom).toISOString(),
    told: [...known.told].slice(-remembered.notices),
    reported: [...known.reported].slice(-remembered.reports),
    mails: [...known.waiting.values()],
    givenUp: known.givenUp.slice(-remembered.reports),
    ...(known.lastSent === undefined ? {} : { lastSent: known.lastSent }),
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0
    throw fromErrno(error, { path })
  }
}
