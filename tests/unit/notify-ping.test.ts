// Pings against a real HTTP server: the addresses of the convention, their order, what is tried again and what is given up.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PingUrl } from '../../core/api/mail.ts'
import type { Run } from '../../core/api/model.ts'
import type { Plan } from '../../core/api/plan.ts'
import { endOf, startOf } from '../../core/notify/message.ts'
import type { Notice } from '../../core/notify/notice.ts'
import { addressOf, ping } from '../../core/notify/ping.ts'
import { openWatchman, type Watchman } from '../../core/notify/watchman.ts'

interface Call {
  readonly path: string
  readonly body: string
}

/** A watchman that answers as told; `calls` has what it heard. */
async function watchmanServer(answer: (response: ServerResponse, count: number) => void) {
  const calls: Call[] = []
  let wake: (() => void)[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      calls.push({ path: `${request.method} ${request.url}`, body })
      answer(response, calls.length)
      for (const resolve of wake.splice(0)) resolve()
    })
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    wake = []
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/ping/abc`
  const heard = async (count: number) => {
    while (calls.length < count) await new Promise<void>((resolve) => wake.push(resolve))
    return calls
  }
  return { url, calls, heard, close: () => new Promise((resolve) => server.close(resolve)) }
}

const ok = (response: ServerResponse) => response.end('OK')
const limits = { attempt: 500, pauses: [10, 10] }

describe('a ping', () => {
  it.each([
    ['https://hc-ping.com/uuid', 'start', 'https://hc-ping.com/uuid/start'],
    ['https://hc-ping.com/uuid/', 'fail', 'https://hc-ping.com/uuid/fail'],
    ['https://watch.example.org/push/x?a=1', 'fail', 'https://watch.example.org/push/x/fail?a=1'],
    ['https://watch.example.org', 'start', 'https://watch.example.org/start'],
    ['https://hc-ping.com/uuid', 'success', 'https://hc-ping.com/uuid'],
  ] as const)('of %s for %s goes to %s', (url, kind, address) => {
    expect(PingUrl.parse(url)).toBe(url)
    expect(addressOf(url, kind)).toBe(address)
  })

  it.each([
    'ftp://x/y',
    'file:///etc/passwd',
    'https://me:secret@x/y',
    'https://x/#a',
    'https://x/a b',
    'javascript:1',
    'x',
  ])('is not sent to %s', (url) => {
    expect(PingUrl.safeParse(url).success).toBe(false)
  })

  it('carries a short text', async () => {
    const server = await watchmanServer(ok)
    await ping(server.url, 'start', 'é'.repeat(20_000), { limits })
    expect(server.calls[0]?.path).toBe('POST /ping/abc/start')
    expect(server.calls[0]?.body).toHaveLength(8000)
  })

  it('is tried again, a few times', async () => {
    const server = await watchmanServer((response, count) => {
      response.statusCode = count < 3 ? 503 : 200
      response.end()
    })
    await ping(server.url, 'success', 'x', { limits })
    expect(server.calls).toHaveLength(3)
    const broken = await watchmanServer((response) => {
      response.statusCode = 404
      response.end()
    })
    await expect(ping(broken.url, 'fail', 'x', { limits })).rejects.toMatchObject({
      code: 'ping-failed',
      details: { reason: 'HTTP 404', server: new URL(broken.url).host },
    })
    expect(broken.calls).toHaveLength(3)
  })

  it('does not wait for ever', async () => {
    const server = await watchmanServer(() => undefined)
    const short = { attempt: 50, pauses: [] }
    await expect(ping(server.url, 'start', 'x', { limits: short })).rejects.toMatchObject({
      details: { reason: 'timeout' },
    })
    const gone = await watchmanServer(ok)
    await gone.close()
    await expect(ping(gone.url, 'start', 'x', { limits: short })).rejects.toMatchObject({
      details: { reason: 'connection-refused' },
    })
    // Where no name server answers at all, it is a matter of time.
    const patient = { attempt: 5_000, pauses: [] }
    await expect(ping('http://no-such-host.invalid/x', 'start', 'x', { limits: patient })).rejects.toMatchObject({
      details: { reason: expect.stringMatching(/name-unknown|timeout/) },
    })
  })
})

describe('the pings of a plan', () => {
  const planId = '00000000-0000-4000-8000-000000000002'
  const run = {
    id: 'r',
    kind: 'backup',
    planId,
    subject: 'Bureau',
    startedAt: '2026-03-06T12:00:00Z',
    warnings: 0,
    stored: 0,
  } as Run

  function watched(url: string): { watchman: Watchman; bugs: unknown[] } {
    const bugs: unknown[] = []
    const watchman = openWatchman(
      {
        host: 'pc',
        now: () => Date.parse('2026-03-06T12:00:00Z'),
        plans: () => [{ id: planId, name: 'Bureau', ping: url } as Plan],
        onChange: () => undefined,
        onBug: (error) => bugs.push(error),
      },
      limits,
    )
    return { watchman, bugs }
  }

  const tell = (watchman: Watchman, { ping }: Notice) => ping && watchman.tell(ping)

  it('come in the order of what happened, even when the first one is slow', async () => {
    const answered: (string | undefined)[] = []
    const answer = (response: ServerResponse) => {
      answered.push(response.req.url)
      response.end()
    }
    const server = await watchmanServer((response, count) =>
      count === 1 ? void setTimeout(() => answer(response), 100) : answer(response),
    )
    const { watchman } = watched(server.url)
    tell(watchman, startOf(run))
    tell(watchman, endOf({ ...run, outcome: 'success' }))
    tell(watchman, startOf(run))
    tell(watchman, endOf({ ...run, outcome: 'error', failure: { code: 'no-medium', details: {} } }))
    await watchman.close()
    expect(answered).toEqual(['/ping/abc/start', '/ping/abc', '/ping/abc/start', '/ping/abc/fail'])
    expect(server.calls[3]?.body).toContain('backup of Bureau on pc: error')
  })

  it.each([
    ['success', ['']],
    ['warning', ['']],
    ['error', ['/fail']],
    ['abandoned', ['/fail']],
    ['missed', ['/fail']],
    ['cancelled', ['/fail']],
    ['skipped', []],
  ] as const)('say what became of it: %s', async (outcome, expected) => {
    const server = await watchmanServer(ok)
    const { watchman } = watched(server.url)
    tell(watchman, endOf({ ...run, outcome }))
    tell(watchman, endOf({ ...run, kind: 'restore', outcome }))
    await watchman.close()
    expect(server.calls.map((call) => call.path.slice('POST /ping/abc'.length))).toEqual(expected)
  })

  it('that fail are shown, and hurt nobody', async () => {
    const { watchman, bugs } = watched('http://127.0.0.1:1/x')
    tell(watchman, endOf({ ...run, outcome: 'success' }))
    await watchman.close()
    expect(watchman.results()).toMatchObject([
      { planId, at: '2026-03-06T12:00:00.000Z', problem: { code: 'ping-failed' } },
    ])
    expect(bugs).toEqual([])
  })
})
