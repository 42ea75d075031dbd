// Real files to back up, and everything that can be compared of a folder: contents, types, modes, times, links.
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const then = new Date('2024-05-06T07:08:09.123Z')

/** A small tree with what people have: letters and pictures, French and other names, links, empty and closed folders. */
export function makeTree(folder: string): void {
  mkdirSync(join(folder, 'Résultats/2024/é'), { recursive: true })
  mkdirSync(join(folder, 'vide'))
  mkdirSync(join(folder, 'privé'))
  const files: Record<string, string | Buffer> = {
    'lisez-moi.txt': 'Bonjour, le monde.\n',
    'Résultats/2024/analyse.csv': 'a;b;c\n'.repeat(20_000),
    'Résultats/2024/é/日本語 🧪.bin': Buffer.alloc(300_000, 'arche'),
    'Résultats/empty': '',
    // Cannot be compressed, so that an archive has a middle to be damaged.
    'photo.jpg': randomBytes(200_000),
    'privé/clé.txt': 'secret\n',
    [`nom ${'x'.repeat(200)}.txt`]: 'long\n',
    'with "quotes" and\nnewline.txt': 'odd\n',
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  linkSync(join(folder, 'lisez-moi.txt'), join(folder, 'Résultats/le même.txt'))
  symlinkSync('../lisez-moi.txt', join(folder, 'Résultats/raccourci'))
  symlinkSync('/nowhere/at all', join(folder, 'cassé'))
  chmodSync(join(folder, 'privé/clé.txt'), 0o600)
  chmodSync(join(folder, 'Résultats/2024/analyse.csv'), 0o754)
  for (const name of Object.keys(files)) utimesSync(join(folder, name), then, then)
  utimesSync(join(folder, 'vide'), then, then)
  utimesSync(join(folder, 'privé'), then, then)
  chmodSync(join(folder, 'privé'), 0o700)
}

/** A file that takes long to read, almost nothing in an archive, and its room on the disk at once (a hole would be skipped). `size` in bytes. */
export function writeLarge(path: string, size: number): void {
  rmSync(path, { force: true })
  execFileSync('fallocate', ['-l', String(size), path])
}

/** One line for each member, sorted: equal snapshots mean equal trees. */
export function snapshot(folder: string): string[] {
  const links = new Map<bigint, string>()
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name)
      const found = lstatSync(path, { bigint: true })
      const mode = (found.mode & 0o7777n).toString(8)
      if (found.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`
      if (found.isDirectory()) return `${name}/ ${mode} ${found.mtimeNs / 1000n}`
      const first = links.get(found.ino) ?? name
      links.set(found.ino, first)
      const digest = createHash('sha256').update(readFileSync(path)).digest('hex')
      return `${name} ${mode} ${found.mtimeNs / 1000n} ${found.size} ${digest} ${first === name ? '' : `= ${first}`}`
    })
}
