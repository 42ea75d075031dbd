// The step that asks for a medium, and the memory behind it: what is connected, plus folders chosen by hand.
// Guarantees: a medium that is unplugged is no longer chosen; when exactly one fits, it is chosen at first.
import { Anchor, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Finding } from '../../core/api/failure.ts'
import type { Medium } from '../../core/api/model.ts'
import { call } from '../client.ts'
import { show, useEngine } from '../store.ts'
import { useText } from '../text/i18n.ts'
import { MediumChoice, refOf } from './medium-choice.tsx'
import { Findings, hasErrors } from './problem-view.tsx'
import { useTask } from './task.ts'
import { StepPage } from './wizard.tsx'

export interface MediaChoice {
  media: Medium[]
  medium: Medium | undefined
  setPath: (path: string | undefined) => void
  addFolder: (medium: Medium) => void
}

export function useMedia(preset: string | undefined, fits: (medium: Medium) => boolean): MediaChoice {
  const connected = useEngine('media').media
  const [folders, setFolders] = useState<Medium[]>([])
  const [path, setPath] = useState(preset)
  const media = [...connected, ...folders.filter((one) => connected.every((other) => other.path !== one.path))]
  const fitting = media.filter(fits)
  const only = fitting.length === 1 ? fitting[0] : undefined
  const medium = path === undefined ? only : fitting.find((one) => one.path === path)
  const addFolder = ({ id: _id, ...one }: Medium) => {
    // By its path: the engine finds by identity only what is plugged in or was used before.
    setFolders((known) => [...known.filter((other) => other.path !== one.path), one])
    setPath(one.path)
  }
  return { media, medium, setPath, addFolder }
}

interface StepProps {
  media: Medium[]
  medium: Medium | undefined
  onPath: (path: string | undefined) => void
  onFolder: (medium: Medium) => void
  onNext: () => void
  onBack: (() => void) | undefined
}

/** For a backup: only initialised media that can be written to. */
export function BackupMediumStep({ media, medium, onPath, onFolder, onNext, onBack }: StepProps) {
  const { say } = useText()
  const refuse = (one: Medium) => {
    if (!one.initialised) return say('window.media.refuse.notInitialised')
    return one.readOnly ? say('window.media.refuse.readOnly') : undefined
  }
  const unready = media.some((one) => !one.initialised)
  return (
    <StepPage
      title={say('window.backup.mediumTitle')}
      lead={say('window.backup.mediumLead')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={medium !== undefined}
      onBack={onBack}
    >
      <MediumChoice media={media} value={medium?.path} onChange={onPath} refuse={refuse} onFolder={onFolder} />
      {unready && (
        <Text size="sm">
          {say('window.media.wantInit')}{' '}
          <Anchor component="button" type="button" onClick={() => show({ name: 'init' })}>
            {say('window.actions.init')}
          </Anchor>
        </Text>
      )}
      {medium && <MediumFindings medium={medium} />}
    </StepPage>
  )
}

/** For a restore: any medium with backups on it, also a read-only one. */
export function RestoreMediumStep({ media, medium, onPath, onFolder, onNext, onBack }: StepProps) {
  const { say } = useText()
  const refuse = (one: Medium) => (one.initialised ? undefined : say('window.media.refuse.noBackups'))
  return (
    <StepPage
      title={say('window.restore.mediumTitle')}
      lead={say('window.restore.mediumLead')}
      next={say('window.wizard.next')}
      onNext={onNext}
      ready={medium !== undefined}
      onBack={onBack}
    >
      <MediumChoice media={media} value={medium?.path} onChange={onPath} refuse={refuse} onFolder={onFolder} />
    </StepPage>
  )
}

/** What speaks against using a medium; asked anew whenever it changes. `blocked` also until that is known: it must have been shown. */
export function useMediumFindings(medium: Medium | undefined): { findings: Finding[]; blocked: boolean } {
  const [known, setFindings] = useState<Finding[]>()
  const { run } = useTask()
  const ref = medium && refOf(medium)
  useEffect(() => {
    setFindings(undefined)
    if (ref === undefined) return
    void run(async (signal) => {
      const found = await call((client) => client.medium.check({ medium: ref }, { signal }))
      if (!signal.aborted) setFindings(found.findings)
    })
  }, [ref, run])
  return { findings: known ?? [], blocked: medium !== undefined && (known === undefined || hasErrors(known)) }
}

function MediumFindings({ medium }: { medium: Medium }) {
  const { findings } = useMediumFindings(medium)
  // Of the check for initialising, what only concerns initialising is left out here.
  return <Findings findings={findings.filter((finding) => finding.code !== 'already-initialised')} />
}
