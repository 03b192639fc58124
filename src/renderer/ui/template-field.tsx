/** The name template, with what it would make of an example while it is typed. */
import { Button, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fillTemplate, nameFields, numbered, templateTrouble } from '../../shared/naming.ts'
import { describeFailure } from '../app/outcomes.ts'
import css from './template-field.module.css'

export function TemplateField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const trouble = templateTrouble(text)
  const take = (template: string) => {
    setText(template)
    if (templateTrouble(template) === null && template !== value) onChange(template)
  }
  const insert = (field: string) => {
    const at = input.current?.selectionStart ?? text.length
    take(`${text.slice(0, at)}{${field}}${text.slice(input.current?.selectionEnd ?? at)}`)
    input.current?.focus()
  }
  return (
    <div>
      <TextInput
        ref={input}
        label={t('settings.nameTemplate')}
        description={t('settings.nameTemplateHelp')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => take(text)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take(text)
        }}
        error={trouble === null ? null : describeFailure(trouble).message}
        spellCheck={false}
      />
      <div className={css.fields}>
        {nameFields.map((field) => (
          <Button
            key={field}
            size="compact-xs"
            variant="default"
            aria-label={t('settings.insert', { field })}
            onClick={() => insert(field)}
          >
            {field}
          </Button>
        ))}
      </div>
      {trouble === null && (
        <p className={css.preview}>
          {t('settings.preview')} <code>Evening song.wav</code> → <code>{numbered(fillTemplate(text, example()), 'mp3', 1)}</code>
        </p>
      )}
    </div>
  )
}

function example() {
  const now = new Date()
  const two = (number: number) => String(number).padStart(2, '0')
  return {
    name: 'Evening song',
    ext: 'wav',
    parent: 'Recordings',
    date: `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`,
    time: `${two(now.getHours())}-${two(now.getMinutes())}-${two(now.getSeconds())}`,
    counter: 1,
    preset: 'podcast',
    provider: 'local',
    width: 1920,
    height: 1080,
    bitrate: 192,
  }
}
