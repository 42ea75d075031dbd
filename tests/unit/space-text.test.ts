// For how many more backups there is room, in words.
import { expect, it } from 'vitest'
import { spaceInWords } from '../../core/api/text/keep-text.ts'
import { translator } from '../../core/api/text/text.ts'

const words = (room: number, untilFull = false) =>
  spaceInWords({ room, next: 10, ...(untilFull ? { untilFull } : {}) }, (size) => `${size} B`, translator('en'))

it.each([
  [0, 'No room for another backup (10 B)'],
  [1, 'Room for about one more backup (10 B)'],
  [12, 'Room for about 12 more backups (10 B each)'],
  [500, 'Room for about 500 more backups (10 B each)'],
  [87_056_649, 'Room for hundreds more backups (10 B each)'],
])('room for %i', (room, said) => {
  expect(words(room)).toBe(said)
})

it('says that the oldest go only where that will be', () => {
  expect(words(0, true)).toBe('Full: the oldest go for the next backup (10 B)')
  expect(words(12, true)).toMatch(/then the oldest go$/)
  expect(words(5000, true)).toBe('Room for hundreds more backups (10 B each)')
})
