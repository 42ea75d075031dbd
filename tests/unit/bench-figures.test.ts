// What the times of `npm run bench` come to: medians, ratios that say the truth about who is faster, nulls for what was not measured.
import { describe, expect, it } from 'vitest'
import { mannersLine, median, names, ratio, type Series, summary, table, windowLine } from '../bench/figures.ts'

const gzip: Series = {
  task: 'create',
  runner: 'native',
  name: names.gzip,
  seconds: [8, 10, 30],
  cpuSeconds: [7, 9, 8],
  size: 1000,
}
const pigz: Series = { task: 'create', runner: 'native', name: names.pigz, seconds: [4, 4, 4], size: 1010 }
const create: Series = {
  task: 'create',
  runner: 'node',
  name: names.create,
  seconds: [2.5, 1, 9],
  peaksMiB: [180, 210.4, 190],
  size: 1020,
}
const zstd: Series = { ...create, name: names.zstd, seconds: [1.25], size: 900 }
const verified: Series = { ...create, name: names.verified, seconds: [5, 5, 5] }
const inElectron: Series = { ...create, runner: 'electron', seconds: [5, 5, 5], peaksMiB: [400] }
const gpgTar: Series = { task: 'restore', runner: 'native', name: names.gpgTar, seconds: [3, 6] }
const restore: Series = { task: 'restore', runner: 'node', name: names.restore, seconds: [8, 10], peaksMiB: [250.6] }
const whole: Series = { ...restore, name: names.restoreWhole, seconds: [1, 1] }
const tar: Series = { task: 'scan', runner: 'native', name: names.tar, seconds: [0.9] }
const scan: Series = { task: 'scan', runner: 'node', name: names.scan, seconds: [1], peaksMiB: [999] }
const times = { pageLongestTaskMs: 61.4, longestFrameMs: 66.7, mainLongestTaskMs: 22.1 }
const all = [gzip, pigz, create, zstd, verified, inElectron, gpgTar, restore, whole, tar, scan]

describe('median', () => {
  it.each([
    [[7], 7],
    [[30, 8, 10], 10],
    [[1, 4], 2.5],
    [[100, 9, 20, 1], 14.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  it('of nothing is an error, not a number', () => {
    expect(() => median([])).toThrow('no values')
  })

  it('leaves the values as they were', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

describe('ratio', () => {
  it('is above 1 when ours is faster, and below when it is slower', () => {
    expect(ratio(gzip, create)).toBe(4)
    expect(ratio(gpgTar, restore)).toBe(0.5)
  })

  it('is null when one of them was not measured', () => {
    expect(ratio(undefined, create)).toBeNull()
    expect(ratio(gzip, undefined)).toBeNull()
  })
})

describe('summary', () => {
  it('compares Arche in Node without reading back with each rival', () => {
    expect(summary(all)).toEqual({
      ratios: {
        createVsGzipGpg: 4,
        createVsPigzGpg: 1.6,
        zstdVsGzipGpg: 8,
        restoreVsGpgTar: 0.5,
        scanVsTar: 0.9,
      },
      peakMiB: 251,
      sizeRatio: 1.02,
      windowLongestTaskMs: null,
      mainLongestTaskMs: null,
    })
  })

  it('takes Electron when asked', () => {
    expect(summary(all, 'electron')).toMatchObject({
      ratios: { createVsGzipGpg: 2, restoreVsGpgTar: null },
      peakMiB: 400,
    })
  })

  it('says null, never a guess, where something was missing', () => {
    expect(summary([gzip, create])).toMatchObject({
      ratios: { createVsGzipGpg: 4, createVsPigzGpg: null, restoreVsGpgTar: null, scanVsTar: null },
    })
    expect(summary([])).toMatchObject({ ratios: { createVsGzipGpg: null }, peakMiB: null, sizeRatio: null })
  })

  it('is one line of JSON with the names that programs rely on', () => {
    expect(JSON.stringify(summary(all, 'node', times))).toBe(
      '{"ratios":{"createVsGzipGpg":4,"createVsPigzGpg":1.6,"zstdVsGzipGpg":8,"restoreVsGpgTar":0.5,"scanVsTar":0.9},"peakMiB":251,"sizeRatio":1.02,"windowLongestTaskMs":61,"mainLongestTaskMs":22}',
    )
  })
})

describe('manners', () => {
  it('tells the worst', () => {
    expect(mannersLine({ cancelSeconds: [0.1, 0.42], pausesMs: [12.4, 3] })).toBe(
      "Cancelling took 0.42 s at the most; while backups ran, the engine's own thread did not answer for 12 ms at the most.",
    )
  })
})

describe('the window', () => {
  it('tells the longest task of the page and of the main process', () => {
    expect(windowLine(times)).toBe(
      'In the window, from the click that started a backup to its result, the longest task of the page took 61 ms (67 ms between two pictures), and the main process did not answer for 22 ms at the most.',
    )
  })

  it('tells that the page had no long task, of which alone the browser knows how long they were', () => {
    expect(windowLine({ ...times, pageLongestTaskMs: 0 })).toContain('no task of the page took 50 ms or more (67 ms')
  })

  it('says so where nothing was measured', () => {
    expect(windowLine(undefined)).toContain('nothing was measured')
  })
})

describe('table', () => {
  const cells = table(all)
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

  it('is Markdown: a head, a rule, one line for each program, all of one width', () => {
    const lines = table(all).split('\n')
    expect(lines).toHaveLength(2 + all.length)
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
    expect(new Set(cells.map((line) => line.length))).toEqual(new Set([10]))
  })

  it('shows medians, spread, ratios to both rivals, memory and size', () => {
    expect(cells[2]).toEqual(['create', names.gzip, '', '10.00', '8.00–30.00', '8.00', '', '', '', '1.000'])
    expect(cells[3]).toEqual(['create', names.pigz, '', '4.00', '4.00–4.00', '', '2.50', '', '', '1.010'])
    expect(cells[4]).toEqual(['create', 'Arche', 'Node', '2.50', '1.00–9.00', '', '4.00', '1.60', '210', '1.020'])
    expect(cells[9]).toEqual(['restore', 'Arche', 'Node', '9.00', '8.00–10.00', '', '0.50', '', '251', ''])
  })
})
