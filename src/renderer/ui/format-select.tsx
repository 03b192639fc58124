/** A format: a button that says which, and opens the list; and the icon of a kind. */
import { InputBase, Popover } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconAlignLeft,
  IconBadgeCc,
  IconBook,
  IconBraces,
  IconChevronDown,
  IconFile,
  IconFileText,
  IconFileZip,
  IconMusic,
  IconPhoto,
  IconPresentation,
  IconTable,
  IconTypography,
  IconVideo,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { type Family, type FormatId, factsOf } from '../../shared/formats.ts'
import { FormatList, rememberFormat } from './format-list.tsx'

interface FormatSelectProps {
  readonly label: string
  /** Null: several, which differ. */
  readonly value: FormatId | null
  readonly formats: readonly FormatId[]
  readonly onChange: (id: FormatId) => void
}

export function FormatSelect({ label, value, formats: offered, onChange }: FormatSelectProps) {
  const { t } = useTranslation()
  const title = value === null ? t('change.mixed') : factsOf(value).title
  const [isOpen, { open, close, toggle }] = useDisclosure(false)
  return (
    <Popover
      opened={isOpen}
      onDismiss={close}
      width={390}
      position="bottom-start"
      shadow="md"
      trapFocus
      returnFocus
      middlewares={{ flip: true, shift: true, size: { padding: 8, apply: tellRoom } }}
    >
      <Popover.Target>
        <InputBase
          component="button"
          type="button"
          pointer
          aria-label={`${label}: ${title}`}
          leftSection={<KindIcon family={value === null ? null : factsOf(value).family} size={18} />}
          rightSection={<IconChevronDown size={15} aria-hidden />}
          rightSectionPointerEvents="none"
          onClick={toggle}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown') return
            event.preventDefault()
            open()
          }}
          styles={{ input: { fontWeight: 600 } }}
        >
          {title}
        </InputBase>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <FormatList
          label={label}
          value={value}
          formats={offered}
          onChoose={(id) => {
            close()
            rememberFormat(id)
            onChange(id)
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}

/** The list is as long as there is room for it in the window. */
function tellRoom({
  availableHeight,
  elements,
}: {
  readonly availableHeight: number
  readonly elements: { readonly floating: HTMLElement }
}) {
  elements.floating.style.setProperty('--room', `${availableHeight}px`)
}

const icons: Readonly<Record<Family, typeof IconFile>> = {
  audio: IconMusic,
  video: IconVideo,
  image: IconPhoto,
  document: IconFileText,
  spreadsheet: IconTable,
  presentation: IconPresentation,
  book: IconBook,
  markup: IconAlignLeft,
  data: IconBraces,
  subtitle: IconBadgeCc,
  archive: IconFileZip,
  font: IconTypography,
  other: IconFile,
}

export function KindIcon({ family, size }: { readonly family: Family | null; readonly size: number }) {
  const Icon = family === null ? IconFile : icons[family]
  return <Icon size={size} stroke={1.6} aria-hidden color={family === null ? 'var(--ink-3)' : `var(--k-${family})`} />
}
