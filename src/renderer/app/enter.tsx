/** Somebody came without the address that was printed. */
import { Button, Stack, TextInput } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Empty } from '../ui/empty.tsx'
import css from './enter.module.css'

export function EnterView() {
  const { t } = useTranslation()
  const [address, setAddress] = useState('')
  return (
    <main className={css.page}>
      <Empty icon={IconLock} title={t('connection.refused')} why={t('connection.refusedWhy')}>
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault()
            const token = address.trim().split('#').at(-1) ?? ''
            location.hash = token
            location.reload()
          }}
        >
          <Stack>
            <TextInput
              label={t('connection.address')}
              description={t('connection.refusedHow')}
              value={address}
              onChange={(event) => setAddress(event.currentTarget.value)}
              spellCheck={false}
            />
            <Button type="submit" disabled={address.trim() === ''}>
              {t('connection.open')}
            </Button>
          </Stack>
        </form>
      </Empty>
    </main>
  )
}
