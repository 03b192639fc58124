/** What the accounts at providers said last, so that the next run of Beside knows it, too. Never a key. */
import { accountSchema, type KeptAccount } from '../../shared/model.ts'
import type { ProviderId } from '../../shared/job.ts'
import type { Connection } from './connection.ts'
import type { AccountStore } from './store.ts'
import { jsonIn, type UnreadKeeper } from './unread.ts'

export function createAccountStore(db: Connection, unread: UnreadKeeper): AccountStore {
  const select = db.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck()
  const write = db.prepare<[string, string]>('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  const remove = db.prepare<[string]>('DELETE FROM meta WHERE name = ?')
  const nameOf = (id: ProviderId) => `account ${id}`
  return {
    get: (id): KeptAccount | null => {
      const json = select.get(nameOf(id))
      if (json === undefined) return null
      const checked = accountSchema.safeParse(jsonIn(json))
      if (!checked.success) unread.report({ what: 'account', name: id, trouble: checked.error.message })
      return checked.data ?? null
    },
    keep: (id, account) => void write.run(nameOf(id), JSON.stringify(account)),
    forget: (id) => void remove.run(nameOf(id)),
  }
}
