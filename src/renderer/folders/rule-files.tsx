/** Which files a rule takes: by kind, by name, by size and age. */
import { MultiSelect, SimpleGrid, Stack, TagsInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { families, formatIds, formats } from '../../shared/formats.ts'
import { SizeField, TimeField } from '../ui/unit-fields.tsx'
import type { RuleFields } from './rule-fields.ts'

export function RuleFiles({ rule, set }: RuleFields) {
  const { t } = useTranslation()
  const { size, age } = rule
  const globs = { splitChars: [',', ' '], comboboxProps: { withinPortal: false }, spellCheck: false, clearable: false }
  return (
    <Stack gap="sm">
      <MultiSelect
        label={t('rule.kinds')}
        description={rule.kinds.length === 0 ? t('rule.kindsHelp') : undefined}
        data={[
          { group: t('rule.kindsGroup'), items: families.map((value) => ({ value, label: t(`family.${value}`) })) },
          { group: t('rule.formatsGroup'), items: formatIds.map((value) => ({ value, label: formats[value].title })) },
        ]}
        value={rule.kinds}
        onChange={(kinds) => set({ kinds })}
        searchable
        placeholder={rule.kinds.length === 0 ? t('rule.any') : ''}
        maxDropdownHeight={260}
        comboboxProps={{ withinPortal: false }}
        hidePickedOptions
      />
      <TagsInput
        {...globs}
        label={t('rule.include')}
        description={t('rule.includeHelp')}
        placeholder="*.wav"
        value={rule.include}
        onChange={(include) => set({ include })}
      />
      <TagsInput
        {...globs}
        label={t('rule.exclude')}
        description={t('rule.excludeHelp')}
        placeholder="draft*"
        value={rule.exclude}
        onChange={(exclude) => set({ exclude })}
      />
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="sm">
        <SizeField
          label={t('rule.minBytes')}
          value={size.minBytes}
          onChange={(minBytes) => set({ size: { ...size, minBytes } })}
        />
        <SizeField
          label={t('rule.maxBytes')}
          value={size.maxBytes}
          onChange={(maxBytes) => set({ size: { ...size, maxBytes } })}
        />
        <TimeField label={t('rule.minAge')} value={age.minMs} onChange={(minMs) => set({ age: { ...age, minMs } })} />
        <TimeField label={t('rule.maxAge')} value={age.maxMs} onChange={(maxMs) => set({ age: { ...age, maxMs } })} />
      </SimpleGrid>
    </Stack>
  )
}
