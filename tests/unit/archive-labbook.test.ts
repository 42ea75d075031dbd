// Names of backups, and the list of checksums beside them.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseArtifactName } from '../../core/api/backup-name.ts'
import { parseChecksums, removeChecksum, setChecksum } from '../../core/targets/checksums.ts'
import { artifactName } from '../../core/targets/names.ts'
import { sha256 } from '../suites/fixtures/streams.ts'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'

const when = new Date(2026, 2, 2, 9, 5, 7)
const around = /^backup_v30_(.*)_2026-03-02_09h05m07s\.tar\.gz\.gpg$/s

describe('artifactName', () => {
  test.each([
    ['SIGL', 'SIGL'],
    ['Données du labo', 'Données du labo'],
    ['e\u0301te\u0301', 'été'],
    ['😀 plan_1', '😀 plan_1'],
    ['a/b\\c:d*e?f"g<h>i|j', 'a-b-c-d-e-f-g-h-i-j'],
    ['line\nbreak\ttab\0nul\x7f', 'line-break-tab-nul'],
    ["l'atelier", 'l-atelier'],
    [' ..hidden. ', 'hidden'],
    ['', 'plan'],
    ['...', 'plan'],
    ['///', 'plan'],
    ['lone \udce9 half', 'lone - half'],
    ['gpj.\u202egpg', 'gpj.-gpg'],
    ['_2026-01-01_00h00m00s', '_2026-01-01_00h00m00s'],
  ])('%j becomes %j', (plan, name) => {
    expect(around.exec(artifactName(plan, when))?.[1]).toBe(name)
  })

  test('is cut at a whole character, to 100 bytes, and stays writable everywhere', () => {
    const name = around.exec(artifactName('👩‍👩‍👧‍👦'.repeat(10), when))?.[1]
    expect(name).toBe('👩‍👩‍👧‍👦'.repeat(4))
    expect(around.exec(artifactName('é'.repeat(200), when))?.[1]).toBe('é'.repeat(50))
    expect(around.exec(artifactName(`${'x'.repeat(99)}. y`, when))?.[1]).toBe('x'.repeat(99))
    writeFileSync(join(temporaryFolder(), artifactName('é'.repeat(200), when)), '')
  })

  test('reads back, whatever the plan is called', () => {
    for (const plan of ['SIGL', 'a_b', '_2026-01-01_00h00m00s', 'é\n', '']) {
      const parsed = parseArtifactName(artifactName(plan, when))
      expect(parsed).toMatchObject({ format: '3.0', time: when })
    }
  })
})

describe('parseArtifactName', () => {
  test('reads the names of LabBook 2.5 and 2.9', () => {
    const found = parseArtifactName('backup_SIGL_2018-04-13_15h58m51s.tar.gz')
    expect(found).toMatchObject({ format: '2.x', name: 'SIGL', time: new Date(2018, 3, 13, 15, 58, 51) })
    expect(parseArtifactName('backup_SIGL_TEST_2018-04-13_15h58m51s.tar.gz')?.name).toBe('SIGL_TEST')
  })

  test.each([
    'backup_v30_SIGL_2026-02-30_12h00m00s.tar.gz.gpg',
    'backup_v30_SIGL_2026-03-02_24h00m00s.tar.gz.gpg',
    'backup_v30_SIGL_2026-03-02_12h60m00s.tar.gz.gpg',
    'backup_v30_SIGL_2026-00-02_12h00m00s.tar.gz.gpg',
    'backup_v30_SIGL_2026-03-02_12h00m00s.tar.gz.gpg.part',
    'backup_v30__2026-03-02_12h00m00s.tar.gz.gpg',
    'x_backup_v30_SIGL_2026-03-02_12h00m00s.tar.gz.gpg',
    'backup_v30_SIGL_2026-03-02.tar.gz.gpg',
    'kpri.ABC.asc',
    'files.tar.gz.gpg',
    '',
  ])('refuses %j', (name) => {
    expect(parseArtifactName(name)).toBeUndefined()
  })
})

describe('checksums', () => {
  const names = [
    'plain.gpg',
    'é 😀',
    ' spaces ',
    'back\\slash',
    'new\nline',
    'both\\\nof them',
    'carriage\rreturn',
    '*star',
    'a  b',
  ]

  test('sha256sum accepts what is written, and the other way round', () => {
    const folder = temporaryFolder()
    let content = ''
    for (const name of names) {
      writeFileSync(join(folder, name), name)
      content = setChecksum(content, name, sha256(Buffer.from(name)))
    }
    writeFileSync(join(folder, 'SHA256SUMS'), content)
    const options = { cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8' } }
    const said = execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], options).toString()
    expect(said.match(/: OK/g)).toHaveLength(names.length)
    const theirs = execFileSync(
      'sha256sum',
      names.map((name) => `./${name}`),
      options,
    ).toString()
    const expected = new Map(names.map((name) => [`./${name}`, sha256(Buffer.from(name))]))
    expect(parseChecksums(theirs)).toEqual(expected)
    const binary = execFileSync('sha256sum', ['-b', '--', ...names], options).toString()
    expect([...parseChecksums(binary).keys()]).toEqual(names)
  })

  const one = 'a'.repeat(64)
  const two = 'b'.repeat(64)

  test('a new sum takes the place of the old one; lines of others are kept', () => {
    const content = `# made by hand\n${one}  x\n\n${one.toUpperCase()} *y\nnot a line\n${two}  x\n`
    const changed = setChecksum(content, 'x', 'C'.repeat(64))
    expect(changed).toBe(`# made by hand\n${'c'.repeat(64)}  x\n${one}  y\nnot a line\n`)
    expect(removeChecksum(changed, 'y')).toBe(`# made by hand\n${'c'.repeat(64)}  x\nnot a line\n`)
    expect(setChecksum('', 'z', two)).toBe(`${two}  z\n`)
    expect(parseChecksums(content)).toEqual(
      new Map([
        ['x', two],
        ['y', one],
      ]),
    )
  })

  test('lines that end as on Windows are read', () => {
    expect(parseChecksums(`${one}  x\r\n${two}  y\r\n`)).toEqual(
      new Map([
        ['x', one],
        ['y', two],
      ]),
    )
  })
})
