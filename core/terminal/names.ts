// What a person names on the command line, turned into what the engine understands: media, folders, patterns, plans, runs, files.
// Guarantees: paths are made absolute against the folder the person is in, because the engine may live in another process.
// Does not check that things exist, except where a name could mean two things.
import { existsSync } from 'node:fs'
import { basename, isAbsolute, resolve, sep } from 'node:path'
import type { Inspection } from '../api/contract.ts'
import { exclusionFault } from '../api/exclusion.ts'
import { Failure } from '../api/failure.ts'
import type { AppState, Run } from '../api/model.ts'
import { type Place, whereIs } from '../api/place.ts'
import type { Plan } from '../api/plan.ts'
import { visible } from '../api/text/visible.ts'
import { exactFolder } from '../lib/arguments.ts'
import { fsPath } from '../lib/paths.ts'
import { homeFolder } from '../lib/person.ts'
import { UsageError } from './usage.ts'

/** A path as typed, absolute. `~` is usually the shell's business; a quoted one is understood too. Nobody's home: Failure `home-unknown`. */
export function absolute(path: string): string {
  if (path === '~' || path.startsWith('~/')) {
    const home = homeFolder()
    if (home === undefined) throw new Failure('home-unknown')
    return resolve(home, path.slice(2))
  }
  return isAbsolute(path) ? resolve(path) : resolve(exactFolder(), path)
}

/** Whatever the bytes of its name. */
export function isThere(path: string): boolean {
  return existsSync(fsPath(path))
}

/** A medium as typed: a name or label of a medium goes before a folder of that name here; a path is made absolute, an address is one already. */
export function mediumRef(typed: string, state: Pick<AppState, 'media' | 'known'>): string {
  const names = [
    ...state.media.flatMap((medium) => [medium.name, medium.label, medium.id, medium.kind && medium.path]),
    ...state.known.flatMap((known) => [known.name, known.id]),
  ]
  if (names.includes(typed)) return typed
  const isPath =
    isAbsolute(typed) ||
    typed.includes('/') ||
    typed.includes(sep) ||
    typed.startsWith('~') ||
    typed === '.' ||
    typed === '..'
  return isPath || isThere(absolute(typed)) ? absolute(typed) : typed
}

/**
 * An exclusion as typed, in the syntax of api/exclusion.ts; one that means nothing is Failure `exclude-refused`. Beginning with `/`, `~/`, `./` or `../` it is
 * a path; so is any other with a `/` inside that stands for something in the folder the person is in.
 */
export function exclusion(typed: string): string {
  const slashed = sep === '\\' ? typed.replaceAll('\\', '/') : typed
  const pattern = isPathTyped(slashed) ? pathPattern(slashed) : slashed
  const reason = exclusionFault(pattern)
  if (reason) throw new Failure('exclude-refused', { pattern: typed, reason })
  return pattern
}

function isPathTyped(typed: string): boolean {
  if (isAbsolute(typed) || /^(?:~|\.{1,2})(?:\/|$)/.test(typed)) return true
  return typed.replace(/\/+$/, '').includes('/') && isThere(absolute(typed))
}

/** What is there under exactly this name is meant, whatever its characters; its end may say that only a folder is. */
function pathPattern(typed: string): string {
  const path = absolute(typed)
  return isThere(path) ? path.replace(/[*?[\]{}\\]/g, '\\$&') : path + (/[^/]\/$/.test(typed) ? '/' : '')
}

/** Name of a plan that nobody named: after its folders. */
export function nameOfFolders(paths: readonly string[]): string {
  const names = paths.map((path) => basename(path) || path)
  const name = names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} (+${names.length - 2})`
  return visible(name).trim().slice(0, 100) || 'plan'
}

/** A plan by its name or id. */
export function planNamed(typed: string, plans: readonly Plan[]): Plan {
  const plan = findPlan(typed, plans)
  if (plan) return plan
  throw new UsageError('no-such-plan', {
    name: visible(typed),
    known: plans.map((one) => visible(one.name)).join(', ') || '—',
  })
}

/** A plan by its name or id; capitals matter only when two names differ in nothing else. */
export function findPlan(typed: string, plans: readonly Plan[]): Plan | undefined {
  const lower = typed.trim().toLowerCase()
  return (
    plans.find((one) => one.name === typed.trim() || one.id === typed) ??
    plans.find((one) => one.name.toLowerCase() === lower)
  )
}

/** Enough of an id to find a run again. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}

/** A place by its name, its id or where it is. */
export function placeNamed(typed: string, { places = [] }: Pick<AppState, 'places'>): Place {
  const place =
    places.find(({ id, name, store }) => [name, id, whereIs(store)].includes(typed)) ??
    places.find(({ name }) => name.toLowerCase() === typed.trim().toLowerCase())
  if (place) return place
  const known = places.map(({ name }) => visible(name)).join(', ') || '—'
  throw new UsageError('no-such-place', { name: visible(typed), known })
}

/** What a plan may name by its id: media seen before, and places. */
export function namedMedia({ known, places = [] }: Pick<AppState, 'known' | 'places'>): Named[] {
  const others = places.filter(({ id }) => !known.some((one) => one.id === id))
  return [...known, ...others.map(({ id, name, store }) => ({ id, name, path: whereIs(store) }))]
}

export interface Named {
  readonly id: string
  readonly name: string
  readonly path: string
}

/** A run by the beginning of its id (at least four characters), or `latest` of those that fit. */
export function runNamed(typed: string, runs: readonly Run[], fits: (run: Run) => boolean = () => true): Run {
  const found =
    typed === 'latest'
      ? runs.filter(fits).slice(0, 1)
      : runs.filter((run) => typed.length >= 4 && run.id.startsWith(typed.toLowerCase()))
  if (found.length > 1) throw new UsageError('several-runs', { name: visible(typed) })
  const run = found[0]
  if (!run) throw new UsageError('no-such-run', { name: visible(typed) })
  return run
}

/** A chosen file as typed, as a path of the archive: the original place is understood as well as the path in the archive. */
export function pathInArchive(typed: string, roots: Inspection['roots']): string {
  const trimmed = typed.replace(/(?<=.)\/+$/, '')
  for (const { name, origin } of roots) {
    if (origin === undefined) continue
    if (trimmed === origin) return name
    if (trimmed.startsWith(origin.endsWith('/') ? origin : `${origin}/`))
      return `${name}/${trimmed.slice(origin.length).replace(/^\/+/, '')}`
  }
  return trimmed.replace(/^(\.?\/)+/, '')
}
