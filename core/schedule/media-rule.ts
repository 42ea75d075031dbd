// Which connected medium receives a plan's backup: the one that the plan names, the one that is due in its rotation, or the only initialised one.
// Guarantees: pure; never chooses between media that the plan does not tell apart. Does not look whether the medium has room: see fitness.ts.
import { Failure } from '../api/failure.ts'
import type { KnownMedium, Medium } from '../api/model.ts'
import type { Where } from '../api/plan.ts'
import type { ScheduleState } from '../api/schedule.ts'
import { inTurn } from '../api/turn.ts'

export interface MediaView {
  readonly media: readonly Medium[]
  readonly known: readonly KnownMedium[]
  /** Medium id → end of the plan's last good backup on it. */
  readonly backups: ReadonlyMap<string, string>
}

/** `absent`: it may still come. `several`: a person has to unplug one. */
export type Chosen =
  | { readonly medium: Medium; readonly absent?: undefined; readonly several?: undefined }
  | { readonly absent: Failure; readonly several?: undefined; readonly medium?: undefined }
  | { readonly several: Failure; readonly absent?: undefined; readonly medium?: undefined }

export function pickMedium(place: Where, view: MediaView): Chosen {
  const ready = view.media.filter(({ initialised }) => initialised)
  const turn = turnOf(place, view)
  if (turn.length === 0) {
    // Whichever is connected: never a place in the network, which the plan would have to name.
    const connected = ready.filter(({ kind }) => !kind)
    const removable = connected.filter(({ fixed }) => !fixed)
    // A folder on a fixed disk is always there: where a real medium is plugged in, that one is meant.
    return only(removable.length > 0 ? removable : connected, view, undefined)
  }
  // The one that is due, else the next in turn that is there: a backup on another medium of the rotation is better than none.
  const there = turn.find((id) => ready.some((medium) => medium.id === id))
  return only(there === undefined ? [] : ready.filter(({ id }) => id === there), view, there ?? turn[0])
}

function only(fitting: readonly Medium[], view: MediaView, id: string | undefined): Chosen {
  const [medium, ...others] = fitting
  if (medium && others.length === 0) return { medium }
  if (medium) return { several: new Failure('several-media', { found: fitting.map(titleOf), wanted: id ?? '' }) }
  if (id !== undefined) return { absent: new Failure('medium-absent', { name: nameOf(id, view) }) }
  return { absent: new Failure('no-medium', { found: view.media.map(titleOf), wanted: '' }) }
}

function titleOf({ name, path }: Medium): string {
  return `${name} (${path})`
}

export function nameOf(id: string, { media, known }: MediaView): string {
  return known.find((one) => one.id === id)?.name ?? media.find((one) => one.id === id)?.name ?? id.slice(0, 8)
}

/** The ids of the plan's media, the one that is due first; none where any medium will do. */
function turnOf({ id, rotation }: Where, { backups }: MediaView): string[] {
  if (!rotation) return id === undefined ? [] : [id]
  return inTurn(rotation, (one) => backups.get(one))
}

/** The one medium that is to be connected for the next backup, unless any will do: absent though another of the rotation is there. */
export function dueAbsent(place: Where, view: MediaView): Failure | undefined {
  const [due] = turnOf(place, view)
  if (due === undefined || view.media.some(({ id, initialised }) => initialised && id === due)) return undefined
  return new Failure('medium-absent', { name: nameOf(due, view) })
}

/** For people: which medium is due, and how old the last backup on each is. */
export function mediumAges(place: Where, view: MediaView): Partial<Pick<ScheduleState, 'medium'>> {
  const [due] = turnOf(place, view)
  if (due === undefined) return {}
  const ids = place.rotation ?? [due]
  const ages = ids.map((id) => {
    const lastBackup = view.backups.get(id)
    return { id, name: nameOf(id, view), ...(lastBackup === undefined ? {} : { lastBackup }) }
  })
  return { medium: { due: { id: due, name: nameOf(due, view) }, ages } }
}
