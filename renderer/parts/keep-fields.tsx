// How long the backups of a plan are kept, in plain words: a few ready choices, or rules of one's own; and what they would do on a medium.
// Guarantees: changes nothing by itself; the form that holds it saves.
import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  Radio,
  SimpleGrid,
  Stack,
  Text,
  Title,
  type TitleOrder,
} from '@mantine/core'
import { useMemo, useState } from 'react'
import { keepRules } from '../../core/api/keep-rules.ts'
import type { Plan } from '../../core/api/plan.ts'
import { useText } from '../text/i18n.ts'
import { type KeepAnswers, keepOf, type Preset, presets } from './keep-answers.ts'
import { KeepPreviewDialog } from './keep-preview.tsx'

interface Props {
  answers: KeepAnswers
  onChange: (answers: KeepAnswers) => void
  /** Absent while the plan has not been saved yet: there is nothing on a medium to look at. */
  plan: Plan | undefined
  /** Of which destination, where there are several. */
  title?: string
  order?: TitleOrder
  /** Ids of the places that these rules are for; none: any medium. */
  places?: readonly string[]
  /** Absent: all. */
  offered?: readonly Preset[]
}

export function KeepFields({ answers, onChange, plan, title, order = 2, places = [], offered = presets }: Props) {
  const { say } = useText()
  const named = title ?? say('keep.window.title')
  const [looking, setLooking] = useState(false)
  const keep = useMemo(() => keepOf(answers), [answers])
  return (
    <Stack gap="sm" component="section" aria-label={named} data-testid="keep-fields">
      <Title order={order} size={order > 2 ? 'h3' : 'h2'}>
        {named}
      </Title>
      <Text size="sm" c="dimmed">
        {say('keep.window.lead')}
      </Text>
      <Radio.Group
        aria-label={named}
        value={answers.preset}
        onChange={(value) => onChange({ ...answers, preset: presets.find((one) => one === value) ?? 'all' })}
      >
        <Stack gap="sm">
          {offered.map((preset) => (
            <Stack key={preset} gap="xs">
              <Radio
                value={preset}
                label={say(`keep.window.preset.${preset}`)}
                description={say(`keep.window.preset.${preset}Help`)}
                data-testid={`keep-${preset}`}
              />
              {answers.preset === preset && <Details preset={preset} answers={answers} onChange={onChange} />}
            </Stack>
          ))}
        </Stack>
      </Radio.Group>
      {answers.preset !== 'all' && answers.preset !== 'full' && (
        <Checkbox
          label={say('keep.window.untilFull')}
          description={say('keep.window.untilFullHelp')}
          checked={answers.untilFull}
          onChange={(event) => onChange({ ...answers, untilFull: event.currentTarget.checked })}
          data-testid="keep-until-full"
        />
      )}
      {plan && (
        <Group>
          <Button
            variant="default"
            disabled={keep === undefined}
            onClick={() => setLooking(true)}
            data-testid="keep-preview-open"
          >
            {say('keep.window.preview')}
          </Button>
        </Group>
      )}
      {plan && looking && keep !== undefined && (
        <KeepPreviewDialog plan={plan} keep={keep} places={places} onClose={() => setLooking(false)} />
      )}
    </Stack>
  )
}

function Details({ preset, answers, onChange }: { preset: Preset } & Pick<Props, 'answers' | 'onChange'>) {
  const { say } = useText()
  if (preset === 'last')
    return (
      <Count
        name="last"
        label={say('keep.window.lastCount')}
        value={answers.last}
        onChange={(last) => onChange({ ...answers, last })}
      />
    )
  if (preset === 'days')
    return (
      <Count
        name="days"
        label={say('keep.window.daysCount')}
        value={answers.days}
        onChange={(days) => onChange({ ...answers, days })}
      />
    )
  if (preset !== 'own') return null
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} ml="2rem">
      {keepRules.map((rule) => (
        <Count
          key={rule}
          name={`own-${rule}`}
          label={say(`keep.window.own.${rule}`)}
          value={answers.own[rule]}
          onChange={(count) => onChange({ ...answers, own: { ...answers.own, [rule]: count } })}
        />
      ))}
    </SimpleGrid>
  )
}

interface CountProps {
  name: string
  label: string
  value: number | string
  onChange: (value: number | string) => void
}

function Count({ name, label, value, onChange }: CountProps) {
  return (
    <NumberInput
      label={label}
      value={value}
      onChange={onChange}
      min={1}
      max={10_000}
      allowDecimal={false}
      allowNegative={false}
      maw="16rem"
      ml={name.startsWith('own') ? 0 : '2rem'}
      data-testid={`keep-count-${name}`}
    />
  )
}
