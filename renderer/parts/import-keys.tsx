// A button that takes over keys from a folder: LabBook's, that of a medium, or of another Arche.
// Guarantees: what is there is shown and answered in a dialog before anything is taken; a failure keeps the dialog open.
import { Button, Group, Modal, Stack } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { useState } from 'react'
import { call } from '../client.ts'
import { useText } from '../text/i18n.ts'
import { choiceOf, fresh, isAnything, type KeyPick, pickOf } from './key-pick.ts'
import { KeyPickFields } from './key-pick-fields.tsx'
import { useNotice } from './notice.ts'
import { guarded } from './operator.tsx'
import { ProblemView } from './problem-view.tsx'
import { useTask } from './task.ts'

export function ImportKeys() {
  const { say } = useText()
  const notice = useNotice()
  const [found, setFound] = useState<{ folder: string; pick: KeyPick }>()
  const looking = useTask()
  const taking = useTask()
  const look = () =>
    void looking.run(async () => {
      const title = say('window.settings.importKeysTitle')
      const [folder] = await call((client) => client.shell.chooseFolders({ title, several: false }))
      if (folder === undefined) return
      const pick = pickOf(await call((client) => client.key.look({ folder })))
      taking.clear()
      if (fresh(pick).length > 0 || pick.odd.length > 0) setFound({ folder, pick })
      else notice(say('window.settings.noNewKeys'))
    })
  const take = ({ folder, pick }: { folder: string; pick: KeyPick }) =>
    void taking.run(async () => {
      const added = await guarded((client) => client.key.import({ folder, ...choiceOf(pick) }))
      setFound(undefined)
      notice(say('window.settings.keysImported', { count: added.length }))
    })
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconFolderOpen size={18} aria-hidden />}
        onClick={look}
        loading={looking.busy}
        data-testid="import-keys"
      >
        {say('window.settings.importKeys')}
      </Button>
      <ProblemView problem={looking.problem} />
      <Modal
        opened={found !== undefined}
        onClose={() => setFound(undefined)}
        title={say('window.keyPick.title')}
        closeButtonProps={{ 'aria-label': say('window.close') }}
        size="lg"
        centered
      >
        {found && (
          <Stack>
            <KeyPickFields pick={found.pick} onChange={(pick) => setFound({ ...found, pick })} />
            <ProblemView problem={taking.problem} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setFound(undefined)} data-autofocus>
                {say('window.cancel')}
              </Button>
              <Button
                onClick={() => take(found)}
                loading={taking.busy}
                disabled={!isAnything(choiceOf(found.pick))}
                data-testid="key-pick-take"
              >
                {say('window.keyPick.take')}
              </Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  )
}
