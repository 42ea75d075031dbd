// `npm run bench`: does all set-up that is missing, then measures Arche beside the standard tools (tests/bench/bench.ts).
//   npm run bench                        1.4 GB in 60,000 files, three rounds; some ten minutes
//   npm run bench -- --quick             110 MB, one round, less than 50 s on two quiet cores
//   npm run bench -- --json              the last line is the ratios as JSON
//   npm run bench -- --record            keeps the result in tests/bench/RESULTS.md
//   npm run bench -- --folder FOLDER     works in that folder, which should be on a disk
//   npm run bench -- --window            instead: the budgets of the window (clicks, milliseconds, memory; tests/bench/window-budgets.ts), some two minutes;
//                                        with --json its last line is {"clicks":{…},"ms":{…},"idleMiB":N}, with --record it is kept as well
import { requireNode } from './node-version.mjs'
import { runScript } from './stop.mjs'

await runScript(async () => {
  requireNode()
  const { bench } = await import('./bench-arche.mjs')
  return bench(process.argv.slice(2))
})
