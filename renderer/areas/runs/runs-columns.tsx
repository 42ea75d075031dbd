// How a run looks in a list: its cells, by column.
import { Anchor, Text } from '@mantine/core'
import type { Run } from '../../../core/api/model.ts'
import { formatDuration } from '../../../core/api/text/format.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { FileName, OutcomeBadge, useNow, When } from '../../parts/show.tsx'
import { show } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { secondsOf } from '../../text/numbers.ts'

export function Started({ run }: { run: Run }) {
  return (
    <Text size="sm" component="div" className="cell-short">
      <When iso={run.startedAt} stacked />
    </Text>
  )
}

export function OpenRun({ run }: { run: Run }) {
  const { say } = useText()
  const kind = say(`common.kind.${run.kind}`)
  return (
    <Anchor
      component="button"
      size="sm"
      ta="left"
      onClick={() => show({ name: 'run', id: run.id })}
      aria-label={say('window.runs.open', { kind, subject: visible(run.subject) })}
      data-testid="run-open"
    >
      {kind}
    </Anchor>
  )
}

export function Places({ run: { from, medium } }: { run: Run }) {
  return (
    <span data-testid="run-places">
      {from && (
        <>
          <FileName name={from.name} />
          {' → '}
        </>
      )}
      {medium && <FileName name={medium.name} />}
    </span>
  )
}

/** Of a backup or a copy what it takes at its place; else what was read or written. */
export function Size({ run }: { run: Run }) {
  const { bytes } = useText()
  return <span className="cell-short">{bytes(run.stored > 0 ? run.stored : run.bytes)}</span>
}

export function Duration({ run }: { run: Run }) {
  const now = useNow(run.endedAt === undefined ? 1 : undefined)
  return <span className="cell-short">{formatDuration(secondsOf(run, now))}</span>
}

export function Result({ run }: { run: Run }) {
  return <OutcomeBadge outcome={run.outcome} short />
}
