// Sums behind what is shown. Pure.
import type { OperationRecord } from '../../core/api/model.ts'

/** 0 to 100, or undefined while the total is not known. A total that turned out too small never shows more than 100. */
export function percentOf(done: number, total: number | undefined): number | undefined {
  if (total === undefined || total <= 0) return undefined
  return Math.min(100, Math.max(0, (done / total) * 100))
}

/** Seconds of an operation; of one that still runs, until `now` (ms). Never negative, whatever the clock did. */
export function secondsOf({ startedAt, endedAt }: Pick<OperationRecord, 'startedAt' | 'endedAt'>, now: number): number {
  const end = endedAt === undefined ? now : Date.parse(endedAt)
  return Math.max(0, (end - Date.parse(startedAt)) / 1000)
}

/** Bytes a second; undefined where it would mean nothing. */
export function rateOf(bytes: number, seconds: number): number | undefined {
  return bytes > 0 && seconds >= 0.1 ? bytes / seconds : undefined
}
