/** A line of text that is taken over when the user has finished with it. */
import { TextInput, type TextInputProps } from '@mantine/core'
import { useEffect, useState } from 'react'

interface TextFieldProps extends Omit<TextInputProps, 'onChange' | 'value'> {
  readonly value: string
  readonly onChange: (value: string) => void
}

export function TextField({ value, onChange, ...rest }: TextFieldProps) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const take = () => {
    if (text !== value) onChange(text)
  }
  return (
    <TextInput
      {...rest}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take()
      }}
      spellCheck={false}
    />
  )
}
