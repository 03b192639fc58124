/** Who converts, and what that may cost. Without the standing permission nothing leaves this machine. */
import { Group, NumberInput, Radio, Select, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Rule } from '../../shared/folders.ts'
import { ProviderSelect } from '../providers/provider-select.tsx'
import type { RuleFields } from './rule-fields.ts'

const periods = ['day', 'month'] as const
const firstCap = 10

export function RuleProvider({ rule, set }: RuleFields) {
  const { t } = useTranslation()
  const { spend } = rule
  const stays: Partial<Rule> = { localOnly: true, spend: null, with: rule.with === 'local' ? 'local' : 'auto' }
  return (
    <Stack gap="sm">
      <Radio.Group
        aria-label={t('rule.who')}
        value={spend === null ? 'here' : 'online'}
        onChange={(value) => set(value === 'here' ? stays : { localOnly: false, spend: { cap: firstCap, per: 'month' } })}
      >
        <Stack gap="xs">
          <Radio value="here" label={t('rule.here')} description={t('rule.hereHelp')} />
          <Radio value="online" label={t('rule.online')} description={t('rule.onlineHelp')} />
        </Stack>
      </Radio.Group>
      {spend !== null && (
        <>
          <ProviderSelect label={t('details.provider')} value={rule.with} onChange={(value) => set({ with: value })} />
          <Group gap={6} align="flex-end" wrap="nowrap">
            <NumberInput
              label={t('rule.cap')}
              description={t('rule.capHelp')}
              value={spend.cap}
              onChange={(cap) => {
                if (typeof cap === 'number' && cap > 0) set({ spend: { ...spend, cap } })
              }}
              min={0.01}
              decimalScale={2}
              hideControls
              flex={1}
            />
            <Select
              aria-label={t('rule.capPer')}
              data={periods.map((value) => ({ value, label: t(`folders.per.${value}`) }))}
              value={spend.per}
              onChange={(per) => set({ spend: { ...spend, per: per ?? 'month' } })}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
              w={130}
            />
          </Group>
        </>
      )}
    </Stack>
  )
}
