// The end of the first start's questions: what will be set up, then doing it, part by part.
// Guarantees: the parts are done in an order in which each finds what it needs; a part that failed can be tried again alone.
import { DataList, Group, List, Loader, Stack, ThemeIcon } from '@mantine/core'
import { IconCheck, IconCircleDashed } from '@tabler/icons-react'
import { useState } from 'react'
import { Failure } from '../../../core/api/failure.ts'
import type { Medium } from '../../../core/api/model.ts'
import { rulesInWords } from '../../../core/api/text/keep-text.ts'
import { scheduleInWords } from '../../../core/api/text/schedule-text.ts'
import { translator } from '../../../core/api/text/text.ts'
import { call } from '../../client.ts'
import { choiceOf, fresh, type KeyPick } from '../../parts/key-pick.ts'
import { guarded } from '../../parts/operator.tsx'
import { FileName, Fingerprint, Row } from '../../parts/show.tsx'
import { SourceLines } from '../../parts/source-lines.tsx'
import { alreadyDone } from '../../parts/steps.ts'
import { useTask } from '../../parts/task.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useEngine, useStore } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { draftOf } from '../plans/choice.ts'
import { saveChoice } from '../plans/save-choice.ts'
import { scheduleOf, whenOf } from '../schedule/schedule-answers.ts'
import type { FirstAnswers, FirstProps, KeyFolderAnswers } from './answers.ts'

const parts = ['key', 'import', 'plan', 'medium', 'schedule', 'finish'] as const
type Part = (typeof parts)[number]

type Props = FirstProps & { medium: Medium | undefined; onDone: () => void }

export function FirstReviewStep({ answers, medium, onBack, onDone }: Props) {
  const { say, language } = useText()
  const state = useEngine('keys', 'plans')
  const task = useTask()
  const [done, setDone] = useState<Part[]>([])
  const before = alreadyDone(state)
  const skip: Record<Part, boolean> = {
    key: before.key || answers.restoreOnly || answers.keyFolder !== undefined,
    import: before.key || answers.restoreOnly || answers.keyFolder === undefined,
    plan: before.plan || answers.restoreOnly,
    medium: medium === undefined || medium.initialised,
    schedule: answers.restoreOnly || !scheduleOf(answers.schedule),
    finish: false,
  }
  const wanted = parts.filter((part) => !skip[part] || done.includes(part))
  const setUp = () =>
    void task
      .run(async () => {
        for (const part of wanted) {
          if (done.includes(part)) continue
          await doPart(part, answers, medium)
          setDone((known) => [...known, part])
        }
      })
      .then((good) => good && onDone())
  const draft = draftOf(answers.what)
  const sources = before.plan ? state.plans.map((plan) => plan.source) : draft ? [draft.source] : []
  return (
    <StepPage
      title={say('window.first.reviewTitle')}
      lead={say('window.first.reviewLead')}
      next={say('window.first.setUp')}
      onNext={setUp}
      busy={task.busy}
      problem={task.problem}
      onBack={task.busy ? undefined : onBack}
    >
      {!answers.restoreOnly && (
        <DataList withDivider labelWidth="11rem" className="panel" p="md">
          <Row label={say('window.backup.source')}>
            <Stack gap={2}>
              {sources.map((source) => (
                <SourceLines key={JSON.stringify(source)} source={source} />
              ))}
            </Stack>
          </Row>
          <Row label={say('window.backup.medium')}>
            {medium ? <FileName name={answers.mediumName || medium.name} /> : say('window.first.noMedium')}
          </Row>
          {answers.keyFolder?.pick && !skip.import && <TakenKeys pick={answers.keyFolder.pick} />}
          <Row label={say('schedule.first.row')}>{scheduleInWords(whenOf(answers.schedule), language)}</Row>
          {!before.plan && draft && (
            <Row label={say('keep.window.row')}>{rulesInWords(draft.destinations[0]?.keep, translator(language))}</Row>
          )}
        </DataList>
      )}
      <List spacing="xs" listStyleType="none" data-testid="setup-parts">
        {wanted.map((part) => (
          <List.Item key={part}>
            <PartLine
              part={part}
              done={done.includes(part)}
              doing={task.busy && wanted.find((one) => !done.includes(one)) === part}
            />
          </List.Item>
        ))}
      </List>
    </StepPage>
  )
}

/** Whose keys will open the backups. */
function TakenKeys({ pick }: { pick: KeyPick }) {
  const { say } = useText()
  const { pairs, recipients } = choiceOf(pick)
  const chosen = new Set([...pairs.map(({ fingerprint }) => fingerprint), ...recipients])
  return (
    <Row label={say('window.keyPick.taken')}>
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
    </Row>
  )
}

function PartLine({ part, done, doing }: { part: Part; done: boolean; doing: boolean }) {
  const { say } = useText()
  return (
    <Group gap="sm" wrap="nowrap">
      {doing ? (
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

async function doPart(part: Part, answers: FirstAnswers, medium: Medium | undefined): Promise<void> {
  const { language } = useStore.getState()
  if (part === 'key') {
    const { password, remember } = answers.key
    await guarded((client) => client.key.create({ password: password.first, remember }))
  }
  if (part === 'import' && answers.keyFolder) await importKeys(answers.keyFolder)
  if (part === 'plan') await saveChoice(answers.what)
  if (part === 'medium' && medium) {
    const name = answers.mediumName.trim() || medium.name
    // What speaks against this place was shown when it was chosen.
    await guarded((client) => client.medium.init({ medium: medium.path, name, asNew: true }))
  }
  if (part === 'schedule') await saveSchedule(answers)
  if (part === 'finish') {
    await guarded((client) => client.settings.save({ welcomed: true, ...(language === undefined ? {} : { language }) }))
  }
}

/** A folder without a key pair would leave nothing to encrypt for. */
async function importKeys({ path: folder, pick }: KeyFolderAnswers): Promise<void> {
  if (pick) await guarded((client) => client.key.import({ folder, ...choiceOf(pick) }))
  const { keys } = await call((client) => client.app.state({}))
  if (!keys.some((key) => key.kind === 'own' && key.active)) throw new Failure('key-folder-empty', { path: folder })
}

/** For the plan that has just been noted; one that has a schedule already keeps it. */
async function saveSchedule({ schedule: chosen, atLogin }: FirstAnswers): Promise<void> {
  const schedule = scheduleOf(chosen)
  if (!schedule) return
  const { plans } = await call((client) => client.app.state({}))
  for (const plan of plans.filter((one) => one.schedule === undefined))
    await guarded((client) => client.schedule.save({ planId: plan.id, schedule }))
  if (atLogin) await call((client) => client.shell.startAtLogin({ on: true }))
}
