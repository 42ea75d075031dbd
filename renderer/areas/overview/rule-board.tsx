// The 3-2-1 rule over all plans: three copies, two kinds of storage, one elsewhere, one that was tried; and which plans lack what.
// Guarantees: counts only what history knows to lie somewhere.
import { Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { visible } from '../../../core/api/text/visible.ts'
import { type Copies, copiesOf, type Rule, rules } from '../../../core/api/three-two-one.ts'
import { Section, useNow } from '../../parts/show.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

interface Counted {
  readonly name: string
  readonly copies: Copies
}

export function RuleBoard() {
  const { say } = useText()
  const { rows = [], plans, ...known } = useEngine('rows', 'plans', 'media', 'places')
  const now = useNow(3600)
  const counted = rows.flatMap((row): Counted[] => {
    const plan = plans.find(({ id }) => id === row.planId)
    return plan ? [{ name: plan.name, copies: copiesOf(row, known, now) }] : []
  })
  if (counted.length === 0) return null
  return (
    <Section title={say('window.rule.title')} testId="rule-board">
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="sm" component="ul" m={0} p={0} className="plain-list">
        {rules.map((rule) => (
          <Tile key={rule} rule={rule} counted={counted} />
        ))}
      </SimpleGrid>
    </Section>
  )
}

/** So many plans are named. */
const namedPlans = 3

function Tile({ rule, counted }: { rule: Rule; counted: readonly Counted[] }) {
  const { say } = useText()
  const lacking = counted.filter(({ copies }) => !copies.kept[rule])
  const fine = lacking.length === 0
  const Icon = fine ? IconCircleCheck : IconAlertTriangle
  const names = lacking.slice(0, namedPlans).map(({ name }) => visible(name))
  const rest = lacking.length - names.length
  const said = [...names, ...(rest > 0 ? [say('window.rule.more', { count: rest })] : [])].join(', ')
  return (
    <Group
      component="li"
      className={`choice tone-${fine ? 'good' : 'warn'}`}
      wrap="nowrap"
      align="flex-start"
      gap="sm"
      data-testid={`rule-${rule}`}
      data-kept={fine}
    >
      <Icon size={22} aria-hidden className="tone-mark" />
      <Stack gap={2} miw={0}>
        <Text fw={600} size="sm">
          {say(`window.rule.${rule}.title`)}
        </Text>
        <Text size="xs" c="dimmed">
          {fine
            ? say(`window.rule.${rule}.kept`)
            : counted.length > 1
              ? say('window.rule.lacking', { names: said })
              : say(`window.rule.${rule}.advice`)}
        </Text>
      </Stack>
    </Group>
  )
}
