// What restores replaced and keep aside: for how long, which there are, and removing them.
// Guarantees: the newest restore's files are not offered for removal; removing is asked about.
import { Button, Group, NumberInput, Stack, Text } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import type { KeptAside } from '../../../core/api/contract.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { useNotice } from '../../parts/notice.ts'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export function SafetySetting() {
  const { say } = useText()
  const { runs, settings } = useEngine('runs', 'settings')
  const [list, setList] = useState<KeptAside[]>()
  const { run, problem } = useTask()
  const look = useCallback(
    () =>
      run(async (signal) => {
        const found = await call((client) => client.safety.list({}, { signal }))
        if (!signal.aborted) setList(found)
      }),
    [run],
  )
  // A restore, an undo or a removal shows in the runs; another number of days shows in the settings.
  const version = `${runs[0]?.id} ${runs[0]?.endedAt} ${settings.safetyDays}`
  useEffect(() => {
    if (version !== '') void look()
  }, [look, version])
  return (
    <Stack gap="sm" data-testid="safety">
      <Text size="sm">{say('keep.window.safety.lead')}</Text>
      <Days />
      <ProblemView problem={problem} />
      {list?.length === 0 && <Text size="sm">{say('keep.window.safety.none')}</Text>}
      {list?.map((one) => (
        <AsideRow key={one.id} aside={one} onRemoved={look} />
      ))}
    </Stack>
  )
}

function Days() {
  const { say } = useText()
  const { settings } = useEngine('settings')
  const [days, setDays] = useState<number | string>(settings.safetyDays ?? 30)
  const task = useTask()
  const notice = useNotice()
  const save = () =>
    void task.run(async () => {
      await guarded((client) => client.settings.save({ safetyDays: Number(days) }))
      notice(say('keep.window.safety.saved'))
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Stack gap="xs">
        <Group align="flex-end" gap="sm">
          <NumberInput
            label={say('keep.window.safety.days')}
            description={say('keep.window.safety.daysHelp')}
            value={days}
            onChange={setDays}
            min={0}
            max={3650}
            allowDecimal={false}
            allowNegative={false}
            maw="16rem"
            data-testid="safety-days"
          />
          <Button type="submit" variant="default" loading={task.busy} disabled={days === ''} data-testid="safety-save">
            {say('keep.window.safety.save')}
          </Button>
        </Group>
        <ProblemView problem={task.problem} />
      </Stack>
    </form>
  )
}

function AsideRow({ aside, onRemoved }: { aside: KeptAside; onRemoved: () => Promise<unknown> }) {
  const { say, time } = useText()
  const subject = visible(aside.subject)
  const until = () => {
    if (!aside.removable) return say('keep.window.safety.newest')
    return aside.due === undefined
      ? say('keep.window.safety.byHand')
      : say('keep.window.safety.due', { time: time(aside.due) })
  }
  return (
    <Group className="choice" justify="space-between" wrap="nowrap" align="flex-start" data-testid="safety-row">
      <Stack gap={2} miw={0}>
        <Text fw={600}>{say('keep.window.safety.restore', { subject })}</Text>
        <Text size="sm">
          {time(aside.time)} · {until()}
        </Text>
        {aside.folders.map((folder) => (
          <Text key={folder} size="xs" c="dimmed" component="span">
            <FileName name={folder} />
          </Text>
        ))}
      </Stack>
      {aside.removable && (
        <ConfirmButton
          label={say('window.remove')}
          describe={say('keep.window.safety.removeName', { subject, time: time(aside.time) })}
          text={say('keep.window.safety.removeText')}
          work={() => guarded((client) => client.safety.remove({ ids: [aside.id] })).then(onRemoved)}
          testId="safety-remove"
        />
      )}
    </Group>
  )
}
