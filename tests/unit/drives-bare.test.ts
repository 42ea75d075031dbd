// A folder that stands where a medium or a disk belongs.
import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mountPoints } from '../../core/drives/bare.ts'
import { barePlace, unmountedPlace, writeMarker } from '../../core/drives/drives.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

const id = randomUUID()
const former = (...paths: string[]) => [{ id, name: 'M', paths }]

function place(...parts: string[]): string {
  const path = join(temporaryFolder(), ...parts)
  mkdirSync(path, { recursive: true })
  return path
}

async function codes(path: string, known = former(), table = '/nowhere') {
  return (await barePlace({ path }, known, table)).map(({ level, code, details }) => [level, code, details.place])
}

test('where a medium was and is not, also by another name of the place, also inside it, also where it was before', async () => {
  const was = place('usb', 'backups')
  const link = join(temporaryFolder(), 'link')
  symlinkSync(was, link)
  for (const path of [was, `${was}/`, link]) {
    expect(await codes(path, former('/nowhere', was))).toEqual([['warning', 'medium-not-here', was]])
  }
  mkdirSync(join(was, 'sub'))
  expect(await codes(join(was, 'sub'), former(was))).toEqual([['warning', 'medium-not-here', was]])
  expect(await codes(place('usb'), former(was))).toEqual([])
  rmSync(was, { recursive: true })
  expect(await codes(was, former(was))).toEqual([])
})

test('inside a medium that is there nothing is wrong', async () => {
  const there = place()
  await writeMarker(there, { arche: 1, id, name: 'M', createdAt: '2026-03-01T10:00:00.000Z' })
  mkdirSync(join(there, 'sub'))
  expect(await codes(join(there, 'sub'), former(there))).toEqual([])
  await writeMarker(join(there, 'sub'), {
    arche: 1,
    id: randomUUID(),
    name: 'N',
    createdAt: '2026-03-01T10:00:00.000Z',
  })
  expect(await codes(join(there, 'sub'), former(there, join(there, 'sub')))).toEqual([
    ['warning', 'medium-not-here', join(there, 'sub')],
  ])
})

test('a mount point of the system’s table without its disk', async () => {
  const [bare, other] = [place('my disk'), place()]
  const table = join(temporaryFolder(), 'fstab')
  const line = `UUID=1 ${bare.replaceAll(' ', '\\040')} ext4 noauto 0 0`
  writeFileSync(table, `# ${other} comment\nUUID=0 / ext4 defaults 0 1\nUUID=2 none swap sw 0 0\n\t${line}\n`)
  expect(mountPoints(`${line}\n# x /y\nUUID=0 / ext4\n/dev/z none swap\n\n`)).toEqual([bare])
  expect(await codes(bare, [], table)).toEqual([['warning', 'mount-missing', bare]])
  expect(await unmountedPlace(join(bare, 'not there'), table)).toBeUndefined()
  expect(await unmountedPlace(bare, table)).toBe(bare)
  expect(await codes(other, [], table)).toEqual([])
})
