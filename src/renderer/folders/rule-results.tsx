/** Where results go, what they are called, and what becomes of the originals. */
import { Button, Group, Select, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { clashPolicies, sourceAftermaths } from '../../shared/job.ts'
import { useBeside, useSettings } from '../app/context.tsx'
import { guarded } from '../queue/job-actions.ts'
import type { RuleFields } from './rule-fields.ts'
import { TemplateField } from '../ui/template-field.tsx'

const asSettings = 'as-settings'
const inPlace = { allowDeselect: false, comboboxProps: { withinPortal: false } }

export function RuleResults({ rule, set }: RuleFields) {
  const { t } = useTranslation()
  const { host } = useBeside()
  const { settings } = useSettings()
  const { chooseFolder } = host
  return (
    <Stack gap="sm">
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          label={t('folders.out')}
          description={t('rule.outHelp')}
          placeholder={t('conversion.beside')}
          value={rule.out ?? ''}
          onChange={(event) => set({ out: event.currentTarget.value === '' ? null : event.currentTarget.value })}
          spellCheck={false}
          flex={1}
        />
        {chooseFolder !== null && (
          <Button
            variant="default"
            onClick={() =>
              guarded(async () => {
                const out = await chooseFolder()
                if (out !== null) set({ out })
              })
            }
          >
            {t('folders.choose')}
          </Button>
        )}
      </Group>
      <Switch
        label={t('rule.ownName')}
        checked={rule.nameTemplate !== null}
        onChange={(event) => set({ nameTemplate: event.currentTarget.checked ? (settings?.nameTemplate ?? '{name}') : null })}
      />
      {rule.nameTemplate !== null && (
        <TemplateField value={rule.nameTemplate} onChange={(nameTemplate) => set({ nameTemplate })} />
      )}
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="sm">
        <Select
          {...inPlace}
          label={t('settings.ifExists')}
          data={withSettings(clashPolicies, (policy) => t(`settings.${policy}`), t)}
          value={rule.ifExists ?? asSettings}
          onChange={(value) => set({ ifExists: clashPolicies.find((policy) => policy === value) ?? null })}
        />
        <Select
          {...inPlace}
          label={t('settings.keepDates')}
          data={withSettings(['yes', 'no'] as const, (value) => t(`common.${value}`), t)}
          value={rule.keepDates === null ? asSettings : rule.keepDates ? 'yes' : 'no'}
          onChange={(value) => set({ keepDates: value === 'yes' ? true : value === 'no' ? false : null })}
        />
        <Select
          {...inPlace}
          label={t('settings.afterwards')}
          data={withSettings(sourceAftermaths, (what) => t(`settings.${what}`), t)}
          value={rule.afterwards ?? asSettings}
          onChange={(value) => set({ afterwards: sourceAftermaths.find((what) => what === value) ?? null })}
        />
        <Select
          {...inPlace}
          label={t('rule.whenChanged')}
          data={(['again', 'keep'] as const).map((value) => ({ value, label: t(`rule.changed.${value}`) }))}
          value={rule.whenChanged}
          onChange={(value) => set({ whenChanged: value ?? 'again' })}
        />
      </SimpleGrid>
    </Stack>
  )
}

function withSettings<T extends string>(values: readonly T[], words: (value: T) => string, t: TFunction) {
  return [{ value: asSettings, label: t('rule.asSettings') }, ...values.map((value) => ({ value, label: words(value) }))]
}
