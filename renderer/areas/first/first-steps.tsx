// The questions of the first start. Each only remembers its answer; what was done in an earlier try is said and left alone.
import { Alert, Checkbox, Group, Radio, Stack, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { Language } from '../../../core/api/model.ts'
import { MediumChoice } from '../../parts/medium-choice.tsx'
import { type MediaChoice, useMediumFindings } from '../../parts/medium-step.tsx'
import { Findings } from '../../parts/problem-view.tsx'
import { StepPage } from '../../parts/wizard.tsx'
import { useStore } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { NameField } from '../places/init-wizard.tsx'
import { draftOf } from '../plans/choice.ts'
import { SourceAndName } from '../plans/what-step.tsx'
import type { FirstProps } from './answers.ts'

export type PartProps = FirstProps & { done: boolean }

export function LanguageStep({ onNext }: FirstProps) {
  const { say, language } = useText()
  return (
    <StepPage
      title={say('window.first.languageTitle')}
      lead={say('window.first.languageLead')}
      next={say('window.wizard.next')}
      onNext={onNext}
    >
      <Radio.Group
        label={say('window.first.languageLabel')}
        value={language}
        onChange={(value) => useStore.setState({ language: Language.catch('en').parse(value) })}
      >
        <Stack gap="xs" mt="xs">
          <LanguageOption value="en" name="English" />
          <LanguageOption value="fr" name="Français" />
        </Stack>
      </Radio.Group>
    </StepPage>
  )
}

function LanguageOption({ value, name }: { value: Language; name: string }) {
  return (
    <Radio.Card value={value} className="choice" withBorder={false} lang={value} data-testid={`language-${value}`}>
      <Group>
        <Radio.Indicator />
        <Text>{name}</Text>
      </Group>
    </Radio.Card>
  )
}

export function DoneAlready() {
  const { say } = useText()
  return (
    <Alert color="green" icon={<IconCircleCheck aria-hidden />} role="note">
      {say('window.first.doneAlready')}
    </Alert>
  )
}

export function FirstFoldersStep({ answers, change, onNext, onBack, done }: PartProps) {
  const { say } = useText()
  return (
    <StepPage
      title={say('window.first.foldersTitle')}
      lead={say('window.first.foldersLead')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={done || answers.restoreOnly || draftOf(answers.what) !== undefined}
      onBack={onBack}
    >
      {done && <DoneAlready />}
      {!done && !answers.restoreOnly && <SourceAndName choice={answers.what} onChange={(what) => change({ what })} />}
      {!done && (
        <Checkbox
          label={say('window.first.restoreOnly')}
          description={say('window.first.restoreOnlyHelp')}
          checked={answers.restoreOnly}
          onChange={(event) => change({ restoreOnly: event.currentTarget.checked })}
          data-testid="restore-only"
        />
      )}
    </StepPage>
  )
}

export function FirstMediumStep({ answers, change, onNext, onBack, media }: FirstProps & { media: MediaChoice }) {
  const { say } = useText()
  const { medium } = media
  const fresh = medium !== undefined && !medium.initialised
  const { findings, blocked } = useMediumFindings(fresh ? medium : undefined)
  const refuse = (one: { readOnly: boolean }) => (one.readOnly ? say('window.media.refuse.readOnly') : undefined)
  return (
    <StepPage
      title={say('window.first.mediumTitle')}
      lead={say('window.first.mediumLead')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={answers.laterMedium || (medium !== undefined && !blocked)}
      onBack={onBack}
    >
      {!answers.laterMedium && (
        <>
          <MediumChoice
            media={media.media}
            value={medium?.path}
            onChange={(path) => {
              media.setPath(path)
              change({ mediumName: '' })
            }}
            refuse={refuse}
            onFolder={media.addFolder}
          />
          {fresh && (
            <NameField name={answers.mediumName || medium.name} onChange={(mediumName) => change({ mediumName })} />
          )}
          {fresh && <Text size="sm">{say('window.init.nameLead')}</Text>}
          <Findings findings={findings} />
        </>
      )}
      <Checkbox
        label={say('window.first.laterMedium')}
        checked={answers.laterMedium}
        onChange={(event) => change({ laterMedium: event.currentTarget.checked })}
        data-testid="later-medium"
      />
    </StepPage>
  )
}
