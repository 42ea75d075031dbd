// The terminal program as people and scripts use it: the compiled out/main/cli.js as a process, with pipes or on a pseudo-terminal.
// Guarantees: every test has a data folder and a home of its own; no password is given unless the test gives it; nothing outlives the test.
// A pseudo-terminal is that of `script` (util-linux).
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, onTestFailed, onTestFinished } from 'vitest'

const program = join(import.meta.dirname, '../../out/main/cli.js')

export const operatorPassword = 'op érateur with spaces'
export const keyPassword = ' clé très longue 鍵 '

/** For scripts: both passwords. */
export const passwords = { ARCHE_OPERATOR_PASSWORD: operatorPassword, ARCHE_KEY_PASSWORD: keyPassword }

type Env = Readonly<Record<string, string>>

export interface Run {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Options {
  readonly env?: Env
  /** Beside the environment of `place`; both passwords unless given. */
  readonly cwd?: string
  /** What can be read from descriptor 3, 4, … */
  readonly descriptors?: readonly (string | Uint8Array)[]
  /** A command that is given the rest as arguments and becomes it (`setpriv …`). */
  readonly through?: readonly string[]
}

export interface Place {
  /** The data folder. */
  readonly home: string
  readonly folder: string
  /** The same for every process of the place; English. */
  readonly env: Env
}

/** A fresh data folder in `folder`, or a copy of one that was prepared. */
export function place(folder: string, prepared?: Place): Place {
  const home = join(folder, 'data')
  if (prepared) cpSync(prepared.home, home, { recursive: true })
  mkdirSync(join(folder, 'person'), { recursive: true })
  const env = {
    ARCHE_HOME: home,
    HOME: join(folder, 'person'),
    PATH: process.env.PATH ?? '',
    LANG: 'C.UTF-8',
    TERM: 'xterm',
  }
  return { home, folder, env }
}

/** Starts `arche` with pipes; stdin is empty. */
export function startArche(at: Place, args: readonly string[], options: Options = {}): ChildProcess {
  const child = spawnArche(at, args, options)
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) if (stream) overhear(stream, said)
  onTestFailed(() => {
    const end = child.exitCode ?? child.signalCode ?? 'still running'
    console.error(`arche ${args.join(' ')}: ${end}\n${said.join('').slice(-4000)}`)
  })
  return child
}

/** A listener would make it flow, or keep others from hearing. */
function overhear(stream: Readable, said: string[]): void {
  const push = stream.push.bind(stream)
  stream.push = (chunk, encoding) => {
    if (chunk) said.push(String(chunk))
    return push(chunk, encoding)
  }
}

function spawnArche(at: Place, args: readonly string[], options: Options): ChildProcess {
  const { through = [], descriptors = [], env = passwords, cwd = at.folder } = options
  const [command = '', ...rest] = [...through, process.execPath, program, ...args]
  const stdio = ['ignore', 'pipe', 'pipe', ...descriptors.map(() => 'pipe' as const)] as const
  const child = spawn(command, rest, { env: { ...at.env, PATH: process.env.PATH, ...env }, cwd, stdio: [...stdio] })
  descriptors.forEach((text, index) => {
    const pipe = child.stdio[3 + index]
    if (!pipe || !('end' in pipe)) throw new Error('no pipe')
    // A command that needs no password ends without reading it.
    pipe.on('error', () => undefined)
    pipe.end(text)
  })
  return child
}

/** Runs `arche` to its end, without a terminal. */
export async function arche(at: Place, args: readonly string[], options: Options = {}): Promise<Run> {
  return outcome(spawnArche(at, args, options))
}

/** What a process printed and how it ended. */
export async function outcome(child: ChildProcess): Promise<Run> {
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const [code] = await once(child, 'close')
  return { code, out, err }
}

export type Line = { readonly type: string } & Readonly<Record<string, unknown>>

/** Standard output of `--json`: every line is an object with a type. */
export function jsonLines(out: string): Line[] {
  expect(out.endsWith('\n')).toBe(true)
  return out
    .trimEnd()
    .split('\n')
    .map((line) => {
      const value: unknown = JSON.parse(line)
      expect(value).toHaveProperty('type', expect.any(String))
      return value as Line
    })
}

/** Resolves once the process has printed a JSON line that fits; fails when it ends without. Later lines are not read. */
export async function lineThat(child: ChildProcess, fits: (line: Line) => boolean): Promise<Line> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    const complete = text.slice(0, text.lastIndexOf('\n') + 1)
    const found = complete === '' ? undefined : jsonLines(complete).find(fits)
    if (found) {
      child.stdout?.resume()
      return found
    }
  }
  throw new Error(`ended without the line: ${text}`)
}

export interface AtTerminal {
  /** Resolves once this text has been shown after what `seen` found before; fails when the program ends without. */
  seen(text: string): Promise<void>
  /** Types and presses Enter. */
  type(text: string): void
  press(keys: string): void
  /** Exit code and everything shown, without colours. */
  readonly ended: Promise<{ code: number | null; screen: string }>
}

/** Runs `arche` on a pseudo-terminal of 200 columns, where it can ask. No password is given. */
export function atTerminal(at: Place, args: readonly string[], options: Pick<Options, 'env' | 'cwd'> = {}): AtTerminal {
  const words = [process.execPath, program, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const child = spawn('script', ['-qefc', `stty rows 50 cols 200; exec ${words}`, '/dev/null'], {
    env: { ...at.env, PATH: process.env.PATH, SHELL: '/bin/sh', ...options.env },
    cwd: options.cwd ?? at.folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  let from = 0
  let waiting: (() => void)[] = []
  const wake = () => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    wake()
  })
  let over = false
  const ended = once(child, 'close').then(([code]) => {
    over = true
    wake()
    return { code: code as number | null, screen: plain(screen) }
  })
  onTestFailed(() => console.log(`the screen was:\n${plain(screen)}`))
  onTestFinished(async () => {
    waiting = []
    child.kill('SIGKILL')
    await ended
  })
  return {
    ended,
    async seen(text) {
      for (;;) {
        const shown = plain(screen)
        const found = shown.indexOf(text, from)
        if (found >= 0) {
          from = found + text.length
          return
        }
        if (over) throw new Error(`ended without showing “${text}”:\n${shown.slice(from)}`)
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
    type: (text) => void child.stdin.write(`${text}\r`),
    press: (keys) => void child.stdin.write(keys),
  }
}

/** Without colours; French spaces as ordinary ones. */
function plain(screen: string): string {
  return stripVTControlCharacters(screen).replace(/[\u00a0\u202f]/g, ' ')
}

export const ctrlC = '\x03'
