// The roles of an engine: opened in their order, told of everything, closed together and waited for.
import { describe, expect, it } from 'vitest'
import { openRoles, type Role, type RoleMeans } from '../../core/services/roles.ts'

/** Roles that note what they are told; `more`: what is special about one of them. */
function scene(names: string[], more: Record<string, Partial<Role>> = {}) {
  const told: string[] = []
  const bugs: unknown[] = []
  const begun: (() => Promise<void>)[] = []
  const row = (name: string) => () => {
    told.push(`open ${name}`)
    return {
      wake: () => void told.push(`wake ${name}`),
      changed: () => void told.push(`changed ${name}`),
      close: () => void told.push(`close ${name}`),
      ...more[name],
    }
  }
  const rows = Object.fromEntries(names.map((name) => [name, row(name)]))
  const means = { onBug: (error) => void bugs.push(error) } as Partial<RoleMeans> as RoleMeans
  const open = (table: Parameters<typeof openRoles>[2] = rows) => openRoles(means, (end) => begun.push(end), table)
  return { told, bugs, begun, rows, open }
}

describe('roles', () => {
  it('are opened in their order, woken and told of changes, and closed once', async () => {
    const { told, begun, open } = scene(['a', 'b'])
    const roles = open()
    roles.wake()
    roles.changed()
    await Promise.all([roles.close(), roles.close(), begun[0]?.()])
    const both = (what: string) => [`${what} a`, `${what} b`]
    expect(told).toEqual([...both('open'), ...both('wake'), ...both('changed'), 'close b', 'close a'])
    roles.wake()
    roles.changed()
    expect(told).toHaveLength(8)
  })

  it('are all told to close before any of them is waited for', async () => {
    let end: () => void = () => undefined
    const slow = new Promise<void>((resolve) => {
      end = resolve
    })
    const { told, open } = scene(['a', 'slow'], { slow: { close: () => slow } })
    let closed = false
    const closing = open()
      .close()
      .then(() => {
        closed = true
      })
    await new Promise((resolve) => setImmediate(resolve))
    expect([told.at(-1), closed]).toEqual(['close a', false])
    end()
    await closing
    expect(closed).toBe(true)
  })

  it('are closed where another one fails, which is told by its name', async () => {
    const cause = new Error('disk')
    const fails = () => {
      throw cause
    }
    const { told, bugs, open } = scene(['a', 'bad'], { bad: { close: fails } })
    await open().close()
    expect(told.at(-1)).toBe('close a')
    expect(bugs).toMatchObject([{ message: expect.stringContaining('bad'), cause }])
  })

  it('are ended where a later one cannot be opened', async () => {
    const { told, begun, rows, open } = scene(['a'])
    const bad = () => {
      throw new Error('no')
    }
    expect(() => open({ ...rows, bad })).toThrow('no')
    for (const end of begun) await end()
    expect(told).toEqual(['open a', 'close a'])
  })

  it('are ready when each is that has something to wait for', async () => {
    let settle: () => void = () => undefined
    const ready = new Promise<void>((resolve) => {
      settle = resolve
    })
    let done = false
    const { open } = scene(['a', 'late'], { late: { ready } })
    const waiting = open().ready.then(() => {
      done = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(done).toBe(false)
    settle()
    await waiting
    expect(done).toBe(true)
  })
})
