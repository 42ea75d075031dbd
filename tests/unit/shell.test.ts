// One line for the system's shell: its words, its end, and how it is stopped, with real shells.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { runShell } from '../../core/lib/shell.ts'

async function said(command: string, options: { patience?: number; signal?: AbortSignal; see?: () => void } = {}) {
  const lines: string[] = []
  const end = await runShell(command, {
    signal: options.signal ?? new AbortController().signal,
    patience: options.patience ?? 60_000,
    say: (line) => {
      lines.push(line)
      options.see?.()
    },
  })
  return { ...end, lines }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(20)
}

describe('a line for the shell', () => {
  it('is read as a shell does, and its words are told line by line, those of both outputs', async () => {
    const { lines, status } = await said('for i in 1 2; do echo "é $i"; done; echo wrong >&2; printf end')
    expect(status).toBe(0)
    expect([...lines].sort()).toEqual(['end', 'wrong', 'é 1', 'é 2'])
  })

  it('tells its status, or the signal that ended it', async () => {
    expect(await said('exit 3')).toMatchObject({ status: 3, late: false })
    expect(await said('kill -9 $$')).toMatchObject({ status: 'SIGKILL' })
    expect(await said('no-such-program-anywhere')).toMatchObject({ status: 127 })
  })

  it('cannot ask, and does not see the passwords given to Arche', async () => {
    vi.stubEnv('ARCHE_OPERATOR_PASSWORD', 'secret')
    vi.stubEnv('ARCHE_DATABASE_PASSWORD', 'secret')
    const { lines } = await said('read answer; echo "[$answer]"; (true < /dev/tty) 2>/dev/null && echo tty; env')
    expect(lines[0]).toBe('[]')
    expect(lines).not.toContain('tty')
    expect(lines.join('\n')).not.toContain('secret')
  })

  it('is stopped with all it has started: when cancelled, and when its time is over', async () => {
    const controller = new AbortController()
    let pid = 0
    const command = 'sleep 600 & echo $!; wait'
    const lines: string[] = []
    const cancelled = runShell(command, {
      signal: controller.signal,
      patience: 60_000,
      say: (line) => {
        pid = Number(line)
        controller.abort()
      },
    })
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    await gone(pid)
    const late = await runShell(command, {
      signal: new AbortController().signal,
      patience: 300,
      say: (line) => lines.push(line),
    })
    expect(late.late).toBe(true)
    await gone(Number(lines[0]))
    const deaf = await said('trap "" TERM; sleep 600', { patience: 300 })
    expect(deaf).toMatchObject({ late: true, status: 'SIGKILL' })
  })

  it('ends with the command though a program that it started lives on', async () => {
    const { lines, status } = await said('sleep 600 & echo $!')
    const pid = Number(lines[0])
    expect(status).toBe(0)
    expect(isAlive(pid)).toBe(true)
    process.kill(pid)
  })
})
