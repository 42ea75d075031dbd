// A FUSE file system whose files are not what they say, in a process of its own (programs/odd-fs.py): unmounted after the test.
import { execFileSync, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFailed, onTestFinished } from 'vitest'
import { requireRoot } from './root.ts'

/** See programs/odd-fs.py; a name may lead through a folder. */
export interface OddFile {
  readonly content?: string
  readonly repeat?: number
  readonly size?: number
  readonly ino?: number
  readonly nlink?: number
  readonly mtime?: number
  readonly failAt?: number
  readonly shown?: boolean
  readonly short?: number
  readonly hangs?: 'read' | 'look'
}

/** Mounts it at a new folder of this name in `work`. */
export async function oddFolder(work: string, name: string, files: Readonly<Record<string, OddFile>>): Promise<string> {
  return (await mounted(work, name, files)).at
}

/** The same, with what `hangs`: what `hanging` gives resolves once somebody waits for it from now on. */
export async function hangingFolder(work: string, name: string, files: Readonly<Record<string, OddFile>>) {
  const { at, server } = await mounted(work, name, files)
  const hanging = async () => {
    let all = ''
    onTestFailed(() => console.error(`the file system said: ${all}`))
    for await (const said of on(server.stdout, 'data', { close: ['end'] })) {
      all += String(said)
      if (all.split('\n').some((line) => isOfTest(line.split(' ')[1], work))) return
    }
    throw new Error('the FUSE file system has ended')
  }
  return { at, hanging }
}

/** Others look at what is mounted too, and may be the first. */
function isOfTest(pid: string | undefined, work: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(work)
  } catch {
    return false
  }
}

async function mounted(work: string, name: string, files: Readonly<Record<string, OddFile>>) {
  requireRoot()
  const at = join(work, name)
  mkdirSync(at)
  const program = join(import.meta.dirname, 'programs', 'odd-fs.py')
  // Debian's own Python has Debian's modules, whatever else is called python3 on this computer.
  const server = spawn('/usr/bin/python3', [program, at], { stdio: ['pipe', 'pipe', 'inherit'] })
  // Its threads may hang, and then it would not obey.
  onTestFinished(() => void server.kill('SIGKILL'))
  server.stdin.end(JSON.stringify(files))
  const [said] = await Promise.race([once(server.stdout, 'data'), once(server, 'exit')])
  if (String(said).trim() !== 'ready')
    throw new Error('the FUSE file system did not start: is python3-fusepy installed?')
  onTestFinished(() => void execFileSync('umount', ['-l', at]))
  return { at, server }
}
