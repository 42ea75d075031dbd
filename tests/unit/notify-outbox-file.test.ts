// The file of the queue of mails: told once, read after a crash, written anew when it has grown.
import { appendFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { openOutbox } from '../../core/notify/outbox.ts'
import { temporaryFolder } from '../support/folder.ts'

const at = '2026-03-02T12:00:00.000Z'
const now = Date.parse(at)

let home: string

beforeEach(async () => {
  home = await temporaryFolder()
})

describe('the file of the queue', () => {
  const mail = { id: 'a', to: 'x@y', queuedAt: at, subject: 's', text: 't', html: 'h' }

  it('of an earlier Arche is read as it is', async () => {
    const lines = [
      { type: 'from', reportsFrom: at, told: ['old'], reported: [], mails: [], givenUp: [] },
      { type: 'told', run: 'run 1', mails: [mail] },
    ]
    await writeFile(join(home, 'outbox.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const outbox = await openOutbox(home)
    expect(outbox.waiting).toEqual([mail])
    expect([outbox.begun, outbox.hasTold('old'), outbox.hasTold('run 1')]).toEqual([true, true, true])
    await outbox.close()
  })

  it('takes each notice and each report once', async () => {
    const outbox = await openOutbox(home)
    await outbox.begin([], now)
    await Promise.all([outbox.tell('one', [mail]), outbox.tell('one', [{ ...mail, id: 'b' }])])
    await Promise.all([outbox.report('k', [{ ...mail, id: 'c' }]), outbox.report('k', [{ ...mail, id: 'd' }])])
    expect(outbox.waiting.map(({ id }) => id)).toEqual(['a', 'c'])
    await outbox.close()
  })

  it('survives a torn line and rubbish', async () => {
    const outbox = await openOutbox(home)
    await outbox.begin([], now)
    await outbox.tell('one', [mail])
    await outbox.close()
    await appendFile(join(home, 'outbox.jsonl'), 'rubbish\n{"type":"gone","id":"a","ho')
    const again = await openOutbox(home)
    expect(again.waiting).toEqual([mail])
    await again.tell('two', [{ ...mail, id: 'b' }])
    await again.end('a', 'sent', now)
    await again.close()
    const last = await openOutbox(home)
    expect(last.waiting.map(({ id }) => id)).toEqual(['b'])
    expect([last.hasTold('one'), last.hasTold('two'), last.hasTold('three')]).toEqual([true, true, false])
    await last.close()
  })

  it('is written anew when it has grown, with all that matters', async () => {
    const outbox = await openOutbox(home)
    await outbox.begin(['old'], now)
    const long = 'x'.repeat(100_000)
    for (let at = 0; at < 25; at += 1) {
      await outbox.tell(`run ${at}`, [{ ...mail, id: `m${at}`, html: long }])
      if (at > 0) await outbox.end(`m${at}`, at === 1 ? 'given-up' : 'sent', now)
    }
    await outbox.report('2026-03-06', [])
    await outbox.close()
    const path = join(home, 'outbox.jsonl')
    expect((await stat(path)).size).toBeGreaterThan(2_000_000)
    const again = await openOutbox(home)
    expect((await stat(path)).size).toBeLessThan(200_000)
    expect(again.waiting.map(({ id }) => id)).toEqual(['m0'])
    expect(again.hasTold('run 24') && again.hasTold('old') && again.hasReported('2026-03-06')).toBe(true)
    expect(again.givenUpSince(0)).toBe(1)
    expect(again.lastSent).toBe(new Date(now).toISOString())
    await again.close()
  })
})
