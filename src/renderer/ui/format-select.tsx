/** A format, found by name, grouped by kind; and the icon of a kind. */
import { Combobox, InputBase, useCombobox } from '@mantine/core'
import { IconChevronDown, IconFile, IconFileText, IconMusic, IconPhoto, IconVideo } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { families, formats, type Family, type FormatId } from '../../shared/formats.ts'
import css from './format-select.module.css'

interface FormatSelectProps {
  readonly label: string
  readonly value: FormatId
  readonly formats: readonly FormatId[]
  readonly onChange: (id: FormatId) => void
}

export function FormatSelect({ label, value, formats: offered, onChange }: FormatSelectProps) {
  const { t } = useTranslation()
  const [search, setSearch] = useState('')
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      setSearch('')
      combobox.focusTarget()
    },
    onDropdownOpen: () => requestAnimationFrame(() => combobox.focusSearchInput()),
  })
  const query = search.trim().toLowerCase()
  const found = offered.filter((id) =>
    `${id} ${formats[id].title} ${formats[id].extensions.join(' ')}`.toLowerCase().includes(query),
  )
  return (
    <Combobox
      store={combobox}
      width={260}
      withinPortal={false}
      position="bottom-start"
      shadow="md"
      onOptionSubmit={(id) => {
        onChange(id as FormatId)
        combobox.closeDropdown()
      }}
    >
      <Combobox.Target targetType="button">
        <InputBase
          component="button"
          type="button"
          pointer
          aria-label={`${label}: ${formats[value].title}`}
          leftSection={<KindIcon family={formats[value].family} size={18} />}
          rightSection={<IconChevronDown size={15} aria-hidden />}
          rightSectionPointerEvents="none"
          onClick={() => combobox.toggleDropdown()}
          styles={{ input: { fontWeight: 600 } }}
        >
          {formats[value].title}
        </InputBase>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder={t('conversion.findFormat')}
          aria-label={t('conversion.findFormat')}
        />
        <Combobox.Options aria-label={label} mah={300} className={css.list ?? ''} tabIndex={0}>
          {found.length === 0 && <Combobox.Empty>{t('conversion.noFormat')}</Combobox.Empty>}
          {families
            .map((family) => ({ family, ids: found.filter((id) => formats[id].family === family) }))
            .filter(({ ids }) => ids.length > 0)
            .map(({ family, ids }) => (
              <Combobox.Group key={family} label={t(`family.${family}`)}>
                {ids.map((id) => (
                  <Combobox.Option key={id} value={id} active={id === value}>
                    {formats[id].title}
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}

const icons = { audio: IconMusic, video: IconVideo, image: IconPhoto, document: IconFileText }

export function KindIcon({ family, size }: { readonly family: Family | null; readonly size: number }) {
  const Icon = family === null ? IconFile : icons[family]
  return <Icon size={size} stroke={1.6} aria-hidden color={family === null ? 'var(--ink-3)' : `var(--k-${family})`} />
}
