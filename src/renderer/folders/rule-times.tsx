/** When files are converted, and how the folder is watched. */
import { Stack, Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { TimeField } from '../ui/unit-fields.tsx'
import { HoursField } from '../ui/hours-field.tsx'
import type { RuleFields } from './rule-fields.ts'

export function RuleTimes({ rule, set }: RuleFields) {
  const { t } = useTranslation()
  return (
    <Stack gap="sm">
      <TimeField
        label={t('rule.delay')}
        description={t('rule.delayHelp')}
        placeholder="0"
        value={rule.holdMs === 0 ? null : rule.holdMs}
        onChange={(holdMs) => set({ holdMs: holdMs ?? 0 })}
      />
      <HoursField hours={rule.schedule} onChange={(schedule) => set({ schedule: [...schedule] })} />
      <Switch
        label={t('rule.polling')}
        description={t('rule.pollingHelp')}
        checked={rule.seeing === 'polling'}
        onChange={(event) => set({ seeing: event.currentTarget.checked ? 'polling' : 'auto' })}
      />
    </Stack>
  )
}
