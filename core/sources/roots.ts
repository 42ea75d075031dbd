// The chosen folders, resolved: real path, a unique name in the archive, nested ones dropped; and what is wrong with them.
// Guarantees: changes nothing; every chosen path gives either a root or a finding that says why not. Does not look below the roots.
import { accessSync, constants, lstatSync, opendirSync, realpathSync } from 'node:fs'
import { basename, parse, relative, resolve, sep } from 'node:path'
import type { Finding } from '../api/failure.ts'
import type { Root } from '../archive/archive.ts'
import { fsPath } from '../lib/paths.ts'

export interface Chosen {
  readonly roots: readonly Root[]
  /** Fixed roots that are not there. */
  readonly missing?: readonly Root[]
  readonly findings: readonly Finding[]
}

interface Candidate {
  readonly given: string
  readonly real: string
}

/** Findings carry `{path}` as it was given (absolute); `source-nested` also `{inside}`, the root that contains it. */
export function chooseRoots(paths: readonly string[]): Chosen {
  const findings: Finding[] = []
  if (paths.length === 0) findings.push({ level: 'error', code: 'bad-input', details: { field: 'paths' } })
  const candidates: Candidate[] = []
  for (const given of paths.map((path) => resolve(path))) {
    const problem = inspect(given)
    if (problem) findings.push(problem)
    if (problem?.level !== 'error') candidates.push({ given, real: realpath(given) })
  }
  const kept: Candidate[] = []
  for (const [index, candidate] of candidates.entries()) {
    const outer = candidates.find((other, at) => at !== index && covers(other, at, candidate, index))
    if (outer)
      findings.push({ level: 'info', code: 'source-nested', details: { path: candidate.given, inside: outer.given } })
    else kept.push(candidate)
  }
  return { roots: nameAll(kept), findings }
}

/**
 * Folders whose names in the archive are fixed: none is dropped, one that is empty is nothing unusual, and one that is missing is only a warning
 * (`folder-missing`), because its name must be there all the same.
 */
export function fixedRoots(paths: readonly string[], names: readonly string[]): Chosen {
  const findings: Finding[] = []
  const roots: Root[] = []
  const missing: Root[] = []
  for (const [index, name] of names.entries()) {
    const path = resolve(paths[index] as string)
    const problem = inspect(path)
    if (problem?.code === 'source-missing') {
      findings.push({ level: 'warning', code: 'folder-missing', details: { path } })
      missing.push({ name, origin: path })
    } else if (problem?.level === 'error') findings.push(problem)
    else if (!lstatSync(fsPath(realpath(path))).isDirectory())
      findings.push({ level: 'error', code: 'source-not-folder', details: { path } })
    else roots.push({ name, origin: realpath(path) })
  }
  return { roots, missing, findings }
}

/** Of two equal roots the first stays. */
function covers(outer: Candidate, outerAt: number, inner: Candidate, innerAt: number): boolean {
  return outer.real === inner.real ? outerAt < innerAt : isWithin(inner.real, outer.real)
}

/** True when `path` lies below `folder`; both absolute and real. */
function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path && way !== path
}

function inspect(path: string): Finding | undefined {
  const details = { path }
  try {
    const real = realpath(path)
    const stat = lstatSync(fsPath(real))
    if (!stat.isDirectory() && !stat.isFile()) return { level: 'error', code: 'source-not-folder', details }
    accessSync(fsPath(real), stat.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK)
    if (stat.isDirectory() && isEmpty(real)) return { level: 'warning', code: 'source-empty', details }
    return undefined
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    const missing = reason === 'ENOENT' || reason === 'ENOTDIR' || reason === 'ELOOP'
    return { level: 'error', code: missing ? 'source-missing' : 'source-unreadable', details: { path, reason } }
  }
}

function isEmpty(folder: string): boolean {
  // readdir would read 200,000 names to learn that there is one.
  const listing = opendirSync(fsPath(folder) as string)
  try {
    return listing.readSync() === null
  } catch (error) {
    // Where a listing has no types, Node looks at each name: one that cannot be looked at is a name all the same.
    if ((error as NodeJS.ErrnoException).syscall !== 'lstat') throw error
    return false
  } finally {
    listing.closeSync()
  }
}

function realpath(path: string): string {
  const given = fsPath(path)
  // Only a name that is not UTF-8 needs bytes; it is then kept as given, because realpath would lose its odd bytes.
  return typeof given === 'string' ? realpathSync.native(given) : path
}

/** Two names that differ only by case or Unicode form would meet on another system: they count as the same. */
function nameAll(candidates: readonly Candidate[]): Root[] {
  const taken = new Set<string>()
  return candidates.map(({ given, real }) => {
    const base = basename(given) || parse(given).root.replace(/[^A-Za-z]/g, '') || 'root'
    let name = base
    for (let count = 2; taken.has(fold(name)); count++) name = `${base} (${count})`
    taken.add(fold(name))
    return { name, origin: real }
  })
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
