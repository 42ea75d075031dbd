// `npm start`: does all set-up that is missing, then opens the window; with arguments it is the terminal form.
// Guarantees: a second start does no set-up work; relative paths mean the folder the person is in; exit codes and Ctrl-C are the
// program's own. The terminal form asks for no graphical library and no Electron program.
import { requireNode } from './node-version.mjs'
import { runScript } from './stop.mjs'

await runScript(async () => {
  requireNode()
  const { start } = await import('./start-arche.mjs')
  return start(process.argv.slice(2))
})
