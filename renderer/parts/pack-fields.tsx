// How a plan's archives are packed: the kind of file, and how small it gets.
// Guarantees: LabBook's backups offer no other kind than the one that LabBook opens.
import { Select, Stack } from '@mantine/core'
import { Compression, type Method, PackFormat } from '../../core/api/plan.ts'
import { useText } from '../text/i18n.ts'

interface Props {
  method: Method
  onChange: (method: Method) => void
  /** The plan saves a LabBook server. */
  labbook: boolean
}

/** The word for each kind of file in the catalogue. */
const words = { 'tar.gz.gpg': 'gzip', 'tar.zst.gpg': 'zstd' } as const satisfies Record<PackFormat, string>

export const usualMethod: Method = { kind: 'archive', format: 'tar.gz.gpg' }

export function PackFields({ method, onChange, labbook }: Props) {
  const { say } = useText()
  const formats = labbook ? [usualMethod.format] : PackFormat.options
  return (
    <Stack>
      <Select
        label={say('window.pack.compression')}
        description={say('window.pack.compressionHelp')}
        data={Compression.options.map((value) => ({ value, label: say(`common.compression.${value}`) }))}
        value={method.compression ?? 'balanced'}
        onChange={(value) => value && onChange({ ...method, compression: Compression.parse(value) })}
        allowDeselect={false}
        data-testid="plan-compression"
      />
      <Select
        label={say('window.pack.format')}
        description={say('window.pack.formatHelp')}
        data={formats.map((value) => ({
          value,
          label: say(`window.pack.${words[value]}`),
        }))}
        value={labbook ? usualMethod.format : method.format}
        onChange={(value) => value && onChange({ ...method, format: PackFormat.parse(value) })}
        allowDeselect={false}
        data-testid="plan-format"
      />
    </Stack>
  )
}
