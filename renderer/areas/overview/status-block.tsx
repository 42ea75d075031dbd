// "Am I protected?": the level as colour, icon and word, the reason in a sentence, and the one action that improves it.
// Guarantees: shows what the engine says; nothing here makes a state look better than it is.
import { Button, Group, Stack, Text, Title } from '@mantine/core'
import type { AppState, Run } from '../../../core/api/model.ts'
import type { Protection } from '../../../core/api/protection-model.ts'
import { reasonInWords } from '../../../core/api/text/protection-text.ts'
import { FileName, levelLooks, useNow, When } from '../../parts/show.tsx'
import { type Route, show, useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export function StatusBlock() {
  const { say, language } = useText()
  const state = useEngine('protection', 'runs', 'plans', 'rows')
  const { level, reason, since, action, plans: counted, planId } = state.protection
  const concerned = level === 'protected' ? undefined : state.plans.find(({ id }) => id === planId)
  const good = (state.rows ?? []).find((row) => row.planId === (planId ?? state.plans[0]?.id))?.lastGood
  const now = useNow()
  const { tone, icon: Icon } = levelLooks[level]
  const target = action && routeOf(action, state)
  return (
    <Group
      component="section"
      className={`status tone-${tone}`}
      p="lg"
      justify="space-between"
      wrap="nowrap"
      aria-label={say('window.main.status')}
      data-testid="status-block"
      data-level={level}
      data-reason={reason}
    >
      <Group wrap="nowrap" gap="lg" role="status">
        <Icon size={48} className="tone-mark" />
        <Stack gap={2}>
          <Title order={1}>
            {counted && level !== 'unset'
              ? say('common.protectedPlans', { count: counted.protected, of: counted.of })
              : say(`common.level.${level}`)}
          </Title>
          <Text>
            {concerned && (
              <>
                <FileName name={concerned.name} />
                {say('window.overview.of')}
              </>
            )}
            {reasonInWords({ reason }, good, language, now)}
          </Text>
          {since !== undefined && (
            <Text size="sm">
              <When iso={since} />
            </Text>
          )}
        </Stack>
      </Group>
      {action && target && (
        <Button size="md" flex="none" onClick={() => show(target)} data-testid="status-action">
          {say(`window.main.improve.${action}`)}
        </Button>
      )}
    </Group>
  )
}

function routeOf(
  action: NonNullable<Protection['action']>,
  { runs, protection: { planId } }: Pick<AppState, 'runs' | 'protection'>,
): Route | undefined {
  if (action === 'setup') return { name: 'first-start' }
  if (action === 'key') return { name: action }
  if (action === 'backup') return { name: action, plan: planId }
  const told = ['error', 'abandoned', 'warning', 'missed']
  const ofPlan = (one: Run) => one.kind === 'backup' && (planId === undefined || one.planId === planId)
  const run = runs.find((one) => ofPlan(one) && told.includes(one.outcome ?? ''))
  return run && { name: 'run', id: run.id }
}
