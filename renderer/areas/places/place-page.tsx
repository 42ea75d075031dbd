// One place or drive: what takes its room, how long that will do, who uses it, when it was verified, where people keep it.
import { Anchor, Button, DataList, Group, Loader, Progress, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { placeIdsOf } from '../../../core/api/destination.ts'
import type { AppState, Artifact, Medium } from '../../../core/api/model.ts'
import { whereIs } from '../../../core/api/place.ts'
import { formatMoment } from '../../../core/api/text/format.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { EjectButton } from '../../parts/eject-button.tsx'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName, Panel, Row, Section, useNow, When } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useEngine, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { useArtifacts } from '../restore/artifacts.tsx'
import { useRunsFound } from '../runs/runs-found.ts'
import { RunsTable } from '../runs/runs-table.tsx'
import { MakeRoomButton } from './make-room.tsx'
import { Room } from './room.tsx'

interface Known {
  readonly name: string
  readonly where: string
  readonly seenAt: string | undefined
}

/** What is known of it, whether it is there or not. */
function knownOf(
  id: string,
  { media, known, places = [] }: Pick<AppState, 'media' | 'known' | 'places'>,
): Known | undefined {
  const medium = media.find((one) => one.id === id)
  const place = places.find((one) => one.id === id)
  const seen = known.find((one) => one.id === id)
  const found = place ? { name: place.name, path: whereIs(place.store) } : (medium ?? seen)
  return found && { name: found.name, where: found.path, seenAt: medium ? undefined : seen?.seenAt }
}

export function PlacePage({ id }: { id: string }) {
  const { say } = useText()
  const state = useEngine('media', 'known', 'places')
  const known = knownOf(id, state)
  const medium = state.media.find((one) => one.id === id && one.initialised)
  if (!known) return <Text className="choice">{say('window.place.gone')}</Text>
  return (
    <Stack gap="lg">
      <Head known={known} medium={medium} />
      <Facts id={id} known={known} medium={medium} />
      {medium && <Space medium={medium} />}
      <Note key={id} id={id} />
      <Lately id={id} />
    </Stack>
  )
}

function Head({ known, medium }: { known: Known; medium: Medium | undefined }) {
  const { say } = useText()
  const task = useTask()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const verify = () =>
    void task.run(async () => {
      if (!medium) return
      const { id } = await guarded((client) => client.verify.start({ medium: medium.id ?? medium.path }))
      show({ name: 'run', id })
    })
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="flex-start">
        <Title order={1} ref={heading} tabIndex={-1} data-testid="place-title">
          {visible(known.name)}
        </Title>
        {medium && (
          <Group gap="xs" align="flex-start">
            <Button
              variant="default"
              leftSection={<IconShieldCheck size={18} aria-hidden />}
              onClick={verify}
              loading={task.busy}
              disabled={medium.lastBackup === undefined}
            >
              {say('window.media.verify')}
            </Button>
            {medium.removable && <EjectButton path={medium.path} name={medium.name} />}
          </Group>
        )}
      </Group>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

function Facts({ id, known, medium }: { id: string; known: Known; medium: Medium | undefined }) {
  const { say, relative, language } = useText()
  const now = useNow()
  const { plans, schedules, space = [], rows = [] } = useEngine('plans', 'schedules', 'space', 'rows')
  // Those that name it, and those whose backups lie there because they take any drive.
  const lie = new Set(rows.flatMap(({ planId, places = [] }) => (places.includes(id) ? planId : [])))
  const users = plans.filter(
    ({ id: planId, destinations }) =>
      lie.has(planId) || destinations.some(({ place }) => placeIdsOf(place).includes(id)),
  )
  const due = schedules.filter((one) => one.medium?.due.id === id)
  const full = space.flatMap((one) => (one.place === id && one.full !== undefined ? one.full : [])).sort()[0]
  const filter = useMemo(() => ({ placeId: id, kinds: ['verify' as const] }), [id])
  const verified = useRunsFound(filter).runs.find(({ outcome }) => outcome === 'success' || outcome === 'warning')
  return (
    <DataList withDivider labelWidth="13rem" className="panel" p="md" data-testid="place-facts">
      <Row label={say('window.place.where')}>
        <FileName name={known.where} />
      </Row>
      <Row label={say('window.place.state')}>
        {medium
          ? say(medium.removable ? 'window.place.here' : 'window.place.reachable')
          : known.seenAt === undefined
            ? say('window.place.away')
            : say('window.media.away', { when: relative(known.seenAt, now) })}
        {due.length > 0 && ` · ${say('window.media.due')}`}
      </Row>
      <Row label={say('window.place.users')}>
        {users.length === 0 ? (
          say('window.place.nobody')
        ) : (
          <Group gap="sm">
            {users.map((plan) => (
              <Anchor key={plan.id} component="button" onClick={() => show({ name: 'plan', id: plan.id })}>
                {visible(plan.name)}
              </Anchor>
            ))}
          </Group>
        )}
      </Row>
      {medium && (
        <Row label={say('window.place.room')}>
          <Stack gap={2}>
            <Room place={id} />
            {full !== undefined && (
              <Text size="sm" c="var(--arche-warn)" fw={600} component="span" data-testid="place-full">
                {say('window.place.full', { when: formatMoment(full, language, now) })}
              </Text>
            )}
            {lie.size > 0 && (
              <Group mt={4}>
                <MakeRoomButton place={id} name={known.name} />
              </Group>
            )}
          </Stack>
        </Row>
      )}
      <Row label={say('window.plan.column.verified')}>
        {verified ? <When iso={verified.endedAt ?? verified.startedAt} /> : say('window.plan.never')}
      </Row>
    </DataList>
  )
}

const colors = ['sea.7', 'teal.6', 'indigo.5', 'orange.6', 'grape.6', 'lime.7', 'cyan.6', 'pink.6'] as const

/** What its room is taken by: the backups of each plan, other things, nothing. */
function Space({ medium }: { medium: Medium }) {
  const { say, bytes } = useText()
  const { artifacts, busy, problem } = useArtifacts(medium.id ?? medium.path)
  if (!artifacts)
    return busy ? <Loader size="sm" aria-label={say('window.restore.listing')} /> : <ProblemView problem={problem} />
  const subjects = sizesBySubject(artifacts)
  const all = subjects.reduce((sum, { size }) => sum + size, 0)
  const { size, free } = medium
  const others = size === undefined || free === undefined ? 0 : Math.max(0, size - free - all)
  const whole = size ?? all + (free ?? 0)
  const share = (part: number) => (whole > 0 ? (part / whole) * 100 : 0)
  const named = subjects.map((one, at) => ({ ...one, color: colors[at % colors.length] ?? colors[0] }))
  return (
    <Panel title={say('window.place.space')}>
      <Stack gap="sm" data-testid="place-space">
        <Progress.Root size={24} aria-hidden>
          {named.map(({ subject, size: part, color }) => (
            <Progress.Section key={subject} value={share(part)} color={color} />
          ))}
          {others > 0 && <Progress.Section value={share(others)} color="gray.6" />}
        </Progress.Root>
        <Group gap="lg" component="ul" m={0} p={0} className="plain-list">
          {named.map(({ subject, size: part, count, color }) => (
            <Legend key={subject} color={color}>
              {say('window.place.backupsOf', {
                name: visible(subject),
                backups: say('window.place.backups', { count, size: bytes(part) }),
              })}
            </Legend>
          ))}
          {others > 0 && <Legend color="gray.6">{say('window.place.others', { size: bytes(others) })}</Legend>}
          {free !== undefined && <Legend color="gray.3">{say('copy.places.free', { free: bytes(free) })}</Legend>}
        </Group>
      </Stack>
    </Panel>
  )
}

function Legend({ color, children }: { color: string; children: React.ReactNode }) {
  const [name, shade] = color.split('.')
  return (
    <Group component="li" gap={6} wrap="nowrap">
      <span className="swatch" style={{ background: `var(--mantine-color-${name}-${shade})` }} aria-hidden />
      <Text size="sm" component="span">
        {children}
      </Text>
    </Group>
  )
}

/** The largest first. */
function sizesBySubject(artifacts: readonly Artifact[]): { subject: string; size: number; count: number }[] {
  const sums = new Map<string, { size: number; count: number }>()
  for (const { subject, size } of artifacts) {
    const sum = sums.get(subject) ?? { size: 0, count: 0 }
    sums.set(subject, { size: sum.size + size, count: sum.count + 1 })
  }
  return [...sums].map(([subject, sum]) => ({ subject, ...sum })).sort((one, other) => other.size - one.size)
}

/** "In the safe": kept when it is left with Enter or the button. */
function Note({ id }: { id: string }) {
  const { say } = useText()
  const kept = useFromEngine(({ placeNotes = {} }) => placeNotes[id] ?? '')
  const [text, setText] = useState(kept)
  const task = useTask()
  const save = () =>
    void task.run(() => guarded((client) => client.place.note({ id, note: text.trim() || null })).then(() => undefined))
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Group align="flex-end" gap="sm">
        <TextInput
          label={say('window.place.note')}
          description={say('window.place.noteHelp')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          maxLength={200}
          flex={1}
          maw="32rem"
          data-testid="place-note"
        />
        <Button
          type="submit"
          variant="default"
          loading={task.busy}
          disabled={text.trim() === kept}
          data-testid="place-note-save"
        >
          {say('window.save')}
        </Button>
      </Group>
      <ProblemView problem={task.problem} />
    </form>
  )
}

const few = 8

function Lately({ id }: { id: string }) {
  const { say } = useText()
  const filter = useMemo(() => ({ placeId: id }), [id])
  const { runs } = useRunsFound(filter)
  if (runs.length === 0) return null
  return (
    <Section title={say('window.runs.title')}>
      <RunsTable runs={runs.slice(0, few)} />
    </Section>
  )
}
