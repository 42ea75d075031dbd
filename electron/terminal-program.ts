// Where the terminal program is that belongs to this window, and the Node that runs it: what a background service is made of.
// Guarantees: names only a Node that was asked for its version. The packaged program is no Node and brings none (build/package-config.mjs), so there it
// names nothing.
import { delimiter, isAbsolute, join } from 'node:path'
import { Failure } from '../core/api/failure.ts'
import type { Host } from '../core/engine/engine.ts'
import { run } from '../core/lib/process.ts'

/** As package.json asks for it ("engines"). */
const oldest = [20, 19] as const

/** `folder`: where the compiled programs are. */
export function findTerminalProgram(
  folder: string,
  packaged: boolean,
  env: NodeJS.ProcessEnv = process.env,
): NonNullable<Host['terminalProgram']> {
  return async () => {
    if (packaged) return undefined
    for (const node of candidates(env)) if (await fits(node)) return { node, program: join(folder, 'cli.js') }
    return undefined
  }
}

/** First the Node with which `npm start` was called. */
function candidates({ npm_node_execpath: called, PATH = '' }: NodeJS.ProcessEnv): string[] {
  const folders = PATH.split(delimiter).filter(isAbsolute)
  const found = folders.map((folder) => join(folder, process.platform === 'win32' ? 'node.exe' : 'node'))
  return [...(called && isAbsolute(called) ? [called] : []), ...found]
}

async function fits(node: string): Promise<boolean> {
  try {
    const { stdout } = await run(node, ['--version'], { patience: 10_000 })
    const [major = 0, minor = 0] = /^v(\d+)\.(\d+)\./.exec(stdout)?.slice(1).map(Number) ?? []
    return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return false
  }
}
