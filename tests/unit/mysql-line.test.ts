// Statements as bytes: their packets, and how long the bytes of a statement stay.
import { describe, expect, it } from 'vitest'
import { packets } from '../../core/databases/mysql/line.ts'
import { plainQuoting, Splitter } from '../../core/databases/mysql/statements.ts'

describe('packets', () => {
  const full = 0xffffff

  /** What a server makes of them: the number of each packet, and the statement. */
  function read(stream: Buffer): { lengths: number[]; statement: Buffer } {
    const lengths: number[] = []
    const parts: Buffer[] = []
    for (let at = 0; at < stream.length; ) {
      const length = stream.readUIntLE(at, 3)
      expect(stream[at + 3]).toBe(lengths.length)
      lengths.push(length)
      parts.push(stream.subarray(at + 4, at + 4 + length))
      at += 4 + length
    }
    const whole = Buffer.concat(parts)
    expect(whole[0]).toBe(3)
    return { lengths, statement: whole.subarray(1) }
  }

  it.each([
    [1, [2]],
    [1_000_000, [1_000_001]],
    [full - 2, [full - 1]],
    [full - 1, [full, 0]],
    [full, [full, 1]],
    [2 * full - 1, [full, full, 0]],
    [2 * full + 5, [full, full, 6]],
  ])('of a statement of %i bytes', (length, lengths) => {
    const statement = Buffer.alloc(length, 'abcdefg')
    const found = read(Buffer.concat([...packets(statement)]))
    expect(found.lengths).toEqual(lengths)
    expect(found.statement.equals(statement)).toBe(true)
  })
})

describe('bytes of a statement', () => {
  it('stay until the statement after the next one is asked for, whatever is between them', () => {
    const splitter = new Splitter(() => plainQuoting)
    const lengths = [10, 900_000, 1_200_000, 300, 5_000_000, 20, 700_000, 600_000, 40, 600_000]
    let given: { bytes: Uint8Array; text: string } | undefined
    let count = 0
    for (let round = 0; round < 40; round += 1) {
      const length = lengths[round % lengths.length] as number
      const mark = String.fromCharCode(97 + (round % 26))
      // Nothing is given of what is between them.
      const sql = `INSERT INTO \`t\` VALUES ('${mark.repeat(length)}');\n-- ${mark.repeat(length)}\n;;${' '.repeat(600_000)}`
      for (let at = 0; at < sql.length; at += 256 * 1024) {
        splitter.push(Buffer.from(sql.slice(at, at + 256 * 1024)))
        for (let next = splitter.next(); next; next = splitter.next()) {
          if (given) expect(Buffer.from(given.bytes).toString() === given.text, `${count}`).toBe(true)
          expect(Buffer.from(next.bytes).toString() === next.text).toBe(true)
          given = { bytes: next.bytes, text: next.text }
          count += 1
        }
      }
    }
    expect(count).toBe(40)
  })
})
