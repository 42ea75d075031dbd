// How a plan's archives are made: compressed with what and how well, and encrypted or not.
// Guarantees: LabBook's backups offer nothing but what LabBook opens; that anybody can read backups without encryption is said where it is chosen.
import { Alert, Select, Stack, Switch, Text } from '@mantine/core'
import { Compression, type Method, usualMethod } from '../../core/api/plan.ts'
import { type CodecName, codecNames, formatOf, recipes } from '../../core/api/recipe.ts'
import { useText } from '../text/i18n.ts'

interface Props {
  method: Method
  onChange: (method: Method) => void
  /** The plan saves a LabBook server. */
  labbook: boolean
}

/** The word for each codec in the catalogue. */
const words = { none: 'codecNone', gz: 'codecGz', zst: 'codecZst' } as const satisfies Record<CodecName, string>

export function PackFields({ method, onChange, labbook }: Props) {
  const { say } = useText()
  const { codec, cipher } = recipes[labbook ? usualMethod.format : method.format]
  return (
    <Stack>
      <Select
        label={say('window.pack.codec')}
        description={say('window.pack.codecHelp')}
        data={codecNames.map((value) => ({ value, label: say(`window.pack.${words[value]}`) }))}
        value={codec}
        onChange={(value) => value && onChange({ ...method, format: formatOf({ codec: value, cipher }) })}
        allowDeselect={false}
        disabled={labbook}
        data-testid="plan-codec"
      />
      {codec !== 'none' && (
        <Select
          label={say('window.pack.level')}
          description={say('window.pack.levelHelp')}
          data={Compression.options.map((value) => ({ value, label: say(`common.compression.${value}`) }))}
          value={method.compression ?? 'balanced'}
          onChange={(value) => value && onChange({ ...method, compression: Compression.parse(value) })}
          allowDeselect={false}
          data-testid="plan-compression"
        />
      )}
      <Switch
        label={say('window.pack.encrypt')}
        description={say('window.pack.encryptHelp')}
        checked={cipher !== 'none'}
        onChange={(event) =>
          onChange({ ...method, format: formatOf({ codec, cipher: event.currentTarget.checked ? 'gpg' : 'none' }) })
        }
        disabled={labbook}
        data-testid="plan-encrypt"
      />
      {labbook && <Text size="sm">{say('window.pack.labbook')}</Text>}
      {cipher === 'none' && (
        <Alert color="yellow" role="status" data-testid="plan-clear">
          {say('window.pack.clear')}
        </Alert>
      )}
    </Stack>
  )
}
