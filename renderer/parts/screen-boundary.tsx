// What stands where a screen cannot be shown, because its part of the program did not load or it threw: a sentence, and another try.
// Guarantees: the rest of the window stays, and no screen leaves it empty.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconCircleX } from '@tabler/icons-react'
import { Component, type ReactNode } from 'react'
import { useText } from '../text/i18n.ts'
import { useLeave } from './screen.tsx'

interface Props {
  children: ReactNode
  /** Before the screen is drawn again: what was loaded, or failed to, is to be forgotten. */
  onAgain: () => void
  /** The screen fills the window: nothing beside it leads away. */
  flow: boolean
}

export class ScreenBoundary extends Component<Props, { failed: boolean }> {
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override state = { failed: false }

  readonly #again = () => {
    this.props.onAgain()
    this.setState({ failed: false })
  }

  override render(): ReactNode {
    const { children, flow } = this.props
    return this.state.failed ? <NotShown onAgain={this.#again} flow={flow} /> : children
  }
}

function NotShown({ onAgain, flow }: Pick<Props, 'onAgain' | 'flow'>) {
  const { say } = useText()
  const leave = useLeave()
  return (
    <Stack p="md" component={flow ? 'main' : 'div'}>
      <Alert
        color="red"
        icon={<IconCircleX aria-label={say('window.level.error')} role="img" />}
        role="alert"
        data-testid="screen-failed"
      >
        <Text fw={600} size="sm">
          {say('window.screenFailed.text')}
        </Text>
        <Text size="sm">{say('window.screenFailed.hint')}</Text>
      </Alert>
      <Group>
        <Button onClick={onAgain} data-testid="screen-again">
          {say('window.again')}
        </Button>
        {flow && (
          <Button variant="default" onClick={leave}>
            {say('window.screenFailed.leave')}
          </Button>
        )}
      </Group>
    </Stack>
  )
}
