// Names that lose nothing: any bytes become a string and the same bytes again.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeName, encodeName, fsPath, isOdd } from '../../core/lib/paths.ts'
import { randomNumbers } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

describe('names', () => {
  test.each(['plain', 'été', '日本語', '😀 emoji', '\u{10ffff}', '\ufeffbom', 'a\nb', '', '\udbff\udfff'])(
    'UTF-8 stays as it is: %j',
    (name) => {
      expect(decodeName(Buffer.from(name))).toBe(name)
      expect(encodeName(name)).toEqual(Buffer.from(name))
      expect(isOdd(name)).toBe(false)
      expect(fsPath(name)).toBe(name)
    },
  )

  test('each byte that is not UTF-8 is one lone surrogate, as in Python', () => {
    expect(decodeName(Buffer.from('caf\xe9', 'latin1'))).toBe('caf\udce9')
    expect(decodeName(Buffer.from([0xed, 0xa0, 0x80]))).toBe('\udced\udca0\udc80')
    expect(decodeName(Buffer.from([0xc3]))).toBe('\udcc3')
    expect(decodeName(Buffer.from([0xf0, 0x9f, 0x98, 0x80, 0xff]))).toBe('😀\udcff')
    expect(decodeName(Buffer.from([0xc0, 0xaf]))).toBe('\udcc0\udcaf')
    expect(isOdd('caf\udce9')).toBe(true)
  })

  test('any bytes come back', () => {
    const next = randomNumbers(5)
    const pool = [
      0x20, 0x41, 0x7f, 0x80, 0xbf, 0xc2, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xed, 0xf0, 0x9f, 0x98, 0x80, 0xf4, 0xff,
    ]
    for (let round = 0; round < 3000; round += 1) {
      const raw = Buffer.from(Array.from({ length: next() % 12 }, () => pool[next() % pool.length] as number))
      const name = decodeName(raw)
      expect([raw, encodeName(name)]).toEqual([raw, raw])
      expect(JSON.parse(JSON.stringify(name))).toBe(name)
    }
  })

  test('the file system takes them', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'caf\udce9 😀')
    mkdirSync(fsPath(path))
    writeFileSync(fsPath(join(path, '\udcff')), 'content')
    expect(readdirSync(folder, { encoding: 'buffer' }).map(decodeName)).toEqual(['caf\udce9 😀'])
    expect(readFileSync(fsPath(join(path, '\udcff')), 'utf8')).toBe('content')
  })
})
