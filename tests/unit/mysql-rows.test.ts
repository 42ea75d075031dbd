// Rows of a dump found and judged in one pass over the bytes, held against the guard that reads them word by word.
import { describe, expect, it } from 'vitest'
import { Guard } from '../../core/databases/mysql/guard.ts'
import { plainQuoting, Splitter } from '../../core/databases/mysql/statements.ts'

const options = { server: { number: 101119, mariadb: true }, database: 'new', events: () => 'DISABLE' as const }

interface Found {
  readonly rows: string | undefined
  readonly text: string
  readonly line: number
}

describe('rows that are judged as they pass', () => {
  const rows =
    "INSERT INTO `t ``x` (`a`, `b`, row_start) VALUES (1,'a\\'b;','\\\\'),\n(0xFF00,_binary 'x''y',NULL),(-1.5e-3,x'41',TRUE)"

  it('are known by their table', () => {
    expect(found(`${rows};\nINSERT INTO t VALUES (1);\n`).map((one) => one.rows)).toEqual(['t ``x', undefined])
    const [one, two] = found(`\n${rows};\nSELECT 1;`)
    expect([one?.text, one?.line, two?.line]).toEqual([rows, 2, 4])
  })

  it('may come in any pieces', () => {
    const bytes = Buffer.from(`${rows};\n${rows};SELECT ';';`)
    for (let size = 1; size < 60; size += 1) {
      const splitter = new Splitter(() => plainQuoting)
      const found: unknown[] = []
      const take = () => {
        for (let next = splitter.next(); next; next = splitter.next()) found.push([next.rows, next.text, next.line])
      }
      for (let at = 0; at < bytes.length; at += size) {
        splitter.push(bytes.subarray(at, at + size))
        take()
      }
      splitter.end()
      take()
      splitter.finish()
      expect(found).toEqual([
        ['t ``x', rows, 1],
        ['t ``x', rows, 3],
        [undefined, "SELECT ';'", 4],
      ])
    }
  })

  it('are nothing that the guard would not let through word by word', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % below
    }
    const pieces = [
      "'",
      "''",
      '\\',
      ';',
      '--',
      '-- ',
      '#',
      '/*',
      '*/',
      '"',
      '`',
      '(',
      'sleep(1)',
      'NULL',
      'x',
      '.e',
      '@a',
      ' ',
      '\n',
      '=',
      '1a',
      '_binary',
      'é',
    ]
    let kept = 0
    for (let turn = 0; turn < 4000; turn += 1) {
      const at = random(rows.length)
      const changed = rows.slice(0, at) + pieces[random(pieces.length)] + rows.slice(at + random(3))
      for (const { rows: table, text } of found(`${changed};SELECT 1;`)) {
        if (table === undefined) continue
        kept += 1
        const bytes = Buffer.from(text, 'latin1')
        expect(new Guard(options).admit({ text, bytes, line: 1, end: 0, length: text.length }), text).toBe(text)
      }
    }
    expect(kept).toBeGreaterThan(500)
  })

  /** Without a file; what does not end is none. */
  function found(sql: string): Found[] {
    const splitter = new Splitter(() => plainQuoting)
    splitter.push(Buffer.from(sql, 'latin1'))
    splitter.end()
    const all: Found[] = []
    for (let next = splitter.next(); next; next = splitter.next())
      all.push({ rows: next.rows, text: next.text, line: next.line })
    return all
  }
})
