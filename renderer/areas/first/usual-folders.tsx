// The folders that people keep their things in, as ticks with how much each holds, counted while one looks.
// Guarantees: what is inside of another chosen folder is shown as chosen and cannot be unticked; paths are kept as the system gave them.
import { Checkbox, Loader, SimpleGrid, Stack, Text } from '@mantine/core'
import type { FolderKind } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import type { Sizes } from '../../parts/use-sizes.ts'
import { useEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

export interface UsualFolder {
  readonly kind: FolderKind
  readonly path: string
}

/** Ticked before anybody has said anything: what people have made themselves, and rarely more than fits. */
export const presetKinds: readonly FolderKind[] = ['documents', 'pictures', 'desktop']

export function isInside(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** Without those that lie inside of others: nothing is saved or counted twice. */
export function outermost(paths: readonly string[]): string[] {
  return paths.filter((path) => !paths.some((other) => isInside(path, other)))
}

interface Props {
  folders: readonly UsualFolder[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
  sizes: Sizes
}

export function UsualFolders({ folders, chosen, onChange, sizes }: Props) {
  const { say } = useText()
  const { home } = useEngine('home')
  if (folders.length === 0) return null
  return (
    <SimpleGrid cols={2} spacing="xs" role="group" aria-label={say('window.first.usual')} data-testid="usual-folders">
      {folders.map(({ kind, path }) => {
        const within = chosen.some((other) => isInside(path, other))
        const ticked = within || chosen.includes(path)
        return (
          <Checkbox.Card
            key={path}
            className="choice"
            withBorder={false}
            checked={ticked}
            disabled={within}
            onChange={(on) => onChange(on ? [...chosen, path] : chosen.filter((other) => other !== path))}
            title={visible(path)}
            data-testid={`usual-${kind}`}
          >
            <div className="usual-folder">
              <Checkbox.Indicator disabled={within} />
              <Stack gap={0} miw={0} flex={1}>
                <Text component="span">{say(`window.first.folder.${kind}`)}</Text>
                <Text component="span" size="xs" c="dimmed" truncate>
                  <bdi>{visible(isInside(path, home) ? `~${path.slice(home.length)}` : path)}</bdi>
                </Text>
              </Stack>
              <SizeOf path={path} sizes={sizes} />
            </div>
          </Checkbox.Card>
        )
      })}
    </SimpleGrid>
  )
}

/** How much it holds, or that it is being counted. */
export function SizeOf({ path, sizes }: { path: string; sizes: Sizes }) {
  const { say, bytes } = useText()
  const size = sizes.get(path)
  if (size === undefined) return <Loader size={14} aria-label={say('window.backup.counting')} />
  return (
    <Text size="sm" c="dimmed" component="span" className="size" data-testid="folder-size">
      {size === null ? '—' : bytes(size.bytes)}
    </Text>
  )
}
