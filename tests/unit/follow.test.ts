// What a terminal shows of a long call: its own progress, and that of nobody else who does the like at the same time.
import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { expect, it } from 'vitest'
import type { Progress } from '../../core/api/model.ts'
import type { Client } from '../../core/terminal/connection.ts'
import { watchCall } from '../../core/terminal/follow.ts'
import type { Session } from '../../core/terminal/session.ts'

it('shows the progress of its own call', async () => {
  const began = new Date().toISOString()
  const progress = (id: string): Partial<Progress> => ({ id, kind: 'inspect', subject: 'Docs', startedAt: began })
  const other = randomUUID()
  let ours = ''
  const seen: (string | undefined)[] = []
  const events = new EventEmitter()
  const [called, shown] = [once(events, 'called'), once(events, 'shown')]
  const client = {
    app: {
      follow: async () =>
        (async function* () {
          await called
          // Begun later than the call, as somebody else's would be.
          yield { changes: { active: [progress(other)] } }
          yield { changes: { active: [progress(other), progress(ours)] } }
          events.emit('shown')
        })(),
    },
  } as unknown as Client
  const session = {
    client: async () => client,
    interrupts: { signal: new AbortController().signal, check: () => undefined },
    progress: { show: ({ id }: Progress) => seen.push(id), end: () => undefined },
  } as unknown as Session
  const value = await watchCall(session, async (_, _signal, job) => {
    ours = job
    events.emit('called')
    await shown
    return 'value'
  })
  expect([value, seen]).toEqual(['value', [ours]])
})
