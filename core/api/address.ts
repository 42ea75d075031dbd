// How an account of a server is written, for people. On its own and without zod, because threads need it. What reads it: place.ts.

/** Without `/` at its beginning the path starts where the login ends. */
interface Account {
  readonly host: string
  readonly port?: number | undefined
  readonly user: string
  readonly path: string
}

const usualPort = 22

/** `sftp://user@host[:port]/path`: for people, and what `parseAddress` reads. A path from where the login ends is `/~/path`. */
export function addressOf({ host, port = usualPort, user, path }: Account): string {
  const shown = host.includes(':') ? `[${host}]` : host
  const where = path.startsWith('/') || path === '' ? path : `/~/${path}`
  const account = user.replace(/[%@:/]/g, encodeURIComponent)
  return `sftp://${account}@${shown}${port === usualPort ? '' : `:${port}`}${where.replaceAll('%', '%25')}`
}
