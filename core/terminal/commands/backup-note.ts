// `arche backup note`: what people write down about one backup, on the place where it lies.
import { Note } from '../../api/place.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'
import { artifactNamed, artifactsOn } from './list.ts'
import { fromMedium } from './medium.ts'

/** Without words: what was written down is taken away. */
export async function backupNote(
  session: Session,
  typed: string,
  words: readonly string[],
  from: string,
): Promise<number> {
  const { t } = session.output
  const note = words.join(' ').trim() || null
  if (note !== null && !Note.safeParse(note).success) throw new UsageError('bad-note')
  const medium = await fromMedium(session, from)
  const { artifacts } = await artifactsOn(session, medium)
  const { name } = artifactNamed(typed, artifacts)
  await session.guarded((client) => client.artifact.note({ medium, artifact: name, note }))
  const said = { name: visible(name), note: visible(note ?? '') }
  const sentence = t(`keep.terminal.${note === null ? 'note-gone' : 'noted'}`, said)
  return finish(session, 'backup note', { artifact: name, note }, sentence)
}
