// `npm test` and `npm run check`: does all set-up that is missing, then runs the parts inside a private desktop session.
//   npm test                          everything
//   npm run check                     types, lint, layers, dead code, unit tests
//   npm test -- --only PART [FILE …]  one part (see build/parts.mjs), optionally some of its test files
// Guarantees: the exit code is 0 only when every part ran and passed.
import { requireNode } from './node-version.mjs'
import { runScript } from './stop.mjs'

await runScript(async () => {
  requireNode()
  const { test } = await import('./test-arche.mjs')
  return test(process.argv.slice(2))
})
