// The last days of a plan as a strip of small marks, and its sizes as a curve: read at a glance, and in words by a screen reader.
// Guarantees: the form tells as much as the colour does.
import { Tooltip } from '@mantine/core'
import type { DayOutcome } from '../../core/api/protection-model.ts'
import { useText } from '../text/i18n.ts'

const width = 8
const height = 18

/** In a box of `width` × `height`: full, with a gap above, a cross, a hollow box, a line at the bottom. */
const marks: Readonly<Record<DayOutcome | 'none', { className: string; path: string }>> = {
  good: { className: 'tone-good', path: 'M1 1h6v16h-6z' },
  omissions: { className: 'tone-warn', path: 'M1 1h6v4h-6zM1 8h6v9h-6z' },
  failed: { className: 'tone-bad', path: 'M1 5l2-1 1 3 1-3 2 1-2 4 2 4-2 1-1-3-1 3-2-1 2-4z' },
  missed: { className: 'tone-bad', path: 'M1 1h6v16h-6zM2.5 2.5v13h3v-13z' },
  none: { className: 'tone-quiet', path: 'M1 15h6v2h-6z' },
}

/** `days`: the oldest first, the last one today. */
export function DayStrip({ days, now }: { days: readonly (DayOutcome | null)[]; now: number }) {
  const { say, language } = useText()
  const count = (outcome: DayOutcome) => days.filter((one) => one === outcome).length
  const told = (['good', 'omissions', 'failed', 'missed'] as const).filter((outcome) => count(outcome) > 0)
  const dates = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'short' })
  const dateOf = (at: number) => dates.format(dayBefore(now, days.length - 1 - at))
  const words = told.map((outcome) => {
    const counted = say(`window.overview.days.${outcome}`, { count: count(outcome) })
    const when = days.flatMap((one, at) => (one === outcome ? [dateOf(at)] : []))
    return outcome === 'good' ? counted : `${counted} (${when.join(', ')})`
  })
  const label = say('window.overview.days.label', { words: words.join(', ') || say('window.overview.days.nothing') })
  return (
    <svg
      role="img"
      aria-label={label}
      width={days.length * width}
      height={height}
      data-testid="days"
      data-days={days.map((one) => one ?? '-').join(' ')}
    >
      {days.map((outcome, at) => {
        const date = dateOf(at)
        const { className, path } = marks[outcome ?? 'none']
        return (
          <Tooltip key={date} label={`${date}: ${say(`window.overview.day.${outcome ?? 'none'}`)}`}>
            <g className={className} transform={`translate(${at * width} 0)`}>
              <rect width={width} height={height} fill="transparent" />
              <path d={path} fillRule="evenodd" className="day-mark" />
            </g>
          </Tooltip>
        )
      })}
    </svg>
  )
}

/** The same time of that day, whatever clocks did in between. */
function dayBefore(now: number, days: number): Date {
  const date = new Date(now)
  date.setDate(date.getDate() - days)
  return date
}

const curve = { width: 64, height: 18 }

/** `sizes` in bytes, the oldest first; nothing for fewer than two. */
export function SizeCurve({ sizes }: { sizes: readonly number[] }) {
  if (sizes.length < 2) return null
  const most = Math.max(...sizes, 1)
  const step = curve.width / (sizes.length - 1)
  const points = sizes.map((size, at) => `${at * step},${curve.height - 1 - (size / most) * (curve.height - 3)}`)
  return (
    <svg width={curve.width} height={curve.height} aria-hidden className="size-curve">
      <polyline points={points.join(' ')} />
    </svg>
  )
}
