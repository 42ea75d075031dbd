// `npm run lock`: after adding a package, completes package-lock.json with the optional packages of other systems.
// Needed where the registry holds only the packages for Linux: npm then leaves the others out of the lock file, and `npm ci` refuses
// it everywhere. Guarantees: entries that are there are not changed; added ones carry the exact version their parent asks for and
// the system read from their name, but no checksum, because nobody here has seen their content.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[], optionalDependencies?: Record<string, string> }} Entry */
/** @typedef {{ packages: Record<string, Entry> }} Lock */

const systems = /-(android|darwin|freebsd|linux|openharmony|win32)-/
const processors = /-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)(?:-|$)/

/**
 * The systems a package is for, by the naming rule of napi-rs that all of them follow: NAME-SYSTEM-CPU[-LIBC].
 * @param {string} name
 */
export function systemOf(name) {
  const os = name.match(systems)?.[1]
  const cpu = name.match(processors)?.[1]
  if (!os || !cpu) return undefined
  const musl = /-musl(eabihf)?$/.test(name)
  const glibc = /-gnu(eabihf)?$/.test(name) || (os === 'linux' && !musl)
  return { cpu: [cpu], ...(os === 'linux' ? { libc: [glibc ? 'glibc' : 'musl'] } : {}), os: [os] }
}

/**
 * The optional packages that some entry asks for and the lock file does not have.
 * @param {Lock} lock
 * @returns {Record<string, Entry>}
 */
export function missingEntries(lock) {
  /** @type {Record<string, Entry>} */
  const missing = {}
  for (const [path, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const places = [`${path}/node_modules/${name}`, `node_modules/${name}`]
      if (places.some((place) => lock.packages[place])) continue
      const { os, ...hardware } = systemOf(name) ?? {}
      const dev = parent.dev ? { dev: true } : {}
      // In npm's own order, so that npm finds nothing to change.
      missing[`node_modules/${name}`] = sortKeys({
        version,
        ...hardware,
        ...dev,
        optional: true,
        ...(os ? { os } : {}),
      })
    }
  }
  return missing
}

/** `version` first, then by name. @param {Entry} entry @returns {Entry} */
function sortKeys({ version, ...rest }) {
  const sorted = Object.fromEntries(Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, 'en')))
  return version === undefined ? sorted : { version, ...sorted }
}

/** @param {string} root */
export function completeLock(root) {
  const file = join(root, 'package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const added = missingEntries(lock)
  if (Object.keys(added).length === 0) return []
  const sorted = Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => a.localeCompare(b, 'en'))
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
  return Object.keys(added)
}

if (process.argv[1] === import.meta.filename) {
  for (const path of completeLock(join(import.meta.dirname, '..'))) console.log(`added ${path}`)
}
