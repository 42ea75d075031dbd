// What a package for users is made of: its switches, its files, and what the command refuses.
import { describe, expect, it } from 'vitest'
import { packageOptions } from '../../build/package-arche.mjs'
import { fuses, packageConfiguration } from '../../build/package-config.mjs'

describe('a package for users', () => {
  it('is no Node, takes no inspector, runs only its own archive', () => {
    expect(fuses('linux')).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: false,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    })
    expect(fuses('darwin').enableEmbeddedAsarIntegrityValidation).toBe(true)
    expect(fuses('win32').enableEmbeddedAsarIntegrityValidation).toBe(true)
  })

  it('is an archive with those switches, native modules beside it', () => {
    const configuration = packageConfiguration('linux')
    expect(configuration).toMatchObject({ asar: true, electronFuses: fuses('linux'), npmRebuild: false })
    expect(configuration.asarUnpack).toEqual(['**/*.node'])
    expect(configuration.linux?.target).toEqual(['AppImage', 'deb'])
  })

  it('is made as the arguments say', () => {
    expect(packageOptions([])).toEqual({ installers: false, development: false })
    expect(packageOptions(['--installers'])).toEqual({ installers: true, development: false })
    expect(packageOptions(['--dev-runtime'])).toEqual({ installers: false, development: true })
  })

  it.each([[['--dev-runtime', '--installers']], [['--all']]])('is refused with %j', (args) => {
    expect(() => packageOptions(args)).toThrow(/not understood/)
  })
})
