// What a person chooses to back up, as a form holds it, and the plan that it becomes. Pure.
// Guarantees: paths and passwords are kept exactly as given; a choice that makes no plan gives none. The password never becomes part of a plan.

import { type DatabaseServer, serverOf } from '../../../core/api/database.ts'
import { editable, exclusionFault, presetExclusions } from '../../../core/api/exclusion.ts'
import { type Plan, type PlanDraft, PlanSource, Restart } from '../../../core/api/plan.ts'
import type { SourceKind, SourceOf } from '../../../core/api/plan-source.ts'
import { type KeepAnswers, keepOf, proposedAnswers } from '../../parts/keep-answers.ts'

/** How to reach a database server. */
export interface LoginAnswers {
  user: string
  /** As typed: a host, `host:port`, the path of a socket, or nothing for this computer. */
  server: string
  password: string
  remember: boolean
}

export interface LabbookAnswers extends LoginAnswers {
  storage: string
  database: string
}

export interface MysqlAnswers extends LoginAnswers {
  all: boolean
  names: string[]
}

/** What is to be restarted after a restore; the command is kept while another kind is chosen. */
export interface RestartAnswers {
  kind: 'none' | Restart['kind']
  command: string
}

/** `planId` absent: what is described below, under `name`. */
export interface Choice {
  planId: string | undefined
  name: string
  kind: SourceKind
  paths: string[]
  exclude: string[]
  labbook: LabbookAnswers
  mysql: MysqlAnswers
  restart: RestartAnswers
  /** Rules of a new plan; those of a saved one belong to its destinations. */
  keep: KeepAnswers
}

const noLogin: LoginAnswers = { user: '', server: '', password: '', remember: false }

export const noChoice: Choice = {
  planId: undefined,
  name: '',
  kind: 'folders',
  paths: [],
  exclude: [...presetExclusions],
  labbook: { ...noLogin, storage: '', database: 'SIGL' },
  mysql: { ...noLogin, all: true, names: [] },
  restart: { kind: 'none', command: '' },
  keep: proposedAnswers,
}

/** What a form makes of a kind of source. */
interface Answering<S extends PlanSource> {
  /** A saved source, as the form holds it. */
  answers(source: S): Partial<Choice>
  /** What the answers describe: not yet held against the schema. Undefined: they cannot mean anything. */
  source(choice: Choice): Unchecked<S> | undefined
  /** The login that is asked for. */
  login(choice: Choice): LoginAnswers | undefined
}

type Unchecked<S extends PlanSource> = { readonly [Field in Exclude<keyof S, 'kind'>]: unknown }

const kinds = {
  folders: {
    answers: (source) => ({ paths: source.paths, exclude: editable(source) }),
    source({ paths, exclude }) {
      if (exclude.some(exclusionFault)) return undefined
      return { paths, exclude, excludeSyntax: exclude.length > 0 ? 2 : undefined }
    },
    login: () => undefined,
  },
  labbook: {
    answers: ({ storage, database }) => ({
      labbook: { ...loginAnswersOf(database), storage, database: database.name },
    }),
    source: ({ labbook }) => ({
      storage: labbook.storage,
      database: { name: labbook.database.trim(), ...serverAnswered(labbook) },
    }),
    login: ({ labbook }) => labbook,
  },
  mysql: {
    answers({ server, databases }) {
      const all = databases === 'all'
      return { mysql: { ...loginAnswersOf(server), all, names: all ? [] : databases } }
    },
    source: ({ mysql }) => ({ server: serverAnswered(mysql), databases: mysql.all ? 'all' : mysql.names }),
    login: ({ mysql }) => mysql,
  },
} satisfies { [Kind in SourceKind]: Answering<SourceOf<Kind>> }

function rowOf(kind: SourceKind): Answering<PlanSource> {
  return kinds[kind] as Answering<PlanSource>
}

/** A saved plan, to be edited. */
export function choiceOf({ name, source, restart }: Plan): Choice {
  const { kind } = source
  return { ...noChoice, name, kind, restart: restartAnswersOf(restart), ...rowOf(kind).answers(source) }
}

function loginAnswersOf(server: DatabaseServer): LoginAnswers {
  const { user, host, port, socket } = server
  return { ...noLogin, user, server: (host ?? port ?? socket) === undefined ? '' : serverOf(server) }
}

function restartAnswersOf(restart: Restart | undefined): RestartAnswers {
  if (!restart) return noChoice.restart
  return { kind: restart.kind, command: restart.kind === 'command' ? restart.command : '' }
}

/** The plan of a choice; undefined while something is missing or impossible. */
export function draftOf(choice: Choice): PlanDraft | undefined {
  const { kind } = choice
  const source = PlanSource.safeParse({ kind, ...rowOf(kind).source(choice) })
  const name = choice.name.trim()
  const restart = restartOf(choice.restart)
  const keep = keepOf(choice.keep)
  if (!source.success || name === '' || restart === 'incomplete' || keep === undefined) return undefined
  const destination = { place: { kind: 'medium' as const }, ...(keep ? { keep } : {}) }
  return { name, source: source.data, destinations: [destination], ...(restart ? { restart } : {}) }
}

function restartOf({ kind, command }: RestartAnswers): Restart | 'incomplete' | undefined {
  if (kind === 'none') return undefined
  const restart = Restart.safeParse(kind === 'command' ? { kind, command: command.trim() } : { kind })
  return restart.success ? restart.data : 'incomplete'
}

export function serverAnswered({ user, server }: Pick<LoginAnswers, 'user' | 'server'>): DatabaseServer {
  return { user: user.trim(), ...addressOf(server.trim()) }
}

/** `/run/mysqld/mysqld.sock`, `db.example.org`, `db.example.org:3307`, `[::1]:3306`; anything else is a host. */
function addressOf(server: string): Omit<DatabaseServer, 'user'> {
  if (server === '') return {}
  if (server.startsWith('/')) return { socket: server }
  const [, host, port] = /^([^:]+|\[.+\]):(\d{1,5})$/.exec(server) ?? []
  const bare = (host ?? server).replace(/^\[(.*)\]$/, '$1')
  return port === undefined ? { host: bare } : { host: bare, port: Number(port) }
}

/** What goes with a call about this choice. */
export function databasePasswordOf(choice: Choice): { databasePassword?: string } {
  const { password } = loginOf(choice) ?? noLogin
  return password === '' ? {} : { databasePassword: password }
}

/** The password is to be kept in the keychain. */
export function isToRemember(choice: Choice): boolean {
  return loginOf(choice)?.remember === true
}

function loginOf(choice: Choice): LoginAnswers | undefined {
  return rowOf(choice.kind).login(choice)
}
