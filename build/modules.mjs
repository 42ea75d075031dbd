// Makes sure node_modules holds exactly what package-lock.json says, native modules included.
// Guarantees: `npm ci` runs only when something is missing or the lock file changed; an interrupted one is noticed, because npm
// writes its own copy of the lock file (node_modules/.package-lock.json) last.
// Does not fetch the Electron program: build/electron-runtime.mjs does.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from './child.mjs'
import { Stop, say } from './stop.mjs'
import { ensureSystem } from './system.mjs'

/** Files that exist only when the native modules were compiled or their prebuilt form was fetched. */
const nativeFiles = ['keytar/build/Release/keytar.node', 'drivelist/build/Release/drivelist.node']

/** @typedef {{ packages?: Record<string, { version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, os?: string[], cpu?: string[] }> }} Lock */

/**
 * Why `installed` is not what `wanted` asks for, or undefined. Packages for other systems may be absent; more than asked is fine.
 * @param {Lock} wanted package-lock.json
 * @param {Lock | undefined} installed node_modules/.package-lock.json
 */
export function staleReason(wanted, installed) {
  if (!installed) return 'no packages are installed yet'
  for (const [path, entry] of Object.entries(wanted.packages ?? {})) {
    if (path === '') continue
    const found = installed.packages?.[path]
    if (!found) {
      if (entry.optional || entry.devOptional) continue
      return `${path.replace(/^node_modules\//, '')} is not installed`
    }
    if (found.version !== entry.version || (entry.integrity && found.integrity !== entry.integrity)) {
      return `${path.replace(/^node_modules\//, '')} has changed`
    }
  }
  return undefined
}

/** @param {string} file @returns {Lock | undefined} */
function readLock(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** @param {string} root */
function modulesProblem(root) {
  const modules = join(root, 'node_modules')
  const wanted = readLock(join(root, 'package-lock.json'))
  if (!wanted)
    throw new Stop('package-lock.json is missing: this is not a complete copy of Arche.', { type: ['git status'] })
  const native = nativeFiles.find((file) => !existsSync(join(modules, file)))
  return staleReason(wanted, readLock(join(modules, '.package-lock.json'))) ?? (native && `${native} was not built`)
}

/** How to start npm: the one that started us, else the one on the PATH. */
export function npmCommand(env = process.env) {
  const script = env.npm_execpath
  if (script && /npm-cli\.c?js$/.test(script) && existsSync(script))
    return { command: process.execPath, args: [script] }
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] }
}

/** Header files that came with this Node spare node-gyp a download. */
function environmentForNpm() {
  const prefix = dirname(dirname(process.execPath))
  const version = join(prefix, 'include', 'node', 'node_version.h')
  if (process.env.npm_config_nodedir || !existsSync(version)) return process.env
  const [major] = process.versions.node.split('.')
  const same = new RegExp(`NODE_MAJOR_VERSION ${major}\\b`).test(readFileSync(version, 'utf8'))
  return same ? { ...process.env, npm_config_nodedir: prefix } : process.env
}

/**
 * What to say when an npm command failed.
 * @param {{ code: number, complaint: string, missing: boolean }} result
 * @param {string} what
 */
export function npmFailure(result, what) {
  if (result.missing) {
    return new Stop(
      'npm was not found. It comes with Node: install Node from its official packages, then start again.',
      {
        type: ['npm --version'],
      },
    )
  }
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(result.complaint)) {
    return new Stop(`${what} needs the network and could not reach the package registry. Connect, then start again.`, {
      type: ['npm ping --loglevel=notice', 'npm ci --loglevel=notice'],
    })
  }
  return new Stop(`${what} failed (exit code ${result.code}); npm's own words are above.`, {
    type: ['npm ci --loglevel=notice'],
  })
}

/** @param {string} root */
export async function ensureModules(root) {
  const problem = modulesProblem(root)
  if (!problem) return
  await ensureSystem(['terminal', 'compile'])
  say(`Installing the packages Arche is made of (${problem}) …`)
  const { command, args } = npmCommand()
  const result = await run(
    command,
    [...args, 'ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      env: environmentForNpm(),
    },
  )
  if (result.code !== 0) throw npmFailure(result, 'Installing the packages')
  const still = modulesProblem(root)
  if (still) {
    throw new Stop(`npm ci ended well, but ${still}. Install scripts may be switched off in npm's settings.`, {
      type: ['npm config get ignore-scripts', 'npm rebuild keytar drivelist --loglevel=notice'],
    })
  }
}
