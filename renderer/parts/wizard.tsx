// The frame of every wizard: steps on the left, one question on the right, Back and Next below.
// Guarantees: focus moves to the question's heading at each step; Enter goes on; one can leave at any time; steps already
// answered can be clicked. Changes nothing by itself.
import { ActionIcon, Button, Group, Stack, Stepper, Text, Title } from '@mantine/core'
import { IconArrowLeft, IconX } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import type { Problem } from '../../core/api/failure.ts'
import type { HelpChapter } from '../text/help.ts'
import { useText } from '../text/i18n.ts'
import { HelpMark } from './help-mark.tsx'
import { BrandMark } from './marks.tsx'
import { ProblemView } from './problem-view.tsx'
import { useLeave, useScreenTitle } from './screen.tsx'
import { reachable } from './steps.ts'

interface WizardProps<S extends string> {
  steps: readonly S[]
  label: (step: S) => string
  step: S
  onStep: (step: S) => void
  /** Instead of going back to where one came from. */
  onLeave?: () => void
  leaveLabel?: string
  children: React.ReactNode
}

export function Wizard<S extends string>({
  steps,
  label,
  step,
  onStep,
  onLeave,
  leaveLabel,
  children,
}: WizardProps<S>) {
  const { say } = useText()
  const title = useScreenTitle()
  const leave = useLeave()
  // On the last step the work is done or goes on by itself; leaving then takes nothing back.
  const leaving = steps.at(-1) === step ? say('window.close') : (leaveLabel ?? say('window.wizard.leave'))
  return (
    <div className="wizard" data-testid="wizard" data-step={step}>
      <Stack className="wizard-rail" p="md" component="nav" aria-label={title}>
        <Group justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <BrandMark />
            <Text fw={650} size="md">
              {title}
            </Text>
          </Group>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            onClick={onLeave ?? leave}
            aria-label={leaving}
            data-leave
            data-testid="wizard-leave"
          >
            <IconX size={20} aria-hidden />
          </ActionIcon>
        </Group>
        <Text size="sm" c="dimmed" className="wizard-where">
          {say('window.wizard.where', { number: steps.indexOf(step) + 1, of: steps.length, name: label(step) })}
        </Text>
        <Stepper
          className="wizard-steps"
          orientation="vertical"
          size="sm"
          iconSize={30}
          active={steps.indexOf(step)}
          onStepClick={(index) => {
            const target = steps[index]
            if (target !== undefined && reachable(steps, step, target)) onStep(target)
          }}
          allowNextStepsSelect={false}
        >
          {steps.map((name) => (
            <Stepper.Step
              key={name}
              className="rail-step"
              label={label(name)}
              aria-current={name === step ? 'step' : undefined}
              allowStepSelect={reachable(steps, step, name)}
              allowStepClick={reachable(steps, step, name)}
              aria-disabled={name !== step && !reachable(steps, step, name) ? true : undefined}
            />
          ))}
        </Stepper>
      </Stack>
      <main className="wizard-page">{children}</main>
    </div>
  )
}

interface StepPageProps {
  title: string
  lead?: React.ReactNode
  children?: React.ReactNode
  next: string
  onNext: () => void
  ready?: boolean
  busy?: boolean
  problem?: Problem | undefined
  onBack?: (() => void) | undefined
  /** More buttons, left of Next. */
  aside?: React.ReactNode
  danger?: boolean
  /** The chapter of the help that explains what is asked. */
  help?: HelpChapter
}

export function StepPage(props: StepPageProps) {
  const {
    title,
    lead,
    children,
    next,
    onNext,
    ready = true,
    busy = false,
    problem,
    onBack,
    aside,
    danger = false,
    help,
  } = props
  const { say } = useText()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <form
      className="wizard-page"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (ready && !busy) onNext()
      }}
    >
      <div className="wizard-body">
        <Stack gap="lg">
          <Stack gap={6}>
            <Title order={1} ref={heading} tabIndex={-1}>
              {title}
            </Title>
            {lead !== undefined && (
              <Text>
                {lead} {help && <HelpMark chapter={help} />}
              </Text>
            )}
          </Stack>
          {children}
          <ProblemView problem={problem} />
        </Stack>
      </div>
      <Group className="wizard-bar" justify="space-between">
        <div>
          {onBack && (
            <Button
              variant="default"
              leftSection={<IconArrowLeft size={16} aria-hidden />}
              onClick={onBack}
              disabled={busy}
              data-back
              data-testid="wizard-back"
            >
              {say('window.wizard.back')}
            </Button>
          )}
        </div>
        <Group gap="sm">
          {aside}
          <Button
            type="submit"
            loading={busy}
            disabled={!ready}
            color={danger ? 'red' : 'sea'}
            data-testid="wizard-next"
          >
            {next}
          </Button>
        </Group>
      </Group>
    </form>
  )
}

interface FinishProps {
  title: string
  next?: string
  onNext?: () => void
  busy?: boolean
  children: React.ReactNode
}

/** Last page of a short wizard: what was done, and what could come next. */
export function FinishPage({ title, next, onNext, busy = false, children }: FinishProps) {
  const { say } = useText()
  const leave = useLeave()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <div className="wizard-page" data-testid="wizard-done">
      <div className="wizard-body">
        <Stack gap="lg">
          <Title order={1} ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {children}
        </Stack>
      </div>
      <Group className="wizard-bar" justify="flex-end">
        <Button variant={next ? 'default' : 'filled'} onClick={leave} data-testid="wizard-finish">
          {say('window.wizard.finish')}
        </Button>
        {next && onNext && (
          <Button onClick={onNext} loading={busy} data-testid="wizard-then">
            {next}
          </Button>
        )}
      </Group>
    </div>
  )
}
