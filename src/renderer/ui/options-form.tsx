/** The options that a conversion takes: first the three that matter for its format, the rest on demand. What its provider lacks is not shown. */
import { Button } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Family, type FormatId, factsOf } from '../../shared/formats.ts'
import type { OptionName, Options, OptionValue } from '../../shared/options.ts'
import type { TargetOptions } from '../add/pairings.ts'
import { OptionField } from './option-field.tsx'
import css from './options-form.module.css'

interface OptionsFormProps {
  readonly target: FormatId
  readonly possible: TargetOptions
  readonly options: Options
  readonly onChange: (options: Options) => void
}

export function OptionsForm({ target, ...rest }: OptionsFormProps) {
  // What was typed for one format means nothing for another.
  return <Form key={target} target={target} {...rest} />
}

function Form({ target, possible, options, onChange }: OptionsFormProps) {
  const { t } = useTranslation()
  const isShown = (name: OptionName) => needs[name] === undefined || options[needs[name]] === true || options[name] !== undefined
  const { first, more } = inOrder(factsOf(target).family, possible.names.filter(isShown))
  const count = more.filter((name) => options[name] !== undefined).length
  const [isOpen, setOpen] = useState(count > 0)
  const set = (name: OptionName, value: OptionValue | null) => {
    const { [name]: _, ...rest } = options
    onChange(value === null ? rest : { ...rest, [name]: value })
  }
  const field = (name: OptionName) => (
    <OptionField key={name} name={name} options={options} possible={possible} onChange={(value) => set(name, value)} />
  )
  const { quality, videoCodec } = possible.defaults
  return (
    <div className={css.form}>
      {first.map(field)}
      {more.length > 0 && (
        <Button
          variant="subtle"
          size="compact-sm"
          className={css.more ?? ''}
          leftSection={isOpen ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {[t('optionForm.more'), ...(count > 0 ? [t('optionForm.set', { count })] : [])].join(' · ')}
        </Button>
      )}
      {isOpen && more.map(field)}
      {quality?.kind === 'value' && quality.unlessCopied === true && <p className={css.hint}>{t('optionForm.copied')}</p>}
      {isOpen && videoCodec?.kind === 'value' && videoCodec.value === 'h264' && <p className={css.hint}>{t('optionForm.hdr')}</p>}
    </div>
  )
}

/** Options that mean nothing without another one. */
const needs: Readonly<Partial<Record<OptionName, 'normalize'>>> = { loudness: 'normalize', truePeak: 'normalize' }

/** What people mostly want to set for a kind of format, as far as its conversion takes it. */
const importance: Readonly<Partial<Record<Family, readonly OptionName[]>>> = {
  audio: ['quality', 'bitrate', 'bitDepth', 'normalize', 'sampleRate', 'channels'],
  video: ['quality', 'maxHeight', 'maxSize', 'videoCodec', 'crf', 'fps'],
  image: ['imageQuality', 'width', 'height', 'dpi', 'pages', 'frames', 'fps', 'maxHeight', 'fit'],
  document: ['pages', 'compress', 'paper', 'ocr', 'protect', 'pdfa'],
  spreadsheet: ['delimiter', 'sheet', 'encoding', 'header'],
  presentation: ['pages', 'password'],
  book: ['toc', 'pages'],
  markup: ['ocrLanguage', 'language', 'pages', 'encoding', 'toc'],
  data: ['indent', 'sortKeys', 'sheet', 'header'],
  subtitle: ['shift', 'subtitleFps', 'language', 'encoding'],
  archive: ['archiveLevel', 'protect', 'password'],
}
const firstCount = 3

function inOrder(family: Family, names: readonly OptionName[]) {
  const own = names.filter((name) => needs[name] === undefined)
  const important = (importance[family] ?? []).filter((name) => own.includes(name))
  const all = [...important, ...own.filter((name) => !important.includes(name))]
  // A single one is no reason to hide it.
  const shown = all.length === firstCount + 1 ? all.length : firstCount
  const withTheirs = (some: readonly OptionName[]) =>
    some.flatMap((name) => [name, ...names.filter((each) => needs[each] === name)])
  return { first: withTheirs(all.slice(0, shown)), more: withTheirs(all.slice(shown)) }
}
