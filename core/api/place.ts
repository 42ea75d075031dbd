// Places: somewhere named that keeps backups, configured once and used by many plans.
// Guarantees: a place is known by the id of the marker that lies there, whatever way leads to it; what is written down of a place is no secret.
// Secrets only come in (`PlaceSecrets`), never out.
import { z } from 'zod'
import { addressOf } from './address.ts'
import { Name } from './plan.ts'
import { Problem } from './problem.ts'

/** One line without control characters, kept exactly as typed. */
const Line = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[^\p{Cc}]*$/u)

/** Name or IP address of a server. */
const Host = z
  .string()
  .max(255)
  .regex(/^[^\s\p{Cc}/@[\]]+$/u)

const Port = z.number().int().min(1).max(65_535)

/** How OpenSSH prints the fingerprint of a host key. */
const HostKeyPrint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/)

/** A folder of this computer: another disk, a mounted share. Absolute. */
const FolderSpec = z.object({
  kind: z.literal('folder'),
  path: z
    .string()
    .max(4096)
    .regex(/^(?:\/|[A-Za-z]:[\\/]|\\\\)[^\0]*$/),
})

/** An account of a server. Without `/` at its beginning the path starts where the login ends; empty: that folder itself. */
const SftpSpec = z.object({
  kind: z.literal('sftp'),
  host: Host,
  port: Port.optional(),
  user: Line(128).min(1),
  path: Line(4096),
  hostKey: HostKeyPrint,
})
export type SftpSpec = z.infer<typeof SftpSpec>

/** Where a place is. Backups lie in its folder `SIGL_sauvegardes`, as on a medium. */
export const StoreSpec = z.discriminatedUnion('kind', [FolderSpec, SftpSpec])
export type StoreSpec = z.infer<typeof StoreSpec>

/** `id`: of the marker that lies there; the same place is the same id by whatever way. It stands wherever the id of a medium stands. */
export const Place = z.object({ id: z.uuid(), name: Name, store: StoreSpec })
export type Place = z.infer<typeof Place>

/** With an `id`: changes how that place is reached. Without a name: that of the marker which lies there, else of the folder or the server. */
export const PlaceDraft = z.object({ id: z.uuid().optional(), name: Name.optional(), store: StoreSpec })
export type PlaceDraft = z.infer<typeof PlaceDraft>

const Secret = (longest: number) => z.string().min(1).max(longest)

/** Inward only. `key`: text of a private key, in the format of OpenSSH or PEM; `passphrase` opens it. Both: the server wants both. */
export const PlaceSecrets = z.object({
  password: Secret(1024).optional(),
  key: Secret(100_000).optional(),
  passphrase: Secret(1024).optional(),
})
export type PlaceSecrets = z.infer<typeof PlaceSecrets>

/** What a server shows before anything secret is sent to it: for a person to compare. `type` as in SSH: `ssh-ed25519`… */
export const HostKey = z.object({ type: z.string(), fingerprint: z.string() })
export type HostKey = z.infer<typeof HostKey>

/** What a person writes down about a place or a drive (where it is kept, say) or about a backup. */
export const Note = Line(200).min(1)

/** A place as it is found when it is asked. Sizes in bytes. */
export const PlaceState = z.object({
  /** Why backups cannot be kept there now. */
  problem: Problem.optional(),
  free: z.number().int().nonnegative().optional(),
  /** When the newest backup there was made. */
  newest: z.iso.datetime().optional(),
  backups: z.number().int().nonnegative().optional(),
})
export type PlaceState = z.infer<typeof PlaceState>

export const PlaceSeen = z.object({
  place: Place,
  /** It needs a password or a key, and none is kept for it here: see `place.unlock`. */
  locked: z.boolean(),
  /** Ids of the plans whose backups go there. */
  plans: z.array(z.uuid()),
  /** Only where it was asked for. */
  state: PlaceState.optional(),
})
export type PlaceSeen = z.infer<typeof PlaceSeen>

/** A trial: something was written, read back, compared and removed again. Rates in bytes a second. */
export const PlaceTrial = z.object({
  bytes: z.number().int(),
  up: z.number().nonnegative(),
  down: z.number().nonnegative(),
  free: z.number().int().nonnegative().optional(),
})
export type PlaceTrial = z.infer<typeof PlaceTrial>

/** What an address means; undefined: it is none. Never with a password: what is typed on a command line is seen by others. */
export function parseAddress(text: string): Omit<SftpSpec, 'hostKey'> | undefined {
  const parts = /^sftp:\/\/([^/@:]+)@(\[[^\]]+\]|[^/:@[\]]+)(?::(\d{1,5}))?(\/.*)?$/i.exec(text)
  if (!parts) return undefined
  const [, user = '', host = '', port, where = ''] = parts
  const path = unescaped(where)
  const known = {
    kind: 'sftp',
    host: host.replace(/^\[|\]$/g, ''),
    user: unescaped(user),
    path: /^\/~(\/|$)/.test(path) ? path.replace(/^\/~\/*/, '') : path,
    ...(port === undefined ? {} : { port: Number(port) }),
  }
  const checked = SftpSpec.omit({ hostKey: true }).safeParse(known)
  return checked.success ? checked.data : undefined
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A name with a % of its own.
    return text
  }
}

/** Where a place is, as people know it: a path, or an address. */
export function whereIs(store: StoreSpec): string {
  return words[store.kind](store as never)
}

const words: { readonly [K in StoreSpec['kind']]: (store: StoreSpec & { kind: K }) => string } = {
  folder: ({ path }) => path,
  sftp: addressOf,
}
