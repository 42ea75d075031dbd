// `npm run pictures`: makes the pictures of the README anew (docs/pictures), of the real program on a display, a session and a computer that are made up.
// Needs Linux and root: homes and drives with believable names are mounted where nobody else sees them. The computer's name and folders are not in the pictures.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { requireNode } from './node-version.mjs'
import { runScript, Stop } from './stop.mjs'

/** In a mount and host name space of its own: a home beside those that are there, and empty media. $1: an empty folder; the rest: the command. */
const elsewhere = `set -e
hostname anna-laptop
mount -t tmpfs arche-pictures "$1"
mkdir "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=/home,upperdir=$1/upper,workdir=$1/work" /home
mount -t tmpfs arche-pictures /media
mkdir -p /home/anna /media/anna
shift
exec "$@"`

async function pictures() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Stop('The pictures need Linux and root: drives are mounted for them.')
  const { ensureBuilt, projectRoot } = await import('./compile.mjs')
  const { compileTests } = await import('./bench-arche.mjs')
  const { ensureModules } = await import('./modules.mjs')
  const { ensureSystem } = await import('./system.mjs')
  const { findElectron } = await import('./electron-runtime.mjs')
  const { runInSession } = await import('./session.mjs')
  await ensureSystem(['terminal', 'test', 'window'])
  await ensureModules(projectRoot)
  await ensureBuilt()
  const { program } = await findElectron(projectRoot)
  const out = mkdtempSync(join(projectRoot, 'out', 'pictures-'))
  const pictures = join(projectRoot, 'docs', 'pictures')
  const mounted = join(out, 'mounted')
  mkdirSync(pictures, { recursive: true })
  try {
    await compileTests(out, join(projectRoot, 'tests', 'pictures'), { pictures: 'pictures.ts' })
    mkdirSync(mounted)
    const env = { ...process.env, ARCHE_ELECTRON: program, ARCHE_PICTURES: pictures }
    const command = [process.execPath, join(out, 'pictures.mjs')]
    const args = ['--mount', '--uts', '--propagation', 'private', 'sh', '-c', elsewhere, 'sh', mounted, ...command]
    return await runInSession('unshare', args, { cwd: projectRoot, env })
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

await runScript(() => {
  requireNode()
  return pictures()
})
