// The key pairs of this site, and the people who may open the backups too (escrow).
// Guarantees: an older pair is never removed here; removing a recipient says what it does not change.
import { Badge, Button, FileButton, Group, Stack, Text, Textarea } from '@mantine/core'
import { IconKey, IconUpload, IconUserPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { expiring } from '../../../core/api/key-expiry.ts'
import type { KeyInfo } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { ImportKeys } from '../../parts/import-keys.tsx'
import { useNotice } from '../../parts/notice.ts'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { SheetButtons } from '../../parts/sheet-buttons.tsx'
import { FileName, Fingerprint, useNow, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useUnsaved } from '../../parts/unsaved.tsx'
import { show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export function KeyList() {
  const { say } = useText()
  const { keys, keyTrouble } = useEngine('keys', 'keyTrouble')
  const own = keys.filter((key) => key.kind === 'own')
  return (
    <Stack gap="md" data-testid="own-keys">
      <ProblemView problem={keyTrouble ?? undefined} reveal={false} />
      {own.length === 0 && !keyTrouble && <Text size="sm">{say('window.missing.key')}</Text>}
      {own.map((key) => (
        <OwnKey key={key.fingerprint} info={key} />
      ))}
      <Group>
        <Button variant="default" leftSection={<IconKey size={18} aria-hidden />} onClick={() => show({ name: 'key' })}>
          {say('window.settings.newKey')}
        </Button>
        <ImportKeys />
      </Group>
    </Stack>
  )
}

function KeyFacts({ info }: { info: KeyInfo }) {
  const { say } = useText()
  return (
    <Stack gap={4} miw={0}>
      <Group gap="xs">
        <Text fw={600}>
          <FileName name={info.name} />
        </Text>
        {info.kind === 'own' && (
          <Badge variant="light" color={info.active ? 'green' : 'gray'} tt="none">
            {say(info.active ? 'window.settings.activeKey' : 'window.settings.olderKey')}
          </Badge>
        )}
      </Group>
      <Fingerprint value={info.fingerprint} />
      <Text size="sm">
        {say('window.settings.made')} <When iso={info.createdAt} />
      </Text>
      <ProblemView problem={expiring([{ ...info, active: true }], useNow(3600))[0]} level="warning" reveal={false} />
    </Stack>
  )
}

function OwnKey({ info }: { info: KeyInfo }) {
  const { say } = useText()
  const task = useTask()
  const activate = () =>
    void task.run(() =>
      guarded((client) => client.key.activate({ fingerprint: info.fingerprint })).then(() => undefined),
    )
  return (
    <Stack gap="xs" className="choice">
      <KeyFacts info={info} />
      {info.active ? (
        <SheetButtons fingerprint={info.fingerprint} />
      ) : (
        <Group>
          <Button variant="default" size="xs" onClick={activate} loading={task.busy} data-testid="activate-key">
            {say('window.settings.activate')}
          </Button>
        </Group>
      )}
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

export function Recipients() {
  const { say } = useText()
  const { keys } = useEngine('keys')
  const recipients = keys.filter((key) => key.kind === 'recipient')
  return (
    <Stack gap="md" data-testid="recipients">
      <Text size="sm">{say('window.settings.recipientsText')}</Text>
      {recipients.map((key) => (
        <Recipient key={key.fingerprint} info={key} />
      ))}
      <AddRecipient />
    </Stack>
  )
}

function Recipient({ info }: { info: KeyInfo }) {
  const { say } = useText()
  return (
    <Group className="choice" justify="space-between" wrap="nowrap" align="flex-start">
      <KeyFacts info={info} />
      <ConfirmButton
        label={say('window.remove')}
        describe={say('window.settings.removeRecipientName', { name: visible(info.name) })}
        text={say('window.settings.removeRecipientText')}
        work={() => guarded((client) => client.key.removeRecipient({ fingerprint: info.fingerprint }))}
        testId="remove-recipient"
      />
    </Group>
  )
}

function AddRecipient() {
  const { say } = useText()
  const [armored, setArmored] = useState('')
  useUnsaved(armored, '')
  const task = useTask()
  const notice = useNotice()
  const add = () =>
    void task.run(async () => {
      const { replaced, name } = await guarded((client) => client.key.addRecipient({ armored }))
      setArmored('')
      if (replaced) notice(say('window.settings.recipientReplaced', { name: visible(name) }))
    })
  const take = (file: File | null) => void (file && file.size <= 1_000_000 && file.text().then(setArmored))
  return (
    <Stack gap="sm">
      <Textarea
        label={say('window.settings.recipientKey')}
        description={say('window.settings.recipientKeyHelp')}
        value={armored}
        onChange={(event) => setArmored(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={1_000_000}
        data-testid="recipient-key"
      />
      <ProblemView problem={task.problem} />
      <Group>
        <FileButton onChange={take} accept=".asc,.txt,.pub,.key">
          {(props) => (
            <Button variant="default" leftSection={<IconUpload size={18} aria-hidden />} {...props}>
              {say('window.settings.fromFile')}
            </Button>
          )}
        </FileButton>
        <Button
          leftSection={<IconUserPlus size={18} aria-hidden />}
          onClick={add}
          disabled={armored.trim() === ''}
          loading={task.busy}
          data-testid="add-recipient"
        >
          {say('window.settings.addRecipient')}
        </Button>
      </Group>
    </Stack>
  )
}
