// "Where to": the place that gets the backups of a plan, and those that get copies, each with rules of its own.
// Guarantees: changes nothing by itself, the form that holds it saves; a rotation is shown and left to the schedule. What was added or removed is said
// to whoever does not see it, and the keyboard goes to the head of the list, before what changed.
import { Button, Group, MultiSelect, Select, Stack, Text, Title, VisuallyHidden } from '@mantine/core'
import { IconArrowRight, IconPlus, IconTrash } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { placeIdsOf } from '../../../core/api/destination.ts'
import type { Plan } from '../../../core/api/plan.ts'
import { rulesInWords } from '../../../core/api/text/keep-text.ts'
import { translator } from '../../../core/api/text/text.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { keepOf } from '../../parts/keep-answers.ts'
import { KeepFields } from '../../parts/keep-fields.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { knownPlaces, namesOf } from '../../text/places.ts'
import { changedAt, type DestinationAnswers, placesFor, withCopy } from './destination-answers.ts'

interface Props {
  all: readonly DestinationAnswers[]
  onChange: (all: DestinationAnswers[]) => void
  /** Absent while the plan has not been saved yet. */
  plan: Plan | undefined
}

/** The most that a plan may have. */
const most = 10

export function DestinationFields({ all, onChange, plan }: Props) {
  const { say } = useText()
  const state = useEngine('known', 'media', 'places')
  const [said, setSaid] = useState('')
  const heading = useRef<HTMLHeadingElement>(null)
  const [first, ...copies] = all
  const remove = (at: number, name: string) => {
    onChange(all.filter((_, index) => index !== at))
    setSaid(say('copy.window.removed', { name }))
    heading.current?.focus()
  }
  const add = (ids: readonly string[]) => {
    onChange(withCopy(all, ids))
    setSaid(say('copy.window.added', { name: namesOf(ids, state) }))
    heading.current?.focus()
  }
  return (
    <Stack gap="sm" component="section" aria-label={say('copy.window.title')} data-testid="destinations">
      <Title order={2}>{say('copy.window.title')}</Title>
      <Text size="sm" c="dimmed">
        {say('copy.window.lead')}
      </Text>
      {first && <First first={first} all={all} onChange={onChange} />}
      <Title order={3} ref={heading} tabIndex={-1}>
        {say('copy.window.copies')}
      </Title>
      {copies.length === 0 && <Text size="sm">{say('copy.window.noCopies')}</Text>}
      {copies.length > 0 && (
        <Stack gap="xs" component="ul" m={0} p={0}>
          {copies.map((copy, index) => (
            <CopyRow
              key={placeIdsOf(copy.place).join(' ')}
              copy={copy}
              plan={plan}
              onChange={(part) => onChange(changedAt(all, index + 1, part))}
              onRemove={(name) => remove(index + 1, name)}
            />
          ))}
        </Stack>
      )}
      {all.length < most && <AddCopy all={all} onAdd={add} />}
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </Stack>
  )
}

const anyMedium = 'any'

function First({ first, all, onChange }: Pick<Props, 'all' | 'onChange'> & { first: DestinationAnswers }) {
  const { say } = useText()
  const state = useEngine('known', 'media', 'places')
  const { id, rotation } = first.place
  if (rotation)
    return (
      <Stack gap={2} data-testid="destination-rotation">
        <Text fw={500}>{say('copy.window.rotation', { names: namesOf(rotation, state) })}</Text>
        <Text size="sm" c="dimmed">
          {say('copy.window.rotationHelp')}
        </Text>
      </Stack>
    )
  const free = placesFor(knownPlaces(state), all, first)
  const places = id === undefined || free.some((one) => one.id === id) ? free : [{ id, name: id.slice(0, 8) }, ...free]
  return (
    <Select
      label={say('copy.window.first')}
      data={[
        { value: anyMedium, label: say('copy.any') },
        ...places.map((one) => ({ value: one.id, label: visible(one.name) })),
      ]}
      value={id ?? anyMedium}
      onChange={(value) => {
        const place = value === null || value === anyMedium ? {} : { id: value }
        onChange(changedAt(all, 0, { place: { kind: 'medium', ...place } }))
      }}
      allowDeselect={false}
      maw="26rem"
      data-testid="destination-first"
    />
  )
}

interface CopyRowProps {
  copy: DestinationAnswers
  plan: Plan | undefined
  onChange: (part: Partial<DestinationAnswers>) => void
  onRemove: (name: string) => void
}

function CopyRow({ copy: { id, place, keep }, plan, onChange, onRemove }: CopyRowProps) {
  const { say, language } = useText()
  const state = useEngine('known', 'media', 'places')
  const [open, setOpen] = useState(false)
  const ids = placeIdsOf(place)
  const name = namesOf(ids, state)
  const rules = keepOf(keep)
  return (
    <Stack component="li" className="choice" gap="sm" data-testid="copy-destination" data-place={name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Group gap="sm" wrap="nowrap" align="flex-start" miw={0}>
          <IconArrowRight size={20} aria-hidden className="entry-icon" />
          <Stack gap={2} miw={0}>
            <Text fw={600}>
              <bdi className="name">{place.rotation ? say('copy.window.rotation', { names: name }) : name}</bdi>
            </Text>
            <Text size="sm" c="dimmed">
              {rules === undefined
                ? say('copy.window.rulesMissing')
                : say('copy.window.rules', { rules: rulesInWords(rules ?? undefined, translator(language)) })}
            </Text>
          </Stack>
        </Group>
        <Group gap="xs" flex="none">
          <Button
            variant="default"
            size="xs"
            aria-expanded={open}
            aria-label={say('copy.window.changeName', { name })}
            onClick={() => setOpen(!open)}
            data-testid="copy-keep"
          >
            {say('copy.window.change')}
          </Button>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconTrash size={16} aria-hidden />}
            aria-label={say('copy.window.removeName', { name })}
            onClick={() => onRemove(name)}
            data-testid="copy-remove"
          >
            {say('window.remove')}
          </Button>
        </Group>
      </Group>
      {open && (
        <KeepFields
          answers={keep}
          onChange={(changed) => onChange({ keep: changed })}
          plan={id === undefined ? undefined : plan}
          title={say('copy.window.keepOn', { names: name })}
          order={4}
          places={ids}
        />
      )}
    </Stack>
  )
}

interface AddCopyProps {
  all: readonly DestinationAnswers[]
  onAdd: (ids: readonly string[]) => void
}

function AddCopy({ all, onAdd }: AddCopyProps) {
  const { say } = useText()
  const free = placesFor(knownPlaces(useEngine('known', 'media', 'places')), all)
  const [chosen, setChosen] = useState<string[]>([])
  const ids = chosen.filter((one) => free.some(({ id }) => id === one))
  if (free.length === 0)
    return (
      <Text size="sm" data-testid="copy-none-free">
        {say('copy.window.noneFree')}
      </Text>
    )
  return (
    <Group align="flex-end" gap="sm">
      <MultiSelect
        label={say('copy.window.add')}
        description={say('copy.window.addHelp')}
        placeholder={ids.length === 0 ? say('copy.window.choose') : ''}
        data={free.map(({ id, name }) => ({ value: id, label: visible(name) }))}
        value={ids}
        onChange={setChosen}
        flex={1}
        maw="26rem"
        data-testid="copy-place"
      />
      <Button
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        disabled={ids.length === 0}
        onClick={() => {
          onAdd(ids)
          setChosen([])
        }}
        data-testid="copy-add"
      >
        {say('copy.window.addNow')}
      </Button>
    </Group>
  )
}
