// The form of each kind of source: a table with one row a kind. What the answers become: choice.ts.
import type { FC } from 'react'
import type { SourceKind } from '../../../core/api/plan-source.ts'
import { ExclusionField, FolderList } from '../../parts/folder-list.tsx'
import type { Say } from '../../text/i18n.ts'
import { nameFor } from '../../text/plan-name.ts'
import type { Choice } from './choice.ts'
import { LabbookFields } from './labbook-fields.tsx'
import { MysqlFields } from './mysql-fields.tsx'

interface FieldProps {
  choice: Choice
  onChange: (choice: Choice) => void
}

interface SourceForm {
  Fields: FC<FieldProps>
  /** What most people leave as it is: below the name. */
  Beside?: FC<FieldProps>
  /** The name that is proposed for a plan; '' as long as there is none. */
  name(choice: Choice, say: Say): string
}

export const sourceForms: Readonly<Record<SourceKind, SourceForm>> = {
  folders: { Fields: FolderFields, Beside: Exclusions, name: ({ paths }) => nameFor(paths) },
  labbook: { Fields: LabbookFields, name: () => 'LabBook' },
  mysql: { Fields: MysqlFields, name: (_, say) => say('window.mysql.planName') },
}

function FolderFields({ choice, onChange }: FieldProps) {
  return (
    <FolderList
      paths={choice.paths}
      onChange={(paths) => onChange({ ...choice, paths, name: choice.name || nameFor(paths) })}
    />
  )
}

function Exclusions({ choice, onChange }: FieldProps) {
  return <ExclusionField value={choice.exclude} onChange={(exclude) => onChange({ ...choice, exclude })} />
}
