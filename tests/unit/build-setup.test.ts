// What the set-up decides: is Node new enough, what is missing on the system and how it is installed, are the packages current.
// Nothing is installed here; the texts of apt and os-release are those of real systems.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { npmCommand, npmFailure, staleReason } from '../../build/modules.mjs'
import { isOlder, oldestNode, requireNode } from '../../build/node-version.mjs'
import { explain, Stop } from '../../build/stop.mjs'
import { commandsFor, debianPackages, familyOf, installableIn, missingOf, needs } from '../../build/system-needs.mjs'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arche-build-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('Node version', () => {
  it.each([
    ['20.18.3', true],
    ['18.20.0', true],
    ['20.9.0', true],
    ['20.19.0', false],
    ['20.19.1', false],
    ['22.0.0', false],
    ['100.0.0', false],
  ])('%s is too old: %s', (found, old) => {
    expect(isOlder(found, oldestNode)).toBe(old)
  })

  it('is refused with a sentence that names both versions', () => {
    expect(() => requireNode('18.20.0')).toThrow(/needs Node 20\.19\.0 .* this is Node 18\.20\.0/)
    expect(requireNode(process.versions.node)).toBeUndefined()
  })

  it('agrees with package.json', async () => {
    const description = JSON.parse(await readFile('package.json', 'utf8'))
    expect(description.engines.node).toBe(`>=${oldestNode}`)
  })
})

