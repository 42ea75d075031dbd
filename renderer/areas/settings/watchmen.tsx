// The watchmen that the plans call: an address for each plan, and what came of the last call.
// Guarantees: nothing is saved before "Save" (notifications-screen.tsx); a test calls the address that is saved.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { PingUrl } from '../../../core/api/mail.ts'
import type { Plan } from '../../../core/api/plan.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { useNotice } from '../../parts/notice.ts'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { When } from '../../parts/show.tsx'
import { type Task, useTask } from '../../parts/task.ts'
import { useUnsaved } from '../../parts/unsaved.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

/** The addresses that are typed, and what becomes of them. */
export interface PingForm {
  readonly unsaved: boolean
  /** Each is an address, or empty. */
  readonly possible: boolean
  urlOf(plan: Plan): string
  setUrl(plan: Plan, url: string): void
  save(): Promise<void>
  discard(): void
}

export function usePingForm(): PingForm {
  const { plans } = useEngine('plans')
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const urlOf = (plan: Plan) => typed[plan.id] ?? plan.ping ?? ''
  const changed = plans.filter((plan) => urlOf(plan).trim() !== (plan.ping ?? ''))
  const unsaved = useUnsaved(changed.map(urlOf), [])
  const save = async () => {
    for (const plan of changed) {
      const url = urlOf(plan).trim()
      await guarded((client) => client.mail.ping({ planId: plan.id, url: url === '' ? null : url }))
    }
    setTyped({})
  }
  return {
    unsaved,
    possible: changed.map((plan) => urlOf(plan).trim()).every((url) => url === '' || PingUrl.safeParse(url).success),
    urlOf,
    setUrl: (plan, url) => setTyped({ ...typed, [plan.id]: url }),
    save,
    discard: () => setTyped({}),
  }
}

export function Watchmen({ form }: { form: PingForm }) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  return (
    <Stack gap="xs" data-testid="watchmen">
      <Text size="sm">{say('mail.window.pingLead')}</Text>
      {plans.length === 0 && <Text size="sm">{say('window.plans.none')}</Text>}
      {plans.map((plan) => (
        <Watchman key={plan.id} plan={plan} form={form} />
      ))}
    </Stack>
  )
}

function Watchman({ plan, form }: { plan: Plan; form: PingForm }) {
  const { say } = useText()
  const task = useTask()
  return (
    <Stack gap={4}>
      <Group align="flex-end" wrap="nowrap" gap="xs">
        <TextInput
          label={visible(plan.name)}
          aria-label={say('mail.window.pingUrl', { name: visible(plan.name) })}
          placeholder="https://"
          value={form.urlOf(plan)}
          onChange={(event) => form.setUrl(plan, event.currentTarget.value)}
          maxLength={2000}
          flex={1}
          miw={0}
          size="xs"
          className="watchman"
          data-testid="ping-url"
        />
        <PingTest plan={plan} saved={form.urlOf(plan).trim() === plan.ping} task={task} />
      </Group>
      <ProblemView problem={task.problem} />
      <LastPing plan={plan} />
    </Stack>
  )
}

/** `saved`: the engine calls what is saved, and no other is shown to be tested. */
function PingTest({ plan, saved, task }: { plan: Plan; saved: boolean; task: Task }) {
  const { say } = useText()
  const notice = useNotice()
  const test = () =>
    void task.run(async () => {
      await guarded((client) => client.mail.testPing({ planId: plan.id }))
      notice(say('mail.window.pingTested'))
    })
  return (
    <Button
      variant="default"
      size="xs"
      onClick={test}
      loading={task.busy}
      disabled={!saved}
      aria-label={say('mail.window.pingTestOf', { name: visible(plan.name) })}
      data-testid="ping-test"
    >
      {say('mail.window.pingTest')}
    </Button>
  )
}

function LastPing({ plan }: { plan: Plan }) {
  const { say } = useText()
  const { mail } = useEngine('mail')
  const last = mail.pings.find((one) => one.planId === plan.id)
  if (!last || plan.ping === undefined) return null
  if (last.problem) return <ProblemView problem={last.problem} level="warning" reveal={false} />
  return (
    <Text size="xs">
      {say('mail.window.pingLast')} <When iso={last.at} />
    </Text>
  )
}
