// A name for a plan that has none yet. Pure.
import { visible } from '../../core/api/text/visible.ts'

/** A first proposal: the last part of the first folder's path. */
export function nameFor(paths: readonly string[]): string {
  const last = paths[0]?.split(/[\\/]/).filter(Boolean).at(-1) ?? ''
  return visible(last).slice(0, 200)
}
