// Which settings of its session a dump may change: those that dumps set, to literals and to what they were before.
// Guarantees: nothing is computed, nothing reaches beyond the session, and quotes, backslashes and letters keep the meaning that the guard and its lexer
// (mysql-lexer.ts) give them. Pure.
import { refuse, type Token } from './mysql-lexer.ts'

const variables = new Set([
  'NAMES',
  'CHARACTER_SET_CLIENT',
  'CHARACTER_SET_RESULTS',
  'CHARACTER_SET_CONNECTION',
  'COLLATION_CONNECTION',
  'TIME_ZONE',
  'UNIQUE_CHECKS',
  'FOREIGN_KEY_CHECKS',
  'SQL_MODE',
  'SQL_NOTES',
  'NOTE_VERBOSITY',
  'AUTOCOMMIT',
  'SQL_QUOTE_SHOW_CREATE',
])

/** Modes in which quotes mean something else than they mean here. */
const quotingModes = /NO_BACKSLASH_ESCAPES|ANSI|ORACLE|MSSQL|DB2|MAXDB|POSTGRESQL/i
/** Character sets in which the second byte of a letter can be a backslash or a quote. */
const badCharsets = /^(?:BIG5|CP932|SJIS|GBK|GB18030|GB2312|EUCKR|UCS2|UTF16|UTF16LE|UTF32)(?:_|$)/i

/** `SET NAMES x`, and assignments of literals and variables to variables of the session that dumps set. Nothing is computed. */
export function checkSet(tokens: readonly Token[]): void {
  for (const token of tokens) checkSetToken(token)
  let from = 0
  for (const [at, { kind, value }] of tokens.entries()) {
    if (kind !== 'sign' || value !== ',') continue
    checkAssignment(tokens.slice(from, at))
    from = at + 1
  }
  checkAssignment(tokens.slice(from))
}

const notOfTheSession = /^(?:GLOBAL|PERSIST|PERSIST_ONLY|PASSWORD|ROLE|STATEMENT|TRANSACTION)$/

function checkSetToken({ kind, value }: Token): void {
  if (kind === 'sign') {
    if (!/^[=:,@.]$/.test(value)) refuse('not-of-a-dump')
    return
  }
  if (badCharsets.test(value)) refuse('sql-mode')
  if (kind === 'text' && quotingModes.test(value)) refuse('sql-mode')
  if (kind !== 'word') return
  // Numbers are another way to write a mode.
  if (/^\d/.test(value) && !/^[012]$/.test(value)) refuse('sql-mode')
  if (notOfTheSession.test(value)) refuse('not-of-a-dump')
}

function checkAssignment(part: readonly Token[]): void {
  const signs = part.map(({ kind, value }) => (kind === 'sign' ? value : '')).filter((value) => value !== '')
  if (part[0]?.value === '@' && part[1]?.value !== '@') return
  const name = part.find(({ kind, value }) => kind !== 'sign' && !/^(?:SESSION|LOCAL)$/.test(value))
  if (!name || name.kind === 'text' || !variables.has(name.value.toUpperCase()) || signs.includes(':'))
    refuse('not-of-a-dump')
}
