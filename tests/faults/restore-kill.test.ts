// kill -9 at every single step of a restore, of taking it back, and of undoing it: the next start finds exactly the old tree.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { discardSafety, journalsIn, recoverRestores, undoableRestores } from '../../core/restore/restore.ts'
import { cases, figure } from '../support/campaign.ts'
import { compile } from '../support/compile.ts'
import { makeScene } from '../support/restore-scene.ts'
import { context, names, picture, temporary } from '../support/trees.ts'

let program: string
beforeAll(async () => {
  program = await compile('restore-killed')
})

type Deed = 'restore' | 'recover' | 'undo' | 'discard'

/** True when the program was killed, false when it came to its end before that step. */
async function killedAt(work: string, deed: Deed, operation: string, step: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, deed, work, operation, String(step)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code, signal] = await once(child, 'close')
  if (signal !== 'SIGKILL') expect(code).toBe(0)
  return signal === 'SIGKILL'
}

function scene(): { work: string; into: string; before: string[] } {
  const work = temporary()
  const into = makeScene(work)
  return { work, into, before: picture(into) }
}

/** Kills at step 0, 1, 2… until the deed comes to its end; tells how many steps there were. */
async function atEveryStep(
  deed: Deed,
  operation: string,
  prepare: (work: string) => Promise<void>,
  check: (at: ReturnType<typeof scene>) => Promise<void>,
) {
  for (let step = 0; ; step++) {
    const at = scene()
    await prepare(at.work)
    if (!(await killedAt(at.work, deed, operation, step))) return step
    figure('kills', 1)
    await check(at)
  }
}

const nothing = async () => undefined

async function recoversExactly({ work, into, before }: ReturnType<typeof scene>) {
  const recovered = await recoverRestores(join(work, 'journals'))
  expect(recovered.map(({ outcome, kept }) => ({ outcome, kept }))).toEqual([{ outcome: 'rolled-back', kept: [] }])
  expect(picture(into)).toEqual(before)
  expect(names(join(work, 'journals'))).toEqual([])
}

describe('a restore', () => {
  it('killed while it reads the archive has touched nothing', async () => {
    expect(await atEveryStep('restore', 'extract', nothing, recoversExactly)).toBeGreaterThan(8)
  })

  it('killed while it puts in place is taken back', async () => {
    expect(await atEveryStep('restore', 'place', nothing, recoversExactly)).toBeGreaterThan(25)
  })

  it('killed, and killed again while it is taken back, is taken back the third time', async () => {
    const every = Array.from({ length: 25 }, (_, step) => step + 1)
    for (const first of cases([22], every)) {
      const halfWay = async (work: string) => {
        expect(await killedAt(work, 'restore', 'place', first)).toBe(true)
      }
      const steps = await atEveryStep('recover', 'roll-back', halfWay, recoversExactly)
      expect(steps).toBeGreaterThan(first === 22 ? 15 : 0)
    }
  })
})

describe('an undo', () => {
  it('killed on the way is finished at the next start', async () => {
    const whole = async (work: string) => {
      expect(await killedAt(work, 'restore', 'no such operation', 0)).toBe(false)
      expect(undoableRestores(join(work, 'journals'))).toHaveLength(1)
      // Gone by now: what was there before the restore must not be taken for it when the undo starts again.
      unlinkSync(join(work, 'into', 'd', 'one'))
    }
    const check = async ({ work, into, before }: ReturnType<typeof scene>) => {
      const recovered = await recoverRestores(join(work, 'journals'))
      // Killed before its first line was written, it has not begun.
      if (recovered.length === 0) await killedAt(work, 'undo', 'no such operation', 0)
      const untimed = (lines: string[]) => lines.slice(1)
      expect(untimed(picture(into))).toEqual(untimed(before))
      expect(names(into)).toEqual(['d'])
      expect(names(join(work, 'journals'))).toEqual([])
    }
    expect(await atEveryStep('undo', 'roll-back', whole, check)).toBeGreaterThan(20)
  })
})

