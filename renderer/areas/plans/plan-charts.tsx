// How large a plan's backups are and how long they take, day by day: two charts with axes. A file of its own, because the chart library is loaded only where it is seen.
import '@mantine/charts/styles.css'
import { AreaChart } from '@mantine/charts'
import { SimpleGrid, Stack, Text } from '@mantine/core'
import type { PlanTrend } from '../../../core/api/plan-trend.ts'
import { formatDuration } from '../../../core/api/text/format.ts'
import { useText } from '../../text/i18n.ts'

export function PlanCharts({ points }: Pick<PlanTrend, 'points'>) {
  const { say, bytes, language } = useText()
  const short = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const shown = points.map(({ day, stored, seconds }) => ({ day: short.format(Date.parse(day)), stored, seconds }))
  const charts = [
    { key: 'stored', title: say('window.plan.sizes'), format: bytes },
    { key: 'seconds', title: say('window.plan.durations'), format: formatDuration },
  ] as const
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      {charts.map(({ key, title, format }) => {
        const values = points.map((point) => point[key])
        const told = say('window.plan.chart', {
          title,
          least: format(Math.min(...values)),
          most: format(Math.max(...values)),
          last: format(values.at(-1) ?? 0),
        })
        return (
          <Stack key={key} gap={4} data-testid={`plan-chart-${key}`}>
            <Text size="sm" fw={600}>
              {title}
            </Text>
            <AreaChart
              h={150}
              data={shown}
              dataKey="day"
              series={[{ name: key, color: 'sea.6', label: title }]}
              valueFormatter={format}
              curveType="linear"
              withDots={points.length < 40}
              tickLine="none"
              gridAxis="y"
              yAxisProps={{ width: 64, tickCount: 4 }}
              areaChartProps={{ accessibilityLayer: false }}
              role="img"
              aria-label={told}
            />
          </Stack>
        )
      })}
    </SimpleGrid>
  )
}
