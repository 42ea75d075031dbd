// What `npm run bench` does once Node is known to be new enough: set-up, compile tests/bench, run it.
// Guarantees: what is measured is the compiled worker that people run; an Electron program is used when it is there, never fetched for this.
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { replaceWith } from './child.mjs'
import { ensureBuilt, projectRoot } from './compile.mjs'
import { presentElectron } from './electron-runtime.mjs'
import { ensureModules } from './modules.mjs'
import { runInSession } from './session.mjs'
import { explain, Stop, say } from './stop.mjs'
import { ensureSystem } from './system.mjs'

/** Of statfs(2): a file system in memory, which is no disk. */
const tmpfsMagic = 0x01021994

const benchSource = join(projectRoot, 'tests', 'bench')

/** @param {string[]} args what was typed after `npm run bench --` */
export async function bench(args) {
  if (process.platform !== 'linux') throw new Stop('The bench needs the GNU tools of Linux.')
  if (args.includes('--window')) return benchWindow(args)
  await ensureSystem(['terminal', 'bench'])
  const pigz = await hasPigz()
  await ensureModules(projectRoot)
  await ensureBuilt()
  const out = mkdtempSync(join(projectRoot, 'out', 'bench-'))
  try {
    await compileTests(out, benchSource, { bench: 'bench.ts', program: 'program.ts' })
    const electron = await presentElectron(projectRoot)
    const env = {
      ...process.env,
      ARCHE_BENCH_PROGRAM: join(out, 'program.mjs'),
      ARCHE_BENCH_ROOT: projectRoot,
      ARCHE_BENCH_WORKER: join(projectRoot, 'out', 'main', 'worker.js'),
      ARCHE_BENCH_RESULTS: join(projectRoot, 'tests', 'bench', 'RESULTS.md'),
      ARCHE_BENCH_PIGZ: pigz ? '1' : '0',
      ...(electron ? { ARCHE_BENCH_ELECTRON: electron.program, ARCHE_BENCH_ELECTRON_VERSION: electron.version } : {}),
    }
    return await replaceWith(process.execPath, [join(out, 'bench.mjs'), ...args, ...placeOnDisk(args)], { env })
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

/** The budgets of the window, in a session of its own. @param {string[]} args */
async function benchWindow(args) {
  await ensureSystem(['terminal', 'test', 'window'])
  await ensureModules(projectRoot)
  await ensureBuilt()
  const { findElectron } = await import('./electron-runtime.mjs')
  const electron = await findElectron(projectRoot)
  const out = mkdtempSync(join(projectRoot, 'out', 'bench-'))
  try {
    await compileTests(out, benchSource, { 'window-budgets': 'window-budgets.ts' })
    const env = {
      ...process.env,
      ARCHE_BENCH_ROOT: projectRoot,
      ARCHE_BENCH_RESULTS: join(projectRoot, 'tests', 'bench', 'RESULTS.md'),
      ARCHE_ELECTRON: electron.program,
      ARCHE_BENCH_ELECTRON_VERSION: electron.version,
    }
    return await runInSession(process.execPath, [join(out, 'window-budgets.mjs'), ...args], { cwd: projectRoot, env })
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

/** pigz is worth having, not necessary. */
async function hasPigz() {
  try {
    await ensureSystem(['pigz'])
    return true
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    say(explain(error))
    return false
  }
}

/** Where the temporary folder is in memory, the work is done inside the project. @param {string[]} args */
function placeOnDisk(args) {
  if (args.some((arg) => arg.startsWith('--folder')) || statfsSync(tmpdir()).type !== tmpfsMagic) return []
  const folder = join(projectRoot, 'artifacts')
  mkdirSync(folder, { recursive: true })
  return ['--folder', folder]
}

/** Below out/, where the npm packages are found. @param {string} folder @param {string} source @param {Record<string, string>} entries */
export async function compileTests(folder, source, entries) {
  const { build } = await import('vite')
  await build({
    root: projectRoot,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir: folder,
      target: 'node20.18',
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(source, file)])),
        output: { entryFileNames: '[name].mjs' },
      },
    },
  })
}
