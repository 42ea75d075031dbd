// What the terminal suites start from: a data folder with operator password and key (made once a file), documents of many kinds, a medium.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { temporaryFolder } from '../suites/fixtures/temp-folder.ts'
import { arche, jsonLines, type Place, place } from '../support/arche.ts'

let prepared: Place | undefined

/** Call once at the top of a file. What is made here is copied for each test, because making a key takes its time. */
export function preparedOnce(): void {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'arche-test-'))
  beforeAll(async () => {
    const fresh = place(folder)
    mkdirSync(join(folder, 'stick'))
    for (const args of [['init'], ['medium', 'init', join(folder, 'stick'), '--name', 'prepared', '--yes']]) {
      const { code, err } = await arche(fresh, args)
      expect(code, err).toBe(0)
    }
    // Where no test finds it by its known place.
    renameSync(join(folder, 'stick'), join(folder, 'template'))
    prepared = fresh
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
}

export interface Scene extends Place {
  readonly docs: string
  readonly stick: string
}

/** A data folder with a key, `docs`, and a folder `stick` that is made ready unless `bare`. `fresh`: nothing is set up. */
export function scene(options: { bare?: boolean; fresh?: boolean } = {}): Scene {
  const folder = temporaryFolder()
  const at = place(folder, options.fresh ? undefined : prepared)
  const docs = join(folder, 'docs')
  const stick = join(folder, 'stick')
  if (options.bare || !prepared) mkdirSync(stick)
  else cpSync(join(prepared.folder, 'template'), stick, { recursive: true })
  documents(docs)
  return { ...at, docs, stick }
}

export interface ListedKey {
  readonly fingerprint: string
  readonly kind: string
  readonly active: boolean
}

/** As `key list` tells them. */
export async function keys(at: Place): Promise<ListedKey[]> {
  const [result] = jsonLines((await arche(at, ['key', 'list', '--json'])).out)
  return result?.keys as ListedKey[]
}

/** Names of the archives on a medium. */
export function archives(stick: string): string[] {
  return readdirSync(join(stick, 'SIGL_sauvegardes')).filter((name) => name.endsWith('.tar.gz.gpg'))
}

export const oddNames = [
  'new\nline',
  `quotes ' " \``,
  'émoji 🚢 漢字',
  `${'é'.repeat(126)}.tx`,
  ' spaces ',
  '-rf',
  '$(id)',
  'bell\u0007\u001b[31m',
]

/** Files, folders, links, modes, times and names of every kind. */
function documents(folder: string): void {
  mkdirSync(join(folder, 'sub', 'empty'), { recursive: true })
  for (const name of oddNames) writeFileSync(join(folder, name), `content of ${name}`)
  writeFileSync(join(folder, 'sub', 'secret'), 'private', { mode: 0o600 })
  linkSync(join(folder, 'sub', 'secret'), join(folder, 'second name'))
  symlinkSync('../second name', join(folder, 'sub', 'link'))
  symlinkSync('/nowhere/at all', join(folder, 'dangling'))
  writeFileSync(join(folder, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
  chmodSync(join(folder, 'run.sh'), 0o4755)
  utimesSync(join(folder, 'run.sh'), 1, 1_000_000_000.5)
  lutimesSync(join(folder, 'dangling'), 1, 1_100_000_000)
  utimesSync(join(folder, 'sub', 'empty'), 1, 1_200_000_000)
}

/** A folder that takes long to back up: `gigabytes` of zeros, given their room at once (a hole would be skipped). */
export function slowFolder(at: Place, gigabytes = 4): string {
  const folder = join(at.folder, 'slow')
  mkdirSync(folder)
  execFileSync('fallocate', ['-l', String(gigabytes * 1e9), join(folder, 'zeros')])
  return folder
}

/** Who owns the data folder, as it says itself: where a file system is mounted that others answer for, not the process that a test started. */
export function ownerOf(at: Place): { readonly pid: number; readonly role: string } {
  const claims = readdirSync(at.home).flatMap((name) => /^owner-(\d+)\.json$/.exec(name)?.[1] ?? [])
  return JSON.parse(readFileSync(join(at.home, `owner-${Math.max(...claims.map(Number))}.json`), 'utf8'))
}
