// Compiles the program into out/ when its sources changed, and only then.
// Guarantees: afterwards out/ fits the sources; a failed or interrupted compilation leaves the former program untouched (made beside,
// then renamed); of several processes that want it at once, one works and the others wait.
// The stamp is a hash of names and contents, so a fresh checkout or a touched file alone compiles nothing.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stop, say } from './stop.mjs'

/** Everything that decides what comes out: folders whole, and single files. */
const sourceFolders = ['core', 'electron', 'renderer', 'resources']
const sourceFiles = ['electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.base.json']

/** What a compiled program consists of. */
export const products = [
  'main/main.js',
  'main/cli.js',
  'main/worker.js',
  'main/pool-thread.js',
  'preload/preload.cjs',
  'renderer/index.html',
]
const parts = ['main', 'preload', 'renderer']

/** The project's folder. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/**
 * Hash of the sources in `root`: names and contents, in a fixed order. Tests that lie beside the code are not sources.
 * @param {string} root
 */
export function sourceStamp(root) {
  const hash = createHash('sha256')
  const inFolders = sourceFolders.flatMap((folder) => filesBelow(root, folder))
  for (const file of [...sourceFiles, ...inFolders].sort()) {
    const path = join(root, file)
    if (!existsSync(path)) continue
    const content = readFileSync(path)
    hash.update(`${file}\0${content.length}\0`)
    hash.update(content)
  }
  return hash.digest('hex')
}

/** @param {string} root @param {string} folder @returns {string[]} paths relative to `root` */
function filesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return filesBelow(root, path)
    return entry.isFile() && entry.name !== 'tsconfig.json' ? [path] : []
  })
}

/**
 * True when out/ holds a whole program made from these sources.
 * @param {string} root
 */
export function isFresh(root, stamp = sourceStamp(root)) {
  const file = join(root, 'out', 'build-stamp')
  if (!existsSync(file) || readFileSync(file, 'utf8') !== stamp) return false
  return products.every((product) => existsSync(join(root, 'out', product)))
}

/**
 * Makes sure out/ fits the sources.
 * @param {string} [root]
 * @returns {Promise<boolean>} whether it had to compile
 */
export async function ensureBuilt(root = projectRoot) {
  if (isFresh(root)) return false
  const release = await takeLock(join(root, 'out'))
  try {
    const stamp = sourceStamp(root)
    if (isFresh(root, stamp)) return false
    say('Compiling Arche …')
    await compile(root)
    exchange(join(root, 'out'), stamp)
    return true
  } finally {
    release()
  }
}

/** Compiles into out/*.next (named in electron.vite.config.ts). @param {string} root */
async function compile(root) {
  const { build } = await import('electron-vite')
  try {
    await build({ root, logLevel: 'warn', mode: 'production' })
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw new Stop(`Compiling failed:\n\n${words}`, { type: ['npm run check'], cause: error })
  }
}

/** Puts the newly compiled parts in place; the stamp is gone while they are mixed. @param {string} out @param {string} stamp */
function exchange(out, stamp) {
  rmSync(join(out, 'build-stamp'), { force: true })
  for (const part of parts) {
    rmSync(join(out, `${part}.old`), { recursive: true, force: true })
    if (existsSync(join(out, part))) renameSync(join(out, part), join(out, `${part}.old`))
    renameSync(join(out, `${part}.next`), join(out, part))
  }
  const missing = products.filter((product) => !existsSync(join(out, product)))
  if (missing.length > 0) throw new Stop(`Compiling left out ${missing.join(', ')}.`, { type: ['npm run check'] })
  writeFileSync(join(out, 'build-stamp'), stamp)
  for (const part of parts) rmSync(join(out, `${part}.old`), { recursive: true, force: true })
}

/**
 * One compilation at a time. The lock is a file with the owner's process number; one left by a process that is gone is taken over.
 * @param {string} out
 * @returns {Promise<() => void>}
 */
export async function takeLock(out) {
  mkdirSync(out, { recursive: true })
  const file = join(out, 'build-lock')
  for (let told = false; ; told = true) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
    if (isAbandoned(file)) {
      rmSync(file, { force: true })
      continue
    }
    if (!told) say('Another process is compiling Arche; waiting for it …')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** @param {string} file */
function isAbandoned(file) {
  try {
    const owner = Number(readFileSync(file, 'utf8'))
    // Just created and not yet written: its owner is about to write its number.
    if (owner === 0) return false
    process.kill(owner, 0)
    return false
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code
    return code === 'ESRCH' || code === 'ENOENT'
  }
}
