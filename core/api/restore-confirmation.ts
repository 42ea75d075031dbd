// How much a restore has to be confirmed: the one rule of window and terminal. Pure.
import type { Existing, RestorePreview } from './contract.ts'

/** More files than this are not replaced without a typed word. */
const plainlyReplaced = 100

/** `files`: existing ones that will be exchanged, and kept in the safety folder. */
export interface RestoreConfirmation {
  readonly by: 'nothing' | 'yes' | 'word'
  readonly files: number
}

/** Of restores that are begun together. `existing` is what happens to files that are there; a server has no such choice. */
export function confirmationOf(previews: readonly Previewed[], existing: Existing): RestoreConfirmation {
  if (previews.some(replacesServer)) return { by: 'word', files: 0 }
  const files = existing === 'replace' ? previews.reduce((sum, { conflicts }) => sum + conflicts.count, 0) : 0
  // One name, and nobody knows how many files.
  const folders = files > 0 && previews.some(({ conflicts }) => (conflicts.folders ?? 0) > 0)
  return { by: files === 0 ? 'nothing' : files <= plainlyReplaced && !folders ? 'yes' : 'word', files }
}

type Previewed = Pick<RestorePreview, 'conflicts' | 'findings' | 'safetyCopy'>

function replacesServer({ findings, safetyCopy }: Previewed): boolean {
  return safetyCopy !== undefined || findings.some(({ code }) => code === 'replaces-server')
}
