// `npm run campaign -- NAME [TIMES]`: tests that are loops (kills, random sequences, load) at full length, or as many times that; keeps the result in
// tests/campaigns/RESULTS.md.
import { requireNode } from './node-version.mjs'
import { runScript } from './stop.mjs'

await runScript(async () => {
  requireNode()
  const { campaign } = await import('./campaign-arche.mjs')
  return campaign(process.argv.slice(2))
})