describe('giving up what a restore put aside', () => {
  const safety = (into: string) => names(into).filter((name) => name.startsWith('.arche-'))
  const whole = async (work: string) => {
    expect(await killedAt(work, 'restore', 'no such operation', 0)).toBe(false)
  }
  /** Without the time of the folder in which the safety folder was. */
  const restored = (into: string) => picture(into).filter((line) => !line.includes('.arche-') && !line.startsWith('.'))

  const nameIn = (line: string) => line.split(' ')[0]

  it('killed on the way is finished the next time, and touches nothing else', async () => {
    const model = scene()
    await whole(model.work)
    const expected = restored(model.into)
    expect(safety(model.into)).toHaveLength(1)
    const check = async ({ work, into }: ReturnType<typeof scene>) => {
      expect(await recoverRestores(join(work, 'journals'))).toEqual([])
      const ctx = context(work)
      const { journals } = await discardSafety(journalsIn(join(work, 'journals')), ctx)
      expect(ctx.warnings).toEqual([])
      expect(journals.length).toBeLessThanOrEqual(1)
      expect(names(join(work, 'journals'))).toEqual([])
      expect(safety(into)).toEqual([])
      expect(restored(into).map(nameIn)).toEqual(expected.map(nameIn))
    }
    expect(await atEveryStep('discard', 'prune', whole, check)).toBeGreaterThan(5)
  })

  it('waits while the disk is away, and follows no link that has appeared since', async () => {
    const { work, into } = scene()
    await whole(work)
    const away = join(work, 'away')
    renameSync(into, away)
    mkdirSync(into)
    const ctx = context(work)
    expect(await discardSafety(journalsIn(ctx.journals), ctx)).toEqual({ journals: [], freed: 0 })
    expect(ctx.warnings.map(({ code }) => code)).toEqual(['safety-not-removed'])
    rmdirSync(into)
    renameSync(away, into)
    const [folder = ''] = safety(into)
    renameSync(join(into, folder), join(work, 'moved'))
    symlinkSync(join(work, 'moved'), join(into, folder))
    const before = picture(join(work, 'moved'))
    expect((await discardSafety(journalsIn(ctx.journals), ctx)).journals).toHaveLength(1)
    expect(picture(join(work, 'moved'))).toEqual(before)
  })
})

describe('the journal', () => {
  async function killed() {
    const at = scene()
    expect(await killedAt(at.work, 'restore', 'place', 18)).toBe(true)
    const journal = join(
      at.work,
      'journals',
      names(join(at.work, 'journals')).find((name) => name.endsWith('.jsonl')) as string,
    )
    return { ...at, journal }
  }

  it('may end in the middle of a line', async () => {
    const at = await killed()
    appendFileSync(at.journal, '{"is":"save","zone":0,"path":"/etc/pas')
    await recoversExactly(at)
  })

  it('that is damaged elsewhere stops nothing but its own restore, and nothing is touched', async () => {
    const at = await killed()
    const lines = readFileSync(at.journal, 'utf8').split('\n')
    writeFileSync(at.journal, lines.with(2, 'rubbish').join('\n'))
    const now = picture(at.into)
    const [recovered] = await recoverRestores(join(at.work, 'journals'))
    expect(recovered).toMatchObject({ outcome: 'waiting', problem: { code: 'damaged' } })
    expect(picture(at.into)).toEqual(now)
    expect(existsSync(at.journal)).toBe(true)
  })

  it('waits while the disk is away', async () => {
    const at = await killed()
    const away = join(at.work, 'away')
    renameSync(at.into, away)
    mkdirSync(at.into)
    expect(await recoverRestores(join(at.work, 'journals'))).toMatchObject([{ outcome: 'waiting' }])
    expect(names(at.into)).toEqual([])
    rmdirSync(at.into)
    expect(await recoverRestores(join(at.work, 'journals'))).toMatchObject([{ outcome: 'waiting' }])
    renameSync(away, at.into)
    await recoversExactly(at)
  })

  it('lets nothing be lost that was done in the restored files before the next start', async () => {
    const at = await killed()
    writeFileSync(join(at.into, 'd/fresh/inner/file'), 'worked on since')
    writeFileSync(join(at.into, 'd/one'), 'this too')
    writeFileSync(join(at.into, 'd/added'), 'added')
    const [recovered] = await recoverRestores(join(at.work, 'journals'))
    const kept = recovered?.kept[0] as string
    const found = ['d/one', 'd/fresh/inner/file'].map((path) => readFileSync(join(kept, path), 'utf8'))
    expect(found).toEqual(['this too', 'worked on since'])
    expect(readFileSync(join(at.into, 'd/added'), 'utf8')).toBe('added')
    expect(readFileSync(join(at.into, 'd/one'), 'utf8')).toBe('old d/one')
  })
})
