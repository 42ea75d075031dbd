// What reading plans from a file would change here, before it is done: a dialog with each plan that is new or would be another than it was.
// Guarantees: what is read is exactly what was shown (the engine refuses otherwise); a restart command and rules of removal are always named.

import { Badge, Button, Group, Modal, Stack, Table, Text } from '@mantine/core'
import type { Plan } from '../../core/api/plan.ts'
import { changedParts, type PlanChange, type PlanPart } from '../../core/api/plan-change.ts'
import { leavesOut } from '../../core/api/plan-source.ts'
import { destinationLines } from '../../core/api/text/destination-text.ts'
import { packInWords } from '../../core/api/text/pack-text.ts'
import { translator } from '../../core/api/text/text.ts'
import { visible } from '../../core/api/text/visible.ts'
import { useEngine } from '../store.ts'
import { type Say, useText } from '../text/i18n.ts'
import { ProblemView } from './problem-view.tsx'
import { SourceLines } from './source-lines.tsx'
import { useTask } from './task.ts'

interface Props {
  changes: readonly PlanChange[]
  /** Reads them. */
  work: () => Promise<unknown>
  onClose: () => void
}

export function PlanChangesDialog({ changes, work, onClose }: Props) {
  const { say } = useText()
  const task = useTask()
  const act = () => void task.run(() => work().then(() => undefined)).then((done) => done && onClose())
  const shown = changes.filter((change) => changedParts(change).length > 0)
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={say('window.plans.importTitle')}
      closeButtonProps={{ 'aria-label': say('window.close') }}
    >
      <Stack data-testid="plan-changes">
        {shown.length === 0 && <Text size="sm">{say('window.plans.importNothing')}</Text>}
        {shown.map((change) => (
          <Change key={change.plan.id} change={change} />
        ))}
        <ProblemView problem={task.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {say('window.cancel')}
          </Button>
          {shown.length > 0 && (
            <Button onClick={act} loading={task.busy} data-testid="plan-changes-confirm">
              {say('window.plans.importConfirm')}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

function Change({ change }: { change: PlanChange }) {
  const { say } = useText()
  const { plan, before } = change
  return (
    <Stack gap={4} className="choice">
      <Group justify="space-between">
        <Text fw={600}>{visible(before?.name ?? plan.name)}</Text>
        <Badge variant="default">{say(`window.plans.${before ? 'changed' : 'added'}`)}</Badge>
      </Group>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say('window.plans.property')}</Table.Th>
            {before && <Table.Th>{say('window.plans.now')}</Table.Th>}
            <Table.Th>{say('window.plans.afterwards')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changedParts(change).map((part) => (
            <Table.Tr key={part}>
              <Table.Th scope="row">{say(`window.plans.part.${part}`)}</Table.Th>
              {before && (
                <Table.Td>
                  <Part plan={before} part={part} />
                </Table.Td>
              )}
              <Table.Td>
                <Part plan={plan} part={part} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  )
}

function Part({ plan, part }: { plan: Plan; part: PlanPart }) {
  const { say, language } = useText()
  const { known } = useEngine('known')
  if (part === 'source') return <Source plan={plan} />
  const nameOf = (id: string) => known.find((one) => one.id === id)?.name
  if (part === 'destinations') return destinationLines(plan, nameOf, translator(language)).join(' · ')
  if (part === 'restart') return restartWords(plan, say)
  if (part === 'method') return packInWords(plan.method, translator(language))
  return part === 'name' ? visible(plan.name) : '—'
}

function Source({ plan: { source } }: { plan: Plan }) {
  const { say } = useText()
  const left = leavesOut(source) ? source.exclude : []
  return (
    <>
      <SourceLines source={source} />
      {left.length > 0 && say('window.plans.without', { names: left.map(visible).join(', ') })}
    </>
  )
}

function restartWords({ restart }: Plan, say: Say): string {
  if (!restart) return say('common.restart.none')
  return restart.kind === 'arche'
    ? say('common.restart.arche')
    : say('common.restart.command', { command: visible(restart.command) })
}
