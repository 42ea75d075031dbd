// A user of the computer against what root restores, takes back and clears away in a folder of that user: folders are exchanged for links and for
// other folders at the worst moment. Whatever becomes of the restore, nothing is written, changed or removed outside, nor in a folder of root's own
// that lies beside. The moments are those that the restore itself tells, so that no speed decides.
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Entry } from '../../core/archive/archive.ts'
import { discardSafety, planRestore, recoverRestores, restoreTree, undoRestore } from '../../core/restore/restore.ts'
import { file, folder, stream, symlink } from '../support/entries.ts'
import { requireRoot } from '../support/root.ts'
import { context, names, picture, type TestContext, temporary } from '../support/trees.ts'

const mallory = 12_345
const hers = { uid: mallory, gid: mallory }

beforeAll(requireRoot)

const archive: readonly Entry[] = [
  folder('d', { mode: 0o777, ...hers }),
  file('d/one', 'new one', hers),
  file('d/secret', 'new secret', hers),
  folder('d/sub', { mode: 0o777, ...hers }),
  file('d/sub/two', 'new two', hers),
  symlink('d/sub/link', 'two'),
]

type When = 'extract' | 'place' | 'roll-back' | 'prune'

interface Scene {
  /** Hers, with a tree that the archive meets. */
  readonly into: string
  /** Root's alone: elsewhere, and inside her folder. */
  readonly outside: string
  readonly beside: string
  readonly ctx: TestContext
  /** Pictures of both of root's folders, wherever the second one was moved to. */
  untouched(): unknown
  /** Exchanges something at the nth report of an operation. */
  at(operation: When, step: number, deed: () => void): void
}

function scene(): Scene {
  const work = temporary()
  const [into, outside, beside] = [join(work, 'into'), join(work, 'outside'), join(work, 'into/roots')]
  mkdirSync(join(into, 'd/sub'), { recursive: true })
  for (const path of ['d/one', 'd/secret', 'd/sub/two']) writeFileSync(join(into, path), `old ${path}`)
  for (const path of ['d/one', 'd/secret', 'd/sub/two', 'd/sub', 'd', '']) chownSync(join(into, path), mallory, mallory)
  for (const top of [outside, beside]) {
    mkdirSync(join(top, 'sub'), { recursive: true })
    for (const path of ['one', 'secret', 'sub/two']) writeFileSync(join(top, path), `root's ${path}`, { mode: 0o600 })
    utimesSync(join(top, 'sub'), 1, 1000)
    chmodSync(top, 0o700)
    utimesSync(top, 1, 1000)
  }
  const { ino } = lstatSync(beside)
  const before = [picture(outside), picture(beside)]
  let armed: { operation: When; left: number; deed: () => void } | undefined
  const ctx: TestContext = context(work, {
    onAdvance: () => {
      if (!armed || armed.operation !== ctx.operations.at(-1) || armed.left-- > 0) return
      const { deed } = armed
      armed = undefined
      deed()
    },
  })
  return {
    into,
    outside,
    beside,
    ctx,
    untouched: () => expect([picture(outside), picture(find(into, ino))]).toEqual(before),
    at: (operation, left, deed) => {
      armed = { operation, left, deed }
    },
  }
}

/** Where a folder has got to. */
function find(top: string, ino: number): string {
  const found = [top, ...readdirSync(top, { recursive: true }).map((name) => join(top, String(name)))]
  return found.find((path) => lstatSync(path).ino === ino) ?? 'gone'
}

async function restore({ into, ctx }: Scene, given: AsyncIterable<Entry> = stream(archive)) {
  const plan = await planRestore({ roots: [], into, only: [], existing: 'replace', entries: archive }, ctx)
  return restoreTree(plan, given, ctx)
}

/** The one name in her folder that begins like this. */
function own(into: string, beginning: string): string {
  return join(into, names(into).find((name) => name.startsWith(beginning)) ?? 'none')
}

/** What she puts in the place of a folder: she may rename everything in her folder, root's folders too, but not look into these. */
const exchanges: Record<string, (path: string, scene: Scene) => void> = {
  'a link to a folder of root': (path, { outside }) => {
    renameSync(path, `${path}-moved`)
    symlinkSync(outside, path)
  },
  "root's own folder that lies beside": (path, { beside }) => {
    renameSync(path, `${path}-moved`)
    renameSync(beside, path)
  },
  'a folder with links in it': (path, { outside }) => {
    renameSync(path, `${path}-moved`)
    mkdirSync(path)
    chownSync(path, mallory, mallory)
    for (const name of ['new', 'd', 'sub', 'one', 'secret']) symlinkSync(outside, join(path, name))
  },
}

