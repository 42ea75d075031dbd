// The systemd units: systemd itself finds nothing wrong with them, whatever the paths are called.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemUnit } from '../../core/systemd/service.ts'
import {
  possible,
  possibleProgram,
  possibleUser,
  type ServiceSetting,
  unitName,
  unitsOf,
} from '../../core/systemd/unit.ts'
import { temporaryFolder } from '../support/folder.ts'

/** What systemd-analyze(1) says of the units; empty when all is well. */
async function verified(setting: ServiceSetting, name = 'arche'): Promise<string> {
  const folder = await temporaryFolder()
  const { service, timer } = unitsOf(setting, name)
  const files = [`${name}.service`, `${name}.timer`].map((file) => join(folder, file))
  writeFileSync(files[0] as string, service)
  writeFileSync(files[1] as string, timer)
  const scope = setting.user === undefined ? ['--user'] : ['--system']
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, HOME: folder }
  const { status, stdout, stderr } = spawnSync('systemd-analyze', [...scope, 'verify', '--man=no', ...files], {
    env,
    encoding: 'utf8',
  })
  // What systemd says of other units of this machine is not ours.
  const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes(name) || line.includes(folder))
  return status === 0 ? ours.join('\n') : `${status}: ${stdout}${stderr}`
}

const setting = {
  node: process.execPath,
  program: '/usr/lib/arche/cli.js',
  home: '/home/me/.local/share/arche',
  user: undefined,
}

describe('the units', () => {
  it('of a user are right', async () => {
    expect(await verified(setting)).toBe('')
    const { service } = unitsOf(setting, 'arche')
    expect(service).toContain('WantedBy=default.target')
    expect(service).not.toMatch(/^User=|network-online/m)
  })

  it('of the system are right, and run as that user', async () => {
    expect(await verified({ ...setting, user: 'daemon' })).toBe('')
    const { service, timer } = unitsOf({ ...setting, user: 'backup' }, 'arche')
    expect(service).toMatch(/^User=backup$/m)
    expect(service).toContain('WantedBy=multi-user.target')
    expect(timer).toContain('OnBootSec=')
  })

  it('are right for paths with every character that a path can have in a unit', async () => {
    const folder = join(await temporaryFolder(), 'a b $HOME %h %% ; é 漢')
    mkdirSync(folder)
    const node = join(folder, 'node')
    writeFileSync(node, '#!/bin/sh\n')
    chmodSync(node, 0o755)
    const words = join(folder, 'a "b" \'c\' \\x20 $d #')
    const odd = { node, program: join(words, 'cli.js'), home: words, user: undefined }
    expect(await verified(odd)).toBe('')
    expect(await verified({ ...odd, user: 'root' })).toBe('')
    const { service } = unitsOf({ ...odd, node: '/node', program: '/a "b" $c %d', home: '/h' }, 'arche')
    expect(service).toContain('ExecStart="/node" "/a \\"b\\" $$c %%d" service run')
  })

  it('are found wrong where they are', async () => {
    expect(await verified({ ...setting, node: '/no/such/node' })).toContain('/no/such/node')
  })

  it('never give the service a mount name space of its own', () => {
    for (const user of [undefined, 'backup']) {
      const { service } = unitsOf({ ...setting, user }, 'arche')
      expect(service).not.toMatch(
        /^(Protect(System|Home|Kernel\w+|ControlGroups|Proc)|Private(Tmp|Devices|Mounts|Users)|Read(Only|Write)Paths|Inaccessible\w*|BindPaths|RootDirectory|TemporaryFileSystem|DynamicUser|\w+Directory|MountFlags|ProcSubset)=/m,
      )
    }
  })

  it('are exposed no more than they must be, as systemd counts it', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'arche.service')
    writeFileSync(path, unitsOf({ ...setting, user: 'backup' }, 'arche').service)
    const out = execFileSync('systemd-analyze', ['security', '--offline=true', '--threshold=75', path], {
      encoding: 'utf8',
    })
    expect(out).toContain('Overall exposure level')
  })

  it('have a name of their own for every data folder', () => {
    expect(unitName('/home/me/x', '/home/me/x')).toBe('arche')
    expect(unitName('/home/me/y', '/home/me/x')).toMatch(/^arche-[0-9a-f]{8}$/)
    expect(unitName('/home/me/y', '/home/me/x')).not.toBe(unitName('/home/me/z', '/home/me/x'))
  })

  it('are not made of what cannot stand in a unit', () => {
    expect(['/a b/é', '/a\nb', '/a\u001bb', '/a\udce9b'].map(possible)).toEqual([true, false, false, false])
    expect(['/a b/node', "/a'b/node", '/a"b', '/a\\b'].map(possibleProgram)).toEqual([true, false, false, false])
    expect(['me', 'www-data', '_x', '0', 'a b', 'root\nUser=x', '', '%i'].map(possibleUser)).toEqual([
      ...[true, true, true, false, false, false, false, false],
    ])
  })

  it('of the whole system are known by the data folder that they name', async () => {
    const folder = await temporaryFolder()
    const home = '/srv/a "b" 100 %'
    const place = { folder: '', name: 'arche', home, user: undefined, systemctl: ['--user'] }
    const path = join(folder, 'arche.service')
    const put = (text: string) => writeFileSync(path, text)
    expect(await systemUnit(place, folder)).toBeUndefined()
    put(unitsOf({ ...setting, home, user: 'backup' }, 'arche').service)
    expect(await systemUnit(place, folder)).toBe(path)
    put(unitsOf({ ...setting, home: '/srv/a', user: 'backup' }, 'arche').service)
    expect(await systemUnit(place, folder)).toBeUndefined()
    put(unitsOf({ ...setting, home, user: 'backup' }, 'arche').service.replace(/^#.*/, '# somebody'))
    expect(await systemUnit(place, folder)).toBeUndefined()
  })
})
