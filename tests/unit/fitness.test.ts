// What speaks against a medium: a table of facts and findings.
import { describe, expect, test } from 'vitest'
import type { Medium } from '../../core/api/model.ts'
import { fitness } from '../../core/drives/fitness.ts'

const giga = 1024 ** 3
const stick: Medium = {
  path: '/media/me/STICK',
  name: 'STICK',
  removable: true,
  system: false,
  readOnly: false,
  initialised: true,
  fixed: false,
  fsType: 'ext4',
  size: 16 * giga,
  free: 10 * giga,
} // prettier-ignore

const codes = (medium: Partial<Medium>, need = {}) =>
  fitness({ ...stick, ...medium }, need).map(({ level, code }) => `${level} ${code}`)

test('a good stick: nothing', () => {
  expect(codes({})).toEqual([])
  expect(codes({}, { bytes: giga, files: 1000, sources: ['/home/me'] })).toEqual([])
})

test('a place in the network is no folder of this computer, and has the room that its server tells', () => {
  const place = { kind: 'sftp' as const, path: 'sftp://me@nas/srv', removable: false }
  expect(codes(place, { bytes: giga, sources: ['/', process.cwd(), '/srv'] })).toEqual([])
  expect(codes({ ...place, free: giga }, { bytes: 100 * giga })).toEqual(['error no-space'])
})

test.each([
  [{ system: true, fixed: true }, ['error system-disk']],
  [{ fixed: true, removable: false }, ['warning fixed-disk']],
  [{ readOnly: true }, ['error medium-read-only']],
  [{ initialised: false }, ['error not-initialised']],
  [
    { fixed: true, readOnly: true, initialised: false },
    ['error medium-read-only', 'error not-initialised', 'warning fixed-disk'],
  ],
] as const)('%j: %j', (medium, expected) => {
  expect(codes(medium)).toEqual(expected)
})

describe('space', () => {
  test.each([
    ['plenty', { free: 10 * giga }, { bytes: 9 * giga }, []],
    ['not even if it does not shrink', { free: 10 * giga }, { bytes: 10 * giga }, ['warning space-tight']],
    ['many small files', { free: 3 * giga }, { bytes: giga, files: 2_000_000 }, ['warning space-tight']],
    ['less than a twentieth', { free: giga }, { bytes: 20 * giga + 100 }, ['error no-space']],
    ['a twentieth', { free: giga }, { bytes: 20 * giga }, ['warning space-tight']],
    ['by experience enough', { free: 5 * giga }, { bytes: 20 * giga, expected: 4 * giga }, []],
    ['by experience perhaps', { free: 5 * giga }, { bytes: 20 * giga, expected: 6 * giga }, ['warning space-tight']],
    ['by experience not', { free: 5 * giga }, { bytes: 20 * giga, expected: 8 * giga }, ['error no-space']],
    ['holes need no room', { free: giga }, { bytes: 20_000 * giga, disk: 8192 }, []],
    [
      'a new file of holes tells nothing',
      { free: giga },
      { bytes: 20_000 * giga, disk: 8192, expected: 9000 * giga },
      ['warning space-tight'],
    ],
    ['what lies on the disk needs room', { free: giga }, { bytes: 90 * giga, disk: 30 * giga }, ['error no-space']],
    ['full', { free: 0 }, {}, ['error no-space']],
    ['unknown', { free: undefined }, { bytes: 1000 * giga }, []],
  ])('%s', (_what, medium, need, expected) => {
    expect(codes(medium as Partial<Medium>, need)).toEqual(expected)
  })

  test('says how much is there and how much is needed', () => {
    const [finding] = fitness({ ...stick, free: giga }, { bytes: 40 * giga })
    const told = { free: giga, need: 2 * giga, why: 'before' }
    expect(finding?.details).toEqual({ name: 'STICK', path: '/media/me/STICK', ...told })
  })
})

describe('FAT', () => {
  const fat = { fsType: 'vfat', free: 100 * giga }
  test.each([
    ['small', fat, { bytes: giga }, []],
    ['may become too large', fat, { bytes: 5 * giga }, ['warning fat-limits']],
    ['small by experience', fat, { bytes: 5 * giga, expected: 3 * giga }, []],
    ['too large by experience', fat, { bytes: 9 * giga, expected: 8 * giga }, ['error file-too-large']],
    ['too large however well it shrinks', fat, { bytes: 90 * giga }, ['error file-too-large']],
    ['exFAT has no such limit', { ...fat, fsType: 'exfat' }, { bytes: 90 * giga }, []],
    ['unknown', { ...fat, fsType: undefined }, { bytes: 90 * giga }, []],
  ])('%s', (_what, medium, need, expected) => {
    expect(codes(medium as Partial<Medium>, need)).toEqual(expected)
  })
})

describe('source and medium', () => {
  test.each([
    ['/media/me/STICK', ['error source-is-medium']],
    ['/media/me/STICK/photos', ['error source-is-medium']],
    ['/media/me', ['warning source-contains-medium']],
    ['/', ['warning source-contains-medium']],
    ['/media/me/STICK2', []],
    ['/media/me/..STICK', []],
    ['/media/me/STICK..', []],
    ['/home', []],
  ])('%s', (path, expected) => {
    expect(codes({}, { sources: [path] })).toEqual(expected)
  })

  test('each is named', () => {
    const findings = fitness(stick, { sources: ['/', '/home', '/media/me/STICK/a'] })
    expect(findings.map(({ code, details }) => [code, details.path, details.name])).toEqual([
      ['source-is-medium', '/media/me/STICK/a', 'STICK'],
      ['source-contains-medium', '/', 'STICK'],
    ])
  })

  test('a folder whose name begins with two dots lies inside', () => {
    expect(codes({ path: '/m' }, { sources: ['/m/..hidden'] })).toEqual(['error source-is-medium'])
  })
})
