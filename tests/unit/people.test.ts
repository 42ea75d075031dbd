// Who has a login on this computer, and when an administrator password is proposed.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { operatorProposal } from '../../core/api/operator-proposal.ts'
import type { PlanSource } from '../../core/api/plan.ts'
import { peopleIn, severalPeople } from '../../core/lib/people.ts'
import { temporaryFolder } from '../support/folder.ts'

const system = [
  'root:x:0:0:root:/root:/bin/bash',
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  'sync:x:4:65534:sync:/bin:/bin/sync',
  'backup:x:34:34:backup:/var/backups:/bin/bash',
  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
  'service:x:1200:1200::/srv/service:/bin/false',
  'noshell:x:1201:1201::/home/noshell:',
  'gone:x:1202:1202::/home/gone:/bin/bash',
  'nowhere:x:1203:1203::/:/bin/bash',
  'builder:x:30001x:1::/home/marie:/bin/bash',
  '# comment',
  '',
]
const marie = 'marie:x:1000:1000:Marie,,,:/home/marie:/bin/bash'
const paul = 'paul:x:1001:1001:Paul:/home/paul:/usr/bin/zsh'
const exists = (folder: string) => folder !== '/home/gone'

describe('people of a computer', () => {
  it('have a number of people, a home that is there and a shell', () => {
    expect(peopleIn(system.join('\n'), exists)).toEqual([])
    expect(peopleIn([...system, marie].join('\n'), exists)).toEqual(['marie'])
    expect(peopleIn([marie, ...system, paul].join('\n'), exists)).toEqual(['marie', 'paul'])
  })

  it('are several only where the system says so', async () => {
    const folder = await temporaryFolder()
    const passwd = join(folder, 'passwd')
    expect(await severalPeople(passwd)).toBe(false)
    const line = (name: string, uid: number) => `${name}:x:${uid}:${uid}::${folder}:/bin/sh\n`
    await writeFile(passwd, line('a', 1000))
    expect(await severalPeople(passwd)).toBe(false)
    await writeFile(passwd, line('a', 1000) + line('b', 1001))
    expect(await severalPeople(passwd)).toBe(true)
  })
})

describe('an administrator password', () => {
  const folders: PlanSource = { kind: 'folders', paths: ['/a'], exclude: [] }
  const labbook: PlanSource = { kind: 'labbook', storage: '/s', database: { name: 'SIGL', user: 'u' } }

  it('is proposed where several people are, or a LabBook server is protected; never where there is one', () => {
    const alone = { operatorSet: false, severalPeople: false, sources: [folders] }
    expect(operatorProposal(alone)).toBeUndefined()
    expect(operatorProposal({ ...alone, severalPeople: undefined, sources: [] })).toBeUndefined()
    expect(operatorProposal({ ...alone, severalPeople: true })).toBe('people')
    expect(operatorProposal({ ...alone, sources: [folders, labbook] })).toBe('labbook')
    expect(operatorProposal({ operatorSet: true, severalPeople: true, sources: [labbook] })).toBeUndefined()
  })
})
