// The three facts always in view: the time of automatic backups, the last backup, the last successful one.
import { Paper, SimpleGrid, Text } from '@mantine/core'
import { OutcomeBadge, When } from '../../parts/show.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { lastBackups } from '../../text/last-backups.ts'
import { AutomaticFact } from './automatic-fact.tsx'

export function Facts() {
  const { say } = useText()
  const { runs } = useEngine('runs')
  const { last, good } = lastBackups(runs)
  return (
    <SimpleGrid cols={3} component="dl" m={0} data-testid="facts" aria-label={say('window.main.facts')}>
      <Fact label={say('window.main.automatic')}>
        <AutomaticFact />
      </Fact>
      <Fact label={say('window.main.last')}>
        {last?.endedAt ? (
          <>
            <div>
              <OutcomeBadge outcome={last.outcome} short />
            </div>
            <When iso={last.endedAt} stacked note={say(`common.trigger.${last.trigger}`)} />
          </>
        ) : (
          say('window.main.neverYet')
        )}
      </Fact>
      <Fact label={say('window.main.lastGood')}>
        {good?.endedAt ? <When iso={good.endedAt} stacked /> : say('window.main.neverYet')}
      </Fact>
    </SimpleGrid>
  )
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <Paper className="panel" p="md">
      <Text component="dt" size="sm" c="dimmed" mb={4}>
        {label}
      </Text>
      <Text component="dd" m={0} fw={500}>
        {children}
      </Text>
    </Paper>
  )
}
