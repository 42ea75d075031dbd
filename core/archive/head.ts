// What an archive says of itself, as plain data.
// Guarantees: a head that was read is checked, whatever the archive claims. Does not know where it stands: see tar.ts.
import { z } from 'zod'

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
  /** As counted before the run: for progress and space, not for proof. */
  readonly files: number
  readonly bytes: number
}

export interface Root {
  readonly name: string
  readonly origin: string
}

/** Longest comment that is taken for a head, in characters. */
const HEAD_LIMIT = 512 * 1024

const text = z.string().max(4096)
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
/** One part of a path on Linux: what else must be refused is for the restore to say. */
const part = z
  .string()
  .min(1)
  .max(1024)
  .refine((name) => name !== '.' && name !== '..' && !/[/\0]/.test(name))

const HeadRecord = z.object({
  arche: z.literal(1),
  plan: text,
  host: text,
  createdAt: z.iso.datetime().max(40),
  roots: z.array(z.object({ name: part, origin: z.string().max(16 * 1024) })).max(10_000),
  files: count,
  bytes: count,
})

/** The head in a comment of an archive; undefined when it is not one, or not sound. Never throws. */
export function parseHead(comment: string | undefined): Head | undefined {
  if (comment === undefined || comment.length > HEAD_LIMIT || !comment.startsWith('{')) return undefined
  try {
    return HeadRecord.safeParse(JSON.parse(comment)).data
  } catch {
    return undefined
  }
}
