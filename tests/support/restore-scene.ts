// One destination and one archive in which every kind of deed of a restore happens: made, saved, placed, merged, and folders finished.
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../../core/archive/archive.ts'
import { file, folder, link, symlink } from './entries.ts'

/** Makes `work/into` with files of its own, and the folders that a run has. */
export function makeScene(work: string): string {
  const into = join(work, 'into')
  for (const path of ['d/sub/deeper', 'd/was-folder']) mkdirSync(join(into, path), { recursive: true })
  for (const name of ['temp', 'journals']) mkdirSync(join(work, name))
  for (const path of [
    'd/one',
    'd/two',
    'd/own',
    'd/sub/three',
    'd/sub/deeper/four',
    'd/was-folder/inside',
    'd/was-file',
  ]) {
    writeFileSync(join(into, path), `old ${path}`)
    utimesSync(join(into, path), 1, 1_000_000_000)
  }
  symlinkSync('/nowhere', join(into, 'd/link'))
  chmodSync(join(into, 'd/sub'), 0o710)
  for (const path of ['d/sub/deeper', 'd/sub', 'd/was-folder', 'd', '.'])
    utimesSync(join(into, path), 1, 1_100_000_000.25)
  return into
}

export const sceneArchive: readonly Entry[] = [
  folder('d', { mode: 0o750 }),
  file('d/one'),
  file('d/two'),
  file('d/new'),
  symlink('d/link', '/elsewhere'),
  folder('d/sub', { mode: 0o755 }),
  file('d/sub/three'),
  folder('d/sub/deeper'),
  file('d/sub/deeper/four'),
  link('d/sub/deeper/hard', 'd/new'),
  folder('d/fresh', { mode: 0o555 }),
  folder('d/fresh/inner', { mode: 0o500 }),
  file('d/fresh/inner/file'),
  file('d/was-folder'),
  folder('d/was-file'),
  file('d/was-file/inside'),
]
