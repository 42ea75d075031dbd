// Ends runs in the history of a data folder (first argument) and tells of them through the mail server at a port (second argument): for each
// line that it reads, one run with that name; says `ready` when it reads, and `ended` with an id once that end is durable.
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { MailSettings } from '../../../core/api/mail.ts'
import type { Run } from '../../../core/api/model.ts'
import { announced } from '../../../core/history/announced.ts'
import { openHistory } from '../../../core/history/history.ts'
import { endOf, startOf } from '../../../core/notify/message.ts'
import { openNotifier } from '../../../core/notify/notify.ts'

const [home = '', port = '', first = ''] = process.argv.slice(2)
const settings = MailSettings.parse({
  host: '127.0.0.1',
  port: Number(port),
  security: 'none',
  from: 'arche@example.org',
  recipients: [{ address: 'anna@example.org', language: 'en', events: ['error', 'success'], report: false }],
})
const past = await openHistory(home)
const notifier = await openNotifier({
  home,
  host: 'pc',
  now: Date.now,
  settings: () => settings,
  plans: () => [],
  keys: () => [],
  password: async () => undefined,
  recentNotices: async () => (await past.latest(1000)).filter(({ outcome }) => outcome !== undefined).map(endOf),
  recentRuns: () => past.latest(1000),
  onChange: () => undefined,
  onBug: (error) => process.stdout.write(`bug ${error}\n`),
})
const history = announced(past, {
  started: (run) => notifier.tell(startOf(run)),
  ended: (run) => notifier.tell(endOf(run)),
})
if (first === 'first') await notifier.changed(undefined)
for (const run of past.abandoned) notifier.tell(endOf(run))
await notifier.look()
process.stdout.write('ready\n')

for await (const subject of createInterface(process.stdin)) {
  const now = new Date().toISOString()
  const run: Run = {
    id: randomUUID(),
    kind: 'backup',
    trigger: 'scheduled',
    subject,
    startedAt: now,
    warnings: 0,
    files: 0,
    bytes: 0,
    stored: 0,
    operations: [],
  }
  await history.start(run)
  await history.end({ ...run, endedAt: now, outcome: 'success' })
  process.stdout.write(`ended ${run.id}\n`)
}
