// What a restore to a server knows of a backup of Arche's own without reading all of it, and when it has to.
import { describe, expect, it } from 'vitest'
import { outlineOf } from '../../core/services/server-restores.ts'

const own = {
  format: '3.0' as const,
  roots: ['dump', 'report', 'upload'].map((name) => ({ name, origin: '' })),
  files: 12,
  bytes: 5000,
  dump: 3000,
}

describe('the outline of a backup', () => {
  it('is its dump, its folders and what it counts', () => {
    expect(outlineOf(own)).toEqual({
      entries: [
        { path: 'dump/dump.sql', type: 'file', size: 3000 },
        { path: 'report', type: 'folder', size: 0 },
        { path: 'upload', type: 'folder', size: 0 },
      ],
      counted: { files: 12, bytes: 5000 },
    })
  })

  it('is not enough of others', () => {
    const { dump: _, ...withoutDump } = own
    expect(outlineOf(withoutDump)).toBeUndefined()
    expect(outlineOf({ ...own, bytes: 2999 })).toBeUndefined()
    expect(outlineOf({ ...own, roots: [...own.roots, { name: 'home', origin: '' }] })).toBeUndefined()
    const { files: __, ...uncounted } = own
    expect(outlineOf(uncounted)).toBeUndefined()
  })
})
