// Which Node a background service gets that is installed from the window.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findTerminalProgram } from '../../electron/terminal-program.ts'
import { temporaryFolder } from '../support/folder.ts'

/** A folder with a `node` that says so of its version. */
function nodeOf(folder: string, name: string, version: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'node'), `#!/bin/sh\necho ${version}\n`)
  chmodSync(join(path, 'node'), 0o755)
  return path
}

describe('the terminal program of a window', () => {
  it('is run by the Node that started it, else by the first on the PATH that is new enough', async () => {
    const folder = await temporaryFolder()
    const [old, odd, good] = [
      nodeOf(folder, 'old', 'v20.18.9'),
      nodeOf(folder, 'odd', 'what'),
      nodeOf(folder, 'good', 'v20.19.0'),
    ]
    const PATH = `relative:${join(folder, 'none')}:${old}:${odd}:${good}`
    const find = (env: NodeJS.ProcessEnv, packaged = false) => findTerminalProgram('/out/main', packaged, env)()
    const program = '/out/main/cli.js'
    expect(await find({ PATH })).toEqual({ node: join(good, 'node'), program })
    expect(await find({ PATH, npm_node_execpath: process.execPath })).toEqual({ node: process.execPath, program })
    expect(await find({ PATH: old })).toBeUndefined()
    expect(await find({ PATH }, true)).toBeUndefined()
  })
})
