// Failures, findings and warnings in words: what is wrong, and what the person can do.
// Guarantees: every code has a sentence and a hint (the catalogue); an icon and a word say how bad it is, not the colour alone.
import { Alert, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from '@tabler/icons-react'
import { memo, useEffect, useRef } from 'react'
import type { Finding, Problem } from '../../core/api/failure.ts'
import { useText } from '../text/i18n.ts'

const looks = {
  error: { color: 'red', icon: IconCircleX },
  warning: { color: 'yellow', icon: IconAlertTriangle },
  info: { color: 'sea', icon: IconInfoCircle },
} as const

interface Props {
  problem: Problem | undefined
  level?: Finding['level']
  /** Brought into view when it appears: for what a person has just caused. */
  reveal?: boolean
  children?: React.ReactNode
}

export function ProblemView({ problem, level = 'error', reveal = true, children }: Props) {
  const { problem: inWords, say } = useText()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (problem && reveal) box.current?.scrollIntoView({ block: 'nearest' })
  }, [problem, reveal])
  if (!problem) return null
  const { text, hint } = inWords(problem)
  const { color, icon: Icon } = looks[level]
  return (
    <Alert
      ref={box}
      color={color}
      icon={<Icon aria-label={say(`window.level.${level}`)} role="img" />}
      role={level === 'error' ? 'alert' : 'note'}
      data-testid={`problem-${problem.code}`}
    >
      <Text fw={600} size="sm">
        {text}
      </Text>
      <Text size="sm">{hint}</Text>
      {children}
    </Alert>
  )
}

/** What speaks against some work, worst first. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  const order = ['error', 'warning', 'info']
  const sorted = [...findings].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
  if (sorted.length === 0) return null
  return (
    <Stack gap="xs" data-testid="findings">
      {sorted.map((finding) => (
        <ProblemView key={JSON.stringify(finding)} problem={finding} level={finding.level} reveal={false} />
      ))}
    </Stack>
  )
}

export function hasErrors(findings: readonly Finding[] | undefined): boolean {
  return findings?.some((finding) => finding.level === 'error') ?? false
}

export interface NumberedProblem {
  number: number
  problem: Problem
}

/** File by file, as a plain list: for the warnings of one run, each with its line number in the log. */
export function ProblemList({ problems }: { problems: readonly NumberedProblem[] }) {
  return (
    <List size="sm" spacing="xs" data-testid="warning-list">
      {problems.map(({ number, problem }) => (
        <ListedProblem key={number} problem={problem} />
      ))}
    </List>
  )
}

const ListedProblem = memo(function ListedProblem({ problem }: { problem: Problem }) {
  const { problem: inWords } = useText()
  const { text, hint } = inWords(problem)
  return (
    <List.Item>
      <span className="name">{text}</span>{' '}
      <Text span size="sm" c="dimmed">
        {hint}
      </Text>
    </List.Item>
  )
})
