// An engine that schedules, as the window has it: told `clock <ms>` it sets its clock that far ahead; where the owner of the data folder ends, it
// opens the engine again. Arguments: data folder, compiled worker. Writes a line of JSON for every change of what it sees.

import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { dataFolder } from '../../../core/config/config.ts'
import { openEngine } from '../../../core/engine/engine.ts'

const [folder = '', worker = ''] = process.argv.slice(2)
let ahead = 0
let wake: () => void = () => undefined

createInterface(process.stdin).on('line', (line) => {
  const [word, value] = line.split(' ')
  if (word !== 'clock') return
  ahead = Number(value)
  wake()
  process.stdout.write(`${JSON.stringify({ clock: ahead })}\n`)
})

for (;;) {
  const engine = await openEngine({
    home: await dataFolder({ ARCHE_HOME: folder }),
    version: 'test',
    workerUrl: pathToFileURL(worker),
    language: 'en',
    schedules: true,
    settle: 0,
    now: () => Date.now() + ahead,
  })
  wake = () => engine.wake()
  const client = await engine.connect()
  try {
    for await (const { changes } of await client.app.follow({})) {
      const { runs, alarms, schedules, protection } = changes
      if (runs ?? alarms ?? schedules ?? protection)
        process.stdout.write(`${JSON.stringify({ owned: engine.owned, runs, alarms, schedules, protection })}\n`)
    }
  } catch {
    // The owner has gone.
  }
  await engine.closed
}
