// What rules would do on a medium: which backups would go, which stay, and why; and removing them now.
// Guarantees: what is removed is exactly what is shown (the engine refuses otherwise), and only by rules that the plan has; asked about once more.
import { Group, Loader, Modal, Select, Stack, Table, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { KeepPreview } from '../../core/api/contract.ts'
import { destinationOn } from '../../core/api/destination.ts'
import type { Artifact } from '../../core/api/model.ts'
import type { Keep, Plan } from '../../core/api/plan.ts'
import { visible } from '../../core/api/text/visible.ts'
import { call } from '../client.ts'
import { show, useEngine } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { ConfirmButton } from './confirm-button.tsx'
import { sameRules } from './keep-answers.ts'
import { refOf } from './medium-choice.tsx'
import { guarded } from './operator.tsx'
import { ProblemView } from './problem-view.tsx'
import { FileName } from './show.tsx'
import { useTask } from './task.ts'

interface Props {
  plan: Plan
  keep: Keep | null
  /** Ids of the places to look at; none: any medium. */
  places: readonly string[]
  onClose: () => void
}

export function KeepPreviewDialog({ plan, keep, places, onClose }: Props) {
  const { say } = useText()
  const media = useEngine('media').media.filter(
    ({ initialised, id }) => initialised && (places.length === 0 || (id !== undefined && places.includes(id))),
  )
  const [chosen, setChosen] = useState<string>()
  const medium = media.find((one) => one.path === chosen) ?? media[0]
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={say('keep.window.preview')}
      closeButtonProps={{ 'aria-label': say('window.close') }}
    >
      <Stack data-testid="keep-preview">
        {!medium && <Text>{say('keep.window.previewNoMedium')}</Text>}
        {media.length > 1 && (
          <Select
            label={say('keep.window.previewMedium')}
            data={media.map(({ path, name }) => ({ value: path, label: `${visible(name)} (${visible(path)})` }))}
            value={medium?.path ?? null}
            onChange={(path) => setChosen(path ?? undefined)}
            allowDeselect={false}
            data-testid="keep-preview-medium"
          />
        )}
        {medium && <OnMedium key={medium.path} plan={plan} keep={keep} medium={refOf(medium)} />}
      </Stack>
    </Modal>
  )
}

function OnMedium({ plan, keep, medium }: { plan: Plan; keep: Keep | null; medium: string }) {
  const { say } = useText()
  const [preview, setPreview] = useState<KeepPreview>()
  const { run, problem, busy } = useTask()
  useEffect(() => {
    void run(async (signal) => {
      const found = await call((client) => client.keep.preview({ planId: plan.id, medium, keep }, { signal }))
      if (!signal.aborted) setPreview(found)
    })
  }, [run, plan.id, medium, keep])
  return (
    <Stack>
      <ProblemView problem={problem} />
      {busy && <Loader size="sm" aria-label={say('keep.window.preview')} />}
      {preview?.heldBack && <ProblemView problem={preview.heldBack} level="warning" reveal={false} />}
      {preview && <Lists preview={preview} />}
      {preview && preview.remove.length > 0 && (
        <Apply preview={preview} saved={sameRules(keep, destinationOn(plan, preview.medium.id).keep)} />
      )}
    </Stack>
  )
}

function Lists({ preview }: { preview: KeepPreview }) {
  const { say, bytes } = useText()
  const { keep, remove, others, freed } = preview
  const goes = remove.map(({ artifact, reason }) => ({ artifact, why: say(`keep.removal.${reason}`) }))
  const stays = keep.map(({ artifact, reasons }) => ({
    artifact,
    why: reasons.map((reason) => say(`keep.reason.${reason}`)).join('; '),
  }))
  return (
    <>
      {goes.length === 0 ? (
        <Text fw={600} data-testid="keep-nothing">
          {say('keep.window.nothing')}
        </Text>
      ) : (
        <Backups
          title={say('keep.window.goes', { count: goes.length, size: bytes(freed) })}
          rows={goes}
          testId="keep-goes"
        />
      )}
      {stays.length > 0 && (
        <Backups title={say('keep.window.stays', { count: stays.length })} rows={stays} testId="keep-stays" />
      )}
      {others > 0 && (
        <Text size="sm" c="dimmed">
          {say('keep.window.others', { count: others })}
        </Text>
      )}
    </>
  )
}

interface BackupsProps {
  title: string
  rows: readonly { artifact: Artifact; why: string }[]
  testId: string
}

function Backups({ title, rows, testId }: BackupsProps) {
  const { bytes, time } = useText()
  return (
    <Stack gap={4}>
      <Text fw={600}>{title}</Text>
      <Table aria-label={title} data-testid={testId}>
        <Table.Tbody>
          {rows.map(({ artifact, why }) => (
            <Table.Tr key={artifact.name}>
              <Table.Td className="cell-short">{time(artifact.time)}</Table.Td>
              <Table.Td className="cell-short">{bytes(artifact.size)}</Table.Td>
              <Table.Td>
                <Text size="xs" component="span">
                  <FileName name={artifact.name} />
                </Text>
              </Table.Td>
              <Table.Td>{why}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  )
}

function Apply({ preview, saved }: { preview: KeepPreview; saved: boolean }) {
  const { say } = useText()
  if (!saved)
    return (
      <Text size="sm" data-testid="keep-unsaved">
        {say('keep.window.applyUnsaved')}
      </Text>
    )
  const apply = async () => {
    const { id } = await guarded((client) => client.keep.apply({ preview: preview.id }))
    show({ name: 'run', id })
  }
  return (
    <Group justify="flex-end">
      <ConfirmButton
        label={say('keep.window.apply')}
        describe={say('keep.window.applyTitle')}
        text={say('keep.window.applyText')}
        work={apply}
        testId="keep-apply"
      />
    </Group>
  )
}
