// The first page of all: what Arche is, and what brings a person here. The language is that of the system, and can be changed.
import { Anchor, Group, SegmentedControl, SimpleGrid, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import { type Icon, IconDeviceFloppy, IconRestore } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { Language } from '../../../core/api/model.ts'
import { BrandMark } from '../../parts/marks.tsx'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { show } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

const languages = { en: 'English', fr: 'Français' } satisfies Record<Language, string>

export function Welcome({ onBackUp, onLeave }: { onBackUp: () => void; onLeave: () => void }) {
  const { say, language } = useText()
  const task = useTask()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const speak = (chosen: Language) =>
    void task.run(() => guarded((client) => client.settings.save({ language: chosen })).then(() => undefined))
  return (
    <main className="welcome" data-testid="wizard" data-step="welcome">
      <Group justify="flex-end" p="md">
        <SegmentedControl
          size="xs"
          aria-label={say('window.first.languageLabel')}
          value={language}
          onChange={(value) => speak(Language.catch('en').parse(value))}
          data={Language.options.map((value) => ({ value, label: <span lang={value}>{languages[value]}</span> }))}
          data-testid="language"
        />
      </Group>
      <Stack align="center" justify="center" gap="xl" px="xl" pb="xl">
        <Stack align="center" gap="xs">
          <BrandMark size={88} />
          <Title order={1} ref={heading} tabIndex={-1} ta="center">
            {say('window.first.welcome')}
          </Title>
          <Text ta="center" maw="34rem">
            {say('window.first.what')}
          </Text>
        </Stack>
        <SimpleGrid cols={2} spacing="lg" w="100%" maw="40rem">
          <Choice
            icon={IconDeviceFloppy}
            title={say('window.first.backup')}
            text={say('window.first.backupHelp')}
            onClick={onBackUp}
            id="backup"
          />
          <Choice
            icon={IconRestore}
            title={say('window.first.restore')}
            text={say('window.first.restoreHelp')}
            onClick={() => show({ name: 'restore' })}
            id="restore"
          />
        </SimpleGrid>
        <ProblemView problem={task.problem} />
        <Anchor component="button" type="button" size="sm" onClick={onLeave} data-leave data-testid="wizard-leave">
          {say('window.first.leave')}
        </Anchor>
      </Stack>
    </main>
  )
}

interface ChoiceProps {
  icon: Icon
  title: string
  text: string
  onClick: () => void
  id: string
}

function Choice({ icon: Icon, title, text, onClick, id }: ChoiceProps) {
  return (
    <UnstyledButton className="choice welcome-choice" onClick={onClick} data-testid={`first-${id}`}>
      <Icon size={36} stroke={1.5} aria-hidden className="brand" />
      <Text fw={650} size="lg" component="span">
        {title}
      </Text>
      <Text size="sm" c="dimmed" component="span" ta="center">
        {text}
      </Text>
    </UnstyledButton>
  )
}
