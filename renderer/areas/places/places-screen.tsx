// Where backups are kept: the media that are connected now, and the places that were configured.
import { Stack } from '@mantine/core'
import { Panel } from '../../parts/show.tsx'
import { useText } from '../../text/i18n.ts'
import { MediaPanel } from './media-panel.tsx'
import { PlaceList } from './place-list.tsx'

export function PlacesScreen() {
  const { say } = useText()
  return (
    <Stack gap="xl" className="column">
      <MediaPanel />
      <Panel title={say('copy.places.title')}>
        <PlaceList />
      </Panel>
    </Stack>
  )
}
