// A chapter of the help beside the screen that one is on: what is typed there stays.
import { Anchor, Drawer, Stack } from '@mantine/core'
import { isFlow } from '../../routes.tsx'
import { show, useStore } from '../../store.ts'
import { useText } from '../../text/i18n.ts'
import { Chapter } from './chapter.tsx'

export function HelpDrawer() {
  const { say } = useText()
  const chapter = useStore((store) => store.help)
  const inFlow = useStore((store) => isFlow(store.route))
  return (
    <Drawer
      opened={chapter !== undefined}
      onClose={() => useStore.setState({ help: undefined })}
      position="right"
      title={say('help.title')}
      closeButtonProps={{ 'aria-label': say('window.close') }}
      size="27rem"
    >
      {chapter && (
        <Stack gap="lg" data-testid="help-drawer">
          <Chapter chapter={chapter} />
          {!inFlow && (
            <Anchor component="button" ta="left" onClick={() => show({ name: 'help', chapter })}>
              {say('help.all')}
            </Anchor>
          )}
        </Stack>
      )}
    </Drawer>
  )
}
