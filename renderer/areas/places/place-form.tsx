// Taking up a place, or changing how one is reached: a folder (another disk, a mounted share), or an account of a server.
// Guarantees: nothing secret goes to a server before a person has seen its host key and said that it is the right one; another address asks again. What
// speaks against a folder is shown before it is taken up. What is changed stays the same place: the engine refuses another one.
import { Button, Checkbox, Code, Group, NumberInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { Failure, type Finding } from '../../../core/api/failure.ts'
import type { Place, PlaceDraft, PlaceSecrets } from '../../../core/api/place.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { useNotice } from '../../parts/notice.ts'
import { guarded } from '../../parts/operator.tsx'
import { Findings, hasErrors, ProblemView } from '../../parts/problem-view.tsx'
import { FileName } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { useText } from '../../text/i18n.ts'
import {
  agreedKeyOf,
  answersOf,
  isSameAccount,
  noServer,
  placeDraftOf,
  type Seen,
  type ServerAnswers,
  secretsOf,
  serverOf,
} from './place-draft.ts'
import { SecretFields } from './place-secrets.tsx'

interface Props {
  /** Absent of one that is taken up. */
  place?: Place
  /** With the place, where one was saved. */
  onDone: (saved?: Place) => void
}

/** Says how it ended, and ends the form. */
function useSave({ place: old, onDone }: Props) {
  const { say } = useText()
  const notice = useNotice()
  return async (draft: PlaceDraft, secrets?: PlaceSecrets) => {
    const known = { ...draft, ...(old && { id: old.id }) }
    const to = (remember: boolean) =>
      guarded((client) => client.place.save({ draft: known, remember, ...(secrets && { secrets }) }))
    const { place } = await to(true).catch((error: unknown) => {
      if (!(error instanceof Failure) || error.code !== 'no-keychain') throw error
      notice(say('copy.places.notKept'))
      return to(false)
    })
    notice(say(old ? 'copy.places.changed' : 'copy.places.saved', { name: visible(place.name) }))
    onDone(place)
  }
}

export function FolderForm({ place, onDone }: Props) {
  const { say } = useText()
  const task = useTask()
  const keep = useSave({ ...(place && { place }), onDone })
  const [found, setFound] = useState<{ path: string; findings: readonly Finding[] } | undefined>(
    place?.store.kind === 'folder' ? { path: place.store.path, findings: [] } : undefined,
  )
  const [name, setName] = useState(place?.name ?? '')
  const choose = () =>
    void task.run(async () => {
      const [path] = await call((client) =>
        client.shell.chooseFolders({ title: say('window.media.chooseFolder'), several: false }),
      )
      if (path === undefined) return
      const { findings } = await call((client) => client.medium.check({ medium: path }))
      setFound({ path, findings })
    })
  const save = () =>
    void task.run(async () => {
      if (!found) return
      await keep({ store: { kind: 'folder', path: found.path }, ...(name.trim() !== '' && { name }) })
    })
  return (
    <Stack gap="sm" component="section" aria-label={say('copy.places.folderTitle')} data-testid="place-folder-form">
      <FormTitle>
        {place ? say('copy.places.editName', { name: visible(place.name) }) : say('copy.places.folderTitle')}
      </FormTitle>
      <Group gap="sm">
        <Button variant="default" size="xs" onClick={choose} data-testid="place-folder-choose">
          {say('window.media.chooseFolder')}
        </Button>
        {found && <FileName name={found.path} />}
      </Group>
      <NameField value={name} onChange={setName} />
      {found && <Findings findings={found.findings} />}
      <ProblemView problem={task.problem} />
      <Buttons
        ready={found !== undefined && !hasErrors(found.findings)}
        busy={task.busy}
        save={save}
        onDone={onDone}
        changed={place !== undefined}
      />
    </Stack>
  )
}

export function ServerForm({ place, onDone }: Props) {
  const { say } = useText()
  const task = useTask()
  const keep = useSave({ ...(place && { place }), onDone })
  const [answers, setAnswers] = useState<ServerAnswers>(() => (place ? answersOf(place) : noServer))
  const [seen, setSeen] = useState<Seen | undefined>(() => place && agreedKeyOf(place))
  const change = (part: Partial<ServerAnswers>) => setAnswers((before) => ({ ...before, ...part }))
  const server = serverOf(answers)
  const shown = seen?.of === JSON.stringify(server) ? seen : undefined
  const draft = placeDraftOf(answers, shown?.agreed ? shown.key.fingerprint : undefined)
  const secrets = secretsOf(answers)
  const known = place !== undefined && isSameAccount(answers, place)
  const look = () =>
    void task.run(async (signal) => {
      if (!server) return
      const key = await call((client) => client.place.look(server, { signal }))
      setSeen({ of: JSON.stringify(server), key, agreed: false })
    })
  const save = () =>
    void task.run(async () => {
      if (draft && (secrets || known)) await keep(draft, secrets)
    })
  return (
    <Stack gap="sm" component="section" aria-label={say('copy.places.serverTitle')} data-testid="place-server-form">
      <FormTitle>
        {place ? say('copy.places.editName', { name: visible(place.name) }) : say('copy.places.serverTitle')}
      </FormTitle>
      <Account answers={answers} change={change} />
      <SecretFields answers={answers} onChange={change} />
      {known && (
        <Text size="sm" c="dimmed" data-testid="place-same-account">
          {say('copy.places.sameAccount')}
        </Text>
      )}
      <Group>
        <Button
          variant="default"
          size="xs"
          onClick={look}
          loading={task.busy}
          disabled={!server}
          data-testid="place-look"
        >
          {say('copy.places.look')}
        </Button>
      </Group>
      {shown && (
        <Stack gap="xs" role="status" className="choice" data-testid="place-host-key">
          <Text fw={600}>{say('terminal.place.host-key')}</Text>
          <Code className="name">
            {[shown.key.fingerprint, shown.key.type && `(${visible(shown.key.type)})`].join(' ')}
          </Code>
          <Text size="sm">{say('terminal.place.host-key-why')}</Text>
          <Checkbox
            label={say('copy.places.agreed')}
            checked={shown.agreed}
            onChange={(event) => setSeen({ ...shown, agreed: event.currentTarget.checked })}
            data-testid="place-agreed"
          />
        </Stack>
      )}
      <ProblemView problem={task.problem} />
      <Buttons
        ready={draft !== undefined && (secrets !== undefined || known)}
        busy={task.busy}
        save={save}
        onDone={onDone}
        changed={place !== undefined}
      />
    </Stack>
  )
}

/** What opened the form is gone: the keyboard goes on from here. */
function FormTitle({ children }: { children: string }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <Title order={3} ref={heading} tabIndex={-1}>
      {children}
    </Title>
  )
}

