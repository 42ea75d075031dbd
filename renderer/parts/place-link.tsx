// The name of a place or a drive that leads to its page, and what people wrote down about it.
import { Anchor, Text } from '@mantine/core'
import { visible } from '../../core/api/text/visible.ts'
import { show, useFromEngine } from '../store.ts'

/** Without an id there is no page. */
export function PlaceLink({ id, children }: { id: string | undefined; children: React.ReactNode }) {
  if (id === undefined)
    return (
      <Text fw={600} component="span">
        {children}
      </Text>
    )
  return (
    <Anchor
      component="button"
      type="button"
      fw={600}
      ta="left"
      onClick={() => show({ name: 'place', id })}
      data-testid="place-open"
    >
      {children}
    </Anchor>
  )
}

export function PlaceNote({ id }: { id: string | undefined }) {
  const note = useFromEngine(({ placeNotes = {} }) => (id === undefined ? undefined : placeNotes[id]))
  if (note === undefined) return null
  return (
    <Text size="sm" fs="italic" component="span" data-testid="place-noted">
      {visible(note)}
    </Text>
  )
}
