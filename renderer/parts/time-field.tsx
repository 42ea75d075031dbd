// A time of the day, to 24 hours wherever the program runs: the browser's own field follows the system's language and says 12:00 PM.
// Guarantees: what it hands on is HH:MM or empty; what is typed stays as it is until the field is left.
import { TextInput, type TextInputProps } from '@mantine/core'
import { useState } from 'react'
import { useText } from '../text/i18n.ts'
import { timeOfDay } from '../text/time-of-day.ts'

interface Props extends Omit<TextInputProps, 'value' | 'onChange' | 'type'> {
  /** HH:MM, or empty. */
  value: string
  onChange: (value: string) => void
}

export function TimeField({ value, onChange, ...rest }: Props) {
  const { say } = useText()
  // While it is typed into; else the value is shown.
  const [typed, setTyped] = useState<string>()
  const [wrong, setWrong] = useState(false)
  return (
    <TextInput
      {...rest}
      inputMode="numeric"
      placeholder="18:30"
      maxLength={8}
      value={typed ?? value}
      error={wrong ? say('window.timeHelp') : rest.error}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value)
        setWrong(false)
        onChange(timeOfDay(currentTarget.value) ?? '')
      }}
      onBlur={() => {
        const known = typed === undefined ? value : timeOfDay(typed)
        setWrong(known === undefined && typed !== '')
        if (known !== undefined) setTyped(undefined)
      }}
    />
  )
}
