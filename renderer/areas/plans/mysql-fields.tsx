// Databases of a MySQL or MariaDB server to be backed up: which ones, and how to reach the server. "Test" asks the server.
import { Radio, Stack, TagsInput } from '@mantine/core'
import { useText } from '../../text/i18n.ts'
import type { Choice, MysqlAnswers } from './choice.ts'
import { LoginFields, Test } from './login-fields.tsx'

interface Props {
  choice: Choice
  onChange: (choice: Choice) => void
}

export function MysqlFields({ choice, onChange }: Props) {
  const { say } = useText()
  const { mysql } = choice
  const change = (part: Partial<MysqlAnswers>) => onChange({ ...choice, mysql: { ...mysql, ...part } })
  return (
    <Stack>
      <Radio.Group
        label={say('window.mysql.which')}
        value={mysql.all ? 'all' : 'some'}
        onChange={(value) => change({ all: value === 'all' })}
      >
        <Stack gap="xs" mt="xs">
          <Radio
            value="all"
            label={say('window.mysql.all')}
            description={say('window.mysql.allHelp')}
            data-testid="mysql-all"
          />
          <Radio value="some" label={say('window.mysql.some')} data-testid="mysql-some" />
        </Stack>
      </Radio.Group>
      {!mysql.all && (
        <TagsInput
          label={say('window.mysql.names')}
          description={say('window.mysql.namesHelp')}
          value={mysql.names}
          onChange={(names) => change({ names })}
          splitChars={[]}
          acceptValueOnBlur
          data-testid="mysql-names"
        />
      )}
      <LoginFields id="mysql" login={mysql} onChange={change} />
      <Test key={JSON.stringify(mysql)} choice={choice} />
    </Stack>
  )
}
