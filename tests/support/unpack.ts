// A backup unpacked as somebody without Arche would: with gpg, the private key that lies beside it, and tar.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** `root`: a folder of the test, which holds the medium `stick` unless that lies elsewhere. Gives the folder with the contents. */
export function unpack(root: string, artifact: string, keyPassword: string, stick = join(root, 'stick')): string {
  const folder = mkdtempSync(join(root, 'unpacked-'))
  const gnupg = join(folder, 'gnupg')
  const into = join(folder, 'content')
  mkdirSync(gnupg, { mode: 0o700 })
  mkdirSync(into)
  const shelf = join(stick, 'SIGL_sauvegardes')
  const key = readdirSync(shelf).find((name) => name.startsWith('kpri.')) ?? ''
  const gpg = ['--batch', '--quiet', '--homedir', gnupg, '--pinentry-mode', 'loopback', '--passphrase', keyPassword]
  const archive = join(folder, 'archive')
  execFileSync('gpg', [...gpg, '--import', join(shelf, key)], { stdio: 'pipe' })
  execFileSync('gpg', [...gpg, '--output', archive, '--decrypt', join(shelf, artifact)], { stdio: 'pipe' })
  execFileSync('gpgconf', ['--homedir', gnupg, '--kill', 'all'])
  execFileSync('tar', ['-xf', archive, '-C', into])
  return into
}
