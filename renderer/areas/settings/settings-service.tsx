// The background service: whether it is installed, runs, and since when; installing and removing it.
// Guarantees: says what the system says, asked anew after each deed; what the system did not do is named with the command to type; where there can be no
// service, says why, and what does instead.
import { Alert, Button, Code, DataList, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import { useCallback, useEffect, useState } from 'react'
import type { Problem } from '../../../core/api/failure.ts'
import type { ServiceStatus, ServiceStep, ServiceUnit } from '../../../core/api/service.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { type Client, call } from '../../client.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { useNotice } from '../../parts/notice.ts'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName, Row, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useText } from '../../text/i18n.ts'

type Steps = readonly ServiceStep[]

export function ServiceSetting() {
  const { say } = useText()
  const notice = useNotice()
  const [status, setStatus] = useState<ServiceStatus>()
  const [left, setLeft] = useState<Steps>([])
  const task = useTask()
  const { run } = task
  const look = useCallback(async () => setStatus(await call((client) => client.service.status({}))), [])
  useEffect(() => void run(look), [run, look])
  /** Whatever came of it is looked at. */
  const act = async (deed: (client: Client) => Promise<{ steps: ServiceStep[] }>, done: 'installed' | 'removed') => {
    try {
      const { steps } = await guarded(deed)
      const undone = steps.filter(({ problem }) => problem !== undefined)
      setLeft(undone)
      if (undone.length === 0) notice(say(`desktop.service.${done}`))
    } finally {
      await look()
    }
  }
  return (
    <Stack gap="sm" data-testid="service">
      <Text size="sm">{say('desktop.service.lead')}</Text>
      {status?.unit && <Facts unit={status.unit} />}
      {status?.systemUnit && (
        <Text size="sm" data-testid="service-of-system">
          {say('desktop.service.system', { path: visible(status.systemUnit) })}
        </Text>
      )}
      {status && !status.unit && !status.systemUnit && (
        <Text size="sm" data-testid="service-none">
          {say('desktop.service.none')}
        </Text>
      )}
      {status?.problem && <Impossible problem={status.problem} />}
      <Left steps={left} />
      <ProblemView problem={task.problem} />
      <Group>
        {status && !status.unit && !status.systemUnit && !status.problem && (
          <Stack gap={4}>
            <Group>
              <Button
                variant="default"
                loading={task.busy}
                onClick={() => void run(() => act((client) => client.service.install({}), 'installed'))}
                data-testid="service-install"
              >
                {say('desktop.service.install')}
              </Button>
            </Group>
            <Text size="xs" c="dimmed">
              {say('desktop.service.installHelp')}
            </Text>
          </Stack>
        )}
        {status?.unit && (
          <ConfirmButton
            label={say('window.remove')}
            describe={say('desktop.service.remove')}
            text={say('desktop.service.removeText')}
            work={() => act((client) => client.service.remove({}), 'removed')}
            testId="service-remove"
          />
        )}
      </Group>
    </Stack>
  )
}

/** States of a unit that have a word of ours; others are shown as systemd says them. */
const states = ['active', 'inactive', 'failed', 'activating', 'unknown'] as const

function Facts({ unit }: { unit: ServiceUnit }) {
  const { say } = useText()
  const state = states.find((one) => one === unit.service)
  return (
    <DataList labelWidth="11rem">
      <Row label={say('desktop.service.fact.state')}>
        <span data-testid="service-state">{state ? say(`desktop.service.state.${state}`) : visible(unit.service)}</span>
      </Row>
      {unit.since && (
        <Row label={say('desktop.service.fact.since')}>
          <span data-testid="service-since">
            <When iso={unit.since} />
          </span>
        </Row>
      )}
      <Row label={say('desktop.service.fact.boot')}>{say(`desktop.service.boot.${bootOf(unit)}`)}</Row>
      <Row label={say('desktop.service.fact.unit')}>
        <FileName name={unit.path} />
      </Row>
    </DataList>
  )
}

/** When it starts by itself. */
function bootOf({ enabled, linger }: ServiceUnit): 'never' | 'computer' | 'login' {
  if (enabled !== 'enabled') return 'never'
  return linger === 'yes' ? 'computer' : 'login'
}

/** Reasons with a sentence of their own; the others say it themselves. */
const reasons = ['tool-missing', 'tool-failed', 'service-program'] as const

function Impossible({ problem }: { problem: Problem }) {
  const { say } = useText()
  const reason = reasons.find((one) => one === problem.code)
  if (!reason) return <ProblemView problem={problem} />
  return (
    <Alert variant="light" icon={<IconInfoCircle aria-hidden />} data-testid="service-impossible">
      <Text size="sm">{say(`desktop.service.impossible.${reason}`)}</Text>
      {reason === 'tool-failed' && (
        <Text size="xs" mt={4}>
          <Code className="name">{visible(String(problem.details.stderr))}</Code>
        </Text>
      )}
      <Text size="sm" mt={4}>
        {say('desktop.service.instead')}
      </Text>
    </Alert>
  )
}

function Left({ steps }: { steps: Steps }) {
  const { say } = useText()
  if (steps.length === 0) return null
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      role="alert"
      data-testid="service-left"
    >
      <Text size="sm">{say('desktop.service.left')}</Text>
      {steps.map(({ command, problem = '' }) => (
        <Text size="sm" key={command}>
          <Code className="name">{visible(command)}</Code> {visible(problem)}
        </Text>
      ))}
    </Alert>
  )
}
