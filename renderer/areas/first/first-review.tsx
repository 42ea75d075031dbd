// The last page of the first start: how much, whether it fits, when, and what is kept, each on a line that can be changed in place; "Start" does it all.
// Guarantees: nothing is set up before "Start"; an error of the check keeps from it; the parts that are done are not done again after a failure.
import { Button, Checkbox, Group, List, Loader, Stack, Text, TextInput, ThemeIcon } from '@mantine/core'
import { IconCheck, IconCircleDashed } from '@tabler/icons-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { BackupPreview } from '../../../core/api/contract.ts'
import type { Finding } from '../../../core/api/failure.ts'
import type { Medium } from '../../../core/api/model.ts'
import type { PlanDraft } from '../../../core/api/plan.ts'
import { rulesInWords } from '../../../core/api/text/keep-text.ts'
import { scheduleInWords } from '../../../core/api/text/schedule-text.ts'
import { translator } from '../../../core/api/text/text.ts'
import { call } from '../../client.ts'
import { AskDatabasePassword } from '../../parts/ask-database-password.tsx'
import type { Preset } from '../../parts/keep-answers.ts'
import { keepOf } from '../../parts/keep-answers.ts'
import { KeepFields } from '../../parts/keep-fields.tsx'
import { choiceOf, fresh, type KeyPick } from '../../parts/key-pick.ts'
import { refOf } from '../../parts/medium-choice.tsx'
import { Findings, hasErrors, ProblemView } from '../../parts/problem-view.tsx'
import { FileName, Fingerprint } from '../../parts/show.tsx'
import { SourceLines } from '../../parts/source-lines.tsx'
import { alreadyDone } from '../../parts/steps.ts'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { NameField } from '../places/init-wizard.tsx'
import { databasePasswordOf, draftOf } from '../plans/choice.ts'
import { whenOf } from '../schedule/schedule-answers.ts'
import { type Kind, WhenFields } from '../schedule/schedule-fields.tsx'
import { type FirstAnswers, type FirstProps, mostCounted, named } from './answers.ts'
import { doing, type Part, parts, type SettingUp } from './set-up.ts'

/** The rarer ones are offered by the schedule's own wizard. */
const kinds: readonly Kind[] = ['daily', 'weekly', 'medium', 'off']

/** Rules of one's own are made where plans are edited. */
const offered: readonly Preset[] = ['sensible', 'full', 'all']

/** What "Start" brings about. */
const comes = new Set<Finding['code']>(['not-initialised', 'no-key'])

type Props = FirstProps & { medium: Medium | undefined; onDone: (runId: string | undefined) => void }

export function FirstReviewStep(props: Props) {
  const { answers, medium, onBack, change } = props
  const { say } = useText()
  const { plans } = useEngine('plans')
  const choice = useMemo(() => named(answers, say), [answers, say])
  const draft = useDraft(props)
  const check = useCheck(plans[0]?.id ?? draft, medium, databasePasswordOf(choice).databasePassword)
  const setUp = useSetUp(props)
  const { preview } = check
  const findings = preview?.findings.filter(({ code }) => !comes.has(code)) ?? []
  const scheduled = answers.schedule.kind === 'off' || whenOf(answers.schedule) !== undefined
  const checked = !medium || (preview !== undefined && !hasErrors(findings))
  return (
    <StepPage
      title={say('window.first.reviewTitle')}
      next={say(medium ? 'window.first.start' : 'window.first.setUp')}
      onNext={setUp.start}
      ready={checked && scheduled && (plans.length > 0 || draft !== undefined)}
      busy={setUp.task.busy}
      problem={setUp.task.problem}
      onBack={setUp.task.busy ? undefined : onBack}
    >
      <Lines {...props} preview={preview} counting={check.task.busy} />
      {findings.some(({ level }) => level !== 'info') && <Findings findings={findings} />}
      {findings.some(({ code }) => code === 'database-denied') && (
        <AskDatabasePassword
          onGiven={(password) => {
            const { kind } = answers.what
            if (kind === 'folders') return
            change({ what: { ...answers.what, [kind]: { ...answers.what[kind], password } } })
          }}
        />
      )}
      <ProblemView problem={check.task.problem}>
        <Button mt="xs" size="xs" variant="default" onClick={check.again}>
          {say('window.again')}
        </Button>
      </ProblemView>
      {(setUp.task.busy || setUp.done.length > 0) && <PartList {...setUp} busy={setUp.task.busy} />}
    </StepPage>
  )
}

/** The same value as long as it is the same plan: only then it need not be counted anew. */
function useDraft({ answers: { what } }: Props): PlanDraft | undefined {
  const { say } = useText()
  const { kind, paths, exclude, labbook, mysql, name } = what
  const key = JSON.stringify([kind, paths, exclude, labbook, mysql, name])
  const last = useRef<{ key: string; draft: PlanDraft | undefined }>(undefined)
  if (last.current?.key !== key) {
    const choice = what.name.trim() === '' ? { ...what, name: say('window.first.planName') } : what
    last.current = { key, draft: draftOf(choice) }
  }
  return last.current?.draft
}

