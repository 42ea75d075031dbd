// Restores a dump of so many megabytes to a server and prints what that took: seconds, and the most memory this process ever had, in megabytes.
// Arguments: the folder of the scene (see tests/support/server-scene.ts), the server's socket, megabytes.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../../../core/archive/archive.ts'
import { restoreServer } from '../../../core/restore/server/server.ts'
import { newSql, planScene } from '../server-scene.ts'

const [work, socket, megabytes] = process.argv.slice(2) as [string, string, string]

/** Rows as a dump has them, about a megabyte in each statement. */
const half = Buffer.alloc(32 * 1024, 0xd4).toString('hex')
const text = "l’été n°1; -- \\' '' ".repeat(800)
const row = (id: number) => `(${id},'${text}',0x${half})`

function* statements(): Generator<Buffer> {
  yield Buffer.from(
    `${newSql}\nCREATE TABLE \`large\` (\`id\` int PRIMARY KEY, \`text\` longtext, \`body\` longblob) ENGINE=InnoDB DEFAULT CHARSET=utf8;\n`,
  )
  const perStatement = Math.ceil((1024 * 1024) / row(0).length)
  for (let id = 0, made = 0; made < Number(megabytes); made += 1) {
    const rows = Array.from({ length: perStatement }, () => row(id++))
    yield Buffer.from(`INSERT INTO \`large\` (\`id\`, \`text\`, \`body\`) VALUES ${rows.join(',')};\n`)
  }
}

let size = 0
for (const statement of statements()) size += statement.length

async function* entries(): AsyncGenerator<Entry> {
  async function* body() {
    yield* statements()
  }
  yield { path: 'dump/dump.sql', type: 'file', mode: 0o600, uid: 0, gid: 0, mtime: 0, size, body: body() }
}

const ctx = {
  signal: new AbortController().signal,
  now: Date.now,
  temp: mkdtempSync(join(work, 'temp', 'work-')),
  journals: join(work, 'journals'),
  report: { operation: () => undefined, advance: () => undefined, warn: () => undefined },
}
const plan = await planScene(work, socket, ctx.temp)
const before = process.resourceUsage().maxRSS / 1024
const started = Date.now()
await restoreServer({ ...plan, folders: [] }, entries(), ctx)
const memory = process.resourceUsage().maxRSS / 1024
process.stdout.write(JSON.stringify({ size, seconds: (Date.now() - started) / 1000, memory, before }))
