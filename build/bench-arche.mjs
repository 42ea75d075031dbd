// What `npm run bench` does once Node is known to be new enough: set-up, compile tests/bench, run it.
// Guarantees: what is measured is the compiled worker that people run; an Electron program is used when it is there, never fetched for this.
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { replaceWith } from './child.mjs'
import { ensureBuilt, projectRoot } from './compile.mjs'
import { presentElectron } from './electron-runtime.mjs'
import { ensureModules } from './modules.mjs'
import { explain, Stop, say } from './stop.mjs'
import { ensureSystem } from './system.mjs'

/** Of statfs(2): a file system in memory, which is no disk. */
const tmpfsMagic = 0x01021994

/** @param {string[]} args what was typed after `npm run bench --` */
export async function bench(args) {
  if (process.platform !== 'linux') throw new Stop('The bench needs the GNU tools of Linux.')
  await ensureSystem(['terminal', 'bench'])
  const pigz = await hasPigz()
  await ensureModules(projectRoot)
  await ensureBuilt()
  const out = mkdtempSync(join(projectRoot, 'out', 'bench-'))
  try {
    await compile(out)
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

/** Below out/, where the npm packages are found. @param {string} folder */
async function compile(folder) {
  const { build } = await import('vite')
  const source = join(projectRoot, 'tests', 'bench')
  await build({
    root: projectRoot,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir: folder,
      target: 'node20.18',
      rolldownOptions: {
        input: { bench: join(source, 'bench.ts'), program: join(source, 'program.ts') },
        output: { entryFileNames: '[name].mjs' },
      },
    },
  })
}