/** Counts, and looks for what speaks against it; anew for another plan or drive, and when asked. */
function useCheck(
  plan: string | PlanDraft | undefined,
  medium: Medium | undefined,
  databasePassword: string | undefined,
) {
  const task = useTask()
  const { run } = task
  const [preview, setPreview] = useState<BackupPreview>()
  const ref = medium && refOf(medium)
  const again = useCallback(
    () =>
      void run(async (signal) => {
        setPreview(undefined)
        if (plan === undefined || ref === undefined) return
        const given = databasePassword === undefined ? {} : { databasePassword }
        const found = await call((client) => client.backup.preview({ plan, medium: ref, ...given }, { signal }))
        if (!signal.aborted) setPreview(found)
      }),
    [run, plan, ref, databasePassword],
  )
  useEffect(again, [again])
  return { task, preview, again }
}

function useSetUp({ answers, medium, onDone }: Props) {
  const { say } = useText()
  const state = useEngine('keys', 'operatorSet', 'plans')
  const task = useTask()
  const [done, setDone] = useState<Part[]>([])
  /** What came out of the parts that are done, for those that are tried again. */
  const known = useRef<Pick<SettingUp, 'plan' | 'runId'> & { medium?: Medium | undefined }>({})
  const before = alreadyDone(state)
  const skip: Record<Part, boolean> = {
    key: before.key || answers.keyFolder !== undefined,
    import: before.key || answers.keyFolder === undefined,
    medium: medium === undefined || medium.initialised,
    plan: before.plan,
    schedule: answers.schedule.kind === 'off',
    operator: answers.operator === undefined || state.operatorSet,
    finish: false,
    backup: medium === undefined,
  }
  const wanted = parts.filter((part) => !skip[part] || done.includes(part))
  const start = () =>
    void task.run(async () => {
      const up: SettingUp = {
        answers,
        choice: named(answers, say),
        ...known.current,
        medium: known.current.medium ?? medium,
      }
      for (const part of wanted) {
        if (done.includes(part)) continue
        await doing[part](up)
        known.current = up
        setDone((others) => [...others, part])
      }
      onDone(up.runId)
    })
  return { task, done, wanted, start }
}

type LinesProps = Props & { preview: BackupPreview | undefined; counting: boolean }

function Lines({ answers, change, medium, preview, counting }: LinesProps) {
  const { say, language } = useText()
  const state = useEngine('keys', 'plans')
  const before = alreadyDone(state)
  const choice = named(answers, say)
  const draft = draftOf(choice)
  const sources = before.plan ? state.plans.map(({ source }) => source) : draft ? [draft.source] : []
  const { what, schedule } = answers
  const fresh = medium !== undefined && !medium.initialised
  return (
    <Stack gap={0} className="panel" data-testid="review-lines">
      <Line label={say('window.backup.source')} id="what">
        {sources.map((source) => (
          <SourceLines key={JSON.stringify(source)} source={source} />
        ))}
        <Amount preview={preview} counting={counting} medium={medium} />
      </Line>
      <Line
        label={say('window.backup.medium')}
        id="medium"
        editor={
          fresh && (
            <NameField name={answers.mediumName || medium.name} onChange={(mediumName) => change({ mediumName })} />
          )
        }
      >
        {medium ? <FileName name={answers.mediumName || medium.name} /> : say('window.first.noMedium')}
        {fresh && (
          <Text size="sm" c="dimmed">
            {say('window.first.prepared')}
          </Text>
        )}
      </Line>
      {answers.keyFolder?.pick && !before.key && <TakenKeys pick={answers.keyFolder.pick} />}
      <Line label={say('schedule.first.row')} id="schedule" editor={<Times answers={answers} change={change} />}>
        {scheduleInWords(whenOf(schedule), language)}
      </Line>
      {!before.plan && (
        <>
          <Line
            label={say('keep.window.row')}
            id="keep"
            editor={
              <KeepFields
                answers={what.keep}
                onChange={(keep) => change({ what: { ...what, keep } })}
                plan={undefined}
                offered={offered}
                order={2}
              />
            }
          >
            {rulesInWords(keepOf(what.keep) ?? undefined, translator(language))}
          </Line>
          <Line
            label={say('window.backup.plan')}
            id="name"
            editor={
              <TextInput
                label={say('window.plans.name')}
                description={say('window.plans.nameHelp')}
                value={what.name}
                placeholder={choice.name}
                maxLength={200}
                onChange={(event) => change({ what: { ...what, name: event.currentTarget.value } })}
                data-testid="plan-name"
              />
            }
          >
            <FileName name={choice.name} />
          </Line>
        </>
      )}
    </Stack>
  )
}

