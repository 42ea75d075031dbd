// One chapter of the help: short paragraphs, and what some chapters have beside them (steps, commands, keys of the keyboard).
import { Box, Kbd, List, Stack, Table, Text, Title, type TitleOrder } from '@mantine/core'
import { commandsWithoutArche } from '../../../core/api/without-arche.ts'
import { type HelpChapter, helpChapters, shortcuts } from '../../text/help.ts'
import { type Key, useText } from '../../text/i18n.ts'

export function Chapter({ chapter, order = 2 }: { chapter: HelpChapter; order?: TitleOrder }) {
  const { say } = useText()
  const More = more[chapter]
  return (
    <Stack gap="xs" component="section" aria-label={say(`help.chapter.${chapter}.title`)}>
      <Title order={order} id={`help-${chapter}`} tabIndex={-1}>
        {say(`help.chapter.${chapter}.title`)}
      </Title>
      {helpChapters[chapter].map((part) => {
        const words = say(`help.chapter.${chapter}.${part}` as Key)
        return part === 'steps' ? <Steps key={part} words={words} /> : <Text key={part}>{words}</Text>
      })}
      {More && <More />}
    </Stack>
  )
}

/** Lines of one sentence of the catalogue. */
function Steps({ words }: { words: string }) {
  return (
    <List type="ordered" spacing={4} withPadding>
      {words.split('\n').map((step) => (
        <List.Item key={step}>{step}</List.Item>
      ))}
    </List>
  )
}

function Commands() {
  const { say } = useText()
  return (
    <List type="ordered" spacing="xs" withPadding>
      {commandsWithoutArche('SIGL_sauvegardes', 'kpri.KEY.asc').map(([sentence, command]) => (
        <List.Item key={sentence} styles={{ itemWrapper: { width: '100%' }, itemLabel: { width: '100%' } }}>
          {say(`sheet.${sentence}`)}
          <Box component="pre" className="command">
            {command}
          </Box>
        </List.Item>
      ))}
    </List>
  )
}

function Shortcuts() {
  const { say } = useText()
  return (
    <Table className="shortcuts" verticalSpacing={6}>
      <Table.Tbody>
        {shortcuts.map(([keys, does]) => (
          <Table.Tr key={does}>
            <Table.Th scope="row" w="9rem">
              {keys.map((key, index) => (
                <span key={key}>
                  {index > 0 && ' + '}
                  <Kbd>{key === 'ctrl' || key === 'alt' || key === 'esc' ? say(`help.keys.${key}`) : key}</Kbd>
                </span>
              ))}
            </Table.Th>
            <Table.Td>{say(`help.shortcut.${does}`)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

const more: Partial<Record<HelpChapter, () => React.ReactNode>> = { without: Commands, shortcuts: Shortcuts }
