// `arche plan pack`: how the archives of a saved plan are packed, and how small. Backups already made stay as they are.
import { type Compression, type Method, type PackFormat, usualMethod } from '../../api/plan.ts'
import { packInWords } from '../../api/text/pack-text.ts'
import { visible } from '../../api/text/visible.ts'
import { finish } from '../finish.ts'
import { planNamed } from '../names.ts'
import type { Session } from '../session.ts'
import { UsageError } from '../usage.ts'

export interface PackOptions {
  format?: PackFormat | undefined
  compression?: Compression | undefined
}

/** Changes what is named and leaves the rest. */
export async function planPack(session: Session, typed: string, { format, compression }: PackOptions): Promise<number> {
  if (format === undefined && compression === undefined)
    throw new UsageError('missing-option', { name: '--compression', command: 'arche plan pack' })
  const { t } = session.output
  const { plans } = await session.state()
  const plan = planNamed(typed, plans)
  const method = packedAs(plan.method, { format, compression })
  const saved = await session.guarded((client) => client.plan.save({ ...plan, method }))
  const words = { name: visible(saved.name), pack: packInWords(saved.method, t) }
  return finish(session, 'plan pack', { plan: saved }, t('terminal.plan.packed', words))
}

/** What is named is changed, the rest stays. */
export function packedAs(method: Method = usualMethod, { format, compression }: PackOptions): Method {
  return { ...method, ...(format && { format }), ...(compression && { compression }) }
}
