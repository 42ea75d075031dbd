// The fields of the mail settings: the server, who is told what, and when the weekly report comes.
// Does not save: see settings-mail.tsx.
import { Button, Checkbox, Group, NumberInput, PasswordInput, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { MailEvent, MailSecurity } from '../../../core/api/mail.ts'
import { Language } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { TimeField } from '../../parts/time-field.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { type MailDraft, newRecipient, type RecipientDraft, withSecurity } from './mail-draft.ts'

interface Props {
  draft: MailDraft
  onChange: (draft: MailDraft) => void
}

export function ServerFields({ draft, onChange }: Props) {
  const { say } = useText()
  const change = (part: Partial<MailDraft>) => onChange({ ...draft, ...part })
  return (
    <Group grow preventGrowOverflow={false} align="flex-end">
      <TextInput
        label={say('mail.window.host')}
        value={draft.host}
        onChange={(event) => change({ host: event.currentTarget.value })}
        data-testid="mail-host"
      />
      <NumberInput
        label={say('mail.window.port')}
        value={draft.port}
        onChange={(port) => change({ port })}
        min={1}
        max={65535}
        allowDecimal={false}
        hideControls
        maw="6rem"
        data-testid="mail-port"
      />
      <Select
        label={say('mail.window.security')}
        data={MailSecurity.options.map((value) => ({ value, label: say(`mail.window.securityLabel.${value}`) }))}
        value={draft.security}
        onChange={(value) => value && onChange(withSecurity(draft, MailSecurity.parse(value)))}
        allowDeselect={false}
        data-testid="mail-security"
      />
    </Group>
  )
}

interface AccountProps extends Props {
  password: string
  onPassword: (password: string) => void
}

export function AccountFields({ draft, onChange, password, onPassword }: AccountProps) {
  const { say } = useText()
  const { mail } = useEngine('mail')
  const kept = mail.passwordKept === true && mail.settings?.account === draft.account
  return (
    <>
      <Group grow preventGrowOverflow={false} align="flex-end">
        <TextInput
          label={say('mail.window.from')}
          value={draft.from}
          onChange={(event) => onChange({ ...draft, from: event.currentTarget.value })}
          data-testid="mail-from"
        />
        <TextInput
          label={say('mail.window.account')}
          value={draft.account}
          disabled={draft.security === 'none'}
          onChange={(event) => onChange({ ...draft, account: event.currentTarget.value })}
          data-testid="mail-account"
        />
      </Group>
      {draft.account !== '' && draft.security !== 'none' && (
        <PasswordInput
          label={say('mail.window.password')}
          description={say(kept ? 'mail.window.passwordKept' : 'mail.window.passwordHelp')}
          value={password}
          onChange={(event) => onPassword(event.currentTarget.value)}
          maxLength={1024}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': say('window.password.reveal'), tabIndex: 0 }}
          data-testid="mail-password"
        />
      )}
    </>
  )
}

/** Behind the account, because few have a certificate of their own. */
export function AuthorityField({ draft, onChange }: Props) {
  const { say } = useText()
  return (
    <Textarea
      label={say('mail.window.authority')}
      description={say('mail.window.authorityHelp')}
      value={draft.authority}
      onChange={(event) => onChange({ ...draft, authority: event.currentTarget.value })}
      autosize
      minRows={1}
      maxRows={5}
      maxLength={200_000}
      data-testid="mail-authority"
    />
  )
}

export function Recipients({ draft, onChange }: Props) {
  const { say, language } = useText()
  const put = (recipients: RecipientDraft[]) => onChange({ ...draft, recipients })
  return (
    <Stack gap="sm" data-testid="mail-recipients">
      {draft.recipients.map((recipient) => (
        <RecipientFields
          key={recipient.id}
          recipient={recipient}
          onChange={(next) => put(draft.recipients.map((one) => (one.id === next.id ? next : one)))}
          onRemove={() => put(draft.recipients.filter((one) => one.id !== recipient.id))}
        />
      ))}
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlus size={18} aria-hidden />}
          onClick={() => put([...draft.recipients, newRecipient(language)])}
          data-testid="mail-add-recipient"
        >
          {say('mail.window.addRecipient')}
        </Button>
      </Group>
    </Stack>
  )
}

interface RecipientProps {
  recipient: RecipientDraft
  onChange: (recipient: RecipientDraft) => void
  onRemove: () => void
}

function RecipientFields({ recipient, onChange, onRemove }: RecipientProps) {
  const { say } = useText()
  const change = (part: Partial<RecipientDraft>) => onChange({ ...recipient, ...part })
  return (
    <Stack gap="xs" className="choice" data-testid="mail-recipient">
      <Group align="flex-end" grow preventGrowOverflow={false}>
        <TextInput
          label={say('mail.window.address')}
          type="email"
          value={recipient.address}
          onChange={(event) => change({ address: event.currentTarget.value })}
          data-testid="mail-address"
        />
        <Select
          label={say('mail.window.language')}
          data={[
            { value: 'en', label: 'English' },
            { value: 'fr', label: 'Français' },
          ]}
          value={recipient.language}
          onChange={(value) => change({ language: Language.parse(value) })}
          allowDeselect={false}
          maw="9rem"
        />
      </Group>
      <Checkbox.Group
        label={say('mail.window.events')}
        value={recipient.events}
        onChange={(events) => change({ events: MailEvent.array().parse(events) })}
      >
        <Group gap="md" mt={4}>
          {MailEvent.options.map((event) => (
            <Checkbox key={event} value={event} label={say(`mail.event.${event}`)} data-testid={`mail-on-${event}`} />
          ))}
        </Group>
      </Checkbox.Group>
      <Group justify="space-between">
        <Checkbox
          label={say('mail.window.weekly')}
          checked={recipient.report}
          onChange={(event) => change({ report: event.currentTarget.checked })}
          data-testid="mail-weekly"
        />
        <Button
          variant="default"
          size="xs"
          onClick={onRemove}
          aria-label={say('mail.window.removeRecipient', { address: visible(recipient.address) })}
          data-testid="mail-remove-recipient"
        >
          {say('window.remove')}
        </Button>
      </Group>
    </Stack>
  )
}

const days = [1, 2, 3, 4, 5, 6, 7] as const

export function ReportFields({ draft, onChange }: Props) {
  const { say } = useText()
  const change = (part: Partial<MailDraft['report']>) => onChange({ ...draft, report: { ...draft.report, ...part } })
  return (
    <Group align="flex-end">
      <Select
        label={say('mail.window.reportDay')}
        data={days.map((day) => ({ value: String(day), label: say(`mail.day.${day}`) }))}
        value={String(draft.report.day)}
        onChange={(value) => change({ day: Number(value) })}
        allowDeselect={false}
        maw="16rem"
        data-testid="mail-report-day"
      />
      <TimeField
        label={say('mail.window.reportAt')}
        value={draft.report.at}
        onChange={(at) => change({ at })}
        maw="9rem"
        data-testid="mail-report-at"
      />
    </Group>
  )
}
