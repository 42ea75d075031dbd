// How a run ended, in a sentence, with what was left out file by file, and what can be done next.
// Guarantees: a failure says what it means for the data; warnings are listed, not only counted.
import { Alert, Anchor, Button, DataList, Group, Stack, Text } from '@mantine/core'
import { IconFolder } from '@tabler/icons-react'
import { useState } from 'react'
import type { Run } from '../../core/api/model.ts'
import { visible } from '../../core/api/text/visible.ts'
import { call } from '../client.ts'
import { useEngine } from '../store.ts'
import { type Key, type Say, useText } from '../text/i18n.ts'
import { secondsOf } from '../text/numbers.ts'
import { EjectButton } from './eject-button.tsx'
import { ProblemList, ProblemView } from './problem-view.tsx'
import { RestoredServer } from './restored-server.tsx'
import { FileName, lookOf, Row } from './show.tsx'
import { useTask } from './task.ts'
import { UndoButton } from './undo-button.tsx'
import { useLog } from './use-run.ts'

export function RunResult({ run }: { run: Run }) {
  const text = useText()
  const { icon: Icon, color } = lookOf(run.outcome)
  const outcome = run.outcome ?? 'running'
  return (
    <Stack gap="sm" data-testid="run-outcome" data-outcome={outcome}>
      <Alert color={color} icon={<Icon aria-hidden />} role="status">
        <Text fw={600}>{resultSentence(run, text.say)}</Text>
        {!neverBegan(run) && <Text size="sm">{summaryOf(run, text)}</Text>}
      </Alert>
      {leftBackup(run) && <Kept run={run} />}
      <RestoredServer run={run} />
      {run.failure && outcome !== 'cancelled' && run.kind !== 'restart' && (
        <ProblemView problem={run.failure} level={outcome === 'skipped' ? 'info' : 'error'} />
      )}
      {run.warnings > 0 && <Warnings run={run} />}
    </Stack>
  )
}

/** A due time for which nothing was done: it has a reason, but neither duration nor log. */
export function neverBegan({ outcome }: Run): boolean {
  return outcome === 'missed' || outcome === 'skipped'
}

/** True when the run ended with a backup that counts. */
export function leftBackup(run: Run): boolean {
  const good = run.outcome === 'success' || run.outcome === 'warning'
  return run.kind === 'backup' && good && run.artifact !== undefined
}

/** What a backup left on the medium, and that it does not depend on us. */
function Kept({ run }: { run: Run }) {
  const { say, bytes } = useText()
  return (
    <Stack gap="xs" className="panel" p="md">
      <DataList withDivider labelWidth="11rem">
        <Row label={say('window.run.artifact')}>
          <FileName name={run.artifact ?? ''} />
        </Row>
        {run.medium && (
          <Row label={say('window.runs.medium')}>
            <FileName name={run.medium.name} />
          </Row>
        )}
        <Row label={say('window.run.stored')}>{bytes(run.stored)}</Row>
      </DataList>
      <Text size="sm" c="dimmed">
        {say('window.run.opensWithout')}
      </Text>
    </Stack>
  )
}

/** Amounts only where there are any. */
function summaryOf(run: Run, { say, bytes, files, duration }: ReturnType<typeof useText>): string {
  const took = duration(secondsOf(run, Date.now()))
  if (run.files === 0) return say('window.run.took', { duration: took })
  if (run.bytes === 0) return say('window.run.summaryFiles', { files: files(run.files), duration: took })
  return say('window.run.summary', { files: files(run.files), size: bytes(run.bytes), duration: took })
}

function resultSentence(run: Run, say: Say): string {
  const outcome = run.outcome ?? 'running'
  const good = outcome === 'success' || outcome === 'warning'
  if (run.losses?.length) return say('keep.loss.result', { subject: visible(run.subject) })
  if (run.complete) return say('keep.window.complete', { subject: visible(run.subject) })
  const key: Key = good ? `window.result.${run.kind}.${outcome}` : `window.result.other.${outcome}`
  return say(key, { kind: say(`common.kind.${run.kind}`), subject: visible(run.subject) })
}

const shownAtFirst = 50

function Warnings({ run }: { run: Run }) {
  const { say } = useText()
  const [all, setAll] = useState(false)
  const lines = useLog(run.id, run.endedAt)
  const problems = lines.flatMap(({ level, problem }, number) =>
    level === 'warning' && problem ? [{ number, problem }] : [],
  )
  return (
    <Stack gap="xs" component="section" aria-label={say('window.run.warnings')}>
      <Text fw={600}>{say('window.run.warningCount', { count: run.warnings })}</Text>
      <ProblemList problems={all ? problems : problems.slice(0, shownAtFirst)} />
      {!all && problems.length > shownAtFirst && (
        <Anchor component="button" size="sm" ta="left" onClick={() => setAll(true)}>
          {say('window.run.allWarnings')}
        </Anchor>
      )}
    </Stack>
  )
}

/** Eject, open the folder, undo: what suits the kind of the run. */
export function RunActions({ run, folders = [] }: { run: Run; folders?: string[] }) {
  const { say } = useText()
  const { media } = useEngine('media')
  const medium =
    media.find((one) => one.id !== undefined && one.id === run.medium?.id) ??
    media.find((one) => one.path === run.medium?.path)
  return (
    <Group gap="sm" align="flex-start">
      {(run.kind === 'backup' || run.kind === 'copy') && medium?.removable && (
        <EjectButton path={medium.path} name={medium.name} />
      )}
      {folders.slice(0, 3).map((path) => (
        <FolderButton
          key={path}
          path={path}
          label={
            folders.length === 1 ? say('window.run.openFolder') : say('window.run.openNamed', { name: lastPart(path) })
          }
          testId="open-folder"
        />
      ))}
      {run.kind === 'restore' &&
        run.safety?.removedAt === undefined &&
        together(run.safety?.folders)
          .slice(0, 3)
          .map((path) => (
            <FolderButton key={path} path={path} label={say('window.run.openSafety')} testId="open-safety" />
          ))}
      {together(run.kept)
        .slice(0, 3)
        .map((path) => (
          <FolderButton key={path} path={path} label={say('window.run.openKept')} testId="open-kept" />
        ))}
      {isUndoable(run) && <UndoButton run={run} />}
    </Group>
  )
}

/** Those of one restore that lie together are shown together. */
function together(folders: readonly string[] = []): string[] {
  const shown = folders.map(
    (path) => /^(.*[\\/]\.arche-(?:before-restore|restored)-[^\\/]+)[\\/]/.exec(path)?.[1] ?? path,
  )
  return [...new Set(shown)]
}

function isUndoable({ kind, safety }: Run): boolean {
  if (kind !== 'restore' || !safety || safety.undone || safety.superseded || safety.removedAt !== undefined)
    return false
  return safety.journals.length > 0 || safety.database !== undefined
}

/** For a button: enough to tell two folders apart. */
function lastPart(path: string): string {
  return visible(path.split(/[\\/]/).filter(Boolean).at(-1) ?? path)
}

function FolderButton({ path, label, testId }: { path: string; label: string; testId: string }) {
  const task = useTask()
  return (
    <Stack gap="xs">
      <Button
        variant="default"
        leftSection={<IconFolder size={16} aria-hidden />}
        onClick={() => void task.run(() => call((client) => client.shell.showFolder({ path })).then(() => undefined))}
        title={visible(path)}
        data-testid={testId}
      >
        {label}
      </Button>
      <ProblemView problem={task.problem} />
    </Stack>
  )
}
