// Small things shown everywhere: a moment, a file name, an outcome, a titled section.
// Guarantees: relative times carry the exact one beside them; file names are shown with `visible`.
import { Badge, Box, Code, DataList, Group, Paper, Text, Title, type TitleOrder } from '@mantine/core'
import {
  type Icon,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlugConnectedX,
} from '@tabler/icons-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { Outcome } from '../../core/api/model.ts'
import type { Protection } from '../../core/api/protection-model.ts'
import { visible } from '../../core/api/text/visible.ts'
import type { HelpChapter } from '../text/help.ts'
import { useText } from '../text/i18n.ts'
import { HelpMark } from './help-mark.tsx'
import { levelMarks, type Mark } from './marks.tsx'

/** How often what is told of the present is made anew (s): the words change by the minute at most. */
const pace = 10

/** The present, renewed six times a minute. */
export function useNow(everySeconds = pace): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everySeconds * 1000)
    return () => clearInterval(timer)
  }, [everySeconds])
  return now
}

/** One clock for all the moments on a screen, which may be hundreds; it stands still while there are none. */
const watching = new Set<() => void>()
let clock: ReturnType<typeof setInterval> | undefined

function watchClock(changed: () => void): () => void {
  watching.add(changed)
  clock ??= setInterval(() => {
    for (const one of watching) one()
  }, pace * 1000)
  return () => {
    watching.delete(changed)
    if (watching.size > 0) return
    clearInterval(clock)
    clock = undefined
  }
}

/** "3 hours ago" and, smaller, "2 Mar 2026, 12:00"; stacked, a `note` follows that. Draws itself anew only when its words change. */
export function When({ iso, stacked = false, note }: { iso: string; stacked?: boolean; note?: string }) {
  const { relative, time } = useText()
  const words = useSyncExternalStore(watchClock, () => relative(iso, Date.now()))
  return (
    <time dateTime={iso}>
      {words}
      {stacked ? <br /> : ' '}
      <Text span size="xs" c="dimmed">
        {stacked ? [time(iso), note].filter(Boolean).join(' · ') : `(${time(iso)})`}
      </Text>
    </time>
  )
}

export function FileName({ name, code = false }: { name: string; code?: boolean }) {
  if (code) return <Code className="name">{visible(name)}</Code>
  return <bdi className="name">{visible(name)}</bdi>
}

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

/** How well something is protected: colour and the mark that the tray shows. */
export const levelLooks = {
  protected: { tone: 'good', color: 'green', icon: levelMarks.protected },
  attention: { tone: 'warn', color: 'yellow', icon: levelMarks.attention },
  unprotected: { tone: 'bad', color: 'red', icon: levelMarks.unprotected },
  unset: { tone: 'quiet', color: 'gray', icon: levelMarks.unset },
} as const satisfies Record<Protection['level'], object>

export function lookOf(outcome: Outcome | undefined) {
  return outcomes[outcome ?? 'running']
}

interface StateBadgeProps {
  look: { readonly color: string; readonly icon: Icon | Mark }
  children: string
  'data-outcome'?: string
}

/** How something stands: colour, icon and word. */
export function StateBadge({ look: { color, icon: Picture }, children, ...data }: StateBadgeProps) {
  return (
    <Badge
      variant="light"
      color={color}
      leftSection={<Picture size={14} aria-hidden />}
      tt="none"
      fw={600}
      miw="max-content"
      {...data}
    >
      {children}
    </Badge>
  )
}

/** `short` where there is little room. */
export function OutcomeBadge({ outcome, short = false }: { outcome: Outcome | undefined; short?: boolean }) {
  const { say } = useText()
  return (
    <StateBadge look={lookOf(outcome)} data-outcome={outcome ?? 'running'}>
      {short && outcome === 'warning' ? say('window.runs.omissions') : say(`common.outcome.${outcome ?? 'running'}`)}
    </StateBadge>
  )
}

interface SectionProps {
  title: string
  order?: TitleOrder
  action?: React.ReactNode
  /** The chapter of the help that explains its term. */
  help?: HelpChapter
  children: React.ReactNode
  testId?: string
}

export function Section({ title, order = 2, action, help, children, testId }: SectionProps) {
  return (
    <Box component="section" aria-label={title} data-testid={testId}>
      <Group justify="space-between" align="center" mb="xs" mih={30}>
        <Group gap={6}>
          <Title order={order}>{title}</Title>
          {help && <HelpMark chapter={help} />}
        </Group>
        {action}
      </Group>
      {children}
    </Box>
  )
}

/** A section on a panel of its own. */
export function Panel({ title, help, children }: Pick<SectionProps, 'title' | 'help' | 'children'>) {
  return (
    <Section title={title} {...(help && { help })}>
      <Paper className="panel" p="md">
        {children}
      </Paper>
    </Section>
  )
}

/** Forty hexadecimal digits in groups of four, as GnuPG shows them. */
export function Fingerprint({ value }: { value: string }) {
  return (
    <Code w="fit-content" data-testid="fingerprint">
      {value.replace(/(.{4})(?=.)/g, '$1 ')}
    </Code>
  )
}

/** One line of a `DataList`. */
export function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue>{children}</DataList.ItemValue>
    </DataList.Item>
  )
}
