// What goes into a package for users, and the switches burnt into its program.
// Guarantees: the packaged program runs only our code from its own archive: it is no Node (RunAsNode), takes no Node options or
// inspector from the environment or arguments, and stores cookies encrypted.
// Used by build/package.mjs; checked on the finished program there and in tests/unit/build-package.test.ts.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The fuses (electronjs.org, "Electron Fuses"). Linux has no integrity check of the archive, so that fuse is set elsewhere only.
 * @param {NodeJS.Platform} platform
 */
export function fuses(platform) {
  return {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: platform !== 'linux',
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  }
}

/**
 * @param {NodeJS.Platform} platform
 * @returns {import('electron-builder').Configuration}
 */
export function packageConfiguration(platform) {
  return {
    appId: 'io.github.arche.backup',
    productName: 'Arche',
    copyright: 'MIT licence',
    directories: { output: 'dist/release', buildResources: 'resources' },
    files: ['out/main/**', 'out/preload/**', 'out/renderer/**', '!**/*.map', 'resources/**', 'package.json'],
    asar: true,
    // The system's loader cannot read inside an archive.
    asarUnpack: ['**/*.node'],
    // keytar and drivelist are N-API: what npm compiled loads in every Electron.
    npmRebuild: false,
    electronFuses: fuses(platform),
    // Electron's own folder brings a program that runs any application given to it.
    afterPack: ({ appOutDir, packager }) =>
      rm(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true }),
    linux: {
      target: ['AppImage', 'deb'],
      executableName: 'arche',
      category: 'Utility',
      icon: 'resources/icons',
      synopsis: 'Encrypted backups that open without us',
      maintainer: 'The Arche founders <arche@localhost>',
    },
    deb: {
      depends: [
        'libgtk-3-0',
        'libnotify4',
        'libnss3',
        'libxss1',
        'libxtst6',
        'libatspi2.0-0',
        'libsecret-1-0',
        'util-linux',
      ],
    },
  }
}
