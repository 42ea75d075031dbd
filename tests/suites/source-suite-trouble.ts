// What every source promises when it is cancelled, left, or loses what it reads: nothing stays behind, and nothing is missing in silence.
import { expect, test } from 'vitest'
import { Failure } from '../../core/api/failure.ts'
import type { Entry } from '../../core/archive/archive.ts'
import type { SourceContext } from '../../core/sources/source.ts'
import { failureOf } from './fixtures/failure-of.ts'
import { contextOf, estimateOf, type MakeSource, nothingHeld, type Reading, readAll } from './fixtures/source-scene.ts'

export function trouble(make: MakeSource): void {
  cancelling(make)
  vanishing(make)
}

function cancelling(make: MakeSource): void {
  test('cancelled before it is read', async () => {
    const scene = await make()
    const ctx = contextOf(scene, { signal: AbortSignal.abort() })
    expect((await failureOf(readAll(scene, scene.open(), ctx))).code).toBe('cancelled')
    expect((await failureOf(estimateOf(scene.open(), ctx))).code).toBe('cancelled')
    expect(ctx.advances).toEqual([])
    await nothingHeld(scene)
  })

  test('cancelled while it is read: noticed before anything more is told', async () => {
    const scene = await make()
    const whole = contextOf(scene)
    await readAll(scene, scene.open(), whole)
    const total = sum(whole.advances)
    const beforeLast = total - (whole.advances.at(-1)?.bytes ?? 0)
    for (const after of [0, total / 2, ...(scene.ahead ? [] : [beforeLast])]) {
      const stop = new AbortController()
      const late: unknown[] = []
      const ctx = contextOf(scene, {
        signal: stop.signal,
        onAdvance(advance) {
          if (stop.signal.aborted) late.push(advance)
          else if (sum(ctx.advances) >= after) stop.abort()
        },
      })
      expect((await failureOf(readAll(scene, scene.open(), ctx))).code, `${after} of ${total}`).toBe('cancelled')
      if (!scene.ahead) expect(late, `${after} of ${total}`).toEqual([])
      await nothingHeld(scene)
    }
  })

  test.each(['item', 'entry', 'body'] as const)('left in the middle of an %s', async (depth) => {
    const scene = await make()
    for await (const item of scene.open().items(contextOf(scene) as SourceContext)) {
      if (depth !== 'item') await readFirst(scene.opening(item.entries), depth)
      break
    }
    await nothingHeld(scene)
  })
}

/** Leaves the entries at the first file, or in the middle of that. */
async function readFirst(entries: AsyncIterable<Entry>, depth: 'entry' | 'body'): Promise<void> {
  for await (const { type, body } of entries) {
    if (type !== 'file') continue
    if (depth === 'body') for await (const chunk of body ?? []) if (chunk.length > 0) break
    break
  }
}

function vanishing(make: MakeSource): void {
  test('what goes away while it is read is a failure, or told: never a shorter item in silence', async () => {
    const scene = await make()
    const whole = await readAll(scene, scene.open(), contextOf(scene))
    for (const [what, { during, path, away }] of Object.entries(scene.vanishing)) {
      let back: (() => void) | undefined
      const ctx = contextOf(scene, {
        onAdvance(advance) {
          if (advance.operation === during && (!path || path.test(advance.path ?? ''))) back ??= away()
        },
      })
      const verdict = await readAll(scene, scene.open(), ctx).catch((error) => error as unknown)
      expect(back, `${what}: never came to it`).toBeDefined()
      back?.()
      await nothingHeld(scene)
      if (verdict instanceof Failure) continue
      if (verdict instanceof Error) throw verdict
      const lacking = lackingIn(verdict as Reading, whole)
      expect(lacking, `${what}: was not missed`).not.toEqual([])
      const told = ctx.warnings.map(({ details }) => String(details.path))
      expect(
        lacking.filter((one) => !told.some((path) => below(one, path))),
        what,
      ).toEqual([])
    }
  })
}

/** Absolute paths of what another reading had, and this one has not, or otherwise. */
function lackingIn(reading: Reading, whole: Reading): string[] {
  const came = new Map(reading.items.flatMap(({ entries }) => entries.map((entry) => [entry.path, entry] as const)))
  return whole.items.flatMap(({ item, entries }) =>
    entries.flatMap(({ path, type, data }) => {
      const now = came.get(path)
      if (now?.type === type && (type !== 'file' || data?.equals(now.data ?? Buffer.alloc(0)))) return []
      const [root = '', ...parts] = path.split('/')
      const origin = item.roots.find(({ name }) => name === root)?.origin
      return [[origin ?? '', ...parts].join('/')]
    }),
  )
}

function below(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

function sum(advances: readonly { readonly bytes: number }[]): number {
  return advances.reduce((all, { bytes }) => all + bytes, 0)
}
