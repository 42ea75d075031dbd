// The media: those that are connected, live (name, free space, initialised or not, last backup on it, eject or initialise), and those of plans that are away.
import { Button, Group, Stack, Text } from '@mantine/core'
import { IconDeviceUsb, IconShieldCheck } from '@tabler/icons-react'
import { placeIdsOf } from '../../../core/api/destination.ts'
import type { AppState, KnownMedium, Medium } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { EjectButton } from '../../parts/eject-button.tsx'
import { MediumFacts, refOf } from '../../parts/medium-choice.tsx'
import { guarded } from '../../parts/operator.tsx'
import { PlaceLink, PlaceNote } from '../../parts/place-link.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { FileName, Section, useNow } from '../../parts/show.tsx'
import { useTask } from '../../parts/task.ts'
import { show, useEngine, useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { Room } from './room.tsx'

export function MediaPanel() {
  const { say } = useText()
  const { media } = useEngine('media')
  const away = useFromEngine(awayMedia)
  return (
    <Section title={say('window.media.title')} help="drive" testId="media-list">
      {media.length === 0 && away.length === 0 ? (
        <Group className="choice" gap="sm" wrap="nowrap">
          <IconDeviceUsb size={22} aria-hidden />
          <Text size="sm">{say('window.media.plugIn')}</Text>
        </Group>
      ) : (
        <Stack gap="xs" component="ul" m={0} p={0}>
          {media.map((medium) => (
            <MediumRow key={medium.path} medium={medium} />
          ))}
          {away.map((medium) => (
            <AwayRow key={medium.id} medium={medium} />
          ))}
        </Stack>
      )}
    </Section>
  )
}

/** What a plan saves to, or has lately saved to, and is not here now. */
function awayMedia({ known, media, plans, runs }: AppState): readonly KnownMedium[] {
  const here = new Set(media.map(({ id }) => id))
  const chosen = plans.flatMap(({ destinations }) => destinations.flatMap(({ place }) => placeIdsOf(place)))
  const lately = runs.flatMap(({ planId, medium }) => (planId === undefined ? [] : (medium?.id ?? [])))
  const used = new Set([...chosen, ...lately])
  return known.filter(({ id }) => used.has(id) && !here.has(id))
}

/** Since when it is away, and whether a schedule waits for it. */
function AwayRow({ medium }: { medium: KnownMedium }) {
  const { say, relative } = useText()
  const now = useNow()
  const isDue = useFromEngine(({ schedules }) => schedules.some((one) => one.medium?.due.id === medium.id))
  return (
    <Group component="li" className="choice" gap="sm" wrap="nowrap" data-testid="medium-away" data-medium={medium.name}>
      <IconDeviceUsb size={22} aria-hidden color="var(--mantine-color-dimmed)" />
      <Stack gap={2}>
        <PlaceLink id={medium.id}>
          <FileName name={medium.name} />
        </PlaceLink>
        <Text c="dimmed" size="sm" component="span">
          {[say('window.media.away', { when: relative(medium.seenAt, now) }), isDue ? say('window.media.due') : '']
            .filter(Boolean)
            .join(' · ')}
        </Text>
        <PlaceNote id={medium.id} />
      </Stack>
    </Group>
  )
}

function MediumRow({ medium }: { medium: Medium }) {
  const { say } = useText()
  const verifying = useTask()
  const name = visible(medium.name)
  const verify = () =>
    void verifying.run(async () => {
      const { id } = await guarded((client) => client.verify.start({ medium: refOf(medium) }))
      show({ name: 'run', id })
    })
  return (
    <Stack component="li" className="choice" gap="xs" data-testid="medium" data-medium={medium.name}>
      <Group wrap="nowrap" justify="space-between" align="flex-start">
        <Stack gap={4} flex={1} miw={0}>
          <MediumFacts medium={medium} linked />
          <PlaceNote id={medium.id} />
          <Room place={medium.id} />
        </Stack>
        <Group gap="xs" flex="none" align="flex-start">
          {!medium.initialised && (
            <Button
              variant="default"
              size="xs"
              disabled={medium.readOnly}
              onClick={() => show({ name: 'init', medium: medium.path })}
              aria-label={say('window.media.initName', { name })}
              data-testid="medium-init"
            >
              {say('window.media.init')}
            </Button>
          )}
          {medium.lastBackup !== undefined && (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconShieldCheck size={16} aria-hidden />}
              onClick={verify}
              loading={verifying.busy}
              aria-label={say('window.media.verifyName', { name })}
              data-testid="medium-verify"
            >
              {say('window.media.verify')}
            </Button>
          )}
          {medium.removable && <EjectButton path={medium.path} name={medium.name} compact />}
        </Group>
      </Group>
      <ProblemView problem={verifying.problem} />
    </Stack>
  )
}
