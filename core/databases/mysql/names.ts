// Names of databases and tables in questions to a server, and for people.

export function isOneOf(column: string, names: readonly string[]): string {
  return `${column} IN (${names.map(literal).join(', ')})`
}

/** A text as SQL that is the same in every mode of a server. */
export function literal(text: string): string {
  return `CONVERT(0x${Buffer.from(text).toString('hex')} USING utf8mb4)`
}

/** Rows of schema and table, for people who know which databases are meant. */
export function tablesOf(rows: readonly string[][], databases: readonly string[]): string[] {
  return rows.map(([schema = '', table = '']) => (databases.length === 1 ? table : `${schema}.${table}`))
}
