// The second page of the first start: what is backed up, and where to; how much it is, and for how many backups there is room.
// Guarantees: only remembers its answers; what speaks against a drive is shown before one can go on.
import { Alert, Button, Checkbox, Group, Modal, Stack, Text, Title } from '@mantine/core'
import { IconCircleCheck, IconServer } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Medium } from '../../../core/api/model.ts'
import { call } from '../../client.ts'
import { FolderList, UsualExclusions } from '../../parts/folder-list.tsx'
import { MediumChoice } from '../../parts/medium-choice.tsx'
import { type MediaChoice, useMediumFindings } from '../../parts/medium-step.tsx'
import { Findings } from '../../parts/problem-view.tsx'
import { sumOf, type Total, useSizes } from '../../parts/use-sizes.ts'
import { StepPage } from '../../parts/wizard.tsx'
import { useText } from '../../text/i18n.ts'
import { ServerForm } from '../places/place-form.tsx'
import { draftOf } from '../plans/choice.ts'
import { sourceForms } from '../plans/source-forms.tsx'
import { SourceKindChoice } from '../plans/what-step.tsx'
import { type FirstProps, mostCounted, named } from './answers.ts'
import { outermost, presetKinds, SizeOf, type UsualFolder, UsualFolders } from './usual-folders.tsx'

type Props = FirstProps & { media: MediaChoice; done: boolean }