describe('distribution', () => {
  it.each([
    ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', 'debian'],
    ['ID=ubuntu\nID_LIKE=debian\n', 'debian'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'],
    ['ID=fedora\n', 'dnf'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf'],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', 'zypper'],
    ['ID=arch\n', 'other'],
    ['VERSION_ID=debian\n', 'other'],
    ['', 'other'],
  ])('%j is %s', (text, family) => {
    expect(familyOf(text)).toBe(family)
  })
})

describe('system needs', () => {
  const nothing = {
    library: () => false,
    program: () => false,
    headers: () => false,
    python: () => false,
    font: () => false,
  }
  const everything = {
    library: () => true,
    program: () => true,
    headers: () => true,
    python: () => true,
    font: () => true,
  }

  it('asks for nothing that is there and for all that is not', () => {
    const wanted = [...needs.compile, ...needs.window]
    expect(missingOf(wanted, everything)).toEqual([])
    expect(missingOf(wanted, nothing)).toEqual(wanted)
    const gtkOnly = missingOf(wanted, { ...everything, library: (name) => name !== 'libgtk-3.so.0' })
    expect(gtkOnly.map((need) => need.library)).toEqual(['libgtk-3.so.0'])
  })

  it('never asks the terminal form for graphical libraries', () => {
    expect(needs.terminal.map((need) => need.library ?? need.program)).toEqual(['libsecret-1.so.0', 'lsblk'])
  })

  it('takes the package name this release knows, once', () => {
    const missing = missingOf(needs.window, { ...everything, library: (name) => !/gtk|asound/.test(name) })
    expect(debianPackages(missing, new Set(['libgtk-3-0t64', 'libasound2t64']))).toEqual([
      'libgtk-3-0t64',
      'libasound2t64',
    ])
    expect(debianPackages(missing, new Set(['libgtk-3-0', 'libasound2']))).toEqual(['libgtk-3-0', 'libasound2'])
    expect(debianPackages(missing, new Set())).toEqual(['libgtk-3-0', 'libasound2'])
    const twice = [...missing, ...missing]
    expect(debianPackages(twice, new Set())).toEqual(['libgtk-3-0', 'libasound2'])
  })

  it('reads which names can be installed from apt-cache policy', () => {
    const policy = [
      'libasound2:',
      '  Installed: (none)',
      '  Candidate: (none)',
      '  Version table:',
      'libasound2t64:',
      '  Installed: (none)',
      '  Candidate: 1.2.11-1build2',
      '  Version table:',
      '     1.2.11-1build2 500',
      'xvfb:',
      '  Installed: 2:21.1.7-3+deb12u13',
      '  Candidate: 2:21.1.7-3+deb12u13',
      '',
    ].join('\n')
    expect([...installableIn(policy)]).toEqual(['libasound2t64', 'xvfb'])
  })

  it('gives the exact command to type', () => {
    const missing = [...needs.compile, ...needs.terminal]
    expect(commandsFor('debian', missing, ['make', 'g++'])).toEqual([
      'sudo apt-get update && sudo apt-get install -y --no-install-recommends make g++',
    ])
    expect(commandsFor('debian', missing, ['make'], true)).toEqual([
      'apt-get update && apt-get install -y --no-install-recommends make',
    ])
    expect(commandsFor('dnf', missing, [])).toEqual([
      "sudo dnf install 'pkgconfig(libsecret-1)' /usr/bin/python3 /usr/bin/make gcc-c++ 'libsecret-1.so.0()(64bit)' /usr/bin/lsblk",
    ])
    expect(commandsFor('other', missing, ['make'])).toEqual([])
  })
})

describe('installed packages', () => {
  type Lock = Parameters<typeof staleReason>[0]
  const lock = (packages: NonNullable<Lock['packages']>): Lock => ({
    packages: { '': { version: '0.1.0' }, ...packages },
  })
  const zod = { version: '4.0.0', integrity: 'sha512-a' }

  it('are current when every entry of the lock file is installed', () => {
    const wanted = lock({ 'node_modules/zod': zod })
    expect(staleReason(wanted, { packages: { 'node_modules/zod': zod, 'node_modules/extra': zod } })).toBeUndefined()
  })

  it('may lack what is for other systems', () => {
    const wanted = lock({ 'node_modules/zod': zod, 'node_modules/for-mac': { ...zod, optional: true } })
    expect(staleReason(wanted, { packages: { 'node_modules/zod': zod } })).toBeUndefined()
  })

  it('are stale when absent, missing one, or of another version or content', () => {
    const wanted = lock({ 'node_modules/zod': zod })
    expect(staleReason(wanted, undefined)).toBe('no packages are installed yet')
    expect(staleReason(wanted, { packages: {} })).toBe('zod is not installed')
    expect(staleReason(wanted, { packages: { 'node_modules/zod': { ...zod, version: '3.0.0' } } })).toBe(
      'zod has changed',
    )
    expect(staleReason(wanted, { packages: { 'node_modules/zod': { ...zod, integrity: 'sha512-b' } } })).toBe(
      'zod has changed',
    )
  })

  it('are installed by the npm that started us', async () => {
    const script = join(folder, 'npm-cli.js')
    await writeFile(script, '')
    expect(npmCommand({ npm_execpath: script })).toEqual({ command: process.execPath, args: [script] })
    expect(npmCommand({ npm_execpath: '/gone/npm-cli.js' }).command).toMatch(/^npm/)
    expect(npmCommand({}).args).toEqual([])
  })

  it('fail with a sentence that fits the cause', () => {
    const failed = { code: 1, missing: false }
    expect(npmFailure({ ...failed, complaint: 'npm error code EAI_AGAIN' }, 'It').message).toMatch(/needs the network/)
    expect(npmFailure({ ...failed, complaint: 'gyp ERR! build error' }, 'It').message).toMatch(/exit code 1/)
    expect(npmFailure({ code: 127, missing: true, complaint: '' }, 'It').message).toMatch(/npm was not found/)
  })
})

describe('a reason to stop', () => {
  it('is shown as a sentence and what to type, without a stack', () => {
    const text = explain(new Stop('Something is missing.', { type: ['do this'] }))
    expect(text).toBe('\nSomething is missing.\nType:\n\n    do this\n')
    expect(explain(new Stop('Only a sentence.'))).toBe('\nOnly a sentence.\n')
  })
})
