#!/usr/bin/env node
// `arche …`: what a person, a script or systemd starts. The work is done here, or, where a file system is mounted that a program or another computer
// answers for, in a process of its own (terminal/front.ts): reading one that does not answer cannot be broken off, and would hold this process for ever.
// Guarantees: the same words, signals and exit codes either way; no more is loaded than is needed.
import { setFlagsFromString } from 'node:v8'
import { cameFromFront, fromFront, isFrontNeeded, runFront } from './terminal/front.ts'

// Most of what a command makes is gone at once: room for young objects that grows to sixteen times its size would only be memory.
setFlagsFromString('--semi-space-growth-factor=1')

if (isFrontNeeded()) await runFront()
else {
  const { runProgram } = await import('./cli-program.ts')
  const front = cameFromFront() ? fromFront() : undefined
  const code = await runProgram(front?.signals ?? process, front?.pid)
  if (front) front.end(code)
  else {
    const { endSoon } = await import('./lib/ending.ts')
    // 130: cancelled (terminal/exit-codes.ts).
    endSoon(code, code === 130)
  }
}
