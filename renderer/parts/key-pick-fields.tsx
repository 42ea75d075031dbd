// The keys of another key folder, each with its fingerprint: a pair asks for its password, somebody else's key for a yes.
// Takes nothing over itself.

import { Checkbox, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { isForLabbook } from '../../core/api/plan-source.ts'
import { visible } from '../../core/api/text/visible.ts'
import { useEngine } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { fresh, isLabbookName, type KeyPick, losesInLabbook } from './key-pick.ts'
import { ProblemView } from './problem-view.tsx'
import { FileName, Fingerprint } from './show.tsx'

interface Props {
  pick: KeyPick
  onChange: (pick: KeyPick) => void
}

export function KeyPickFields({ pick, onChange }: Props) {
  const { say } = useText()
  const found = fresh(pick)
  const pairs = found.filter(({ kind }) => kind === 'own')
  const people = found.filter(({ kind }) => kind === 'recipient')
  return (
    <Stack gap="lg" data-testid="key-pick">
      {found.length === 0 && <Text size="sm">{say('window.settings.noNewKeys')}</Text>}
      {pairs.length > 0 && (
        <Stack gap="sm">
          <Text size="sm">{say('window.keyPick.pairs')}</Text>
          {pairs.map((key) => (
            <Pair key={key.fingerprint} info={key} pick={pick} onChange={onChange} />
          ))}
        </Stack>
      )}
      {people.length > 0 && (
        <Stack gap="sm">
          <Text size="sm">{say('window.keyPick.people')}</Text>
          {people.map((key) => (
            <Person key={key.fingerprint} info={key} pick={pick} onChange={onChange} />
          ))}
        </Stack>
      )}
      {pick.odd.map((problem) => (
        <ProblemView key={JSON.stringify(problem)} problem={problem} level="warning" reveal={false} />
      ))}
    </Stack>
  )
}

type Info = KeyPick['keys'][number]

function Who({ info }: { info: Info }) {
  return (
    <Group gap="xs">
      <Text fw={600}>
        <FileName name={info.name} />
      </Text>
      <Fingerprint value={info.fingerprint} />
    </Group>
  )
}

function Pair({ info, pick, onChange }: Props & { info: Info }) {
  const { say } = useText()
  const { plans } = useEngine('plans')
  const password = pick.passwords[info.fingerprint] ?? ''
  const labbook = isLabbookName(info.name) || plans.some(({ source }) => isForLabbook(source))
  const set = (next: string) => onChange({ ...pick, passwords: { ...pick.passwords, [info.fingerprint]: next } })
  return (
    <Stack gap="xs" className="choice" data-testid="key-pick-pair">
      <Who info={info} />
      <PasswordInput
        label={say('window.keyPick.password')}
        description={say('window.keyPick.passwordHelp')}
        value={password}
        onChange={(event) => set(event.currentTarget.value)}
        autoComplete="off"
        data-testid="key-pick-password"
      />
      {losesInLabbook(password, labbook) && (
        <ProblemView problem={{ code: 'labbook-password', details: {} }} level="info" reveal={false} />
      )}
      <ProblemView problem={info.problem} level="warning" reveal={false} />
    </Stack>
  )
}

function Person({ info, pick, onChange }: Props & { info: Info }) {
  const { say } = useText()
  const { fingerprint, state, problem } = info
  const agreed = pick.agreed.filter((one) => one !== fingerprint)
  return (
    <Stack gap="xs" className="choice" data-testid="key-pick-person">
      <Who info={info} />
      {!problem && state === 'newer' && <Text size="sm">{say('window.keyPick.newer')}</Text>}
      {!problem && state === 'new' && (
        <Checkbox
          label={say('window.keyPick.agree', { name: visible(info.name) })}
          checked={pick.agreed.includes(fingerprint)}
          onChange={(event) =>
            onChange({ ...pick, agreed: event.currentTarget.checked ? [...agreed, fingerprint] : agreed })
          }
          data-testid="key-pick-agree"
        />
      )}
      <ProblemView problem={problem} level="warning" reveal={false} />
    </Stack>
  )
}
