// The list of notes beside the backups: any name and note reads back, people's own lines stay, what is lost is never "no notes".
import { describe, expect, it } from 'vitest'
import { parseNotes, setNote, withoutNotes } from '../../core/targets/notes.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const written = (...notes: [string, string][]) =>
  notes.reduce<string | undefined>(
    (list, [name, note]) => setNote(list === undefined ? list : bytes(list), name, note),
    undefined,
  ) ?? ''

describe('notes', () => {
  it('read back, whatever the file is called', () => {
    const notes: [string, string][] = [
      ['a.tar.gz', 'before the move'],
      ['# no remark\tand a tab\nand a line', '# neither is this'],
      ['back\\slash', 'avant le déménagement — 鍵'],
    ]
    expect([...parseNotes(bytes(written(...notes)))]).toEqual(notes)
  })

  it('take the place of a former one, and go; with the last the file goes', () => {
    const list = written(['a', 'one'], ['b', 'two'], ['a', 'three'])
    expect([...parseNotes(bytes(list))]).toEqual([
      ['b', 'two'],
      ['a', 'three'],
    ])
    expect(setNote(bytes(written(['a', 'one'])), 'a', null)).toBeUndefined()
    expect(setNote(undefined, 'a', null)).toBeUndefined()
    expect(withoutNotes(bytes(list), new Set(['a']))).toMatch(/\nb\ttwo\n$/)
    expect(withoutNotes(bytes(list), new Set(['a', 'b']))).toBeUndefined()
  })

  it('of a medium in other hands are cut, and lines of people’s own stay', () => {
    expect(parseNotes(bytes(`# mine\na\t${'x'.repeat(5000)}\nno tab\n`)).get('a')).toHaveLength(200)
    expect(setNote(bytes('# mine\na\tone\n'), 'b', 'two')).toBe('# mine\na\tone\nb\ttwo\n')
    expect(setNote(bytes('# mine\na\tone\na\n'), 'a', null)).toBe('# mine\na\n')
    expect(withoutNotes(bytes('# mine\na\tone\nfree text'), new Set(['a', 'free text']))).toBe('# mine\nfree text\n')
    const hostile = `a\treversed\u001b[31m\nb\t${'x'.repeat(199)}\u{1f600}\n`
    expect([...parseNotes(bytes(hostile)).values()]).toEqual(['reversed [31m', 'x'.repeat(199)])
  })

  it.each([bytes(''), bytes('\0\0\0'), Uint8Array.of(0xff, 0xfe)])(
    'that are lost are damaged, never none',
    (content) => {
      expect(() => parseNotes(content)).toThrow(expect.objectContaining({ code: 'damaged' }))
      expect(() => setNote(content, 'a', 'one')).toThrow(expect.objectContaining({ code: 'damaged' }))
    },
  )
})
