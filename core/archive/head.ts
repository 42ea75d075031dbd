// What an archive says of itself, as plain data.
// Guarantees: a head that was read is checked, whatever the archive claims. Does not know where it stands: see tar.ts.
import { z } from 'zod'
import { once } from '../lib/once.ts'

/** What an archive says of itself, in the comment of a PAX global header at its start: other tools skip it. */
export interface Head {
  /** Version of this record. */
  readonly arche: 1
  readonly plan: string
  readonly host: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** Top folders of the archive and where each came from (absolute path there). */
  readonly roots: readonly Root[]
  /** The folders above the roots, as they were. Absent from archives of Arche before 2.0; not to be trusted more than the rest. */
  readonly parents?: readonly Parent[] | undefined
  /** As counted before the run: for progress and space, not for proof. */
  readonly files: number
  readonly bytes: number
}

export interface Root {
  readonly name: string
  readonly origin: string
}

export interface Parent {
  readonly path: string
  /** With setuid, setgid and sticky bit, without the kind. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** Longest comment that is taken for a head, in characters. */
const HEAD_LIMIT = 512 * 1024

const count = () => z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const HeadRecord = once(() => {
  const text = z.string().max(4096)
  /** Of a user or group: 32 bits on Linux. */
  const id = count().max(0xffff_fffe)
  /** One part of a path on Linux: what else must be refused is for the restore to say. */
  const part = z
    .string()
    .min(1)
    .max(1024)
    .refine((name) => name !== '.' && name !== '..' && !/[/\0]/.test(name))
  return z.object({
    arche: z.literal(1),
    plan: text,
    host: text,
    createdAt: z.iso.datetime().max(40),
    roots: z.array(z.object({ name: part, origin: z.string().max(16 * 1024) })).max(10_000),
    // Something else under this name is no reason not to know the rest.
    parents: z
      .array(z.object({ path: z.string().max(16 * 1024), mode: count().max(0o7777), uid: id, gid: id }))
      .max(10_000)
      .optional()
      .catch(undefined),
    files: count(),
    bytes: count(),
  })
})

/** The head in a comment of an archive; undefined when it is not one, or not sound. Never throws. */
export function parseHead(comment: string | undefined): Head | undefined {
  if (comment === undefined || comment.length > HEAD_LIMIT || !comment.startsWith('{')) return undefined
  try {
    return HeadRecord().safeParse(JSON.parse(comment)).data
  } catch {
    return undefined
  }
}

/** A member whose content ends in zeros, because no more of the file could be read. */
export interface Incomplete {
  /** As in the archive. */
  readonly path: string
  /** Bytes that are the file's own. */
  readonly read: number
}

/** Members that are named; there may be more. */
const mostIncomplete = 1000

const IncompleteRecord = once(() =>
  z.object({
    arche: z.literal(1),
    incomplete: z.array(z.object({ path: z.string().max(16 * 1024), read: count() })).max(mostIncomplete),
  }),
)

/** The comment that names members which are not whole: the last thing that an archive says. */
export function incompleteComment(incomplete: readonly Incomplete[]): string {
  const record: z.infer<ReturnType<typeof IncompleteRecord>> = {
    arche: 1,
    incomplete: incomplete.slice(0, mostIncomplete),
  }
  return JSON.stringify(record)
}

/** The members that a comment names; none when it is not such a comment. Never throws. */
export function parseIncomplete(comment: string): readonly Incomplete[] {
  if (!comment.startsWith('{"arche":1,"incomplete":')) return []
  try {
    return IncompleteRecord().safeParse(JSON.parse(comment)).data?.incomplete ?? []
  } catch {
    return []
  }
}
