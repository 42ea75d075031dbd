// How the record of a run begins.
import { randomUUID } from 'node:crypto'
import type { Run, RunKind } from '../api/model.ts'

/** What history and progress say about an order. */
export type About = Pick<Run, 'subject'> &
  Partial<Pick<Run, 'planId' | 'medium' | 'from' | 'artifact' | 'trigger' | 'dueAt' | 'attempt' | 'restoreId'>>

export function newRun(kind: RunKind, about: About, now: number): Run {
  return {
    id: randomUUID(),
    kind,
    trigger: 'manual',
    startedAt: new Date(now).toISOString(),
    warnings: 0,
    files: 0,
    bytes: 0,
    stored: 0,
    operations: [],
    ...about,
  }
}
