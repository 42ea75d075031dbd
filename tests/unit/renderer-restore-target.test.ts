// Where a restore goes: what is possible for a backup, what is proposed, and what the engine is told.
import { describe, expect, it } from 'vitest'
import type { Inspection } from '../../core/api/contract.ts'
import type { Artifact } from '../../core/api/model.ts'
import type { Plan } from '../../core/api/plan.ts'
import {
  isChosen,
  possible,
  restoreServerOf,
  serverFor,
  type Target,
  whereOf,
} from '../../renderer/areas/restore/restore-target.ts'

const id = (last: number) => `00000000-0000-4000-8000-00000000000${last}`

function inspection(format: Inspection['format'], roots: string[], origin?: string): Inspection {
  const root = (name: string) => (origin === undefined ? { name } : { name, origin: `${origin}/${name}` })
  return { id: id(9), subject: 'x', format, roots: roots.map(root), complete: false, files: 0, bytes: 0 }
}

const artifact: Artifact = {
  name: 'a',
  subject: 'SIGL',
  time: '2026-03-02T12:00:00.000Z',
  size: 1,
  format: '3.0',
}

function target(part: Partial<Target>): Target {
  return {
    artifact,
    inspection: inspection('3.0', []),
    everything: true,
    only: [],
    where: undefined,
    server: undefined,
    folder: undefined,
    ...part,
  }
}

function plan(last: number, source: Plan['source']): Plan {
  const method = { kind: 'archive' as const, format: 'tar.gz.gpg' as const }
  return {
    id: id(last),
    name: 'p',
    source,
    method,
    destinations: [{ id: '00000000-0000-4000-8000-00000000000d', place: { kind: 'medium' }, via: 'run' }],
    createdAt: artifact.time,
  }
}

const folders = plan(1, { kind: 'folders', paths: ['/a'], exclude: [] })
const other = plan(2, { kind: 'labbook', storage: '/b', database: { name: 'OTHER', user: 'u' } })
const sigl = plan(3, { kind: 'labbook', storage: '/s', database: { name: 'SIGL', user: 'u' } })
const described = { planId: undefined, storage: '/s', database: ' SIGL ', user: 'u', server: 'h:1' }

describe('the destination of a restore', () => {
  it('is a LabBook server for the backups of one, as a whole, and for no others', () => {
    const labbook = inspection('3.0', ['dump', 'report', 'upload', 'resource'])
    for (const one of [labbook, inspection('3.0', []), inspection('2.9', []), inspection('2.5', ['dump'])])
      expect(possible({ inspection: one, everything: true })).toMatchObject({ server: true, original: false })
    expect(possible({ inspection: labbook, everything: false }).server).toBe(false)
    const saved = inspection('3.0', ['Documents'], '/home')
    expect(possible({ inspection: saved, everything: true })).toEqual({ server: false, original: true, folder: true })
    const databases = inspection('3.0', ['databases.sql', 'dump'])
    expect(possible({ inspection: databases, everything: true }).server).toBe(false)
  })

  it('is proposed: the server where a LabBook plan is, else the original place, else a folder', () => {
    expect(whereOf(target({}), [folders, sigl])).toBe('server')
    expect(whereOf(target({}), [folders])).toBe('folder')
    expect(whereOf(target({ inspection: inspection('3.0', ['D'], '/home') }), [sigl])).toBe('original')
    expect(whereOf(target({ where: 'folder' }), [sigl])).toBe('folder')
    expect(whereOf(target({ where: 'server' }), [])).toBe('server')
    expect(whereOf(target({ where: 'server', everything: false }), [sigl])).toBe('folder')
    expect(whereOf(target({ where: 'original' }), [sigl])).toBe('server')
  })

  it('is the plan of the same database, else any LabBook plan, else a form with its name', () => {
    expect(serverFor(target({}), [folders, other, sigl]).planId).toBe(sigl.id)
    expect(serverFor(target({}), [other]).planId).toBe(other.id)
    expect(serverFor(target({}), [folders])).toEqual({
      planId: undefined,
      storage: '',
      database: 'SIGL',
      user: '',
      server: '',
    })
    expect(serverFor(target({ server: { ...described, planId: other.id } }), [sigl]).planId).toBe(sigl.id)
    expect(serverFor(target({ server: described }), [sigl])).toBe(described)
  })

  it('is told as a plan, or described; with something missing it is none', () => {
    expect(restoreServerOf({ ...described, planId: sigl.id })).toBe(sigl.id)
    const database = { name: 'SIGL', user: 'u', host: 'h', port: 1 }
    expect(restoreServerOf(described)).toEqual({ storage: '/s', database })
    expect(restoreServerOf({ ...described, storage: '' })).toEqual({ database })
    for (const part of [{ user: '' }, { database: '' }, { storage: 'relative' }, { server: 'h:99999' }])
      expect(restoreServerOf({ ...described, ...part })).toBeUndefined()
    expect(isChosen(target({}), [])).toBe(false)
    expect(isChosen(target({ folder: '/x' }), [])).toBe(true)
    expect(isChosen(target({}), [sigl])).toBe(true)
    expect(isChosen(target({ where: 'server', server: { ...described, user: '' } }), [])).toBe(false)
  })
})
