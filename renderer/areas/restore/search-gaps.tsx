// What the search does not know: backups of the places that are here whose names it has not, and the way to add them.
// Guarantees: looking holds nothing up; a backup that has no contents index is told apart from one that was only not added yet.
import { Alert, Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Medium } from '../../../core/api/model.ts'
import { visible } from '../../../core/api/text/visible.ts'
import { call } from '../../client.ts'
import { refOf } from '../../parts/medium-choice.tsx'
import { guarded } from '../../parts/operator.tsx'
import { ProblemView } from '../../parts/problem-view.tsx'
import { useTask } from '../../parts/task.ts'
import { useFromEngine } from '../../store.ts'
import { useText } from '../../text/i18n.ts'

interface Gap {
  readonly medium: Medium
  readonly artifacts: readonly string[]
  readonly closed: boolean
}

/** Names of plans that can be searched, and what is missing; looked for again when runs end and places come or go. */
export function useSearchGaps() {
  const [known, setKnown] = useState<{ subjects: readonly string[]; gaps: readonly Gap[] }>({ subjects: [], gaps: [] })
  const version = useFromEngine(
    ({ media, runs }) => `${media.map(({ path }) => path).join('\n')} ${runs[0]?.id} ${runs[0]?.endedAt}`,
  )
  const { run } = useTask()
  const answered = useRef(false)
  /** Servers are asked once, and when something was added: a run that ends elsewhere is no reason to wake them. */
  const look = useCallback(
    (network: boolean) =>
      run(async (signal) => {
        const { subjects, missing } = await call((client) => client.catalogue.missing({ network }, { signal }))
        if (signal.aborted) return
        answered.current ||= network
        const asked = ({ medium }: Gap) => network || medium.kind === undefined
        setKnown(({ gaps }) => ({ subjects, gaps: [...missing, ...gaps.filter((gap) => !asked(gap))] }))
      }),
    [run],
  )
  useEffect(() => {
    if (version !== '') void look(!answered.current)
  }, [look, version])
  const again = useCallback(() => void look(true), [look])
  return { ...known, look: again }
}

export function SearchGaps({ gaps, onAdded }: { gaps: readonly Gap[]; onAdded: () => void }) {
  return (
    <>
      {gaps.map((gap) => (
        <GapView key={refOf(gap.medium)} gap={gap} onAdded={onAdded} />
      ))}
    </>
  )
}

function GapView({ gap: { medium, artifacts, closed }, onAdded }: { gap: Gap; onAdded: () => void }) {
  const { say } = useText()
  const remembered = useFromEngine(({ keychain }) => keychain.remembered)
  const [asking, setAsking] = useState(false)
  const [password, setPassword] = useState('')
  const [without, setWithout] = useState(0)
  const task = useTask()
  const needsPassword = closed && (asking || !remembered)
  const add = () =>
    void task.run(async (signal, job) => {
      const keyPassword = password === '' ? {} : { keyPassword: password }
      const input = { medium: refOf(medium), artifacts: [...artifacts], job, ...keyPassword }
      const found = await guarded((client) => client.catalogue.add(input, { signal })).catch((error: unknown) => {
        // The keychain has the password of another key.
        setAsking(true)
        throw error
      })
      setPassword('')
      setWithout(found.without.length)
      if (found.learned.length > 0) onAdded()
    })
  const backups = say('find.backups', { count: artifacts.length })
  return (
    <Alert color="sea" icon={<IconInfoCircle size={20} aria-hidden />} data-testid="search-gap">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <Stack gap="xs">
          <Text size="sm">{say('find.window.gap', { backups, name: visible(medium.name) })}</Text>
          {without > 0 && (
            <Text size="sm">{say('find.window.without', { backups: say('find.backups', { count: without }) })}</Text>
          )}
          <Group align="flex-end" gap="sm">
            {needsPassword && (
              <PasswordInput
                label={say('window.key.password')}
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
                maxLength={1024}
                autoComplete="off"
                w="18rem"
                visibilityToggleButtonProps={{ 'aria-label': say('window.password.reveal'), tabIndex: 0 }}
                data-testid="gap-password"
              />
            )}
            <Button
              type="submit"
              variant="default"
              size="sm"
              loading={task.busy}
              disabled={needsPassword && password === ''}
              data-testid="gap-add"
            >
              {say('find.window.add')}
            </Button>
          </Group>
          <ProblemView problem={task.problem} />
        </Stack>
      </form>
    </Alert>
  )
}
