// What a person chooses to back up, as a form holds it, and the plan that it becomes. Pure.
// Guarantees: paths and passwords are kept exactly as given; a choice that makes no plan gives none. The password never becomes part of a plan.
import { type Database, type Plan, type PlanDraft, PlanSource } from '../../core/api/model.ts'
import { assertNever, serverOf } from '../../core/api/plan-source.ts'

export interface LabbookAnswers {
  storage: string
  database: string
  user: string
  /** As typed: a host, `host:port`, the path of a socket, or nothing for this computer. */
  server: string
  password: string
  remember: boolean
}

/** `planId` absent: what is described below, under `name`. */
export interface Choice {
  planId: string | undefined
  name: string
  kind: PlanSource['kind']
  paths: string[]
  exclude: string[]
  labbook: LabbookAnswers
}

export const noChoice: Choice = {
  planId: undefined,
  name: '',
  kind: 'folders',
  paths: [],
  exclude: [],
  labbook: { storage: '', database: 'SIGL', user: '', server: '', password: '', remember: false },
}

/** A saved plan, to be edited. */
export function choiceOf({ name, source }: Plan): Choice {
  switch (source.kind) {
    case 'folders':
      return { ...noChoice, name, paths: source.paths, exclude: source.exclude }
    case 'labbook': {
      const { host, port, socket } = source.database
      const server = (host ?? port ?? socket) === undefined ? '' : serverOf(source.database)
      const { name: database, user } = source.database
      return {
        ...noChoice,
        name,
        kind: 'labbook',
        labbook: { ...noChoice.labbook, storage: source.storage, database, user, server },
      }
    }
    default:
      return assertNever(source)
  }
}

/** The plan of a choice; undefined while something is missing or impossible. */
export function draftOf(choice: Choice): PlanDraft | undefined {
  const source = PlanSource.safeParse(sourceOf(choice))
  const name = choice.name.trim()
  return source.success && name !== '' ? { name, source: source.data, store: { kind: 'medium' } } : undefined
}

function sourceOf({ kind, paths, exclude, labbook }: Choice): unknown {
  switch (kind) {
    case 'folders':
      return { kind, paths, exclude }
    case 'labbook':
      return {
        kind,
        storage: labbook.storage,
        database: { name: labbook.database.trim(), user: labbook.user.trim(), ...addressOf(labbook.server.trim()) },
      }
    default:
      return assertNever(kind)
  }
}

/** `/run/mysqld/mysqld.sock`, `db.example.org`, `db.example.org:3307`, `[::1]:3306`; anything else is a host. */
function addressOf(server: string): Pick<Database, 'host' | 'port' | 'socket'> {
  if (server === '') return {}
  if (server.startsWith('/')) return { socket: server }
  const [, host, port] = /^([^:]+|\[.+\]):(\d{1,5})$/.exec(server) ?? []
  const bare = (host ?? server).replace(/^\[(.*)\]$/, '$1')
  return port === undefined ? { host: bare } : { host: bare, port: Number(port) }
}

/** What goes with a call about this choice. */
export function databasePasswordOf({ kind, labbook }: Choice): { databasePassword?: string } {
  return kind === 'labbook' && labbook.password !== '' ? { databasePassword: labbook.password } : {}
}
