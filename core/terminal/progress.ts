// Work in progress on stderr: a bar on a terminal, a line at each change of operation elsewhere, JSON lines with `--json`.
// Guarantees: the bar fits the width of the terminal and is gone when `end` returns. File names are made visible.
// Does not know where the numbers come from: see follow.ts.
import type { SingleBar } from 'cli-progress'
import type { Operation, Progress } from '../api/model.ts'
import { formatDuration } from '../api/text/format.ts'
import { visible } from '../api/text/visible.ts'
import { shorten, width } from './layout.ts'
import type { Output } from './output.ts'

export interface ProgressView {
  show(progress: Progress): void
  /** Takes the bar away, so that something else can be printed. The next `show` draws it again. */
  end(): void
}

export async function createProgress(output: Output, stream: NodeJS.WritableStream): Promise<ProgressView> {
  if (output.json) return jsonLines(output)
  if (!output.live) return plainLines(output)
  const { default: cliProgress } = await import('cli-progress')
  return bar(output, stream, cliProgress.SingleBar)
}

function jsonLines(output: Output): ProgressView {
  return {
    show(progress) {
      const { kind, subject, operation, done, total, rate, remaining, path, warnings } = progress
      output.emit('progress', { kind, subject, operation, done, total, rate, remaining, path, warnings })
    },
    end: () => undefined,
  }
}

function plainLines(output: Output): ProgressView {
  let last: Operation | undefined
  return {
    show(progress) {
      if (progress.operation === last || progress.operation === 'prepare') return
      last = progress.operation
      output.note(`${output.t(`common.operation.${progress.operation}`)}…`)
    },
    end: () => undefined,
  }
}

// Signals are interrupts.ts's business: cli-progress must not end the bar on its own.
const barOptions = { hideCursor: true, clearOnComplete: true, linewrap: false, fps: 8, gracefulExit: false }

function bar(output: Output, stream: NodeJS.WritableStream, Bar: typeof SingleBar): ProgressView {
  let drawn: SingleBar | undefined
  let latest: Progress | undefined
  const format = () => (latest ? progressLine(latest, output) : '')
  return {
    show(progress) {
      latest = progress
      const total = progress.total ?? 0
      if (!drawn) {
        drawn = new Bar({ ...barOptions, stream, format })
        drawn.start(total, progress.done)
      }
      drawn.setTotal(total)
      drawn.update(progress.done)
    },
    end() {
      drawn?.stop()
      drawn = undefined
    },
  }
}

const barColumns = 20

/** One line: operation, bar and percent of a known total, bytes, rate, time left, the file in what room is left. */
export function progressLine(progress: Progress, output: Pick<Output, 't' | 'bytes' | 'columns'>): string {
  const { t, bytes } = output
  const name = t(progress.cancelling ? 'terminal.progress.cancelling' : `common.operation.${progress.operation}`)
  const parts = [name]
  if (progress.total) {
    const share = Math.min(1, progress.done / progress.total)
    const filled = Math.floor(share * barColumns)
    parts.push(
      `${'█'.repeat(filled)}${'░'.repeat(barColumns - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`,
    )
    parts.push(t('terminal.progress.of', { done: bytes(progress.done), total: bytes(progress.total) }))
  } else if (progress.done > 0) parts.push(bytes(progress.done))
  if (progress.rate > 0) parts.push(`${bytes(progress.rate)}/s`)
  if (progress.remaining !== undefined)
    parts.push(t('terminal.progress.left', { time: formatDuration(progress.remaining) }))
  const line = parts.join('  ')
  const room = output.columns - 1 - width(line) - 2
  return progress.path && room >= 12
    ? `${line}  ${shorten(visible(progress.path), room)}`
    : shorten(line, output.columns - 1)
}
