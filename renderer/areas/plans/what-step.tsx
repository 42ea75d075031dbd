// What to back up: one of the plans, or folders, a LabBook server or databases named now (which become a plan when the backup starts).
import { Group, Radio, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import type { PlanSource } from '../../../core/api/plan.ts'
import { type SourceKind, sourceKinds } from '../../../core/api/plan-source.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { KeepFields } from '../../parts/keep-fields.tsx'
import { SourceLines } from '../../parts/source-lines.tsx'
import { StepPage } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { type Choice, draftOf } from './choice.ts'
import { sourceForms } from './source-forms.tsx'

interface Props {
  choice: Choice
  onChange: (choice: Choice) => void
  onNext: () => void
  onBack: (() => void) | undefined
}

export function WhatStep({ choice, onChange, onNext, onBack }: Props) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  const chosen = choice.planId !== undefined || draftOf(choice) !== undefined
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
                <Option title={visible(plan.name)} source={plan.source} />
              </Radio.Card>
            ))}
            <Radio.Card value="" className="choice" withBorder={false} data-testid="plan-option-new">
              <Option title={say('window.backup.otherFolders')} />
            </Radio.Card>
          </Stack>
        </Radio.Group>
      )}
      {choice.planId === undefined && (
        <>
          <SourceAndName choice={choice} onChange={onChange} />
          <KeepFields answers={choice.keep} onChange={(keep) => onChange({ ...choice, keep })} plan={undefined} />
        </>
      )}
    </StepPage>
  )
}

/** Folders, a LabBook server, or databases. A name that nobody typed follows. */
export function SourceKindChoice({ choice, onChange }: Pick<Props, 'choice' | 'onChange'>) {
  const { say } = useText()
  const change = (kind: SourceKind) => {
    const own = choice.name !== '' && choice.name !== sourceForms[choice.kind].name(choice, say)
    onChange({ ...choice, kind, name: own ? choice.name : sourceForms[kind].name(choice, say) })
  }
  return (
    <SegmentedControl
      aria-label={say('window.labbook.kind')}
      data={sourceKinds.map((value) => ({ value, label: say(`window.labbook.kinds.${value}`) }))}
      value={choice.kind}
      onChange={(value) => change(sourceKinds.find((kind) => kind === value) ?? choice.kind)}
      data-testid="source-kind"
    />
  )
}

/** `fixedKind`: a plan that is there stays of its kind. */
export function SourceAndName({
  choice,
  onChange,
  fixedKind = false,
}: Pick<Props, 'choice' | 'onChange'> & { fixedKind?: boolean }) {
  const { say } = useText()
  const { Fields, Beside } = sourceForms[choice.kind]
  return (
    <Stack>
      {!fixedKind && <SourceKindChoice choice={choice} onChange={onChange} />}
      <Fields choice={choice} onChange={onChange} />
      <TextInput
        label={say('window.plans.name')}
        description={say('window.plans.nameHelp')}
        value={choice.name}
        maxLength={200}
        onChange={(event) => onChange({ ...choice, name: event.currentTarget.value })}
        data-testid="plan-name"
      />
      {Beside && <Beside choice={choice} onChange={onChange} />}
    </Stack>
  )
}

function Option({ title, source }: { title: string; source?: PlanSource }) {
  return (
    <Group wrap="nowrap" align="flex-start" gap="md">
      <Radio.Indicator mt={2} />
      <Stack gap={2} miw={0}>
        <Text fw={600} component="span">
          {title}
        </Text>
        {source && (
          <Text size="sm" c="dimmed" component="div">
            <SourceLines source={source} />
          </Text>
        )}
      </Stack>
    </Group>
  )
}
