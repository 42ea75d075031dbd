// The question mark beside a term of the trade: opens its chapter of the help beside the screen, which stays as it is.
import { ActionIcon } from '@mantine/core'
import { IconHelpCircle } from '@tabler/icons-react'
import { useStore } from '../store.ts'
import type { HelpChapter } from '../text/help.ts'
import { useText } from '../text/i18n.ts'

export function HelpMark({ chapter }: { chapter: HelpChapter }) {
  const { say } = useText()
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={28}
      radius="xl"
      component="button"
      type="button"
      onClick={() => useStore.setState({ help: chapter })}
      aria-label={say('help.ask', { title: say(`help.chapter.${chapter}.title`) })}
      data-testid={`help-${chapter}`}
    >
      <IconHelpCircle size={18} aria-hidden />
    </ActionIcon>
  )
}
