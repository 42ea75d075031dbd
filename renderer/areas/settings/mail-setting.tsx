// Who is told by e-mail, through which server; what waits to be sent.
// Guarantees: nothing is saved before "Save" (notifications-screen.tsx); a test uses what is typed, saved or not; the password is forgotten here once it was handed over.
import { Alert, Button, DataList, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Problem } from '../../../core/api/failure.ts'
import type { MailSettings } from '../../../core/api/mail.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { Row, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useUnsaved } from '../../parts/unsaved.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { draftOf, type MailDraft, settingsOf, typedIn } from './mail-draft.ts'
import { AccountFields, AuthorityField, Recipients, ReportFields, ServerFields } from './mail-fields.tsx'

/** What is typed about the mail, and what becomes of it. */
export interface MailForm {
  readonly draft: MailDraft
  readonly password: string
  /** Undefined while something is missing. */
  readonly settings: MailSettings | undefined
  readonly unsaved: boolean
  setDraft(draft: MailDraft): void
  setPassword(password: string): void
  save(): Promise<void>
  discard(): void
}

export function useMailForm(): MailForm {
  const { language } = useText()
  const { mail } = useEngine('mail')
  const [draft, setDraft] = useState(() => draftOf(mail.settings, language))
  const [password, setPassword] = useState('')
  const settings = settingsOf(draft)
  const kept = draftOf(mail.settings, language)
  // Changed elsewhere, from a terminal say, while nobody has typed here: what is shown, and saved, is that.
  const now = JSON.stringify(typedIn(kept))
  const [base, setBase] = useState(now)
  if (now !== base) {
    if (JSON.stringify(typedIn(draft)) === base) setDraft(kept)
    setBase(now)
  }
  const unsaved = useUnsaved({ ...typedIn(draft), password }, { ...typedIn(kept), password: '' })
  const save = async () => {
    if (!settings) return
    await guarded((client) => client.mail.save({ settings, ...given(settings, password) }))
    setPassword('')
  }
  const discard = () => {
    setDraft(kept)
    setPassword('')
  }
  return { draft, password, settings, unsaved, setDraft, setPassword, save, discard }
}

export function MailSetting({ form: { draft, setDraft, password, setPassword, settings } }: { form: MailForm }) {
  const { say, language } = useText()
  const { mail } = useEngine('mail')
  const off = async () => {
    await guarded((client) => client.mail.save({ settings: null }))
    setDraft(draftOf(undefined, language))
  }
  return (
    <Stack gap="sm" data-testid="mail-settings">
      <Text size="sm">{say('mail.window.lead')}</Text>
      <ServerFields draft={draft} onChange={setDraft} />
      <AccountFields draft={draft} onChange={setDraft} password={password} onPassword={setPassword} />
      <AuthorityField draft={draft} onChange={setDraft} />
      <Recipients draft={draft} onChange={setDraft} />
      <ReportFields draft={draft} onChange={setDraft} />
      <Tester key={JSON.stringify([settings, password])} settings={settings} password={password}>
        {mail.settings && (
          <ConfirmButton
            label={say('mail.window.off')}
            describe={say('mail.window.off')}
            text={say('mail.window.offText')}
            work={off}
            testId="mail-off"
          />
        )}
      </Tester>
      <Waiting />
    </Stack>
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
  children: React.ReactNode
}

/** Results belong to what was tested: they go as soon as something is changed. */
function Tester({ settings, password, children }: TesterProps) {
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
        {children}
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
