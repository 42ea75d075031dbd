// What the operating system must have for each use of Arche, how to see whether it is there, and how it is installed.
// Guarantees: something present is recognised however it was installed (libraries by their file name, programs on the PATH);
// the names are Debian's and Ubuntu's, other distributions get commands by capability or the list of what to look for.
// Does not install anything: build/system.mjs does.

/**
 * One thing that must be there. Exactly one of `library` (as the dynamic linker knows it), `program` (on the PATH), `headers`
 * (a pkg-config name), `python` (a module of the system's own Python) or `font` is set. `debian` lists package names, newest Debian or Ubuntu first.
 * `off`: a file that keeps Debian from starting the service of that package.
 * @typedef {{ library?: string, program?: string, headers?: string, python?: string, font?: true, debian: string[], off?: string }} Need
 */

/** @typedef {'terminal' | 'compile' | 'window' | 'runtime' | 'test' | 'bench' | 'pigz'} Use */

/** @type {Record<Use, Need[]>} */
export const needs = {
  // The command line: keytar talks to the keychain through libsecret, drivelist runs lsblk.
  terminal: [
    { library: 'libsecret-1.so.0', debian: ['libsecret-1-0'] },
    { program: 'lsblk', debian: ['util-linux'] },
  ],
  // `npm ci` compiles keytar and drivelist where no prebuilt one can be fetched.
  compile: [
    { headers: 'libsecret-1', debian: ['libsecret-1-dev'] },
    { program: 'python3', debian: ['python3'] },
    { program: 'make', debian: ['make'] },
    { program: 'g++', debian: ['g++'] },
  ],
  // The Electron program.
  window: [
    { library: 'libgtk-3.so.0', debian: ['libgtk-3-0t64', 'libgtk-3-0'] },
    { library: 'libnss3.so', debian: ['libnss3'] },
    { library: 'libasound.so.2', debian: ['libasound2t64', 'libasound2'] },
    { library: 'libgbm.so.1', debian: ['libgbm1'] },
    { library: 'libXss.so.1', debian: ['libxss1'] },
    { library: 'libXtst.so.6', debian: ['libxtst6'] },
    { library: 'libatk-bridge-2.0.so.0', debian: ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'] },
    { library: 'libdrm.so.2', debian: ['libdrm2'] },
    { library: 'libxkbcommon.so.0', debian: ['libxkbcommon0'] },
    { library: 'libnotify.so.4', debian: ['libnotify4'] },
    { font: true, debian: ['fonts-liberation'] },
  ],
  // Unpacking the Electron program that the package registry carries.
  runtime: [
    { program: 'tar', debian: ['tar'] },
    { program: 'unzip', debian: ['unzip'] },
  ],
  // Real programs that the tests compare with, a display, a private D-Bus session with a Secret Service.
  test: [
    { program: 'gpg', debian: ['gnupg'] },
    { program: 'gzip', debian: ['gzip'] },
    { program: 'zstd', debian: ['zstd'] },
    { program: 'diff', debian: ['diffutils'] },
    { program: 'Xvfb', debian: ['xvfb'] },
    { program: 'dbus-run-session', debian: ['dbus', 'dbus-daemon'] },
    { program: 'dbus-daemon', debian: ['dbus-daemon', 'dbus'] },
    { program: 'dbus-launch', debian: ['dbus-x11'] },
    { program: 'desktop-file-validate', debian: ['desktop-file-utils'] },
    { program: 'gio', debian: ['libglib2.0-bin'] },
    { program: 'gnome-keyring-daemon', debian: ['gnome-keyring'] },
    { program: 'mkfs.ext4', debian: ['e2fsprogs'] },
    { program: 'mariadbd', debian: ['mariadb-server'] },
    { program: 'mariadb-dump', debian: ['mariadb-client'] },
    { program: 'losetup', debian: ['mount', 'util-linux'] },
    { program: 'fallocate', debian: ['util-linux'] },
    { program: 'rsync', debian: ['rsync'] },
    { program: 'setfattr', debian: ['attr'] },
    { program: 'setfacl', debian: ['acl'] },
    { program: 'setcap', debian: ['libcap2-bin'] },
    { program: 'bsdtar', debian: ['libarchive-tools'] },
    { program: 'openssl', debian: ['openssl'] },
    { program: 'ssh-keygen', debian: ['openssh-client'] },
    // Started by the tests with settings of their own; the system's own service of it must not be opened to the world by us.
    { program: 'sshd', debian: ['openssh-server'], off: '/etc/ssh/sshd_not_to_be_run' },
    { program: 'unshare', debian: ['util-linux'] },
    { program: 'systemd-analyze', debian: ['systemd'] },
    { python: 'fusepy', debian: ['python3-fusepy'] },
  ],
  // The standard tools that speed is measured against, and what compares their results with ours.
  bench: [
    { program: 'bash', debian: ['bash'] },
    { program: 'tar', debian: ['tar'] },
    { program: 'gzip', debian: ['gzip'] },
    { program: 'gpg', debian: ['gnupg'] },
    { program: 'zstd', debian: ['zstd'] },
    { program: 'diff', debian: ['diffutils'] },
    { program: 'find', debian: ['findutils'] },
  ],
  // One more rival, measured where it can be had.
  pigz: [{ program: 'pigz', debian: ['pigz'] }],
}

/** What to call a need in a sentence. @param {Need} need */
export function nameOf(need) {
  if (need.library) return need.library
  if (need.program) return need.program
  if (need.python) return `the Python module ${need.python}`
  return need.headers ? `the header files of ${need.headers}` : 'a font'
}

/**
 * @typedef {object} Probes
 * @property {(name: string) => boolean} library
 * @property {(name: string) => boolean} program
 * @property {(name: string) => boolean} headers
 * @property {(name: string) => boolean} python
 * @property {() => boolean} font
 */

/**
 * @param {Need[]} wanted
 * @param {Probes} probes
 */
export function missingOf(wanted, probes) {
  return wanted.filter((need) => {
    if (need.library) return !probes.library(need.library)
    if (need.program) return !probes.program(need.program)
    if (need.python) return !probes.python(need.python)
    return need.headers ? !probes.headers(need.headers) : !probes.font()
  })
}

/** @typedef {'debian' | 'dnf' | 'zypper' | 'other'} Family */

/**
 * Which family of distributions this is.
 * @param {string} osRelease text of /etc/os-release (freedesktop.org, os-release(5))
 * @returns {Family}
 */
export function familyOf(osRelease) {
  const value = (/** @type {string} */ key) =>
    osRelease.match(new RegExp(`^${key}=["']?([^"'\n]*)`, 'm'))?.[1]?.toLowerCase() ?? ''
  const words = [value('ID'), ...value('ID_LIKE').split(/\s+/)]
  if (words.some((word) => word === 'debian' || word === 'ubuntu')) return 'debian'
  if (words.some((word) => word === 'fedora' || word === 'rhel' || word === 'centos')) return 'dnf'
  if (words.some((word) => word === 'suse' || word === 'opensuse')) return 'zypper'
  return 'other'
}

/**
 * The package to install for each need: the first of its names that this system can install, or the last one when none is known.
 * @param {Need[]} missing
 * @param {Set<string>} installable
 */
export function debianPackages(missing, installable) {
  const names = missing.map((need) => need.debian.find((name) => installable.has(name)) ?? need.debian.at(-1) ?? '')
  return [...new Set(names)]
}

/**
 * The names in the output of `apt-cache policy NAME…` that have something to install. A purely virtual name has the candidate
 * "(none)", an unknown one is not printed.
 * @param {string} policy
 */
export function installableIn(policy) {
  const found = new Set()
  for (const match of policy.matchAll(/^(\S+):\n(?:[ \t]+.*\n)*?[ \t]+Candidate: (\S+)/gm)) {
    if (match[2] !== '(none)') found.add(match[1])
  }
  return /** @type {Set<string>} */ (found)
}

/**
 * What a person types to install the missing things; empty where only a list of them can be given.
 * rpm distributions know each library, program and pkg-config name as a capability, so no table of names is needed.
 * @param {Family} family
 * @param {Need[]} missing
 * @param {string[]} packages Debian names
 */
export function commandsFor(family, missing, packages, asRoot = false) {
  const sudo = asRoot ? '' : 'sudo '
  if (family === 'debian') {
    return [`${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${packages.join(' ')}`]
  }
  if (family === 'other') return []
  const capabilities = missing.map((need) => {
    if (need.library) return `'${need.library}()(64bit)'`
    if (need.program) return need.program === 'g++' ? 'gcc-c++' : `/usr/bin/${need.program}`
    if (need.python) return `'python3dist(${need.python})'`
    return need.headers ? `'pkgconfig(${need.headers})'` : 'liberation-fonts'
  })
  return [`${sudo}${family} install ${capabilities.join(' ')}`]
}
