// A key in use and a plan of one folder, for tests of what is protected.
import type { KeyInfo } from '../../core/api/model.ts'
import type { Plan } from '../../core/api/plan.ts'

export const key: KeyInfo = {
  fingerprint: 'A'.repeat(40),
  name: 'k',
  createdAt: '2026-01-01T00:00:00Z',
  kind: 'own',
  active: true,
}
export const plan = (id: string, more: Partial<Plan> = {}): Plan => ({
  id,
  name: id,
  source: { kind: 'folders', paths: ['/a'], exclude: [] },
  method: { kind: 'archive', format: 'tar.gz.gpg' },
  destinations: [{ id: '00000000-0000-4000-8000-00000000000d', place: { kind: 'medium' }, via: 'run' }],
  createdAt: '2026-01-01T00:00:00Z',
  ...more,
})
