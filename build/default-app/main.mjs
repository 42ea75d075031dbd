// Runs the application whose folder is the first plain argument, as `electron FOLDER` does with the publisher's default app.
// Put into the registry runtime (build/registry-runtime.mjs), which comes without one. Knows `--version` and `-r MODULE`.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from 'electron'

const require = createRequire(import.meta.url)
const args = process.argv.slice(1)
let folder
for (let i = 0; i < args.length && folder === undefined; i++) {
  const arg = args[i] ?? ''
  if (arg === '--version' || arg === '-v') {
    process.stdout.write(`v${process.versions.electron}\n`)
    process.exit(0)
  }
  if (arg === '--require' || arg === '-r') require(resolve(args[++i] ?? ''))
  else if (!arg.startsWith('-')) folder = resolve(arg)
}
if (folder === undefined) {
  process.stderr.write('Usage: electron [-r MODULE] FOLDER\n')
  process.exit(1)
}

const description = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true })
// Two calls that Electron keeps for its default app; electron.d.ts does not list them.
const shell =
  /** @type {import('electron').App & { setVersion(version: string): void, setAppPath(folder: string): void }} */ (app)
shell.setName(description.productName ?? description.name)
shell.setVersion(description.version)
shell.setAppPath(folder)
// Awaited, so that the application can register its URL schemes before Electron says it is ready.
await import(pathToFileURL(join(folder, description.main)).href)
