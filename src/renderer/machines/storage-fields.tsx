/** The folders of shared storage, as this computer sees them: a row each. */
import { ActionIcon, Button, Group, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useBeside } from '../app/context.tsx'
import { guarded } from '../app/outcomes.ts'
import css from './machines.module.css'

interface StorageFieldsProps {
  readonly help: string
  readonly storage: readonly string[]
  readonly setStorage: (storage: readonly string[]) => void
}

export function StorageFields({ help, storage, setStorage }: StorageFieldsProps) {
  const { t } = useTranslation()
  const { host } = useBeside()
  const { chooseFolder } = host
  return (
    <fieldset className={css.storage}>
      <legend>{t('machines.storage')}</legend>
      <p className={css.help}>{help}</p>
      <Stack gap="xs">
        {storage.map((path, index) => (
          // Rows have no names: they are told apart by their places, and keep what is typed there.
          <Group key={index} gap="xs" wrap="nowrap">
            <TextInput
              aria-label={t('machines.storagePath', { number: index + 1 })}
              placeholder="/volume1/media"
              value={path}
              onChange={(event) => setStorage(storage.with(index, event.currentTarget.value))}
              spellCheck={false}
              flex={1}
              data-autofocus={index === 0 || undefined}
            />
            {chooseFolder !== null && (
              <Button
                variant="default"
                onClick={() =>
                  guarded(async () => {
                    const chosen = await chooseFolder()
                    if (chosen !== null) setStorage(storage.with(index, chosen))
                  })
                }
              >
                {t('folders.choose')}
              </Button>
            )}
            {storage.length > 1 && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('machines.removeStorage', { number: index + 1 })}
                onClick={() => setStorage(storage.toSpliced(index, 1))}
              >
                <IconX size={17} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        ))}
        <Button
          size="compact-sm"
          variant="subtle"
          className={css.another ?? ''}
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={() => setStorage([...storage, ''])}
        >
          {t('machines.addStorage')}
        </Button>
      </Stack>
    </fieldset>
  )
}
