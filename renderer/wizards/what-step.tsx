// What to back up: one of the plans, or folders chosen now (which become a plan when the backup starts).
import { Group, Radio, Stack, Text, TextInput } from '@mantine/core'
import type { PlanDraft } from '../../core/api/model.ts'
import { visible } from '../../core/api/text/visible.ts'
import { ExclusionField, FolderList } from '../parts/folder-list.tsx'
import { useEngine } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { nameFor } from '../text/plan-name.ts'
import { StepPage } from './wizard.tsx'

/** `planId` absent: the folders below, under `name`. */
export interface Choice {
  planId: string | undefined
  name: string
  paths: string[]
  exclude: string[]
}

export function draftOf({ name, paths, exclude }: Choice): PlanDraft {
  return { name: name.trim(), source: { kind: 'folders', paths, exclude }, store: { kind: 'medium' } }
}

interface Props {
  choice: Choice
  onChange: (choice: Choice) => void
  onNext: () => void
  onBack: (() => void) | undefined
}

export function WhatStep({ choice, onChange, onNext, onBack }: Props) {
  const { say } = useText()
  const { plans } = useEngine()
  const chosen = choice.planId !== undefined || (choice.paths.length > 0 && choice.name.trim() !== '')
  return (
    <StepPage
      title={say('window.backup.whatTitle')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={chosen}
      onBack={onBack}
    >
      {plans.length > 0 && (
        <Radio.Group
          label={say('window.plans.title')}
          value={choice.planId ?? ''}
          onChange={(value) => onChange({ ...choice, planId: value === '' ? undefined : value })}
        >
          <Stack gap="xs" mt="xs">
            {plans.map((plan) => (
              <Radio.Card key={plan.id} value={plan.id} className="choice" withBorder={false} data-testid="plan-option">
                <Option title={visible(plan.name)} text={plan.source.paths.map(visible).join(', ')} />
              </Radio.Card>
            ))}
            <Radio.Card value="" className="choice" withBorder={false} data-testid="plan-option-new">
              <Option title={say('window.backup.otherFolders')} />
            </Radio.Card>
          </Stack>
        </Radio.Group>
      )}
      {choice.planId === undefined && <FoldersAndName choice={choice} onChange={onChange} />}
    </StepPage>
  )
}

export function FoldersAndName({ choice, onChange }: Pick<Props, 'choice' | 'onChange'>) {
  const { say } = useText()
  return (
    <Stack>
      <FolderList
        paths={choice.paths}
        onChange={(paths) => onChange({ ...choice, paths, name: choice.name || nameFor(paths) })}
      />
      <TextInput
        label={say('window.plans.name')}
        description={say('window.plans.nameHelp')}
        value={choice.name}
        maxLength={200}
        onChange={(event) => onChange({ ...choice, name: event.currentTarget.value })}
        data-testid="plan-name"
      />
      <ExclusionField value={choice.exclude} onChange={(exclude) => onChange({ ...choice, exclude })} />
    </Stack>
  )
}

function Option({ title, text }: { title: string; text?: string }) {
  return (
    <Group wrap="nowrap" align="flex-start" gap="md">
      <Radio.Indicator mt={2} />
      <Stack gap={2} miw={0}>
        <Text fw={600} component="span">
          {title}
        </Text>
        {text !== undefined && (
          <Text size="sm" c="dimmed" component="span" className="name">
            {text}
          </Text>
        )}
      </Stack>
    </Group>
  )
}
