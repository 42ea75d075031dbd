// Ejects a drive. While something reads or writes it, the button is a wish: it is ejected when that is done.
// Guarantees: it is said that the drive can be pulled, and by whom it is in use.
import { Button, Stack, Text } from '@mantine/core'
import { IconPlayerEject } from '@tabler/icons-react'
import { useEffect } from 'react'
import type { AppState } from '../../core/api/model.ts'
import { visible } from '../../core/api/text/visible.ts'
import { call } from '../client.ts'
import { useFromEngine, useStore } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { useNotice } from './notice.ts'
import { ProblemView } from './problem-view.tsx'
import { useTask } from './task.ts'

/** Whose work uses what is mounted there, if any. */
function userOf(path: string, { runs }: AppState): string | undefined {
  const uses = (place: { path: string } | undefined) => place?.path === path
  return runs.find(({ outcome, medium, from }) => outcome === undefined && (uses(medium) || uses(from)))?.subject
}

/** What is wished for is this drive, not whatever is mounted there when its work is done. */
function wish(path: string, drive: { readonly id?: string | undefined } | undefined): void {
  useStore.setState(({ ejecting }) => {
    const others = ejecting.filter((other) => other.path !== path)
    return { ejecting: drive ? [...others, { path, id: drive.id }] : others }
  })
}

/** How long nothing may use it before it is ejected (ms): the copies of a backup begin a moment after its end. */
const stillness = 3000

function useEject(path: string, name: string) {
  const { say } = useText()
  const notice = useNotice()
  const task = useTask()
  const eject = () =>
    void task.run(async () => {
      await call((client) => client.medium.eject({ medium: path }))
      notice(say('window.media.ejected', { name: visible(name) }))
    })
  return { eject, task }
}

export function EjectButton({ path, name, compact = false }: { path: string; name: string; compact?: boolean }) {
  const { say } = useText()
  const { eject, task } = useEject(path, name)
  const user = useFromEngine((state) => userOf(path, state))
  const id = useFromEngine(({ media }) => media.find((one) => one.path === path)?.id)
  const wished = useStore(({ ejecting }) => ejecting.some((one) => one.path === path && one.id === id))
  const label = user === undefined ? 'eject' : wished ? 'ejectNot' : 'ejectLater'
  return (
    <Stack gap={4}>
      <Button
        variant="default"
        size={compact ? 'xs' : 'sm'}
        leftSection={<IconPlayerEject size={16} aria-hidden />}
        onClick={user === undefined ? eject : () => wish(path, wished ? undefined : { id })}
        loading={task.busy}
        aria-label={`${say(`window.media.${label}`)}: ${visible(name)}`}
        aria-pressed={user === undefined ? undefined : wished}
        data-testid="eject"
      >
        {say(`window.media.${label}`)}
      </Button>
      {user !== undefined && (
        <Text size="xs" c="dimmed" role="status" data-testid="eject-used">
          {say(wished ? 'window.media.ejectsSoon' : 'window.media.usedBy', { name: visible(user) })}
        </Text>
      )}
      <ProblemView problem={task.problem} />
    </Stack>
  )
}

/** Carries out what was wished for, wherever one is in the window; draws nothing. */
export function EjectsWhenDone() {
  const wished = useStore(({ ejecting }) => ejecting)
  return wished.map(({ path, id }) => <EjectsOne key={`${id} ${path}`} path={path} id={id} />)
}

function EjectsOne({ path, id }: { path: string; id: string | undefined }) {
  const { say, problem: inWords } = useText()
  const notice = useNotice()
  const used = useFromEngine((state) => userOf(path, state) !== undefined)
  const name = useFromEngine(({ media }) => media.find((one) => one.path === path && one.id === id)?.name)
  const { run, problem } = useTask()
  // biome-ignore lint/correctness/useExhaustiveDependencies: when it is used no more, or another lies there
  useEffect(() => {
    if (used) return
    const timer = setTimeout(
      () =>
        void run(async () => {
          if (name !== undefined) {
            await call((client) => client.medium.eject({ medium: path }))
            notice(say('window.media.ejected', { name: visible(name) }))
          }
          wish(path, undefined)
        }),
      stillness,
    )
    return () => clearTimeout(timer)
  }, [used, name])
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each problem
  useEffect(() => {
    if (!problem) return
    const { text, hint } = inWords(problem)
    notice(`${text} ${hint}`)
    wish(path, undefined)
  }, [problem, path])
  return null
}
