// Where restoring begins: the search over all backups, and below it the backups of a medium or place by their days; and what restores put aside.
// Guarantees: changes nothing by looking; restoring is the wizard's, which begins with what was chosen here.
import { Button, Group, Loader, Select, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { IconArchive, IconRestore } from '@tabler/icons-react'
import { useState } from 'react'
import type { Artifact, Medium } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { Empty } from '../../parts/empty.tsx'
import { refOf } from '../../parts/medium-choice.tsx'
import { NoteButton } from '../../parts/note-button.tsx'
import { PinButton } from '../../parts/pin-button.tsx'
import { ProblemList, ProblemView } from '../../parts/problem-view.tsx'
import { Panel } from '../../parts/show.tsx'
import { show, useEngine, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { missingFor } from '../../text/missing.ts'
import { ArtifactFacts, useArtifacts } from './artifacts.tsx'
import { BasketPanel } from './basket-panel.tsx'
import { dateOf, dayOf, keyOf } from './calendar.ts'
import { DeleteButton, DeleteDialog } from './delete-backup.tsx'
import { FindFiles } from './find-files.tsx'
import { MonthView } from './month-view.tsx'
import { SafetySetting } from './safety-setting.tsx'
import { SearchGaps, useSearchGaps } from './search-gaps.tsx'

export function BackupsScreen() {
  const { say } = useText()
  const { media } = useEngine('media')
  const [path, setPath] = useState<string>()
  const [text, setText] = useState('')
  const { subjects, gaps, look } = useSearchGaps()
  const ready = media.filter((one) => one.initialised)
  const medium = ready.find((one) => one.path === path) ?? newest(ready)
  return (
    <Stack gap="xl">
      <Stack gap="md">
        <FindFiles text={text} onText={setText} subjects={subjects} />
        <BasketPanel />
        <SearchGaps gaps={gaps} onAdded={look} />
      </Stack>
      {text.trim() === '' && (
        <>
          <Stack gap="md">
            <Group justify="space-between" align="flex-end">
              {medium ? (
                <Select
                  label={say('window.backups.on')}
                  data={ready.map((one) => ({ value: one.path, label: visible(one.name) }))}
                  value={medium.path}
                  onChange={(value) => setPath(value ?? undefined)}
                  allowDeselect={false}
                  flex={1}
                  maw="26rem"
                  data-testid="backups-on"
                />
              ) : (
                <Text flex={1}>{say('window.backups.nowhere')}</Text>
              )}
              <RestoreButton medium={medium} />
            </Group>
            {medium && <Backups key={refOf(medium)} medium={medium} />}
          </Stack>
          <Panel title={say('keep.window.safety.title')}>
            <SafetySetting />
          </Panel>
        </>
      )}
    </Stack>
  )
}

function newest(media: readonly Medium[]): Medium | undefined {
  return media.toSorted((one, other) => (other.lastBackup ?? '').localeCompare(one.lastBackup ?? ''))[0]
}

/** The whole wizard, which also takes a folder; or, with an artifact, that one. */
function RestoreButton({ medium, artifact }: { medium: Medium | undefined; artifact?: Artifact }) {
  const { say, time } = useText()
  const impossible = useFromEngine((state) => missingFor('restore', state) !== undefined)
  return (
    <Button
      variant={artifact ? 'default' : 'filled'}
      size={artifact ? 'xs' : 'sm'}
      {...(artifact && { h: 34 })}
      leftSection={<IconRestore size={18} aria-hidden />}
      disabled={impossible}
      onClick={() => show({ name: 'restore', ...(artifact && { medium: medium?.path, artifact }) })}
      {...(artifact && { 'aria-label': say('window.backups.restoreName', { time: time(artifact.time) }) })}
      data-testid={artifact ? 'backup-restore' : 'backups-restore'}
    >
      {say('window.actions.restore')}
    </Button>
  )
}

function Backups({ medium }: { medium: Medium }) {
  const { say } = useText()
  const ref = refOf(medium)
  const { artifacts, odd, look, notePin, busy, problem } = useArtifacts(ref)
  const [plan, setPlan] = useState<string | null>(null)
  const [deleting, setDeleting] = useState<readonly Artifact[]>()
  const subjects = [...new Set(artifacts?.map(({ subject }) => subject))].sort()
  const shown = artifacts?.filter(({ subject }) => plan === null || subject === plan)
  return (
    <>
      {busy && !artifacts && <Loader size="sm" aria-label={say('window.restore.listing')} />}
      <ProblemView problem={problem} />
      <ProblemList problems={odd.map((one, number) => ({ number, problem: one }))} />
      {artifacts?.length === 0 && <Empty icon={IconArchive} text={say('window.restore.noBackups')} />}
      {subjects.length > 1 && (
        <Select
          label={say('find.window.plan')}
          placeholder={say('find.window.allPlans')}
          data={subjects.map((one) => ({ value: one, label: visible(one) }))}
          value={plan}
          onChange={setPlan}
          clearable
          maw="26rem"
          data-testid="backups-plan"
        />
      )}
      {shown && shown.length > 0 && (
        <ByDay artifacts={shown}>
          {(artifact) => (
            <>
              <RestoreButton medium={medium} artifact={artifact} />
              <PinButton medium={ref} artifact={artifact} onChange={(pinned) => notePin(artifact.name, pinned)} />
              <NoteButton medium={ref} artifact={artifact} onChange={look} />
              <DeleteButton artifact={artifact} onClick={() => setDeleting([artifact])} />
            </>
          )}
        </ByDay>
      )}
      {deleting && (
        <DeleteDialog medium={ref} artifacts={deleting} onDone={look} onClose={() => setDeleting(undefined)} />
      )}
    </>
  )
}

interface ByDayProps {
  /** Newest first, at least one. */
  artifacts: readonly Artifact[]
  children: (artifact: Artifact) => React.ReactNode
}

/** The calendar, and the backups of the day that is chosen in it: at first that of the newest. */
function ByDay({ artifacts, children }: ByDayProps) {
  const { say, language } = useText()
  const [chosen, setDay] = useState<string>()
  const [month, setMonth] = useState<string>()
  const last = artifacts[0] ? dayOf(artifacts[0].time) : keyOf(new Date())
  const counts = new Map<string, number>()
  for (const { time } of artifacts) counts.set(dayOf(time), (counts.get(dayOf(time)) ?? 0) + 1)
  const day = chosen !== undefined && counts.has(chosen) ? chosen : last
  const title = new Intl.DateTimeFormat(language, { dateStyle: 'full' }).format(dateOf(day))
  const choose = (one: string) => {
    setDay(one)
    setMonth(one.slice(0, 7))
  }
  return (
    <div className="by-day">
      <Stack gap="xs">
        <MonthView month={month ?? day.slice(0, 7)} day={day} counts={counts} onMonth={setMonth} onDay={choose} />
        <SimpleGrid cols={2} spacing="xs">
          <Neighbour days={counts} day={day} step={-1} onDay={choose} />
          <Neighbour days={counts} day={day} step={1} onDay={choose} />
        </SimpleGrid>
      </Stack>
      <Stack gap="sm" miw={0}>
        <Title order={2} data-testid="day-title">
          {title}
        </Title>
        <Text size="sm" role="status">
          {say('find.backups', { count: counts.get(day) ?? 0 })}
        </Text>
        <Stack component="ul" gap="xs" m={0} p={0} data-testid="backups-list">
          {artifacts
            .filter(({ time }) => dayOf(time) === day)
            .map((artifact) => (
              <Group
                component="li"
                key={artifact.name}
                className="choice"
                align="flex-start"
                justify="flex-end"
                data-testid="backup-row"
                data-artifact={artifact.name}
              >
                <ArtifactFacts artifact={artifact} />
                <Group gap="xs" wrap="nowrap" flex="none" align="flex-start">
                  {children(artifact)}
                </Group>
              </Group>
            ))}
        </Stack>
      </Stack>
    </div>
  )
}

interface NeighbourProps {
  days: ReadonlyMap<string, number>
  day: string
  step: 1 | -1
  onDay: (day: string) => void
}

/** The next day that has backups, or the one before. */
function Neighbour({ days, day, step, onDay }: NeighbourProps) {
  const { say } = useText()
  const all = [...days.keys()].sort()
  const next = all[all.indexOf(day) + step]
  const name = step === 1 ? 'dayAfter' : 'dayBefore'
  return (
    <Button
      variant="default"
      size="xs"
      disabled={next === undefined}
      onClick={() => next !== undefined && onDay(next)}
      data-testid={`calendar-${name}`}
    >
      {say(`find.window.${name}`)}
    </Button>
  )
}
