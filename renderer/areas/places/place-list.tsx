// The places that keep backups beside the media: which there are, how each is, trying and forgetting one, and taking up another.
// Guarantees: forgetting is asked about and deletes nothing there; what a place needs to be logged in to is asked for where it is missing.
import { Button, Group, Stack, Text } from '@mantine/core'
import { IconPlus, IconServer } from '@tabler/icons-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type PlaceSeen, type StoreSpec, whereIs } from '../../../core/api/place.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { ConfirmButton } from '../../parts/confirm-button.tsx'
import { Empty } from '../../parts/empty.tsx'
import { useNotice } from '../../parts/notice.ts'
import { guarded } from '../../parts/operator.tsx'
import { PlaceLink, PlaceNote } from '../../parts/place-link.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { noSecrets, secretsOf } from './place-draft.ts'
import { FolderForm, ServerForm } from './place-form.tsx'
import { SecretFields } from './place-secrets.tsx'

const forms = { folder: FolderForm, sftp: ServerForm } as const satisfies Record<StoreSpec['kind'], unknown>
/** As in test ids and sentences. */
const kinds = { folder: 'folder', server: 'sftp' } as const

export function PlaceList() {
  const { say } = useText()
  const { places = [] } = useEngine('places')
  const [list, setList] = useState<PlaceSeen[]>()
  const [adding, setAdding] = useState<keyof typeof kinds>()
  const { run, problem } = useTask()
  const look = useCallback(
    () =>
      run(async (signal) => {
        const found = await call((client) => client.place.list({ ask: true }, { signal }))
        if (!signal.aborted) setList(found)
      }),
    [run],
  )
  // What is configured, not the list itself: each event brings a new one.
  const version = JSON.stringify(places)
  useEffect(() => {
    if (version !== '[]') void look()
  }, [look, version])
  const lead = useRef<HTMLParagraphElement>(null)
  // The form with its buttons goes: the keyboard goes on from the head of the list.
  const done = () => {
    setAdding(undefined)
    lead.current?.focus()
  }
  const Form = adding && forms[kinds[adding]]
  return (
    <Stack gap="sm" data-testid="places">
      <Text size="sm" ref={lead} tabIndex={-1}>
        {say('copy.places.lead')}
      </Text>
      {places.length === 0 && <Empty icon={IconServer} text={say('copy.places.none')} />}
      {places.map((place) => (
        <PlaceRow
          key={place.id}
          seen={list?.find((one) => one.place.id === place.id) ?? { place, locked: false, plans: [] }}
          onChanged={look}
        />
      ))}
      <ProblemView problem={problem} />
      {Form ? (
        <Form onDone={done} />
      ) : (
        <Group gap="xs">
          {(['folder', 'server'] as const).map((kind) => (
            <Button
              key={kind}
              variant="default"
              size="xs"
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => setAdding(kind)}
              data-testid={`place-add-${kind}`}
            >
              {say(`copy.places.add.${kind}`)}
            </Button>
          ))}
        </Group>
      )}
    </Stack>
  )
}

function PlaceRow({ seen, onChanged }: { seen: PlaceSeen; onChanged: () => Promise<boolean> }) {
  const { say, bytes } = useText()
  const { place, locked, state } = seen
  const task = useTask()
  const notice = useNotice()
  const name = visible(place.name)
  const [editing, setEditing] = useState(false)
  const edit = useRef<HTMLButtonElement>(null)
  const Form = forms[place.store.kind]
  const test = () =>
    void task.run(async (signal) => {
      const trial = await guarded((client) => client.place.test({ id: place.id }, { signal }))
      notice(say('terminal.place.tested', { name, size: bytes(trial.bytes) }))
    })
  return (
    <Stack className="choice" gap="xs" data-testid="place" data-place={place.name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Stack gap={2} miw={0}>
          <PlaceLink id={place.id}>
            <FileName name={place.name} />
          </PlaceLink>
          <Text size="sm" c="dimmed">
            <FileName name={whereIs(place.store)} />
          </Text>
          <StateLine seen={seen} />
          <PlaceNote id={place.id} />
        </Stack>
        <Group gap="xs" wrap="nowrap" flex="none">
          <Button
            variant="default"
            size="xs"
            onClick={test}
            loading={task.busy}
            aria-label={say('copy.places.testName', { name })}
            data-testid="place-test"
          >
            {say('copy.places.test')}
          </Button>
          <Button
            ref={edit}
            variant="default"
            size="xs"
            onClick={() => setEditing(!editing)}
            aria-expanded={editing}
            aria-label={say('copy.places.editName', { name })}
            data-testid="place-edit"
          >
            {say('copy.places.edit')}
          </Button>
          <ConfirmButton
            label={say('window.remove')}
            describe={say('copy.places.removeName', { name })}
            text={say('copy.places.removeText')}
            work={() => guarded((client) => client.place.remove({ id: place.id }))}
            testId="place-remove"
          />
        </Group>
      </Group>
      {!locked && state?.problem && <ProblemView problem={state.problem} level="warning" reveal={false} />}
      {editing && (
        <Form
          place={place}
          onDone={() => {
            setEditing(false)
            // The form with its buttons goes.
            edit.current?.focus()
          }}
        />
      )}
      {locked && <Unlock id={place.id} onDone={onChanged} />}
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

function StateLine({ seen: { locked, state } }: { seen: PlaceSeen }) {
  const { say, bytes } = useText()
  if (locked) return <Text size="sm">{say('terminal.place.state.locked')}</Text>
  if (!state || state.problem) return null
  return (
    <Text size="sm" component="div" data-testid="place-fine">
      {say('terminal.place.state.fine')}
      {state.free !== undefined && ` · ${say('copy.places.free', { free: bytes(state.free) })}`}
      {state.newest !== undefined && (
        <>
          {' · '}
          {say('window.media.lastBackup')} <When iso={state.newest} />
        </>
      )}
    </Text>
  )
}

/** For as long as Arche runs: where there is no keychain. */
function Unlock({ id, onDone }: { id: string; onDone: () => Promise<boolean> }) {
  const { say } = useText()
  const task = useTask()
  const [answers, setAnswers] = useState(noSecrets)
  const secrets = secretsOf(answers)
  const unlock = () =>
    void task.run(async () => {
      if (!secrets) return
      await guarded((client) => client.place.unlock({ id, secrets }))
      await onDone()
    })
  return (
    <Stack gap="sm">
      <SecretFields answers={answers} onChange={(part) => setAnswers((before) => ({ ...before, ...part }))} />
      <ProblemView problem={task.problem} />
      <Group>
        <Button variant="default" size="xs" onClick={unlock} loading={task.busy} disabled={!secrets}>
          {say('copy.places.unlock')}
        </Button>
      </Group>
    </Stack>
  )
}
