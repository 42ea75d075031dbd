// The way back to the main screen, on top of screens that are no wizard.
import { Anchor, Group } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { show } from '../store.ts'
import { useText } from '../text/i18n.ts'

export function ToMain() {
  const { say } = useText()
  return (
    <Anchor component="button" ta="left" w="fit-content" onClick={() => show({ name: 'main' })}>
      <Group gap={4}>
        <IconArrowLeft size={16} aria-hidden />
        {say('window.wizard.toMain')}
      </Group>
    </Anchor>
  )
}
