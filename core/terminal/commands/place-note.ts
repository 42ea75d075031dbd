// `arche place note`: what people write down about a place or a drive, and how lists show it.
import type { AppState } from '../../api/model.ts'
import { Note } from '../../api/place.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { type Named, namedMedia } from '../names.ts'
import type { Fact } from '../run-report.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'

/** Without words: what was written down is taken away. */
export async function placeNote(session: Session, typed: string, words: readonly string[]): Promise<number> {
  const { t } = session.output
  const place = noted(typed, namedMedia(await session.state()))
  const note = words.join(' ').trim() || null
  if (note !== null && !Note.safeParse(note).success) throw new UsageError('bad-note')
  await session.guarded((client) => client.place.note({ id: place.id, note }))
  const said = { name: visible(place.name), note: visible(note ?? '') }
  return finish(
    session,
    'place note',
    { place, note },
    t(`terminal.place.${note === null ? 'note-gone' : 'noted'}`, said),
  )
}

/** A place or a drive by its name or id. */
function noted(typed: string, known: readonly Named[]): Named {
  const place =
    known.find(({ id, name }) => id === typed || name === typed) ??
    known.find(({ name }) => name.toLowerCase() === typed.trim().toLowerCase())
  if (place) return place
  const names = known.map(({ name }) => visible(name)).join(', ') || '—'
  throw new UsageError('no-such-place', { name: visible(typed), known: names })
}

/** A line for each of these that something was written down about. */
export function noteFacts(
  { placeNotes = {} }: AppState,
  places: readonly { id?: string | undefined; name: string }[],
): Fact[] {
  return places.flatMap(({ id = '', name }) => {
    const note = placeNotes[id]
    return note === undefined ? [] : [[visible(name), visible(note)] as const]
  })
}
