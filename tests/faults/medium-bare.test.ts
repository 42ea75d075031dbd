// The place of a medium with and without a disk: bind mounts and mounted file systems, for real.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { barePlace } from '../../core/drives/drives.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { requireRoot } from '../support/root.ts'

beforeAll(requireRoot)

function mount(at: string, ...args: string[]): void {
  execFileSync('mount', [...args, at])
  onTestFinished(() => void execFileSync('umount', ['-l', at]))
}

test('a bind mount is the same place, and a mounted disk is none without one', async () => {
  const [was, bound] = [temporaryFolder(), temporaryFolder()]
  const former = (path: string) => [{ id: randomUUID(), name: 'M', paths: [path] }]
  mount(bound, '--bind', was)
  expect(await barePlace({ path: bound }, former(was))).toMatchObject([{ code: 'medium-not-here' }])

  const table = join(temporaryFolder(), 'fstab')
  writeFileSync(table, `tmpfs ${bound} tmpfs defaults 0 0`)
  mount(bound, '-t', 'tmpfs', 'tmpfs')
  mkdirSync(join(bound, 'sub'))
  expect(await barePlace({ path: bound }, [], table)).toEqual([])
  expect(await barePlace({ path: join(bound, 'sub') }, former(bound), table)).toEqual([])
  expect(await barePlace({ path: bound }, former(bound))).toMatchObject([{ details: { mounted: true } }])
})
