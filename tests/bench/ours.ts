// Starts Arche as a process for one job (tests/bench/program.ts), in Node or in Electron's Node.
// Guarantees: nothing of the person who runs it is read or changed: own data folder, own home, no D-Bus (so no keychain).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Answers, FullJob, Job } from './program.ts'

export interface Runtime {
  readonly runner: 'node' | 'electron'
  /** The program that runs JavaScript. */
  readonly program: string
}

export interface Ours {
  /** The compiled program.ts. */
  readonly script: string
  readonly worker: string
  readonly home: string
  readonly person: string
  readonly medium: string
  readonly keyPassword: string
}

/** Carries out a job in a process of its own; a failure is an error with what the process said above it on stderr. */
export async function carryOut<J extends Job>(ours: Ours, runtime: Runtime, job: J): Promise<Answers[J['kind']]> {
  const { script, worker, home, person, medium, keyPassword } = ours
  const full: FullJob = { ...job, worker, home, medium, keyPassword }
  const child = spawn(runtime.program, [script, JSON.stringify(full)], {
    env: {
      PATH: process.env.PATH,
      HOME: person,
      LANG: 'C.UTF-8',
      ...(runtime.runner === 'electron' ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const output = await text(child.stdout)
  const [code] = await closed
  if (code !== 0) throw new Error(`${runtime.runner}: ${job.kind} ended with ${code}`)
  return JSON.parse(output) as Answers[J['kind']]
}
