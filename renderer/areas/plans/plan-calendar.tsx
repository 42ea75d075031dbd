// A year of a plan's backups: a mark for each day, weeks from left to right. A click on a day leads to what was done then.
// Guarantees: the form of a mark tells as much as its colour; days that went wrong are buttons too, for whoever has no mouse.
import { Anchor, Box, Group, Stack, Text } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { PlanTrend } from '../../../core/api/plan-trend.ts'
import type { DayOutcome } from '../../../core/api/protection-model.ts'
import { show } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

const day = 24 * 3600 * 1000
/** Pixels of a day, room for the names of months above and of weekdays at the left. */
const cell = 13
const margin = { top: 18, left: 34 }

/** In a square of `cell`: full, with a gap, a cross, hollow, a dot. */
const marks = {
  good: { className: 'tone-good', path: 'M1 1h11v11H1z' },
  omissions: { className: 'tone-warn', path: 'M1 1h11v4H1zM1 7h11v5H1z' },
  failed: {
    className: 'tone-bad',
    path: 'M1 3l2-2 3.5 3.5 3.5-3.5 2 2-3.5 3.5 3.5 3.5-2 2-3.5-3.5-3.5 3.5-2-2 3.5-3.5z',
  },
  missed: { className: 'tone-bad', path: 'M1 1h11v11H1zM3.5 3.5v6h6v-6z' },
  none: { className: 'tone-quiet', path: 'M5.5 5.5h2v2h-2z' },
} as const satisfies Record<DayOutcome | 'none', { className: string; path: string }>
const outcomes = ['good', 'omissions', 'failed', 'missed'] as const

interface Props {
  planId: string
  trend: PlanTrend
}

export function PlanCalendar({ planId, trend }: Props) {
  const { say } = useText()
  const count = (outcome: DayOutcome) => trend.days.filter((one) => one.outcome === outcome).length
  const told = outcomes.filter((outcome) => count(outcome) > 0)
  const words = told.map((outcome) => say(`window.overview.days.${outcome}`, { count: count(outcome) })).join(', ')
  return (
    <Stack gap="xs">
      <Year
        planId={planId}
        trend={trend}
        label={say('window.plan.year', { words: words || say('window.overview.days.nothing') })}
      />
      <Group gap="md">
        {outcomes.map((outcome) => (
          <Group key={outcome} gap={6} wrap="nowrap">
            <svg width={cell} height={cell} aria-hidden className={marks[outcome].className}>
              <path d={marks[outcome].path} fillRule="evenodd" className="day-mark" />
            </svg>
            <Text size="xs" c="dimmed" component="span">
              {say(`window.overview.day.${outcome}`)}
              {count(outcome) > 0 && ` (${count(outcome)})`}
            </Text>
          </Group>
        ))}
      </Group>
      <Troubled planId={planId} trend={trend} />
    </Stack>
  )
}

/** Monday = 0. */
const weekdayOf = (at: number) => (new Date(at).getUTCDay() + 6) % 7

function Year({ planId, trend, label }: Props & { label: string }) {
  const { say, language } = useText()
  const box = useRef<HTMLDivElement>(null)
  // Where there is no room for all, what is newest is seen first.
  useEffect(() => box.current?.scrollTo({ left: box.current.scrollWidth }), [])
  const [from, today] = [Date.parse(trend.from), Date.parse(trend.today)]
  const first = from - weekdayOf(from) * day
  const known = new Map(trend.days.map((one) => [Date.parse(one.day), one]))
  const days = Array.from({ length: (today - from) / day + 1 }, (_, at) => from + at * day)
  const weeks = Math.floor((today - first) / day / 7) + 1
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone: 'UTC' })
  const months = new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' })
  const weekdays = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' })
  const placeOf = (at: number) => ({ week: Math.floor((at - first) / day / 7), weekday: weekdayOf(at) })
  return (
    <Box ref={box} className="calendar" tabIndex={0} role="group" aria-label={label}>
      <svg
        width={margin.left + weeks * cell}
        height={margin.top + 7 * cell}
        role="img"
        aria-label={label}
        data-testid="plan-calendar"
      >
        {[0, 2, 4].map((weekday) => (
          <text key={weekday} x={0} y={margin.top + weekday * cell + 10} className="calendar-word">
            {weekdays.format(first + weekday * day)}
          </text>
        ))}
        {days
          // In the last column there is no room for its name.
          .filter((at) => new Date(at).getUTCDate() === 1 && placeOf(at).week < weeks - 1)
          .map((at) => (
            <text key={at} x={margin.left + placeOf(at).week * cell} y={11} className="calendar-word">
              {months.format(at)}
            </text>
          ))}
        {days.map((at) => {
          const { week, weekday } = placeOf(at)
          const one = known.get(at)
          const outcome = one?.outcome ?? 'none'
          const { className, path } = marks[outcome]
          const name = new Date(at).toISOString().slice(0, 10)
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: the days that matter are buttons below
            <g
              key={at}
              className={one ? `${className} calendar-day` : className}
              transform={`translate(${margin.left + week * cell} ${margin.top + weekday * cell})`}
              onClick={() => one && show({ name: 'activity', plan: planId, day: name })}
              data-day={name}
              data-outcome={outcome}
            >
              <title>{`${dates.format(at)}: ${say(`window.overview.day.${outcome}`)}`}</title>
              <rect width={cell} height={cell} fill="transparent" />
              <path d={path} fillRule="evenodd" className="day-mark" />
            </g>
          )
        })}
      </svg>
    </Box>
  )
}

/** So many days are named. */
const namedDays = 6

/** The last days that did not go well, each leading to what was done then. */
function Troubled({ planId, trend }: Props) {
  const { say, language } = useText()
  const days = trend.days
    .filter(({ outcome }) => outcome !== 'good')
    .slice(-namedDays)
    .reverse()
  if (days.length === 0) return null
  const dates = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  return (
    <Group gap="sm" data-testid="plan-troubled">
      <Text size="sm">{say('window.plan.troubled')}</Text>
      {days.map(({ day: name, outcome }) => (
        <Anchor
          key={name}
          component="button"
          size="sm"
          onClick={() => show({ name: 'activity', plan: planId, day: name })}
        >
          {dates.format(Date.parse(name))} ({say(`window.overview.day.${outcome}`)})
        </Anchor>
      ))}
    </Group>
  )
}
