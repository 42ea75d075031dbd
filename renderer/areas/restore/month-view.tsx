// A month with its days: those with backups can be chosen, and say how many there are.
// Guarantees: the number stands in every such day, not only its colour; every day is named in full for who cannot see it.
import { ActionIcon, Group, Stack, Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useText } from '../../text/i18n.ts'
import { dateOf, keyOf, monthAfter, weeksOf } from './calendar.ts'

interface Props {
  /** "2026-03" */
  month: string
  /** "2026-03-01" */
  day: string | undefined
  /** Backups a day. */
  counts: ReadonlyMap<string, number>
  onMonth: (month: string) => void
  onDay: (day: string) => void
}

export function MonthView({ month, day, counts, onMonth, onDay }: Props) {
  const { say, language } = useText()
  const title = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric' }).format(dateOf(`${month}-01`))
  const weekdays = new Intl.DateTimeFormat(language, { weekday: 'short' })
  const [week = []] = weeksOf('2024-01')
  return (
    <Stack gap="xs" className="panel" p="sm" data-testid="calendar" data-month={month}>
      <Group justify="space-between" wrap="nowrap">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          onClick={() => onMonth(monthAfter(month, -1))}
          aria-label={say('find.window.monthBefore')}
          data-testid="month-before"
        >
          <IconChevronLeft size={18} aria-hidden />
        </ActionIcon>
        <Text fw={600} aria-live="polite">
          {title}
        </Text>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          onClick={() => onMonth(monthAfter(month, 1))}
          aria-label={say('find.window.monthAfter')}
          data-testid="month-after"
        >
          <IconChevronRight size={18} aria-hidden />
        </ActionIcon>
      </Group>
      <table className="month">
        <thead>
          <tr>
            {week.map((one) => (
              <th key={one} scope="col" className="month-weekday">
                {one !== undefined && weekdays.format(dateOf(one))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month).map((days) => (
            <tr key={days.find((one) => one !== undefined)}>
              {days.map((one, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the place in the week is what it is
                <td key={at}>
                  {one !== undefined && <Day day={one} chosen={one === day} counts={counts} onDay={onDay} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Stack>
  )
}

function Day({ day, chosen, counts, onDay }: { day: string; chosen: boolean } & Pick<Props, 'counts' | 'onDay'>) {
  const { say, language } = useText()
  const count = counts.get(day) ?? 0
  const date = dateOf(day)
  const number = String(date.getDate())
  const today = day === keyOf(new Date()) ? 'date' : undefined
  if (count === 0)
    return (
      <span className="month-day" aria-current={today}>
        {number}
      </span>
    )
  const full = new Intl.DateTimeFormat(language, { dateStyle: 'full' }).format(date)
  return (
    <UnstyledButton
      className="month-day"
      data-backups
      aria-pressed={chosen}
      aria-current={today}
      onClick={() => onDay(day)}
      data-testid="calendar-day"
      data-day={day}
    >
      <span aria-hidden>{number}</span>
      <span aria-hidden className="month-count">
        {count}
      </span>
      <VisuallyHidden>{say('find.window.day', { date: full, backups: say('find.backups', { count }) })}</VisuallyHidden>
    </UnstyledButton>
  )
}
