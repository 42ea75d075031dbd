// A short message in the corner that something was done, which goes away by itself.
// Guarantees: its button to close it has a name, for those who do not see it.
import { notifications } from '@mantine/notifications'
import { useText } from '../text/i18n.ts'

export function useNotice(): (message: string) => void {
  const { say } = useText()
  return (message) => notifications.show({ message, closeButtonProps: { 'aria-label': say('window.close') } })
}
