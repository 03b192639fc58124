/** Who converts: those that are ready; of the others, why they are not. */
import { Select } from '@mantine/core'
import { IconCloudUp } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { ProviderStatus } from '../../shared/wire/contract.ts'
import { failure, type Failure } from '../../shared/failure.ts'
import type { ProviderChoice } from '../../shared/job.ts'
import { useProviders, useSettings } from '../app/queries.ts'
import { describeFailure } from '../app/outcomes.ts'
import { providerName } from './provider-texts.ts'
import css from './provider-select.module.css'

interface ProviderSelectProps {
  readonly label?: string
  readonly 'aria-label'?: string
  readonly className?: string | undefined
  readonly value: ProviderChoice
  readonly onChange: (choice: ProviderChoice) => void
}

export function ProviderSelect({ value: chosen, onChange, ...rest }: ProviderSelectProps) {
  const { t } = useTranslation()
  const providers = useProviders()
  const { settings } = useSettings()
  const whyNot = ({ cloud, unready }: ProviderStatus): Failure | null =>
    cloud && settings?.localOnly === true ? failure('private') : unready
  const named: readonly { readonly id: ProviderChoice; readonly cloud: boolean; readonly why: Failure | null }[] = [
    { id: 'auto', cloud: false, why: null },
    ...providers.map((status) => ({ id: status.id, cloud: status.cloud, why: whyNot(status) })),
  ]
  const byId = new Map<string, (typeof named)[number]>(named.map((each) => [each.id, each]))
  return (
    <Select
      classNames={{ option: css.option ?? '' }}
      comboboxProps={{ width: 290, position: 'bottom-start', withinPortal: false }}
      maxDropdownHeight={420}
      data={named.map(({ id, why }) => ({
        value: id,
        label: id === 'auto' ? t('conversion.automatic') : providerName(id, t),
        disabled: why !== null,
      }))}
      renderOption={({ option: { value, label } }) => {
        const { cloud = false, why = null } = byId.get(value) ?? {}
        return (
          <span>
            <span className={css.name}>
              {label}
              {cloud && <IconCloudUp size={15} role="img" aria-label={t('provider.cloud')} />}
            </span>
            {why !== null && <small>{describeFailure(why).message}</small>}
          </span>
        )
      }}
      value={chosen}
      onChange={(value) => onChange(value ?? 'auto')}
      allowDeselect={false}
      {...rest}
    />
  )
}
