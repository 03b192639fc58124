/** A format: a button that says which, and opens the list. */
import { InputBase, Popover } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { type FormatId, factsOf } from '../../shared/formats.ts'
import type { Offer } from '../add/pairings.ts'
import { FormatList, rememberFormat } from './format-list.tsx'
import { KindIcon } from './kind-icon.tsx'

interface FormatSelectProps {
  readonly label: string
  /** Null: several, which differ. */
  readonly value: FormatId | null
  /** What can be chosen, or what can be had and how. */
  readonly formats: readonly FormatId[] | Offer
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
      width={430}
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
          offer={'here' in offered ? offered : { here: offered, online: nobody, missing: noPrograms }}
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

const nobody: Offer['online'] = new Map()
const noPrograms: Offer['missing'] = new Map()

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
