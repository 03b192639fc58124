/** Who is going to make what an order says: on this machine, by the fleet or online, and by which program. Alone, as several dialogs show it. */
import { isOnlineProvider } from '../../shared/providers.ts'
import { Group, Text } from '@mantine/core'
import { IconCloudUp, IconDeviceDesktop, IconServer2 } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Order } from '../../shared/job.ts'
import { makerOf } from '../add/pairings.ts'
import { usePairings } from '../app/queries.ts'
import { providerName } from './provider-texts.ts'

export function Maker({ order }: { readonly order: Pick<Order, 'from' | 'others' | 'target' | 'options' | 'with'> }) {
  const { t } = useTranslation()
  const maker = makerOf(usePairings(), order)
  if (maker === null) return null
  const { provider, by } = maker
  const Icon = isOnlineProvider(provider) ? IconCloudUp : provider === 'fleet' ? IconServer2 : IconDeviceDesktop
  return (
    <Group gap={6} wrap="nowrap" c="dimmed">
      <Icon size={16} stroke={1.6} aria-hidden style={{ flex: 'none' }} />
      <Text size="sm">
        {isOnlineProvider(provider)
          ? t('format.madeOnline', { provider: providerName(provider, t) })
          : provider === 'fleet'
            ? t('format.madeByFleet')
            : t('format.madeHere', { by: by ?? providerName(provider, t) })}
      </Text>
    </Group>
  )
}
