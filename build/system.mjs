// Makes sure the operating system has what a use of Arche needs, and installs it where that is possible without asking.
// Guarantees: nothing is installed unless we are root on Debian or Ubuntu; everywhere else the exact command is shown.
// The check takes some milliseconds and asks no network when nothing is missing. Only Linux is checked: Electron brings all it
// needs on Windows and macOS.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { read, run } from './child.mjs'
import { Stop, say } from './stop.mjs'
import { commandsFor, debianPackages, familyOf, installableIn, missingOf, nameOf, needs } from './system-needs.mjs'

const quietly = ['-q', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=120']

/** @returns {import('./system-needs.mjs').Probes} */
function systemProbes() {
  const cpu = process.arch === 'arm64' ? 'AArch64' : 'x86-64'
  const listed = read('/sbin/ldconfig', ['-p']) ?? read('ldconfig', ['-p'])
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const program = (/** @type {string} */ name) => folders.some((folder) => folder && existsSync(join(folder, name)))
  return {
    // Without a linker cache (some small distributions) nothing can be said, and the program itself will name what it misses.
    library: (name) =>
      listed === undefined ||
      listed.split('\n').some((line) => line.trimStart().startsWith(`${name} `) && line.includes(cpu)),
    program,
    headers: (name) => read('pkg-config', ['--exists', name]) !== undefined,
    python: (name) => read('/usr/bin/python3', ['-c', `import ${name}`]) !== undefined,
    font: () => fontsIn('/usr/share/fonts') || fontsIn('/usr/local/share/fonts'),
  }
}

/** @param {string} folder */
function fontsIn(folder) {
  if (!existsSync(folder)) return false
  return readdirSync(folder, { recursive: true }).some((name) => /\.(ttf|otf|ttc)$/i.test(String(name)))
}

/** @param {string[]} names */
function aptInstallable(names) {
  return installableIn(read('apt-cache', ['policy', ...names], { ...process.env, LC_ALL: 'C' }) ?? '')
}

/**
 * Installs with apt-get. The package lists are fetched first only when they do not know a name, or when installing fails.
 * @param {import('./system-needs.mjs').Need[]} missing
 * @returns {Promise<string[]>} the packages it tried to install
 */
async function aptInstall(missing) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const names = missing.flatMap((need) => need.debian)
  const update = () => run('apt-get', ['update', ...quietly], { env })
  let updated = false
  let installable = aptInstallable(names)
  if (missing.some((need) => !need.debian.some((name) => installable.has(name)))) {
    await update()
    updated = true
    installable = aptInstallable(names)
  }
  const packages = debianPackages(missing, installable)
  for (const { off } of missing) if (off) leaveOff(off)
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', ...quietly, ...packages], { env })
  say(`Installing: ${packages.join(' ')}`)
  const first = await install()
  if (first.code !== 0 && !updated) {
    await update()
    await install()
  }
  return packages
}

/** A server that only tests need is not to run by itself. @param {string} file */
function leaveOff(file) {
  if (existsSync(file)) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    'Its server was installed for tests of Arche and does not start by itself. Remove this file to let it.\n',
  )
  say(`Made ${file}: the server is for tests and does not start by itself.`)
}

/**
 * Makes sure of everything the given uses need.
 * @param {import('./system-needs.mjs').Use[]} uses
 */
export async function ensureSystem(uses) {
  if (process.platform !== 'linux') return
  const wanted = uses.flatMap((use) => needs[use])
  const missing = missingOf(wanted, systemProbes())
  if (missing.length === 0) return
  const family = familyOf(existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '')
  const asRoot = process.getuid?.() === 0
  say(`Missing on this system: ${missing.map(nameOf).join(', ')}`)
  if (family === 'debian' && asRoot) {
    const packages = await aptInstall(missing)
    const still = missingOf(wanted, systemProbes())
    if (still.length === 0) return
    throw new Stop(
      `apt-get could not install ${still.map(nameOf).join(', ')}: its own words are above. ` +
        'Most often the network is away or another installation is running. Then start again.',
      { type: commandsFor(family, still, packages, true) },
    )
  }
  const packages = debianPackages(
    missing,
    family === 'debian' ? aptInstallable(missing.flatMap((n) => n.debian)) : new Set(),
  )
  const type = commandsFor(family, missing, packages, asRoot)
  throw new Stop(
    type.length > 0
      ? 'These parts of the system must be installed by an administrator, then start again.'
      : `Install these parts with your distribution's own tool, then start again. On Debian they are the packages ${packages.join(' ')}.`,
    { type },
  )
}
