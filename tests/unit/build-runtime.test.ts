// How the Electron program is found, and that a changed download or half a runtime is never used. Nothing is fetched.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cacheFolder, namedElectron, ownElectron } from '../../build/electron-runtime.mjs'
import { presentRuntime, registryVersion, requireDigest } from '../../build/registry-runtime.mjs'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arche-build-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function put(path: string, text: string) {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
  return join(folder, path)
}

describe('the cache folder', () => {
  it('follows the XDG rules: an absolute XDG_CACHE_HOME, else ~/.cache', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/arche')
    expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).toBe(join(homedir(), '.cache', 'arche'))
    expect(cacheFolder({})).toBe(join(homedir(), '.cache', 'arche'))
  })
})

describe('ARCHE_ELECTRON', () => {
  it('is taken with the version beside it', async () => {
    const program = await put('my/electron', '')
    await put('my/version', 'v45.4.1\n')
    expect(namedElectron({ ARCHE_ELECTRON: program })).toMatchObject({ program, version: '45.4.1', registry: false })
    expect(namedElectron({})).toBeUndefined()
  })

  it('that leads nowhere is refused', () => {
    expect(() => namedElectron({ ARCHE_ELECTRON: '/no/electron' })).toThrow(/ARCHE_ELECTRON names \/no\/electron/)
    expect(() => namedElectron({ ARCHE_ELECTRON: folder })).toThrow(/no program of that name/)
  })

  it('that names the registry runtime does not make it fit for packages', async () => {
    const program = await put(`arche/electron-${registryVersion}/electron`, '')
    await put(`arche/electron-${registryVersion}/version`, registryVersion)
    expect(namedElectron({ ARCHE_ELECTRON: program, XDG_CACHE_HOME: folder })?.registry).toBe(true)
  })
})

describe("the electron package's own program", () => {
  beforeEach(async () => {
    await put('node_modules/electron/package.json', JSON.stringify({ version: '45.4.1' }))
    await put('node_modules/electron/path.txt', 'electron')
    await put('node_modules/electron/dist/electron', '')
  })

  it('is used when it is whole and of the version asked for', async () => {
    await put('node_modules/electron/dist/version', '45.4.1')
    expect(ownElectron(folder)).toMatchObject({ version: '45.4.1', registry: false })
  })

  it('is not used when of another version, or half there', async () => {
    await put('node_modules/electron/dist/version', '44.0.0')
    expect(ownElectron(folder)).toBeUndefined()
    await put('node_modules/electron/dist/version', '45.4.1')
    await rm(join(folder, 'node_modules/electron/dist/electron'))
    expect(ownElectron(folder)).toBeUndefined()
    await rm(join(folder, 'node_modules/electron/path.txt'))
    expect(ownElectron(folder)).toBeUndefined()
  })
})

describe('the registry runtime', () => {
  it('is not taken for present when its program was cut', async () => {
    await put(`electron-${registryVersion}/electron`, 'half')
    await put(`electron-${registryVersion}/arche-recipe`, '2')
    expect(await presentRuntime(folder)).toBeUndefined()
    expect(await presentRuntime(join(folder, 'empty'))).toBeUndefined()
  })

  it('is refused when a checksum differs', async () => {
    const file = await put('download.tgz', 'content')
    const sha256 = createHash('sha256').update('content').digest('hex')
    const integrity = `sha512-${createHash('sha512').update('content').digest('base64')}`
    await expect(requireDigest(file, { sha256 })).resolves.toBeUndefined()
    await expect(requireDigest(file, { integrity })).resolves.toBeUndefined()
    await put('download.tgz', 'content changed')
    await expect(requireDigest(file, { sha256 })).rejects.toThrow(/download\.tgz is not the file we know/)
    await expect(requireDigest(file, { integrity })).rejects.toThrow(/it was not used/)
  })
})