interface LineProps {
  label: string
  id: string
  /** Opened by "Change". Nothing: this line is changed on an earlier page. */
  editor?: React.ReactNode
  children: React.ReactNode
}

function Line({ label, id, editor, children }: LineProps) {
  const { say } = useText()
  const [open, setOpen] = useState(false)
  return (
    <Stack className="review-line" gap="sm" data-testid={`review-${id}`}>
      <Group wrap="nowrap" align="flex-start" justify="space-between">
        <div className="review-words">
          <Text fw={600} component="div" className="review-label">
            {label}
          </Text>
          <Stack gap={2} miw={0} flex={1}>
            {children}
          </Stack>
        </div>
        {editor && (
          <Button
            variant="subtle"
            size="compact-sm"
            flex="none"
            aria-expanded={open}
            aria-label={say(open ? 'window.first.changedName' : 'window.first.changeName', { name: label })}
            onClick={() => setOpen(!open)}
            data-testid={`change-${id}`}
          >
            {say(open ? 'window.first.changed' : 'window.first.change')}
          </Button>
        )}
      </Group>
      {editor && open && <div className="review-editor">{editor}</div>}
    </Stack>
  )
}

/** How much it is, and what that means on the drive. */
function Amount({ preview, counting, medium }: Pick<LinesProps, 'preview' | 'counting' | 'medium'>) {
  const { say, bytes, files } = useText()
  if (counting)
    return (
      <Group gap="xs" role="status">
        <Loader size="xs" aria-hidden />
        <Text size="sm">{say('window.backup.counting')}</Text>
      </Group>
    )
  if (!preview) return null
  const free = preview.medium?.free ?? medium?.free
  const { expected } = preview
  const fits = (size: number, room: number) => {
    const count = Math.floor(room / Math.max(1, size))
    const sizes = { size: bytes(size), free: bytes(room) }
    return count > mostCounted ? say('window.first.fitsPlenty', sizes) : say('window.first.fits', { ...sizes, count })
  }
  return (
    <Text size="sm" role="status" data-testid="review-amount">
      {say('window.backup.estimate', { files: files(preview.files), size: bytes(preview.bytes) })}
      {expected !== undefined && free !== undefined && ` — ${fits(expected, free)}`}
    </Text>
  )
}

function Times({ answers, change }: { answers: FirstAnswers; change: FirstProps['change'] }) {
  const { say } = useText()
  const { schedule, atLogin } = answers
  return (
    <Stack>
      <WhenFields answers={schedule} change={(part) => change({ schedule: { ...schedule, ...part } })} kinds={kinds} />
      {schedule.kind !== 'off' && (
        <Checkbox
          label={say('schedule.window.atLogin')}
          description={say('schedule.window.atLoginHelp')}
          checked={atLogin}
          onChange={(event) => change({ atLogin: event.currentTarget.checked })}
          data-testid="schedule-at-login"
        />
      )}
    </Stack>
  )
}

/** Whose keys will open the backups. */
function TakenKeys({ pick }: { pick: KeyPick }) {
  const { say } = useText()
  const { pairs, recipients } = choiceOf(pick)
  const chosen = new Set([...pairs.map(({ fingerprint }) => fingerprint), ...recipients])
  return (
    <Line label={say('window.keyPick.taken')} id="keys">
      <Stack gap="xs" data-testid="taken-keys">
        {fresh(pick)
          .filter(({ fingerprint }) => chosen.has(fingerprint))
          .map(({ name, fingerprint }) => (
            <Stack key={fingerprint} gap={2}>
              <FileName name={name} />
              <Fingerprint value={fingerprint} />
            </Stack>
          ))}
      </Stack>
    </Line>
  )
}

function PartList({ wanted, done, busy }: { wanted: readonly Part[]; done: readonly Part[]; busy: boolean }) {
  const current = busy ? wanted.find((part) => !done.includes(part)) : undefined
  return (
    <List spacing="xs" listStyleType="none" data-testid="setup-parts">
      {wanted.map((part) => (
        <List.Item key={part}>
          <PartLine part={part} done={done.includes(part)} doing={part === current} />
        </List.Item>
      ))}
    </List>
  )
}

function PartLine({ part, done, doing: now }: { part: Part; done: boolean; doing: boolean }) {
  const { say } = useText()
  return (
    <Group gap="sm" wrap="nowrap">
      {now ? (
        <Loader size={20} aria-hidden />
      ) : (
        <ThemeIcon
          size={20}
          radius="xl"
          variant={done ? 'filled' : 'transparent'}
          color={done ? 'green' : 'gray'}
          aria-hidden
        >
          {done ? <IconCheck size={14} /> : <IconCircleDashed size={20} />}
        </ThemeIcon>
      )}
      <span>{say(done ? `window.first.partDone.${part}` : `window.first.part.${part}`)}</span>
    </Group>
  )
}
