// The rule of what a restore has to be confirmed with.
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../core/api/failure.ts'
import { confirmationOf } from '../../core/api/restore-confirmation.ts'

const preview = (count: number, ...findings: Finding[]) => ({ conflicts: { count, first: [] }, findings })
const overServer: Finding = { level: 'warning', code: 'replaces-server', details: {} }

describe('a restore is confirmed', () => {
  it('by nothing more where nothing is replaced', () => {
    expect(confirmationOf([], 'replace')).toEqual({ by: 'nothing', files: 0 })
    expect(confirmationOf([preview(0)], 'replace')).toEqual({ by: 'nothing', files: 0 })
    for (const existing of ['skip', 'keep-both'] as const)
      expect(confirmationOf([preview(5000)], existing)).toEqual({ by: 'nothing', files: 0 })
  })

  it('by a plain yes up to a hundred files, those of all backups together', () => {
    expect(confirmationOf([preview(1)], 'replace')).toEqual({ by: 'yes', files: 1 })
    expect(confirmationOf([preview(60), preview(40)], 'replace')).toEqual({ by: 'yes', files: 100 })
  })

  it('by a word for more, for a folder in the place of a file, and for a server that holds something', () => {
    expect(confirmationOf([preview(60), preview(41)], 'replace')).toEqual({ by: 'word', files: 101 })
    const folder = { conflicts: { count: 1, first: [], folders: 1 }, findings: [] }
    expect(confirmationOf([folder], 'replace')).toEqual({ by: 'word', files: 1 })
    expect(confirmationOf([folder], 'skip').by).toBe('nothing')
    expect(confirmationOf([preview(0, overServer)], 'replace').by).toBe('word')
    expect(confirmationOf([{ ...preview(0), safetyCopy: { path: '/safety', bytes: 1 } }], 'replace').by).toBe('word')
  })
})
