// What `npm run package` does once Node is known to be new enough.
import { dirname, join } from 'node:path'
import { ensureBuilt, projectRoot } from './compile.mjs'
import { findElectron, findPublishersElectron } from './electron-runtime.mjs'
import { ensureModules } from './modules.mjs'
import { fuses, packageConfiguration } from './package-config.mjs'
import { Stop, say } from './stop.mjs'
import { ensureSystem } from './system.mjs'

/** @typedef {{ installers: boolean, development: boolean }} Options */

/** @param {string[]} args @returns {Options} */
export function packageOptions(args) {
  const unknown = args.filter((arg) => arg !== '--installers' && arg !== '--dev-runtime')
  const options = { installers: args.includes('--installers'), development: args.includes('--dev-runtime') }
  if (unknown.length === 0 && !(options.installers && options.development)) return options
  throw new Stop(`"${args.join(' ')}" is not understood; --dev-runtime makes no installers.`, {
    type: ['npm run package', 'npm run package -- --installers', 'npm run package -- --dev-runtime'],
  })
}

/**
 * The Electron to pack. The registry runtime is out of support and is never packed for users.
 * @param {Options} options
 */
async function electronFor(options) {
  if (options.development) return findElectron(projectRoot)
  const electron = await findPublishersElectron(projectRoot)
  if (electron) return electron
  throw new Stop(
    "A package for users needs the Electron of package.json, and its publisher's server cannot be reached from here. " +
      'A package to try on this machine can be made with the Electron that `npm start` uses.',
    { type: ['npx install-electron --no', 'npm run package', 'npm run package -- --dev-runtime'] },
  )
}

/** @param {string[]} args what was typed after `npm run package --` */
export async function makePackage(args) {
  const options = packageOptions(args)
  await ensureSystem(['terminal'])
  await ensureModules(projectRoot)
  const electron = await electronFor(options)
  await ensureBuilt()
  const output = join('dist', options.development ? 'development' : 'release')
  const { build, Platform } = await import('electron-builder')
  await build({
    projectDir: projectRoot,
    publish: 'never',
    targets: Platform.current().createTarget(options.installers ? null : 'dir'),
    config: {
      ...packageConfiguration(process.platform),
      directories: { output, buildResources: 'resources' },
      electronDist: dirname(electron.program),
      electronVersion: electron.version,
    },
  })
  if (process.platform === 'linux') await requireFuses(join(projectRoot, output, 'linux-unpacked', 'arche'))
  say(`Made in ${output}${options.development ? ': to try only, its Electron is out of support' : ''}`)
  return 0
}

/**
 * Reads the fuses of a finished program and stops at the first wrong one. The wire is one character for each: '1' on, '0' off.
 * @param {string} program
 */
async function requireFuses(program) {
  const { FuseV1Options, getCurrentFuseWire } = await import('@electron/fuses')
  const wire = await getCurrentFuseWire(program)
  for (const [name, wanted] of Object.entries(fuses(process.platform))) {
    const key = /** @type {keyof typeof FuseV1Options} */ (name.charAt(0).toUpperCase() + name.slice(1))
    const state = String.fromCharCode(Number(wire[FuseV1Options[key]]))
    if (state !== (wanted ? '1' : '0')) throw new Stop(`The fuse ${key} of ${program} is not ${wanted ? 'on' : 'off'}.`)
    say(`fuse ${key}: ${wanted ? 'on' : 'off'}`)
  }
}
