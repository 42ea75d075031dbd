// The program as people start it, without the tool that drives it elsewhere: how long it takes until a plan can be backed up, and the memory that it has when
// nothing happens. Chromium's own protocol for its developer tools asks the page, over a socket of this computer.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { z } from 'zod'

/** Of the program until it can be used, in ms. */
const patience = 60_000

/** After this time without anything to do it is idle, in ms. */
const idleAfter = 12_000

interface Start {
  readonly program: string
  readonly root: string
  readonly env: Record<string, string>
}

export interface Plain {
  /** ms from starting the program to the frame that shows a row with its button. */
  readonly usableMs: number
  /** MiB of all its processes, each page that several share counted in parts. */
  idleMiB(): Promise<readonly Memory[]>
  end(): Promise<void>
}

export interface Memory {
  readonly process: string
  readonly mib: number
}

export async function startPlain({ program, root, env }: Start): Promise<Plain> {
  const started = Date.now()
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const child = spawn(program, ['--remote-debugging-port=0', ...sandbox, root], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  try {
    const port = await debugPort(child)
    const usable = await firstRow(port, started + patience)
    return { usableMs: usable - started, idleMiB: () => idle(child.pid ?? 0), end: () => end(child) }
  } catch (error) {
    await end(child)
    throw error
  }
}

async function debugPort({ stderr }: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of stderr ?? []) {
    text += chunk
    const [, port] = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(text) ?? []
    if (port === undefined) continue
    stderr?.resume()
    return port
  }
  throw new Error(`the program ended: ${text}`)
}

const Targets = z.array(z.object({ type: z.string(), url: z.string(), webSocketDebuggerUrl: z.string() }))

/** Ends with the clock of the page when the row had been painted. */
const rowShown = `new Promise((resolve) => {
  const look = () => document.querySelector('[data-testid=plan-row] [data-testid=plan-start]:enabled')
    ? requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()))
    : requestAnimationFrame(look)
  look()
})`

/** ms since 1970. */
async function firstRow(port: string, until: number): Promise<number> {
  while (Date.now() < until) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`)
    const page = Targets.parse(await answer.json()).find(({ type, url }) => type === 'page' && url.startsWith('arche:'))
    const time = page && (await evaluated(page.webSocketDebuggerUrl, rowShown))
    if (typeof time === 'number') return time
    await delay(5)
  }
  throw new Error('the overview did not appear')
}

const Reply = z.object({
  result: z
    .object({ result: z.object({ value: z.unknown() }).partial() })
    .partial()
    .optional(),
})

/** Undefined where the page went away meanwhile. */
async function evaluated(url: string, expression: string): Promise<unknown> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  socket.send(
    JSON.stringify({
      id: 1,
      method: 'Runtime.evaluate',
      params: { expression, awaitPromise: true, returnByValue: true },
    }),
  )
  const [data] = await once(socket, 'message')
  socket.close()
  return Reply.parse(JSON.parse(String(data))).result?.result?.value
}

async function idle(root: number): Promise<readonly Memory[]> {
  await delay(idleAfter)
  return family(root).map((pid) => ({ process: kindOf(pid), mib: pssOf(pid) / 1024 }))
}

/** A process and all that it has started. */
function family(root: number): number[] {
  const parents = readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : ''
    const [, parent] = /\) \S (\d+) /.exec(stat) ?? []
    return parent === undefined ? [] : [{ pid: Number(name), parent: Number(parent) }]
  })
  const found = [root]
  for (const pid of found) found.push(...parents.filter(({ parent }) => parent === pid).map(({ pid }) => pid))
  return found
}

function kindOf(pid: number): string {
  // Chromium writes the line of its children with spaces.
  const words = read(`/proc/${pid}/cmdline`).split(/[\0 ]/)
  const type = words.find((word) => word.startsWith('--type='))?.slice('--type='.length)
  const part = words.find((word) => word.startsWith('--utility-sub-type='))?.split('=')[1]
  return part ?? type ?? 'main'
}

/** kB. */
function pssOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
}

/** A process may end while one looks. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
