// The 3-2-1 rule, from where the backups of a plan lie and when one was tried.
import { describe, expect, it } from 'vitest'
import type { AppState } from '../../core/api/model.ts'
import type { PlanRow } from '../../core/api/protection-model.ts'
import { copiesOf } from '../../core/api/three-two-one.ts'

const now = Date.parse('2026-11-30T12:00:00Z')
const id = (last: string) => `00000000-0000-4000-8000-00000000000${last}`
const [stick, disk, share, nas] = [id('1'), id('2'), id('3'), id('4')]

const known = {
  media: [{ id: stick, name: 'STICK' }],
  places: [
    { id: share, name: 'SHARE', store: { kind: 'folder', path: '/mnt/share' } },
    { id: nas, name: 'NAS', store: { kind: 'sftp', host: 'nas', user: 'me', path: '/b', hostKey: 'SHA256:x' } },
  ],
} as unknown as Pick<AppState, 'media' | 'places'>

function row(places: string[], triedAt?: string): PlanRow {
  return {
    planId: id('9'),
    protection: { level: 'protected', reason: 'recent-success' },
    days: [],
    sizes: [],
    places,
    ...(triedAt === undefined ? {} : { triedAt }),
  }
}

describe('the 3-2-1 rule', () => {
  it.each([
    ['nothing is backed up', row([]), { copies: false, kinds: false, elsewhere: false, tried: false }],
    ['one drive that is plugged in', row([stick]), { copies: false, kinds: true, elsewhere: false, tried: false }],
    ['two drives, one of them away', row([stick, disk]), { copies: true, kinds: true, elsewhere: true, tried: false }],
    ['a drive and a share', row([stick, share]), { copies: true, kinds: true, elsewhere: false, tried: false }],
    ['a share alone', row([share]), { copies: false, kinds: false, elsewhere: false, tried: false }],
    ['a server', row([nas]), { copies: false, kinds: true, elsewhere: true, tried: false }],
    ['tried last month', row([nas], '2026-10-30T12:00:00Z'), { elsewhere: true, tried: true }],
    ['tried last year', row([nas], '2025-10-30T12:00:00Z'), { elsewhere: true, tried: false }],
  ])('with %s', (_, plan, expected) => {
    expect(copiesOf(plan, known, now).kept).toMatchObject(expected)
  })
})
