// What a login may do, read from SHOW GRANTS. A dump silently leaves out what its user may not see (tables, triggers, routines): so every right
// is asked for before.
// Guarantees: pure; a right that is only given for some tables does not count. Does not expand the roles of MySQL (`unknown`).

export interface Rights {
  /** Rights on the whole database, upper case. */
  readonly database: ReadonlySet<string>
  /** The text of every routine can be read. */
  readonly routines: boolean
  /** Roles that SHOW GRANTS names without saying what they allow. */
  readonly unknown: boolean
}

/** What a dump reads of a database beside routines. */
const needed = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT']

/** Any of these shows that there are routines, though not their text. */
const showing = ['EXECUTE', 'CREATE ROUTINE', 'ALTER ROUTINE']

const grant = /^GRANT (.+?) ON (\*|`(?:[^`]|``)+`)\.(\*|`(?:[^`]|``)+`) TO /i
/** MySQL: GRANT `role`@`host` TO …; MariaDB's roles have no host, and what they allow follows in lines of their own. */
const role = /^GRANT `[^`]+`@`[^`]+`.* TO /i

/** `lines`: the answer to SHOW GRANTS in backquotes. */
export function rightsOf(lines: readonly string[], database: string): Rights {
  const rights = new Set<string>()
  let routines = false
  for (const line of lines) {
    const [, list = '', schema = '', table = ''] = grant.exec(line) ?? []
    const given = list.toUpperCase().split(/,\s*/)
    const all = given.includes('ALL PRIVILEGES')
    const everywhere = schema === '*'
    const reads = all || given.includes('SELECT')
    if (reads && (everywhere || (schema === '`mysql`' && (table === '*' || table === '`proc`')))) routines = true
    if (table !== '*' || !(everywhere || fits(schema, database))) continue
    for (const right of all ? [...needed, ...showing] : given) rights.add(right)
  }
  // MySQL 8.0.20 and MariaDB 11.3 have rights of their own for reading routines.
  routines ||= rights.has('SHOW_ROUTINE') || rights.has('SHOW CREATE ROUTINE')
  return { database: rights, routines, unknown: lines.some((line) => role.test(line)) }
}

/** True when this login is shown every database of the server: any right on all of them does that, or SHOW DATABASES. */
export function seesAll(lines: readonly string[]): boolean {
  return lines.some((line) => {
    const [, list = '', schema = '', table = ''] = grant.exec(line) ?? []
    return schema === '*' && table === '*' && list.toUpperCase() !== 'USAGE'
  })
}

/**
 * The rights that are missing for a whole dump. `hidden`: how many routines this login sees without being able to read
 * their text; where no right shows routines at all, nobody knows whether there are any.
 */
export function missingRights(rights: Rights, hidden: number, mariadb: boolean): string[] {
  const missing = needed.filter((right) => !rights.database.has(right))
  const seesRoutines = showing.some((right) => rights.database.has(right))
  if (!rights.routines && (hidden > 0 || !seesRoutines)) missing.push(mariadb ? 'SELECT ON mysql.proc' : 'SHOW_ROUTINE')
  return missing
}

/** What a restore does in a database: with tables, with everything else, and moving them. */
const neededToRestore = [
  ...['SELECT', 'INSERT', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES', 'LOCK TABLES', 'CREATE VIEW', 'SHOW VIEW'],
  ...['CREATE ROUTINE', 'ALTER ROUTINE', 'EXECUTE', 'EVENT', 'TRIGGER'],
]

/** The rights that are missing for a restore into a database of this name. `lines`: the answer to SHOW GRANTS in backquotes. */
export function missingToRestore(lines: readonly string[], database: string): string[] {
  const given = new Set<string>()
  for (const line of lines) {
    const [, list = '', schema = '', table = ''] = grant.exec(line) ?? []
    if (table === '*' && (schema === '*' || fits(schema, database)))
      for (const right of list.toUpperCase().split(/,\s*/)) given.add(right)
  }
  return given.has('ALL PRIVILEGES') ? [] : neededToRestore.filter((right) => !given.has(right))
}

/** A name in backquotes as GRANT takes it: `%` and `_` stand for anything unless escaped. */
function fits(quoted: string, database: string): boolean {
  const pattern = quoted.slice(1, -1).replaceAll('``', '`')
  const source = pattern.replace(/\\(.)|[%_]|[^%_\\]+|\\$/gsu, (part, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped)
    if (part === '%') return '.*'
    return part === '_' ? '.' : literal(part)
  })
  return new RegExp(`^${source}$`, 'isu').test(database)
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
