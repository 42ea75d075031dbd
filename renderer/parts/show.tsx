// Small things shown everywhere: a moment, a file name, an outcome, a titled section.
// Guarantees: relative times carry the exact one beside them; file names are shown with `visible`.
import { Badge, Box, Code, Group, Text, Title, type TitleOrder } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlugConnectedX,
} from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { Outcome } from '../../core/api/model.ts'
import { visible } from '../../core/api/text/visible.ts'
import { useText } from '../text/i18n.ts'

/** The present, renewed twice a minute. */
export function useNow(everySeconds = 30): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everySeconds * 1000)
    return () => clearInterval(timer)
  }, [everySeconds])
  return now
}

/** "3 hours ago" and, smaller, "2 Mar 2026, 12:00:05". */
export function When({ iso, stacked = false }: { iso: string; stacked?: boolean }) {
  const { relative, time } = useText()
  const now = useNow()
  return (
    <time dateTime={iso}>
      {relative(iso, Math.max(now, Date.parse(iso)))}
      {stacked ? <br /> : ' '}
      <Text span size="xs" c="dimmed">
        {stacked ? time(iso) : `(${time(iso)})`}
      </Text>
    </time>
  )
}

export function FileName({ name, code = false }: { name: string; code?: boolean }) {
  if (code) return <Code className="name">{visible(name)}</Code>
  return <bdi className="name">{visible(name)}</bdi>
}

export type Tone = 'good' | 'warn' | 'bad' | 'quiet'

const outcomes = {
  success: { tone: 'good', color: 'green', icon: IconCircleCheck },
  warning: { tone: 'warn', color: 'yellow', icon: IconAlertTriangle },
  error: { tone: 'bad', color: 'red', icon: IconCircleX },
  cancelled: { tone: 'quiet', color: 'gray', icon: IconPlayerStop },
  skipped: { tone: 'quiet', color: 'gray', icon: IconClock },
  missed: { tone: 'bad', color: 'red', icon: IconClock },
  abandoned: { tone: 'bad', color: 'red', icon: IconPlugConnectedX },
  running: { tone: 'quiet', color: 'sea', icon: IconPlayerPlay },
} as const

export function lookOf(outcome: Outcome | undefined) {
  return outcomes[outcome ?? 'running']
}

export function OutcomeBadge({ outcome }: { outcome: Outcome | undefined }) {
  const { say } = useText()
  const { color, icon: Icon } = lookOf(outcome)
  return (
    <Badge
      variant="light"
      color={color}
      leftSection={<Icon size={14} aria-hidden />}
      tt="none"
      fw={600}
      miw="max-content"
      data-outcome={outcome ?? 'running'}
    >
      {say(`common.outcome.${outcome ?? 'running'}`)}
    </Badge>
  )
}

interface SectionProps {
  title: string
  order?: TitleOrder
  action?: React.ReactNode
  children: React.ReactNode
  testId?: string
}

export function Section({ title, order = 2, action, children, testId }: SectionProps) {
  return (
    <Box component="section" aria-label={title} data-testid={testId}>
      <Group justify="space-between" align="center" mb="xs" mih={30}>
        <Title order={order}>{title}</Title>
        {action}
      </Group>
      {children}
    </Box>
  )
}

/** Forty hexadecimal digits in groups of four, as GnuPG shows them. */
export function Fingerprint({ value }: { value: string }) {
  return <Code data-testid="fingerprint">{value.replace(/(.{4})(?=.)/g, '$1 ')}</Code>
}