export function FirstWhatStep(props: Props) {
  const { answers, change, onNext, onBack, media, done } = props
  const { say } = useText()
  const { medium } = media
  const fresh = medium !== undefined && !medium.initialised
  const { findings, blocked } = useMediumFindings(fresh ? medium : undefined)
  const folders = useUsualFolders(props)
  const chosen = outermost(answers.what.paths)
  const all = useMemo(() => [...new Set([...chosen, ...folders.map(({ path }) => path)])], [chosen, folders])
  const sizes = useSizes(answers.what.kind === 'folders' && !done ? all : [], answers.what.exclude)
  const ready = done || draftOf(named(answers, say)) !== undefined
  return (
    <StepPage
      title={say('window.first.whatTitle')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={ready && (answers.laterMedium || (medium !== undefined && !blocked))}
      onBack={onBack}
    >
      <Stack gap="sm" component="section" aria-label={say('window.first.whatHead')}>
        <Title order={2}>{say('window.first.whatHead')}</Title>
        {done ? <DoneAlready /> : <What answers={answers} change={change} folders={folders} sizes={sizes} />}
      </Stack>
      <Where {...props} size={answers.what.kind === 'folders' ? sumOf(sizes, chosen) : undefined} />
      {!answers.laterMedium && <Findings findings={findings} />}
    </StepPage>
  )
}

export function DoneAlready() {
  const { say } = useText()
  return (
    <Alert color="green" icon={<IconCircleCheck aria-hidden />} role="note">
      {say('window.first.doneAlready')}
    </Alert>
  )
}

/** Those of this computer; the usual ones are ticked the first time. */
function useUsualFolders({ answers: { what }, change, done }: Props): readonly UsualFolder[] {
  const [folders, setFolders] = useState<readonly UsualFolder[]>([])
  const preset = useRef({ what, change, done })
  preset.current = { what, change, done }
  useEffect(() => {
    let gone = false
    const take = (found: readonly UsualFolder[]) => {
      if (gone) return
      setFolders(found)
      const now = preset.current
      if (now.done || now.what.paths.length > 0) return
      const paths = found.filter(({ kind }) => presetKinds.includes(kind)).map(({ path }) => path)
      now.change({ what: { ...now.what, paths } })
    }
    // Where they cannot be told, folders are chosen by hand.
    call((client) => client.folder.usual()).then(take, () => undefined)
    return () => {
      gone = true
    }
  }, [])
  return folders
}

interface WhatProps extends Pick<FirstProps, 'answers' | 'change'> {
  folders: readonly UsualFolder[]
  sizes: ReturnType<typeof useSizes>
}

function What({ answers, change, folders, sizes }: WhatProps) {
  const { what } = answers
  const { Fields } = sourceForms[what.kind]
  const setPaths = (paths: string[]) => change({ what: { ...what, paths } })
  const usual = new Set(folders.map(({ path }) => path))
  const further = what.paths.filter((path) => !usual.has(path))
  return (
    <>
      <SourceKindChoice
        choice={what}
        onChange={({ name: _proposed, ...chosen }) => change({ what: { ...chosen, name: what.name } })}
      />
      {what.kind === 'folders' ? (
        <>
          <UsualFolders folders={folders} chosen={what.paths} onChange={setPaths} sizes={sizes} />
          <FolderList
            paths={further}
            onChange={(paths) => setPaths([...what.paths.filter((path) => usual.has(path)), ...paths])}
            further={folders.length > 0}
            beside={(path) => <SizeOf path={path} sizes={sizes} />}
          />
          <UsualExclusions value={what.exclude} onChange={(exclude) => change({ what: { ...what, exclude } })} />
        </>
      ) : (
        <Fields choice={what} onChange={(chosen) => change({ what: { ...chosen, name: what.name } })} />
      )}
    </>
  )
}

function Where({ answers, change, media, size }: Props & { size: Total | undefined }) {
  const { say } = useText()
  const { medium } = media
  const refuse = (one: Medium) => (one.readOnly ? say('window.media.refuse.readOnly') : undefined)
  return (
    <Stack gap="sm" component="section" aria-label={say('window.first.whereHead')}>
      <Group justify="space-between">
        <Title order={2}>{say('window.first.whereHead')}</Title>
        {!answers.laterMedium && <Room size={size} medium={medium} />}
      </Group>
      {!answers.laterMedium && (
        <>
          <MediumChoice
            media={media.media}
            value={medium?.path}
            onChange={(path) => {
              media.setPath(path)
              change({ mediumName: '' })
            }}
            refuse={refuse}
            onFolder={media.addFolder}
          />
          <AddServer media={media} />
        </>
      )}
      <Checkbox
        label={say('window.first.laterMedium')}
        checked={answers.laterMedium}
        onChange={(event) => change({ laterMedium: event.currentTarget.checked })}
        data-testid="later-medium"
      />
    </Stack>
  )
}

/** "525 MB: room for about 2 backups on STICK". */
function Room({ size, medium }: { size: Total | undefined; medium: Medium | undefined }) {
  const { say, bytes } = useText()
  if (size === undefined || size.files === 0) return null
  const each = Math.max(1, Math.ceil(size.stored * spare))
  const count = medium?.free === undefined ? undefined : Math.min(mostCounted, Math.floor(medium.free / each))
  return (
    <Text fw={500} role="status" data-testid="first-room">
      {count === undefined
        ? say('window.first.size', { size: bytes(size.bytes) })
        : say(count === mostCounted ? 'window.first.roomPlenty' : 'window.first.room', {
            size: bytes(size.bytes),
            count,
          })}
    </Text>
  )
}

/** As a run expects of its first backup (core/services/expected.ts). */
const spare = 1.1
function AddServer({ media }: { media: MediaChoice }) {
  const { say } = useText()
  const [open, setOpen] = useState(false)
  /** Chosen as soon as it counts as present. */
  const [id, setId] = useState<string>()
  const { media: present, setPath } = media
  useEffect(() => {
    const found = id === undefined ? undefined : present.find((one) => one.id === id)
    if (!found) return
    setPath(found.path)
    setId(undefined)
  }, [id, present, setPath])
  return (
    <Group>
      <Button
        variant="subtle"
        leftSection={<IconServer size={18} aria-hidden />}
        onClick={() => setOpen(true)}
        data-testid="first-server"
      >
        {say('window.first.server')}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={say('window.first.server')}
        closeButtonProps={{ 'aria-label': say('window.close') }}
        size="lg"
      >
        <ServerForm
          onDone={(place) => {
            setId(place?.id)
            setOpen(false)
          }}
        />
      </Modal>
    </Group>
  )
}