function Account({ answers, change }: { answers: ServerAnswers; change: (part: Partial<ServerAnswers>) => void }) {
  const { say } = useText()
  return (
    <>
      <Group gap="sm" align="flex-end">
        <TextInput
          flex={1}
          label={say('copy.places.host')}
          value={answers.host}
          onChange={(event) => change({ host: event.currentTarget.value })}
          data-testid="place-host"
        />
        <NumberInput
          label={say('copy.places.port')}
          value={answers.port}
          onChange={(port) => change({ port })}
          min={1}
          max={65_535}
          allowDecimal={false}
          w="8rem"
          data-testid="place-port"
        />
      </Group>
      <TextInput
        label={say('copy.places.user')}
        value={answers.user}
        onChange={(event) => change({ user: event.currentTarget.value })}
        data-testid="place-user"
      />
      <TextInput
        label={say('copy.places.path')}
        description={say('copy.places.pathHelp')}
        value={answers.path}
        onChange={(event) => change({ path: event.currentTarget.value })}
        data-testid="place-path"
      />
      <NameField value={answers.name} onChange={(name) => change({ name })} />
    </>
  )
}

function NameField({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  const { say } = useText()
  return (
    <TextInput
      label={say('copy.places.name')}
      description={say('copy.places.nameHelp')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={200}
      data-testid="place-name"
    />
  )
}

interface ButtonsProps {
  onDone: () => void
  changed: boolean
  ready: boolean
  busy: boolean
  save: () => void
}

function Buttons({ ready, busy, save, onDone, changed }: ButtonsProps) {
  const { say } = useText()
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={() => onDone()}>
        {say('window.cancel')}
      </Button>
      <Button onClick={save} loading={busy} disabled={!ready} data-testid="place-save">
        {say(changed ? 'window.save' : 'copy.places.save')}
      </Button>
    </Group>
  )
}
