// What the newest backup of a plan lacks, and the button with which a person says that this is right.
// Guarantees: says what accepting means for older backups before it is done; the engine refuses when another backup has been made since.
import { List, Text } from '@mantine/core'
import type { Problem } from '../../core/api/failure.ts'
import { visible } from '../../core/api/text/visible.ts'
import { useText } from '../text/i18n.ts'
import { ConfirmButton } from './confirm-button.tsx'
import { guarded } from './operator.tsx'

interface Props {
  planId: string
  runId: string
  subject: string
}

export function AcceptButton({ planId, runId, subject }: Props) {
  const { say } = useText()
  return (
    <ConfirmButton
      label={say('keep.loss.accept')}
      describe={say('keep.loss.acceptTitle', { subject: visible(subject) })}
      text={say('keep.loss.acceptText')}
      work={() => guarded((client) => client.plan.accept({ planId, runId }))}
      testId="accept-losses"
    />
  )
}

export function Losses({ losses }: { losses: readonly Problem[] }) {
  const { problem: inWords, say } = useText()
  return (
    <>
      <List size="sm" data-testid="losses">
        {losses.map((one) => (
          <List.Item key={JSON.stringify(one)}>
            <span className="name">{inWords(one).text}</span>
          </List.Item>
        ))}
      </List>
      <Text size="sm">{say('keep.loss.held')}</Text>
    </>
  )
}
