// Who is told by e-mail, through which server; what waits to be sent; and the watchmen that the plans call.
// Guarantees: nothing is saved before "Save"; a test uses what is typed, saved or not; the password is forgotten here once it was handed over.
import { Alert, Button, DataList, Group, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Problem } from '../../../core/api/failure.ts'
import { type MailSettings, PingUrl } from '../../../core/api/mail.ts'
import type { Plan } from '../../../core/api/plan.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { useNotice } from '../../parts/notice.ts'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { Row, When } from '../../parts/show.tsx'
import { type Task, useTask } from '../../parts/task.ts'
import { SaveBar, useUnsaved } from '../../parts/unsaved.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { draftOf, settingsOf, typedIn } from './mail-draft.ts'
import { AccountFields, Recipients, ReportFields, ServerFields } from './mail-fields.tsx'

export function MailSetting() {
  const { say, language } = useText()
  const { mail } = useEngine('mail')
  const [draft, setDraft] = useState(() => draftOf(mail.settings, language))
  const [password, setPassword] = useState('')
  const settings = settingsOf(draft)
  const kept = draftOf(mail.settings, language)
  const unsaved = useUnsaved({ ...typedIn(draft), password }, { ...typedIn(kept), password: '' })
  const task = useTask()
  const notice = useNotice()
  const save = () =>
    void task.run(async () => {
      if (!settings) return
      await guarded((client) => client.mail.save({ settings, ...given(settings, password) }))
      setPassword('')
      notice(say('mail.window.saved'))
    })
  const off = async () => {
    await guarded((client) => client.mail.save({ settings: null }))
    setDraft(draftOf(undefined, language))
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Stack gap="sm" data-testid="mail-settings">
        <Text size="sm">{say('mail.window.lead')}</Text>
        <ServerFields draft={draft} onChange={setDraft} />
        <AccountFields draft={draft} onChange={setDraft} password={password} onPassword={setPassword} />
        <Recipients draft={draft} onChange={setDraft} />
        <ReportFields draft={draft} onChange={setDraft} />
        <Tester key={JSON.stringify([settings, password])} settings={settings} password={password} />
        <ProblemView problem={task.problem} />
        <Group>
          {mail.settings && (
            <ConfirmButton
              label={say('mail.window.off')}
              describe={say('mail.window.off')}
              text={say('mail.window.offText')}
              work={off}
              testId="mail-off"
            />
          )}
        </Group>
        <Waiting />
        <SaveBar
          unsaved={unsaved}
          busy={task.busy}
          possible={settings !== undefined}
          onDiscard={() => {
            setDraft(kept)
            setPassword('')
          }}
          testId="mail-save"
        />
      </Stack>
    </form>
  )
}

/** A password goes along only where there is an account for it. */
function given(settings: MailSettings, password: string): { password?: string } {
  return settings.account === undefined || password === '' ? {} : { password }
}

type Results = readonly { address: string; problem?: Problem | undefined }[]

interface TesterProps {
  settings: MailSettings | undefined
  password: string
}

/** Results belong to what was tested: they go as soon as something is changed. */
function Tester({ settings, password }: TesterProps) {
  const { say } = useText()
  const task = useTask()
  const [results, setResults] = useState<Results>([])
  const test = () =>
    void task.run(async (signal) => {
      if (!settings) return
      setResults([])
      const found = await guarded((client) => client.mail.test({ settings, ...given(settings, password) }))
      if (!signal.aborted) setResults(found)
    })
  return (
    <>
      <Group>
        <Button
          variant="default"
          onClick={test}
          loading={task.busy}
          disabled={!settings || settings.recipients.length === 0}
          data-testid="mail-test"
        >
          {say('mail.window.test')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
      {results.map(({ address, problem }) =>
        problem ? (
          <ProblemView key={address} problem={problem} />
        ) : (
          <Alert key={address} color="green" role="status" data-testid="mail-test-good">
            {say('mail.window.testDone', { address: visible(address) })}
          </Alert>
        ),
      )}
    </>
  )
}

/** What waits, and why; the last mail that was sent; what was given up. */
function Waiting() {
  const { say } = useText()
  const { mail } = useEngine('mail')
  return (
    <Stack gap="xs" data-testid="mail-state">
      {mail.waiting > 0 && (
        <Text size="sm" data-testid="mail-waiting">
          {say('mail.window.waiting', { count: mail.waiting })}
        </Text>
      )}
      <ProblemView problem={mail.lastError} level="warning" reveal={false} />
      {mail.givenUp > 0 && (
        <Alert color="red" role="alert">
          {say('mail.window.givenUp', { count: mail.givenUp })}
        </Alert>
      )}
      {mail.lastSent !== undefined && (
        <DataList labelWidth="11rem">
          <Row label={say('mail.window.lastSent')}>
            <When iso={mail.lastSent} />
          </Row>
        </DataList>
      )}
    </Stack>
  )
}

export function Watchmen() {
  const { say } = useText()
  const { plans } = useEngine('plans')
  return (
    <Stack gap="sm" data-testid="watchmen">
      <Text size="sm">{say('mail.window.pingLead')}</Text>
      {plans.length === 0 && <Text size="sm">{say('window.plans.none')}</Text>}
      {plans.map((plan) => (
        <Watchman key={plan.id} plan={plan} />
      ))}
    </Stack>
  )
}

function Watchman({ plan }: { plan: Plan }) {
  const { say } = useText()
  const [url, setUrl] = useState(plan.ping ?? '')
  const task = useTask()
  const notice = useNotice()
  const typed = url.trim()
  const possible = typed === '' || PingUrl.safeParse(typed).success
  const save = () =>
    void task.run(async () => {
      await guarded((client) => client.mail.ping({ planId: plan.id, url: typed === '' ? null : typed }))
      notice(say('mail.window.pingSaved'))
    })
  return (
    <Stack gap="xs" className="choice">
      <TextInput
        label={say('mail.window.pingUrl', { name: visible(plan.name) })}
        placeholder="https://"
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
        maxLength={2000}
        data-testid="ping-url"
      />
      <Group>
        <Button
          variant="default"
          size="xs"
          onClick={save}
          loading={task.busy}
          disabled={!possible || typed === (plan.ping ?? '')}
          data-testid="ping-save"
        >
          {say('mail.window.pingSave')}
        </Button>
        <PingTest plan={plan} task={task} />
      </Group>
      <ProblemView problem={task.problem} />
      <LastPing plan={plan} />
    </Stack>
  )
}

function PingTest({ plan, task }: { plan: Plan; task: Task }) {
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
      disabled={plan.ping === undefined}
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
    <Text size="sm">
      {say('mail.window.pingLast')} <When iso={last.at} />
    </Text>
  )
}
