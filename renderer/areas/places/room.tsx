// For how many more backups there is room on a place, plan by plan.
import { Text } from '@mantine/core'
import { spaceInWords } from '../../../core/api/text/keep-text.ts'
import { translator } from '../../../core/api/text/text.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export function Room({ place }: { place: string | undefined }) {
  const { say, bytes, language } = useText()
  const { space = [], plans } = useEngine('space', 'plans')
  const here = space.filter((one) => one.place === place)
  return here.map((one) => {
    const words = spaceInWords(one, bytes, translator(language))
    const name = visible(plans.find(({ id }) => id === one.planId)?.name ?? '')
    return (
      <Text key={one.planId} size="sm" component="span" data-testid="medium-room">
        {plans.length > 1 ? say('keep.space.ofPlan', { name, words }) : words}
      </Text>
    )
  })
}
