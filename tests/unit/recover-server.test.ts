// A restore of a server that was killed between its last line and the end of its run: all is in place, and it can be taken back. No server is asked.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createServerJournal, notePhase, type ServerHead } from '../../core/restore/server/journal.ts'
import { recoverServers } from '../../core/restore/server/server.ts'
import { temporaryFolder } from '../support/folder.ts'

it('a restore of a server whose end nobody noted is told as done, any other is left alone', async () => {
  const work = await temporaryFolder()
  const journals = join(work, 'journals')
  const folder = { name: 'report', target: '/srv/report', staged: '/srv/new', kept: '/srv/old', existed: true }
  const head = (id: string): Omit<ServerHead, 'is' | 'version'> => ({
    id,
    time: 0,
    database: { name: 'SIGL', user: 'root', socket: join(work, 'none.sock') },
    scratch: 'arche_new',
    kept: 'arche_old',
    before: { charset: 'utf8', collation: 'utf8_general_ci' },
    folders: [folder],
    made: [],
  })
  const [unknown, ended] = [randomUUID(), randomUUID()]
  const [path] = [unknown, ended].map((id) => {
    const journal = createServerJournal(journals, head(id))
    notePhase(journal, 'done')
    return journal
  })
  const report = { operation: () => undefined, advance: () => undefined, warn: () => undefined }
  const ctx = { report, now: Date.now, temp: work }
  expect(await recoverServers(journals, ctx)).toEqual([])
  expect(await recoverServers(journals, { ...ctx, unknown: new Set([unknown]) })).toMatchObject([
    {
      id: unknown,
      outcome: 'kept-new',
      restored: { safety: { folders: ['/srv/old'], journals: [path] }, database: { name: 'SIGL', kept: 'arche_old' } },
    },
  ])
})
