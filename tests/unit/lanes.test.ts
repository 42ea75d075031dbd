// Which runs wait for each other: every pair of what runs can occupy.
import { describe, expect, it } from 'vitest'
import { beingRead, type Held, inTheWay, isInUse, type Use, usesOfBackup, usesOfCopy } from '../../core/api/lanes.ts'

const red = { id: 'red', path: '/media/red', name: 'RED' }
const blue = { id: 'blue', path: '/media/blue', name: 'BLUE' }
const held = (...uses: Use[]): Held[] => [{ run: { subject: 'Docs' }, uses }]
const reads = (...artifacts: string[]): Use => ({ lane: 'place', place: red, how: 'read', artifacts })
const adds: Use = { lane: 'place', place: red, how: 'write' }
const removes = (...spares: string[]): Use => ({ lane: 'place', place: red, how: 'write', spares })
const data = (how: 'read' | 'write'): Use => ({ lane: 'data', how })
const of = (planId: string): Use => ({ lane: 'plan', planId })

describe('two uses', () => {
  const pairs: [string, Use, Use, boolean][] = [
    ['two readers of one place', reads('a'), reads('a'), false],
    ['a reader and one that only adds', reads('a'), adds, false],
    ['two that add', adds, adds, true],
    ['a reader and one that may remove what it reads', reads('a', 'b'), removes('a'), true],
    ['a reader and one that spares what it reads', reads('a', 'b'), removes('b', 'a'), false],
    ['one that adds and one that removes', adds, removes('a'), true],
    ['two that read data', data('read'), data('read'), false],
    ['one that reads data and one that replaces it', data('read'), data('write'), true],
    ['two that replace data', data('write'), data('write'), true],
    ['backups of one plan', of('docs'), of('docs'), true],
    ['backups of two plans', of('docs'), of('photos'), false],
    ['what has nothing to do with each other', of('docs'), data('write'), false],
    ['a place and data', adds, data('write'), false],
  ]
  it.each(pairs)('%s', (_, one, other, wait) => {
    expect(inTheWay([one], held(other)) !== undefined).toBe(wait)
    expect(inTheWay([other], held(one)) !== undefined).toBe(wait)
  })

  it('name the work that is in the way, and the place where there is one', () => {
    expect(inTheWay([of('docs')], held(of('docs')))).toEqual({ code: 'busy', details: { subject: 'Docs' } })
    expect(inTheWay([adds], held(adds))).toEqual({ code: 'place-busy', details: { name: 'RED', subject: 'Docs' } })
  })
})

describe('a place', () => {
  it('is the same by its id wherever it is mounted, and by its path where it has none', () => {
    const elsewhere: Use = { lane: 'place', place: { ...red, path: '/mnt/x' }, how: 'write' }
    const other: Use = { lane: 'place', place: { ...blue, path: red.path }, how: 'write' }
    const unmarked: Use = { lane: 'place', place: { path: red.path, name: 'red' }, how: 'write' }
    expect(inTheWay([adds], held(elsewhere))).toBeDefined()
    expect(inTheWay([adds], held(other))).toBeUndefined()
    expect(inTheWay([adds], held(unmarked))).toBeDefined()
  })

  it('tells which of its backups are being read, and whether anything uses it', () => {
    const active = [...held(...usesOfCopy(red, 'a', blue)), ...held(reads('b')), ...held(data('read'))]
    expect(beingRead(red, active)).toEqual(['a', 'b'])
    expect(beingRead(blue, active)).toEqual([])
    expect(isInUse(blue, active)).toBe(true)
    expect(isInUse({ id: 'green', path: '/media/green' }, active)).toBe(false)
  })
})

describe('a backup', () => {
  it('goes on beside a copy from its place and beside one of another plan elsewhere, not beside a copy to its place', () => {
    expect(inTheWay(usesOfBackup('docs', red, ['a']), held(...usesOfCopy(red, 'a', blue)))).toBeUndefined()
    expect(inTheWay(usesOfBackup('docs', red), held(...usesOfBackup('photos', blue)))).toBeUndefined()
    expect(inTheWay(usesOfBackup('docs', blue), held(...usesOfCopy(red, 'a', blue)))).toBeDefined()
  })
})
