import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../core/api/failure.ts'
import {
  type Config,
  dataFolder,
  dataFolderPath,
  defaultConfig,
  migrate,
  openConfig,
} from '../../core/config/config.ts'
import { conditions } from '../support/conditions.ts'
import { temporaryFolder } from '../support/folder.ts'

const plan = {
  id: '6f1f4f3e-6a33-4a0e-9d5c-0a2f1f7f0a01',
  name: 'Documents',
  source: { kind: 'folders' as const, paths: ['/home/a/Docs \udce9t\udce9', '/home/a/été'], exclude: [] },
  method: { kind: 'archive' as const, format: 'tar.gz.gpg' as const },
  destinations: [
    { id: '00000000-0000-4000-8000-00000000000d', place: { kind: 'medium' as const }, via: 'run' as const },
  ],
  createdAt: '2026-01-02T03:04:05.000Z',
}

const withPlan = (config: Config): Config => ({ ...config, plans: [...config.plans, plan] })

describe('the configuration file', () => {
  it('begins with the defaults and writes nothing', async () => {
    const home = await temporaryFolder()
    const config = await openConfig(home)
    expect(config.current).toEqual(defaultConfig())
    expect(await readdir(home)).toEqual([])
  })

  it('keeps changes, names that are not UTF-8 included, privately and with the previous file beside', async () => {
    const home = await temporaryFolder()
    const config = await openConfig(home)
    await config.update(withPlan)
    await config.update((current) => ({ ...current, settings: { language: 'fr', welcomed: true } }))
    const again = await openConfig(home)
    expect(again.current).toEqual({
      version: 2,
      settings: { language: 'fr', welcomed: true },
      plans: [plan],
      known: [],
    })
    expect((await stat(join(home, 'config.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(home, 'config.json.bak'))).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(join(home, 'config.json.bak'), 'utf8')).settings.welcomed).toBe(false)
    expect(await readdir(home)).toEqual(['config.json', 'config.json.bak'])
  })

  it('makes changes that come together one after the other, none lost', async () => {
    const home = await temporaryFolder()
    const config = await openConfig(home)
    const ids = Array.from(
      { length: 30 },
      (_, at) => `6f1f4f3e-6a33-4a0e-9d5c-0000000000${String(at).padStart(2, '0')}`,
    )
    await Promise.all(ids.map((id) => config.update((now) => ({ ...now, plans: [...now.plans, { ...plan, id }] }))))
    expect((await openConfig(home)).current.plans.map((each) => each.id)).toEqual(ids)
  })

  it('refuses a change that breaks the rules, and goes on', async () => {
    const home = await temporaryFolder()
    const config = await openConfig(home)
    const bad = config.update((now) => ({ ...now, plans: [{ ...plan, name: '' }] }))
    await expect(bad).rejects.toMatchObject({ code: 'bad-input' })
    await expect(
      config.update(() => {
        throw new RangeError('bug')
      }),
    ).rejects.toThrow(RangeError)
    expect(config.current.plans).toEqual([])
    await config.update(withPlan)
    expect((await openConfig(home)).current.plans).toHaveLength(1)
  })

  it('changes nothing when the disk refuses', async () => {
    const home = await temporaryFolder()
    const config = await openConfig(home)
    await config.update(withPlan)
    await mkdir(join(home, 'config.json.bak', 'in the way'), { recursive: true })
    await expect(config.update(() => defaultConfig())).rejects.toMatchObject({ name: 'Failure' })
    expect(config.current.plans).toHaveLength(1)
    expect((await openConfig(home)).current.plans).toHaveLength(1)
  })

  it.each([
    ['half a file', '{"version":1,"settings":{"lang'],
    ['an empty file', ''],
    ['zeros', '\0\0\0\0'],
    ['no version', '{}'],
    ['another shape', '{"version":1,"settings":[],"plans":{},"known":null}'],
    ['an impossible version', '{"version":-3}'],
    ['a version without a way forward', '{"version":0.5}'],
  ])('refuses %s and leaves it untouched', async (_, text) => {
    const home = await temporaryFolder()
    const path = join(home, 'config.json')
    await writeFile(path, text)
    await expect(openConfig(home)).rejects.toMatchObject({ code: 'config-damaged', details: { path, backup: '—' } })
    expect(await readFile(path, 'utf8')).toBe(text)
    expect(await readdir(home)).toEqual(['config.json'])
  })

  it('offers the previous file where that is good', async () => {
    const home = await temporaryFolder()
    const config = await openConfig(home)
    await config.update(withPlan)
    await config.update((now) => ({ ...now, plans: [] }))
    await writeFile(join(home, 'config.json'), 'x')
    const backup = join(home, 'config.json.bak')
    await expect(openConfig(home)).rejects.toMatchObject({ code: 'config-damaged', details: { backup } })
    await writeFile(backup, 'y')
    await expect(openConfig(home)).rejects.toMatchObject({ code: 'config-damaged', details: { backup: '—' } })
  })

  it('is not taken for new when only its previous version is there', async () => {
    const home = await temporaryFolder()
    const config = await openConfig(home)
    await config.update(withPlan)
    await config.update((now) => ({ ...now, plans: [] }))
    const [path, backup] = [join(home, 'config.json'), join(home, 'config.json.bak')]
    await rm(path)
    await expect(openConfig(home)).rejects.toMatchObject({ code: 'config-missing', details: { path, backup } })
    await writeFile(backup, 'x')
    await expect(openConfig(home)).rejects.toMatchObject({ code: 'config-missing', details: { backup: '—' } })
    expect(await readdir(home)).toEqual(['config.json.bak'])
  })

  it('loses nothing to a single wrong bit: the same settings, or refused', async () => {
    const home = await temporaryFolder()
    const path = join(home, 'config.json')
    const schedule = { when: { kind: 'daily' as const, at: '12:00' }, ...conditions, savedAt: plan.createdAt }
    const keep = { last: 3 }
    await (await openConfig(home)).update((now) => ({ ...now, plans: [{ ...plan, schedule, keep }] }))
    const whole = await readFile(path)
    const { current } = await openConfig(home)
    let refused = 0
    for (let bit = 0; bit < whole.length * 8; bit += 41) {
      const data = Buffer.from(whole)
      data[bit >> 3] = (data[bit >> 3] as number) ^ (1 << (bit & 7))
      await writeFile(path, data)
      const found = await openConfig(home).catch((error: unknown) => error)
      if (found instanceof Failure) refused += 1
      else expect(found, `bit ${bit}`).toMatchObject({ current })
    }
    expect(refused).toBeGreaterThan((0.7 * (whole.length * 8)) / 41)
  })

  it('reads what was changed by hand once its checksum is out, but no entry that it does not know', async () => {
    const home = await temporaryFolder()
    const path = join(home, 'config.json')
    await (await openConfig(home)).update(withPlan)
    const { checksum, ...content } = JSON.parse(await readFile(path, 'utf8'))
    expect(checksum).toMatch(/^sha256:[0-9a-f]{64}$/)
    const renamed = { ...content, plans: [{ ...plan, name: 'Papers' }] }
    await writeFile(path, JSON.stringify({ ...renamed, checksum }))
    await expect(openConfig(home)).rejects.toMatchObject({ code: 'config-damaged', details: { reason: 'checksum' } })
    await writeFile(path, JSON.stringify(renamed))
    expect((await openConfig(home)).current.plans[0]?.name).toBe('Papers')
    await writeFile(path, JSON.stringify({ ...content, plans: [{ ...plan, schdule: {} }] }))
    await expect(openConfig(home)).rejects.toMatchObject({ details: { reason: 'plans.0.schdule' } })
  })

  it('refuses an entry that a newer Arche has added, because it would be lost with the next change', async () => {
    const home = await temporaryFolder()
    const path = join(home, 'config.json')
    await (await openConfig(home)).update(withPlan)
    const { checksum: _, ...content } = JSON.parse(await readFile(path, 'utf8'))
    const newer = { ...content, plans: [{ ...plan, source: { ...plan.source, oneFileSystem: true } }] }
    const checksum = `sha256:${createHash('sha256').update(JSON.stringify(newer)).digest('hex')}`
    await writeFile(path, JSON.stringify({ ...newer, checksum }))
    const details = { path, version: 'plans.0.source.oneFileSystem' }
    await expect(openConfig(home)).rejects.toMatchObject({ code: 'config-newer', details })
  })

  it('is refused where something else stands in its place', async () => {
    const home = await temporaryFolder()
    const path = join(home, 'config.json')
    execFileSync('mkfifo', [path])
    await expect(openConfig(home)).rejects.toMatchObject({ code: 'config-damaged', details: { path } })
    await rm(path)
    await mkdir(path)
    await expect(openConfig(home)).rejects.toMatchObject({ code: 'config-damaged' })
  })

  it('refuses the file of a newer Arche and leaves it untouched', async () => {
    const home = await temporaryFolder()
    const path = join(home, 'config.json')
    await writeFile(path, '{"version":3,"future":true}')
    await expect(openConfig(home)).rejects.toMatchObject({ code: 'config-newer', details: { path, version: 3 } })
    expect(await readFile(path, 'utf8')).toBe('{"version":3,"future":true}')
  })
})

describe('migrations', () => {
  const table = { 1: (old: object) => ({ ...old, a: 1 }), 2: (old: object) => ({ ...old, b: 'a' in old }) }

  it('go one version at a time', () => {
    expect(migrate({ version: 1, kept: true }, table, 3)).toEqual({ version: 3, kept: true, a: 1, b: true })
    expect(migrate({ version: 2 }, table, 3)).toEqual({ version: 3, b: false })
    expect(migrate({ version: 3 }, table, 3)).toEqual({ version: 3 })
  })

  it('tell when there is no way', () => {
    expect(migrate({ version: 4 }, table, 3)).toBeUndefined()
    expect(migrate({ version: 1 }, {}, 3)).toBeUndefined()
  })
})

describe('the data folder', () => {
  it('is where the system keeps such things', () => {
    expect(dataFolderPath({ ARCHE_HOME: '/x/y', HOME: '/h' })).toBe('/x/y')
    expect(dataFolderPath({ HOME: '/h' }, 'linux')).toBe('/h/.local/share/arche')
    expect(dataFolderPath({ HOME: '/h', XDG_DATA_HOME: '/d' }, 'linux')).toBe('/d/arche')
    expect(dataFolderPath({ HOME: '/h', XDG_DATA_HOME: 'relative' }, 'linux')).toBe('/h/.local/share/arche')
    expect(dataFolderPath({ HOME: '/h' }, 'darwin')).toBe('/h/Library/Application Support/Arche')
    expect(dataFolderPath({ USERPROFILE: '/u', APPDATA: '/u/Roaming' }, 'win32')).toBe('/u/Roaming/Arche')
    expect(dataFolderPath({ ARCHE_HOME: 'here' })).toBe(join(process.cwd(), 'here'))
  })

  it('is made private, and shut where it was open', async () => {
    const home = join(await temporaryFolder(), 'a', 'b')
    expect(await dataFolder({ ARCHE_HOME: home })).toBe(home)
    expect((await stat(home)).mode & 0o777).toBe(0o700)
    await chmod(home, 0o755)
    await dataFolder({ ARCHE_HOME: home })
    expect((await stat(home)).mode & 0o777).toBe(0o700)
  })

  it('is refused where it is a file', async () => {
    const path = join(await temporaryFolder(), 'file')
    await writeFile(path, '')
    await expect(dataFolder({ ARCHE_HOME: path })).rejects.toMatchObject({ code: 'home-unwritable', details: { path } })
    await expect(dataFolder({ ARCHE_HOME: join(path, 'below') })).rejects.toMatchObject({ code: 'home-unwritable' })
  })

  it('is refused where it belongs to somebody else', async () => {
    // Root can give a folder away; everybody else has folders of root at hand.
    const root = process.getuid?.() === 0
    const home = root ? await temporaryFolder() : '/usr'
    if (root) await chown(home, 12_345, 12_345)
    await expect(dataFolder({ ARCHE_HOME: home })).rejects.toMatchObject({
      code: 'home-unwritable',
      details: { path: home },
    })
  })
})
