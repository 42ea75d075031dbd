// Where nothing is yet: a picture, what would stand here, and the button that makes the first one.
import { Stack, Text, ThemeIcon } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'

interface Props {
  icon: Icon
  text: string
  /** The first thing to do. */
  children?: React.ReactNode
  testId?: string
}

export function Empty({ icon: Picture, text, children, testId }: Props) {
  return (
    <Stack className="empty" align="center" gap="sm" data-testid={testId}>
      <ThemeIcon size={56} radius="xl" variant="light" aria-hidden>
        <Picture size={30} stroke={1.5} />
      </ThemeIcon>
      <Text ta="center" maw="34rem">
        {text}
      </Text>
      {children}
    </Stack>
  )
}