describe.each(Object.entries(exchanges))('%s', (_, exchange) => {
  it.each([0, 1, 3])('for the staging folder, while the archive is read (%i)', async (entry) => {
    const s = scene()
    async function* attacked() {
      for (const [index, one] of archive.entries()) {
        yield one
        if (index === entry) exchange(own(s.into, '.arche-restore-'), s)
      }
    }
    await restore(s, attacked())
    s.untouched()
    expect(readFileSync(join(s.into, 'd/sub/two'), 'utf8')).toBe('new two')
  })

  it.each([
    ['d', 0],
    ['d', 3],
    ['d/sub', 0],
    ['d/sub', 5],
    ['.arche-restore-', 2],
    ['.arche-before-', 3],
  ] as const)('for %s, while things are put in place (%i)', async (name, step) => {
    const s = scene()
    let hit = false
    s.at('place', step, () => {
      hit = true
      exchange(name.startsWith('.') ? own(s.into, name) : join(s.into, name), s)
    })
    await restore(s).catch((error: unknown) =>
      expect(error).toMatchObject({ code: /restore-(rolled-back|unfinished)/ }),
    )
    expect(hit).toBe(true)
    s.untouched()
  })

  it('for a folder that is given its permissions last', async () => {
    const s = scene()
    rmSync(join(s.into, 'd'), { recursive: true })
    // The tree is put in place in one step; the next reports are those of its folders.
    s.at('place', 1, () => exchange(join(s.into, 'd'), s))
    await restore(s)
    s.untouched()
  })

  it.each(['d', 'd/sub', '.arche-before-'])('for %s, before and while a restore is undone', async (name) => {
    for (const step of [-1, 0, 2]) {
      const s = scene()
      const { safety } = await restore(s)
      const attack = () => exchange(name.startsWith('.') ? own(s.into, name) : join(s.into, name), s)
      if (step < 0) attack()
      else s.at('roll-back', step, attack)
      await undoRestore(safety.journals, s.ctx).catch((error: unknown) => expect(error).toHaveProperty('code'))
      s.untouched()
    }
  })

  it('for the safety folder, before and while it is cleared away', async () => {
    for (const step of [-1, 0, 1]) {
      const s = scene()
      const { safety } = await restore(s)
      const attack = () => exchange(own(s.into, '.arche-before-'), s)
      if (step < 0) attack()
      else s.at('prune', step, attack)
      await discardSafety(safety.journals, s.ctx)
      s.untouched()
    }
  })

  it.each(['.arche-restore-', '.arche-before-', 'd'])('for %s, between a kill and the next start', async (name) => {
    for (const operation of ['extract', 'place'] as const) {
      const s = scene()
      s.at(operation, 2, () => {
        throw new Error('killed')
      })
      await killed(s)
      const path = name.startsWith('.') ? own(s.into, name) : join(s.into, name)
      if (existsSync(path)) exchange(path, s)
      await recoverRestores(s.ctx.journals, s.ctx)
      s.untouched()
    }
  })
})

/** A restore that can no longer take itself back, as after a kill. */
async function killed(s: Scene): Promise<void> {
  const { operation } = s.ctx.report
  const ctx = {
    ...s.ctx,
    report: {
      ...s.ctx.report,
      operation: (name: Parameters<typeof operation>[0]) => {
        operation(name)
        if (name === 'roll-back') throw new Error('killed')
      },
    },
  }
  await expect(restore({ ...s, ctx })).rejects.toThrow()
}

it('what appears between a preview that met nothing and the restore is not replaced', async () => {
  const s = scene()
  const into = join(s.into, 'later')
  const plan = await planRestore({ roots: [], into, only: [], existing: 'replace' }, s.ctx)
  mkdirSync(join(into, 'd'), { recursive: true })
  writeFileSync(join(into, 'd', 'one'), 'of a disk that was mounted meanwhile')
  const before = picture(into)
  await expect(restoreTree(plan, stream(archive), s.ctx)).rejects.toMatchObject({ code: 'changed' })
  expect(picture(into)).toEqual(before)
})

it('a link above the chosen folder, between preview and restore, is told, and nothing is touched', async () => {
  const s = scene()
  const plan = await planRestore({ roots: [], into: join(s.into, 'd'), only: [], existing: 'replace' }, s.ctx)
  mkdirSync(join(s.outside, 'd'))
  const before = picture(s.outside)
  renameSync(s.into, `${s.into}-moved`)
  symlinkSync(s.outside, s.into)
  await expect(restoreTree(plan, stream(archive), s.ctx)).rejects.toMatchObject({ code: 'changed' })
  expect(picture(s.outside)).toEqual(before)
})
