// What a person asks of the activity: plan, task, result, days, words.
import { Button, Group, Select, TextInput } from '@mantine/core'
import { IconSearch, IconX } from '@tabler/icons-react'
import type { Outcome } from '../../../core/api/model.ts'
import { RunKind } from '../../../core/api/model.ts'
import type { RunFilter } from '../../../core/api/run-filter.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export interface Asked {
  readonly plan: string | null
  readonly kind: string | null
  readonly result: string | null
  /** `YYYY-MM-DD` or empty. */
  readonly from: string
  readonly until: string
  readonly words: string
}

export const nothingAsked: Asked = { plan: null, kind: null, result: null, from: '', until: '', words: '' }

/** Results as people ask for them. */
const results = {
  success: ['success'],
  warning: ['warning'],
  trouble: ['error', 'missed', 'abandoned'],
  cancelled: ['cancelled'],
  skipped: ['skipped'],
  running: ['running'],
} as const satisfies Record<string, readonly (Outcome | 'running')[]>
const resultNames = Object.keys(results) as (keyof typeof results)[]

/** Days are those of the wall clock here, both included. */
export function filterOf({ plan, kind, result, from, until, words }: Asked): RunFilter {
  const asked = RunKind.safeParse(kind)
  const ends = resultNames.find((name) => name === result)
  const [begin, end] = [dayOf(from), dayOf(until, 1)]
  return {
    ...(plan === null ? {} : { planId: plan }),
    ...(asked.success ? { kinds: [asked.data] } : {}),
    ...(ends ? { outcomes: [...results[ends]] } : {}),
    ...(begin === undefined ? {} : { from: begin }),
    ...(end === undefined ? {} : { until: end }),
    ...(words.trim() === '' ? {} : { words: words.slice(0, 500) }),
  }
}

/** When a day begins, or the one `later` days after it; undefined: that is no day (yet). */
function dayOf(typed: string, later = 0): string | undefined {
  const [year, month, day] = typed.split('-').map(Number)
  if (!year || !month || !day) return undefined
  const date = new Date(year, month - 1, day + later)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

export function RunsFilter({ asked, onChange }: { asked: Asked; onChange: (asked: Asked) => void }) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  const set = (part: Partial<Asked>) => onChange({ ...asked, ...part })
  const isAsked = Object.values(asked).some(Boolean)
  return (
    <Group gap="sm" align="flex-end" component="search" data-testid="runs-filter">
      <TextInput
        label={say('window.activity.words')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={asked.words}
        onChange={(event) => set({ words: event.currentTarget.value })}
        flex="1 1 12rem"
        data-testid="runs-words"
      />
      <Choice
        label={say('window.activity.plan')}
        data={plans.map(({ id, name }) => ({ value: id, label: visible(name) }))}
        value={asked.plan}
        onChange={(plan) => set({ plan })}
        testId="runs-plan"
      />
      <Choice
        label={say('window.runs.kind')}
        data={RunKind.options.map((kind) => ({ value: kind, label: say(`common.kind.${kind}`) }))}
        value={asked.kind}
        onChange={(kind) => set({ kind })}
        testId="runs-kind"
      />
      <Choice
        label={say('window.runs.outcome')}
        data={resultNames.map((name) => ({ value: name, label: say(`window.activity.result.${name}`) }))}
        value={asked.result}
        onChange={(result) => set({ result })}
        testId="runs-result"
      />
      <TextInput
        type="date"
        label={say('window.activity.from')}
        value={asked.from}
        onChange={(event) => set({ from: event.currentTarget.value })}
        w="9.5rem"
        data-testid="runs-from"
      />
      <TextInput
        type="date"
        label={say('window.activity.until')}
        value={asked.until}
        onChange={(event) => set({ until: event.currentTarget.value })}
        w="9.5rem"
        data-testid="runs-until"
      />
      <Button
        variant="subtle"
        leftSection={<IconX size={16} aria-hidden />}
        onClick={() => onChange(nothingAsked)}
        disabled={!isAsked}
        data-testid="runs-reset"
      >
        {say('window.activity.reset')}
      </Button>
    </Group>
  )
}

interface ChoiceProps {
  label: string
  data: { value: string; label: string }[]
  /** Null: all. */
  value: string | null
  onChange: (value: string | null) => void
  testId: string
}

function Choice({ testId, ...props }: ChoiceProps) {
  const { say } = useText()
  return (
    <Select
      placeholder={say('window.activity.all')}
      clearable
      searchable
      flex="1 1 9rem"
      data-testid={testId}
      {...props}
    />
  )
}
