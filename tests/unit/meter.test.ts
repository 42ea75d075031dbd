// Progress and the account of operations, with a clock of the test's own.
import { describe, expect, it } from 'vitest'
import { Meter } from '../../core/runs/meter.ts'

function meterAt(start: number) {
  const clock = { now: start }
  const meter = new Meter({ id: '00000000-0000-4000-8000-000000000000', kind: 'backup', subject: 's' }, () => clock.now)
  return { clock, meter }
}

describe('meter', () => {
  it('tells percent, rate and remaining time, once they mean something', () => {
    const { clock, meter } = meterAt(1000)
    expect(meter.take({ type: 'operation', name: 'archive', total: 1000, time: 1000 })).toBe(true)
    clock.now += 1000
    meter.take({ type: 'advance', bytes: 100, path: '/a' })
    expect(meter.progress()).toMatchObject({ operation: 'archive', done: 100, total: 1000, rate: 100, path: '/a' })
    expect(meter.progress().remaining).toBeUndefined()
    for (let second = 0; second < 4; second += 1) {
      clock.now += 1000
      meter.take({ type: 'advance', bytes: 100 })
    }
    expect(meter.progress()).toMatchObject({ done: 500, rate: 100, remaining: 5 })
  })

  it('never says more than all', () => {
    const { meter } = meterAt(0)
    meter.take({ type: 'operation', name: 'archive', total: 10, time: 0 })
    meter.take({ type: 'advance', bytes: 25 })
    expect(meter.progress()).toMatchObject({ done: 25, total: 25 })
  })

  it('keeps the operations with their times and bytes, and counts warnings', () => {
    const { clock, meter } = meterAt(0)
    meter.take({ type: 'operation', name: 'prepare', time: 0 })
    clock.now = 10
    meter.take({ type: 'operation', name: 'archive', total: 5, time: 10 })
    meter.take({ type: 'advance', bytes: 5 })
    meter.take({ type: 'warn', problem: { code: 'file-vanished', details: {} } })
    clock.now = 30
    meter.take({ type: 'operation', name: 'verify', time: 30 })
    clock.now = 40
    expect(meter.records()).toEqual([
      { name: 'prepare', startedAt: new Date(0).toISOString(), endedAt: new Date(10).toISOString(), bytes: 0 },
      { name: 'archive', startedAt: new Date(10).toISOString(), endedAt: new Date(30).toISOString(), bytes: 5 },
      { name: 'verify', startedAt: new Date(30).toISOString(), endedAt: new Date(40).toISOString(), bytes: 0 },
    ])
    expect(meter.warnings).toBe(1)
  })

  it('counts what a pass warned of until it is done again', () => {
    const { meter } = meterAt(0)
    const warn = () => meter.take({ type: 'warn', problem: { code: 'file-vanished', details: {} } })
    warn()
    meter.take({ type: 'pass', state: 'begun' })
    warn()
    warn()
    expect(meter.progress().warnings).toBe(3)
    meter.take({ type: 'pass', state: 'failed' })
    warn()
    expect(meter.warnings).toBe(4)
    meter.take({ type: 'pass', state: 'again' })
    warn()
    expect(meter.warnings).toBe(3)
    meter.take({ type: 'pass', state: 'begun' })
    warn()
    meter.take({ type: 'pass', state: 'stands' })
    meter.take({ type: 'pass', state: 'again' })
    expect(meter.warnings).toBe(4)
  })

  it('puts very many operations together by their names', () => {
    const { clock, meter } = meterAt(0)
    for (let count = 0; count < 40; count += 1) {
      for (const name of ['dump', 'archive'] as const) {
        meter.take({ type: 'operation', name, time: clock.now })
        clock.now += 10
        meter.take({ type: 'advance', bytes: 3 })
      }
    }
    expect(meter.records()).toEqual([
      { name: 'dump', startedAt: new Date(0).toISOString(), endedAt: new Date(790).toISOString(), bytes: 120 },
      { name: 'archive', startedAt: new Date(10).toISOString(), endedAt: new Date(800).toISOString(), bytes: 120 },
    ])
  })

  it('shows what a program said last', () => {
    const { meter } = meterAt(0)
    meter.take({ type: 'say', text: 'starting' })
    expect(meter.progress().path).toBe('starting')
  })
})
