// Kill -9 while mails are on their way: none is lost, and what may come twice carries the same Message-ID.
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openHistory } from '../../core/history/history.ts'
import { figure, rounds } from '../support/campaign.ts'
import { type Child, start } from '../support/child.ts'
import { compile } from '../support/compile.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'

let program: string
beforeAll(async () => {
  program = await compile('mailer')
})

async function line(child: Child, wanted: string): Promise<string> {
  for (let text = await child.line(); text !== undefined; text = await child.line()) {
    expect(text).not.toMatch(/^bug/)
    if (text.startsWith(wanted)) return text
  }
  throw new Error(`ended without ${wanted}`)
}

const messageIds = ({ received }: MailServer) =>
  received.map(({ headers }) => /^Message-ID: <([^>]*)>$/m.exec(headers)?.[1] ?? '')

describe('a mail', () => {
  it('that the server took just before the kill comes again, recognisable as the same', async () => {
    const home = await temporaryFolder()
    let child: Child | undefined
    let taken: () => void = () => undefined
    const accepted = new Promise<void>((resolve) => {
      taken = resolve
    })
    const server = await startMailServer({
      // Stopped before the answer is on its way, the program never learns of it.
      beforeAccept: async () => {
        child?.signal('SIGSTOP')
        taken()
      },
    })
    onTestFinished(() => server.close())
    child = start(program, [home, String(server.port), 'first'])
    await line(child, 'ready')
    child.say('Bureau')
    await accepted
    await server.seen(1)
    await child.kill()
    child = undefined

    const next = start(program, [home, String(server.port)])
    await line(next, 'ready')
    await server.seen(2)
    const [first, second] = messageIds(server)
    expect(first).toMatch(/^[0-9a-f-]{36}\.[0-9a-f]{16}@example\.org$/)
    expect(second).toBe(first)
    await next.kill()
    const last = start(program, [home, String(server.port)])
    await line(last, 'ready')
    expect(server.received).toHaveLength(2)
  })

  it('is lost by no kill at any moment, and told of runs that the kill itself ended', async () => {
    const home = await temporaryFolder()
    const server = await startMailServer()
    onTestFinished(() => server.close())
    const kills = rounds(6, 60)
    for (let round = 0; round < kills; round += 1) {
      const child = start(program, [home, String(server.port), round === 0 ? 'first' : ''])
      await line(child, 'ready')
      const before = server.received.length
      for (let at = 0; at < 6; at += 1) child.say(`run ${round}.${at}`)
      // In turn: after some runs ended, and after some mails arrived.
      if (round % 2 === 0) for (let at = 0; at < round; at += 1) await line(child, 'ended')
      else await server.seen(before + Math.ceil(round / 2))
      await child.kill()
    }
    const child = start(program, [home, String(server.port)])
    await line(child, 'ready')
    await child.kill()
    const history = await openHistory(home)
    const runs = await history.latest(1000)
    await history.close()
    figure('kills', kills)
    expect(runs.length).toBeGreaterThan(kills)
    const told = messageIds(server).map((id) => id.split('.')[0])
    expect(new Set(told)).toEqual(new Set(runs.map((run) => run.id)))
    expect(told.length - new Set(told).size).toBeLessThanOrEqual(kills)
  })
})
