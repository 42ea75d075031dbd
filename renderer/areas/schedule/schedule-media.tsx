// Where a plan's backups go: whichever medium is connected, always the same place, or several in turn, with the age of each one's last backup.
// Guarantees: media that are away can be chosen too, and configured places; which one is due is said as the engine decides it (oldest last backup first).
import { Badge, Checkbox, Group, Radio, Stack, Text } from '@mantine/core'
import { placeIdsOf } from '../../../core/api/destination.ts'
import type { Plan } from '../../../core/api/plan.ts'
import { inTurn } from '../../../core/api/turn.ts'
import { FileName, When } from '../../parts/show.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { knownPlaces, type NamedPlace } from '../../text/places.ts'
import { lastOn } from '../../text/schedules.ts'
import type { AnswersProps } from './schedule-fields.tsx'

type Props = AnswersProps & { plan: Plan }

/** Media, folders and servers, without those that get copies: a plan names a place once. */
function usePlaces({ destinations }: Plan): NamedPlace[] {
  const copies = new Set(destinations.slice(1).flatMap(({ place }) => placeIdsOf(place)))
  return knownPlaces(useEngine('known', 'media', 'places')).filter(({ id }) => !copies.has(id))
}

export function ScheduleMedia({ answers, change, plan }: Props) {
  const { say } = useText()
  const known = usePlaces(plan)
  const { places = [] } = useEngine('places')
  const choose = (media: string) => {
    if (media === 'any') change({ media })
    if (media === 'one') change({ media, one: answers.one ?? known[0]?.id })
    if (media === 'rotation') {
      // What is carried away takes turns; a share or a server stays where it is.
      const carried = known.filter(({ id }) => places.every((place) => place.id !== id))
      const proposed = (carried.length > 1 ? carried : known).map(({ id }) => id)
      change({ media: 'rotation', rotation: answers.rotation.length > 0 ? answers.rotation : proposed })
    }
  }
  return (
    <Stack gap="md">
      <Radio.Group value={answers.media} onChange={choose} aria-label={say('schedule.window.mediumTitle')}>
        <Stack gap="xs">
          <MediaOption value="any" />
          <MediaOption value="one" disabled={known.length === 0} />
          <MediaOption value="rotation" disabled={known.length < 2} />
        </Stack>
      </Radio.Group>
      {known.length < 2 && (
        <Text size="sm">{say(known.length === 0 ? 'schedule.window.noKnown' : 'schedule.window.fewKnown')}</Text>
      )}
      {answers.media === 'one' && (
        <Radio.Group
          label={say('schedule.window.known')}
          value={answers.one ?? null}
          onChange={(one) => change({ one: one ?? undefined })}
        >
          <Stack gap="xs" mt="xs">
            {known.map((medium) => (
              <Radio
                key={medium.id}
                value={medium.id}
                label={<Aged medium={medium} planId={plan.id} />}
                data-testid={`known-${medium.name}`}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
      {answers.media === 'rotation' && <Rotation answers={answers} change={change} plan={plan} />}
    </Stack>
  )
}

function MediaOption({ value, disabled = false }: { value: 'any' | 'one' | 'rotation'; disabled?: boolean }) {
  const { say } = useText()
  return (
    <Radio.Card value={value} disabled={disabled} className="choice" withBorder={false} data-testid={`media-${value}`}>
      <Group wrap="nowrap">
        <Radio.Indicator disabled={disabled} />
        <Stack gap={0}>
          <Text>{say(`schedule.window.media.${value}`)}</Text>
          <Text size="sm" c="dimmed">
            {say(`schedule.window.mediaHelp.${value}`)}
          </Text>
        </Stack>
      </Group>
    </Radio.Card>
  )
}

function Rotation({ answers, change, plan }: Props) {
  const { say } = useText()
  const places = usePlaces(plan)
  const state = useEngine('schedules', 'runs')
  const [due] = inTurn(answers.rotation, (id) => lastOn(state, plan.id, id))
  return (
    <Checkbox.Group
      label={say('schedule.window.known')}
      value={answers.rotation}
      onChange={(rotation) => change({ rotation })}
    >
      <Stack gap="xs" mt="xs">
        {places.map((medium) => (
          <Checkbox
            key={medium.id}
            value={medium.id}
            label={<Aged medium={medium} planId={plan.id} due={medium.id === due} />}
            data-testid={`known-${medium.name}`}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}

function Aged({ medium, planId, due = false }: { medium: NamedPlace; planId: string; due?: boolean }) {
  const { say } = useText()
  const last = lastOn(useEngine('schedules', 'runs'), planId, medium.id)
  return (
    <Group gap="xs">
      <FileName name={medium.name} />
      {due && (
        <Badge variant="light" color="sea" tt="none">
          {say('schedule.window.due')}
        </Badge>
      )}
      <Text size="sm" c="dimmed" component="span">
        {last ? (
          <>
            {say('schedule.window.lastOn')} <When iso={last} />
          </>
        ) : (
          say('schedule.window.neverOn')
        )}
      </Text>
    </Group>
  )
}
